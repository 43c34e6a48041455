"""Two tests in addition to cross-validation: fits on earlier years, and cancers after the data.

All patients are from one hospital and one instrument, so this is not an external validation. All later ones
have cancer, so they test only sensitivity. wdbc/README.md cites the data.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score

from model.classifier import Classifier
from model.evidence import LaterPatients, Repeatability, TextureDrift, TimeSplit
from model.features import FEATURES, NAMES
from training.data import Labels, Specimens
from training.estimator import OFFSET, log_offset, make_estimator
from training.metrics import calibration_line, exact_share, logits, mean_share

_FOLDER = Path(__file__).with_name("wdbc")
_WDBC = "2977db5775550abf9e5ae06bf40f5c745b3c3caa063b72a0ba8a41f12ef39476"  # the sha256 of its specimens
_NAMES = list(NAMES)
_UNTIL = (1987, 1988, 1989, 1990, 1991)
_DRIFT_YEAR = 1992  # from this year on the texture of all specimens is larger
_TEXTURE = [j for j, feature in enumerate(FEATURES) if feature.measurement.name == "texture"]
_MEAN, _WORST = (
    [j for j, feature in enumerate(FEATURES) if feature.statistic.suffix == suffix]
    for suffix in ("mean", "worst")
)
_DRAWS = 50


def follow_up() -> tuple[Labels, pd.DataFrame, pd.DataFrame]:
    """The year of each specimen, (n,); cancers of other patients; and patients who were measured again.

    A row of the two tables has the thirty features and its ``year``, 0 if unknown. For patients who were
    measured again, it also has the ``row_of_first_measurement`` in the data.
    """
    years = pd.read_csv(_FOLDER / "specimen_years.csv")["year"].to_numpy()
    rows = pd.read_csv(_FOLDER / "later_patients.csv").fillna(0)
    return years, rows[rows["group"] == "later"], rows[rows["group"] == "measured_again"]


def through_time(data: Specimens, classifier: Classifier) -> dict[str, Any]:
    """The four fields of the evidence that are about time; empty for other data."""
    if data.sha256 != _WDBC:
        return {"through_time": (), "later_patients": None, "repeatability": None, "texture_drift": None}
    years, later, again = follow_up()
    return {
        "through_time": tuple(_split(data, years <= until, until, classifier) for until in _UNTIL),
        "later_patients": _later_patients(later, classifier),
        "repeatability": _repeatability(data, again, classifier),
        "texture_drift": _texture_drift(data, years, later, classifier),
    }


def _split(data: Specimens, past: NDArray[np.bool_], until: int, classifier: Classifier) -> TimeSplit:
    """Fit on the specimens of the ``past``, a mask (n,), and evaluate on the others."""
    fitted_on, held_out = data[past], data[~past]
    fitted = make_estimator(**classifier.document["recipe"]).fit(fitted_on.values, fitted_on.malignant)
    logit, truth = fitted.decision_function(held_out.values), held_out.malignant
    # The intercept is adapted to the share of malignant specimens, which was larger in the past.
    before, after = logits(np.array([fitted_on.malignant.mean(), truth.mean()]))
    probability, followed = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-(logit + after - before)))
    slope, intercept = calibration_line(truth, probability)
    called, called_followed = probability >= classifier.threshold, followed >= classifier.threshold
    return TimeSplit(
        until=until,
        fitted_on=len(fitted_on),
        judged=len(held_out),
        malignant=int(truth.sum()),
        auc=float(roc_auc_score(truth, probability)),
        log_loss=float(log_loss(truth, probability)),
        slope=slope,
        intercept=intercept,
        sensitivity=exact_share(called[truth == 1]),
        specificity=exact_share(~called[truth == 0]),
        log_loss_followed=float(log_loss(truth, followed)),
        sensitivity_followed=exact_share(called_followed[truth == 1]),
        specificity_followed=exact_share(~called_followed[truth == 0]),
    )


def _later_patients(later: pd.DataFrame, classifier: Classifier) -> LaterPatients:
    """The served model on cancers of other patients, nearly all from after the data."""
    predictions = classifier.predict_many(later[_NAMES].to_numpy())
    return LaterPatients(
        found=exact_share(predictions.probability >= classifier.threshold),
        found_at_half=exact_share(predictions.probability >= 0.5),
        verdicts={v: int((predictions.verdict == v).sum()) for v in ("malignant", "inconclusive", "benign")},
        log_loss=float(-np.log(predictions.probability).mean()),
        probabilities=tuple(sorted(predictions.probability.tolist())),
    )


def _repeatability(data: Specimens, again: pd.DataFrame, classifier: Classifier) -> Repeatability:
    """How much a second measurement differs, and what such a variation does to all specimens.

    The variation leaves out pairs whose first measurement was of three nuclei only: there the worst values,
    which are means of the three largest, equal the means.
    """
    first, second = data.values[again["row_of_first_measurement"].astype(int)], again[_NAMES].to_numpy()
    plausible = (first[:, _WORST] > first[:, _MEAN]).any(axis=1)
    # The differences of a pair stay together, so that related measurements vary together.
    differences = ((log_offset(second) - log_offset(first)) / np.sqrt(2))[plausible]
    within = np.sqrt((np.log(second / first)[plausible][:, _MEAN] ** 2 / 2).mean(axis=0))
    random, before = np.random.default_rng(0), classifier.predict_many(data.values)
    turned, opposed = [], []
    for _ in range(_DRAWS):
        noise = differences[random.integers(len(differences), size=len(data))]
        noise = noise * random.choice([-1.0, 1.0], size=(len(data), 1))
        varied = np.maximum(np.exp(log_offset(data.values) + noise) - OFFSET, 0)
        after = classifier.predict_many(varied)
        turned.append(after.diagnosis != before.diagnosis)
        inconclusive = (after.verdict == "inconclusive") | (before.verdict == "inconclusive")
        opposed.append((after.verdict != before.verdict) & ~inconclusive)
    return Repeatability(
        found=exact_share(classifier.probabilities(second) >= classifier.threshold),
        variation=dict(zip((FEATURES[j].measurement.name for j in _MEAN), within.tolist(), strict=True)),
        turned=mean_share(np.array(turned)),
        opposed=mean_share(np.array(opposed)),
    )


def _texture_drift(
    data: Specimens, years: Labels, later: pd.DataFrame, classifier: Classifier
) -> TextureDrift:
    """How texture rose in 1992, and how that affects false alarms and the later cancers."""
    malignant, values = data.malignant == 1, later[_NAMES].to_numpy()
    before = np.median(data.values[malignant & (years < _DRIFT_YEAR)][:, _TEXTURE], axis=0)
    factors = np.median(values[:, _TEXTURE], axis=0) / before
    benign = data.values[~malignant]
    raised, lowered = benign.copy(), values.copy()
    raised[:, _TEXTURE] *= factors
    lowered[:, _TEXTURE] /= factors
    alarms_before, alarms_after, found_without = (
        exact_share(classifier.probabilities(group) >= classifier.threshold)
        for group in (benign, raised, lowered)
    )
    return TextureDrift(
        factors=dict(zip((_NAMES[j] for j in _TEXTURE), factors.tolist(), strict=True)),
        alarms_before=alarms_before,
        alarms_after=alarms_after,
        found_without=found_without,
    )
