"""How good probabilities are: measures, their intervals over specimens, and curves to draw.

The measures are scikit-learn's. Intervals come from the bootstrap: they show what other patients might give.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score, roc_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from model.evidence import Bin, Curve, LossDifference, Measure, Share, Spread
from training.data import Floats, Labels

Metric = Callable[[Labels, Floats], float]

_CLIP = float(np.finfo(np.float64).eps)  # as scikit-learn's log_loss does
# the grid of the ROC curve, finer where this model is: below a tenth of false alarms
_FALSE_ALARMS: Floats = np.unique(np.r_[np.linspace(0, 0.1, 41), np.linspace(0.1, 1, 37)])
_PREDICTED: Floats = 1 / (1 + np.exp(-np.linspace(-5, 5, 41)))  # the grid of the calibration curve


def logits(probability: Floats, floor: float = 1e-6) -> Floats:
    """Log-odds of probabilities that are clipped to at least ``floor`` from 0 and 1."""
    clipped = np.clip(probability, floor, 1 - floor)
    odds: Floats = np.log(clipped / (1 - clipped))
    return odds


def row_losses(probability: Floats, malignant: Labels) -> Floats:
    """Log loss of each specimen; ``probability`` (…, n)."""
    clipped = np.clip(probability, _CLIP, 1 - _CLIP)
    losses: Floats = -np.log(np.where(malignant == 1, clipped, 1 - clipped))
    return losses


def calibration_line(malignant: Labels, probability: Floats) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of the diagnosis on the logit; ideal 1 and 0.

    D. R. Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958).
    """
    line = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=200)
    line.fit(logits(probability)[:, None], malignant)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def _sensitivity_at_95_specificity(malignant: Labels, probability: Floats) -> float:
    false_alarms, sensitivity, _ = roc_curve(malignant, probability)
    return float(sensitivity[false_alarms <= 0.05].max())


def _specificity_at_99_sensitivity(malignant: Labels, probability: Floats) -> float:
    false_alarms, sensitivity, _ = roc_curve(malignant, probability, drop_intermediate=False)
    return float(1 - false_alarms[sensitivity >= 0.99].min())


def metrics(threshold: float) -> dict[str, Metric]:
    """Every measure that is reported, by name: function(malignant (n,), probability (n,))."""
    return {
        "log_loss": lambda y, p: float(log_loss(y, p, labels=[0, 1])),
        "brier": lambda y, p: float(brier_score_loss(y, p)),
        "auc": lambda y, p: float(roc_auc_score(y, p)),
        "accuracy": lambda y, p: float(accuracy_score(y, p >= 0.5)),
        "sensitivity": lambda y, p: float((p[y == 1] >= threshold).mean()),
        "specificity": lambda y, p: float((p[y == 0] < threshold).mean()),
        "sensitivity_at_95_specificity": _sensitivity_at_95_specificity,
        "specificity_at_99_sensitivity": _specificity_at_99_sensitivity,
        "calibration_slope": lambda y, p: calibration_line(y, p)[0],
        "calibration_intercept": lambda y, p: calibration_line(y, p)[1],
    }


def by_repeat(repeats: Floats, malignant: Labels, threshold: float) -> dict[str, tuple[float, ...]]:
    """Every measure of every repeat of out-of-fold probabilities (repeats, n)."""
    measured = metrics(threshold).items()
    return {name: tuple(metric(malignant, p) for p in repeats) for name, metric in measured}


def spreads(values: Mapping[str, tuple[float, ...]]) -> dict[str, Spread]:
    """Mean and standard deviation over the repeats."""
    return {name: Spread(float(np.mean(v)), float(np.std(v, ddof=1))) for name, v in values.items()}


def resamples(malignant: Labels, draws: int) -> NDArray[np.intp]:
    """Rows drawn with replacement within each class, (draws, n), so the share of malignant ones is fixed."""
    random = np.random.default_rng(0)
    groups = [np.flatnonzero(malignant == label) for label in (0, 1)]
    return np.hstack([random.choice(group, (draws, len(group))) for group in groups])


