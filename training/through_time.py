"""Two tests that the data hold beside cross-validation: the patients' years, and cancers that came after.

All patients are of one hospital and one instrument, and the later ones are all cancers. So this is no
external validation, and the later ones test sensitivity alone.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score

from model.classifier import Classifier
from model.evidence import LaterPatients, Repeatability, Share, TextureDrift, TimeSplit
from model.features import FEATURES, NAMES
from training.data import FollowUp, Specimens
from training.estimator import log_offset, make_estimator, offsets
from training.metrics import calibration_line, exact, logits, wilson

Floats = NDArray[np.float64]

_UNTIL = (1987, 1988, 1989, 1990, 1991)
_DRIFTED = 1992  # from this year on the texture of all specimens is larger
_TEXTURE = [j for j, feature in enumerate(FEATURES) if feature.measurement.name == "texture"]
_MEAN, _WORST = (
    [j for j, feature in enumerate(FEATURES) if feature.statistic.suffix == suffix]
    for suffix in ("mean", "worst")
)
_DRAWS = 50


def time_splits(
    data: Specimens, known: FollowUp, recipe: dict[str, float], threshold: float
) -> tuple[TimeSplit, ...]:
    """Fitted on the years up to each of ``_UNTIL``, judged on the years after."""
    return tuple(_split(data, known.years <= until, until, recipe, threshold) for until in _UNTIL)


def _split(
    data: Specimens, past: NDArray[np.bool_], until: int, recipe: dict[str, float], threshold: float
) -> TimeSplit:
    fitted = make_estimator(**recipe).fit(data.values[past], data.malignant[past])  # type: ignore[arg-type]
    truth = data.malignant[~past]
    logit = fitted.decision_function(data.values[~past])
    # what the intercept becomes when it follows the share of malignant ones, which was larger in the past
    before, after = logits(np.array([data.malignant[past].mean(), truth.mean()]))
    probability, followed = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-(logit + after - before)))
    slope, intercept = calibration_line(truth, probability)

    def found(p: Floats) -> Share:
        return exact(int((p[truth == 1] >= threshold).sum()), int(truth.sum()))

    def cleared(p: Floats) -> Share:
        return exact(int((p[truth == 0] < threshold).sum()), int((truth == 0).sum()))

    return TimeSplit(
        until=until,
        fitted_on=int(past.sum()),
        judged=len(truth),
        malignant=int(truth.sum()),
        auc=float(roc_auc_score(truth, probability)),
        log_loss=float(log_loss(truth, probability)),
        slope=slope,
        intercept=intercept,
        sensitivity=found(probability),
        specificity=cleared(probability),
        log_loss_followed=float(log_loss(truth, followed)),
        sensitivity_followed=found(followed),
        specificity_followed=cleared(followed),
    )


def later_patients(known: FollowUp, classifier: Classifier) -> LaterPatients:
    """The served model on cancers of other patients, nearly all from after the data."""
    said = classifier.predict_many(known.later)
    n = len(known.later)
    return LaterPatients(
        found=exact(int((said.probability >= classifier.threshold).sum()), n),
        found_at_half=exact(int((said.probability >= 0.5).sum()), n),
        verdicts={
            word: int((said.verdict == word).sum()) for word in ("malignant", "inconclusive", "benign")
        },
        log_loss=float(-np.log(said.probability).mean()),
        probabilities=tuple(sorted(said.probability.tolist())),
        with_warning=int(said.marks.any(axis=1).sum()),
    )


def repeatability(data: Specimens, known: FollowUp, classifier: Classifier) -> Repeatability:
    """How much a second measurement differs, and what as much does to all specimens.

    Pairs are left out of the variation whose first measurement was of three nuclei: there the worst values,
    of the three largest nuclei, are the means.
    """
    first = data.values[known.first]
    usual = (first[:, _WORST] > first[:, _MEAN]).any(axis=1)
    # each pair's differences as a whole, so that measurements that go together vary together
    differences = ((log_offset(known.again) - log_offset(first)) / np.sqrt(2))[usual]
    within = np.sqrt((np.log(known.again / first)[usual][:, _MEAN] ** 2 / 2).mean(axis=0))
    random, before = np.random.default_rng(0), classifier.predict_many(data.values)
    turned, opposed = [], []
    for _ in range(_DRAWS):
        noise = differences[random.integers(len(differences), size=len(data))]
        noise = noise * random.choice([-1.0, 1.0], size=(len(data), 1))
        varied = np.maximum(np.exp(log_offset(data.values) + noise) - offsets(), 0)
        after = classifier.predict_many(varied)
        turned.append((after.diagnosis != before.diagnosis).sum())
        inconclusive = (after.verdict == "inconclusive") | (before.verdict == "inconclusive")
        opposed.append(((after.verdict != before.verdict) & ~inconclusive).sum())
    return Repeatability(
        found=exact(int((classifier.probabilities(known.again) >= classifier.threshold).sum()), len(first)),
        variation=dict(zip((FEATURES[j].measurement.name for j in _MEAN), within.tolist(), strict=True)),
        turned=wilson(float(np.mean(turned)), len(data)),
        opposed=wilson(float(np.mean(opposed)), len(data)),
    )


def texture_drift(data: Specimens, known: FollowUp, classifier: Classifier) -> TextureDrift:
    """How texture rose in 1992, and what that does to false alarms and to the later cancers."""
    year, malignant, mean = known.years, data.malignant == 1, _TEXTURE[0]
    groups = {"benign": ~malignant, "malignant": malignant}
    years: dict[str, dict[str, float]] = {}
    for one in sorted({*year.tolist(), *known.later_years.tolist()} - {0}):
        texture = {name: data.values[group & (year == one), mean] for name, group in groups.items()}
        texture["later"] = known.later[known.later_years == one, mean]
        years[str(one)] = {name: float(np.median(found)) for name, found in texture.items() if len(found)}
    earlier = data.values[malignant & (year < _DRIFTED)][:, _TEXTURE]
    factors = np.median(known.later[:, _TEXTURE], axis=0) / np.median(earlier, axis=0)
    benign = data.values[~malignant]
    raised, lowered = benign.copy(), known.later.copy()
    raised[:, _TEXTURE] *= factors
    lowered[:, _TEXTURE] /= factors

    def called(values: Floats) -> Share:
        return exact(int((classifier.probabilities(values) >= classifier.threshold).sum()), len(values))

    return TextureDrift(
        years=years,
        factors=dict(zip((NAMES[j] for j in _TEXTURE), factors.tolist(), strict=True)),
        alarms_before=called(benign),
        alarms_after=called(raised),
        found_without=called(lowered),
    )