def interval(draws: Floats) -> tuple[float, float]:
    """The central 95 % of bootstrap draws (b,)."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def mean_interval(per_row: Floats, malignant: Labels, draws: int = 2000) -> tuple[float, float]:
    """The interval of the mean of ``per_row`` (n,)."""
    return interval(per_row[resamples(malignant, draws)].mean(axis=1))


def _bootstrap(
    statistic: Callable[[Labels, Floats], Any], repeats: Floats, malignant: Labels, draws: int
) -> Floats:
    """The statistic on resampled specimens, (draws, …); each draw uses the next repeat, to vary splits."""
    rows = resamples(malignant, draws)
    return np.array([statistic(malignant[r], repeats[b % len(repeats)][r]) for b, r in enumerate(rows)])


def measures(repeats: Floats, malignant: Labels, threshold: float, draws: int) -> dict[str, Measure]:
    """Every measure with its interval over specimens."""
    spread = spreads(by_repeat(repeats, malignant, threshold))
    drawn = {n: _bootstrap(m, repeats, malignant, draws) for n, m in metrics(threshold).items()}
    return {name: Measure(s.mean, s.sd, *interval(drawn[name])) for name, s in spread.items()}


def paired(difference: Floats, malignant: Labels) -> LossDifference:
    """The summary of a ``difference`` in log loss, by repeat and specimen (repeats, n)."""
    means = difference.mean(axis=1)
    low, high = mean_interval(difference.mean(axis=0), malignant)
    return LossDifference(float(means.mean()), float(means.std(ddof=1)), low, high, int((means > 0).sum()))


def wilson(hits: float, of: int, z: float = 1.96) -> Share:
    """A share with the interval of E. B. Wilson, Journal of the American Statistical Association 22 (1927).

    Written out, because ``hits`` may be a mean over repeats and scipy accepts whole numbers only.
    """
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half_width = z / (1 + z * z / of) * np.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2)
    return Share(float(hits), of, float(max(middle - half_width, 0.0)), float(min(middle + half_width, 1.0)))


def mean_share(right: NDArray[np.bool_]) -> Share:
    """The share of specimens for which ``right`` (repeats, n) is true, as a mean, with Wilson's interval."""
    return wilson(float(right.sum(axis=1).mean()), right.shape[1])


def exact_share(right: NDArray[np.bool_]) -> Share:
    """The same for few specimens, (n,), with the exact interval of Clopper and Pearson."""
    limits = binomtest(int(right.sum()), right.size).proportion_ci(0.95, "exact")
    return Share(int(right.sum()), right.size, float(limits.low), float(limits.high))


def likelihood_ratio(malignant: Share, benign: Share) -> tuple[float, ...]:
    """How much likelier a finding is in malignant specimens, (value, low, high); 0.5 is added to counts.

    D. L. Simel, G. P. Samsa, D. B. Matchar, Journal of Clinical Epidemiology 44 (1991).
    """
    m, b, of_m, of_b = malignant.hits + 0.5, benign.hits + 0.5, malignant.of + 1, benign.of + 1
    ratio, spread = (m / of_m) / (b / of_b), np.sqrt(1 / m - 1 / of_m + 1 / b - 1 / of_b)
    return tuple(float(ratio * np.exp(z * spread)) for z in (0, -1.96, 1.96))


def roc(repeats: Floats, malignant: Labels, draws: int) -> Curve:
    """Sensitivity over the share of false alarms: the mean of repeats (repeats, n), and a bootstrap band."""

    def sensitivities(malignant: Labels, probability: Floats) -> Floats:
        false_alarms, sensitivity, _ = roc_curve(malignant, probability)
        sensitivities_on_grid: Floats = np.interp(_FALSE_ALARMS, false_alarms, sensitivity)
        return sensitivities_on_grid

    return _banded(sensitivities, _FALSE_ALARMS, repeats, malignant, draws)


def calibration(repeats: Floats, malignant: Labels, draws: int) -> Curve:
    """The share that is malignant over the predicted probability: a smooth curve, with a bootstrap band."""

    def observed(malignant: Labels, probability: Floats) -> Floats:
        knots = np.linspace(-6, 6, 4)[:, None]
        bend = SplineTransformer(n_knots=4, degree=2, knots=knots, extrapolation="linear")
        fitted = make_pipeline(bend, LogisticRegression(C=10.0, max_iter=500))
        fitted.fit(logits(probability, 1e-4)[:, None], malignant)
        shares: Floats = fitted.predict_proba(logits(_PREDICTED)[:, None])[:, 1]
        return shares

    return _banded(observed, _PREDICTED, repeats, malignant, draws)


def _banded(
    line: Callable[[Labels, Floats], Floats], x: Floats, repeats: Floats, malignant: Labels, draws: int
) -> Curve:
    mean = np.mean([line(malignant, p) for p in repeats], axis=0)
    low, high = np.quantile(_bootstrap(line, repeats, malignant, draws), [0.025, 0.975], axis=0)
    return Curve(*(tuple(numbers.tolist()) for numbers in (x, mean, low, high)))


def reliability(predicted: Floats, malignant: Labels, edges: Floats) -> tuple[Bin, ...]:
    """Predicted and observed share of malignant specimens between ``edges``; repeats (r, n) count as one.

    A bin includes its start but not its stop; only the last one includes its stop, too.
    """
    predicted = np.atleast_2d(predicted)
    inside, truth = np.digitize(predicted, edges[1:-1]), np.broadcast_to(malignant, predicted.shape)
    bins = []
    for index, (start, stop) in enumerate(pairwise(edges.tolist())):
        chosen = inside == index
        if specimens := round(chosen.sum() / len(predicted)):
            share = wilson(float(truth[chosen].mean()) * specimens, specimens)
            mean = float(predicted[chosen].mean())
            bins.append(Bin(start, stop, mean, share.share, share.low, share.high, specimens))
    return tuple(bins)
