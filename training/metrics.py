"""How good probabilities are, in the measures that the evidence reports; knows nothing about models."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_EPS = float(np.finfo(np.float64).eps)  # where scikit-learn's log_loss clips, too


def logits(probability: Floats, floor: float = 1e-6) -> Floats:
    """Log-odds, with probabilities held ``floor`` away from 0 and 1."""
    held = np.clip(probability, floor, 1 - floor)
    odds: Floats = np.log(held / (1 - held))
    return odds


def row_losses(probability: Floats, malignant: Labels) -> Floats:
    """Log loss of each specimen; ``probability`` (…, n)."""
    held = np.clip(probability, _EPS, 1 - _EPS)
    losses: Floats = -np.log(np.where(malignant == 1, held, 1 - held))
    return losses


def _accuracy(malignant: Labels, probability: Floats) -> float:
    return float(((probability >= 0.5) == (malignant == 1)).mean())


def _sensitivity_at_95_specificity(malignant: Labels, probability: Floats) -> float:
    false_alarms, sensitivity, _ = roc_curve(malignant, probability)
    return float(sensitivity[false_alarms <= 0.05].max())


def _specificity_at_99_sensitivity(malignant: Labels, probability: Floats) -> float:
    false_alarms, sensitivity, _ = roc_curve(malignant, probability)
    return float(1 - false_alarms[sensitivity >= 0.99].min())


def calibration_line(malignant: Labels, probability: Floats) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of the diagnosis on the logit; ideal 1 and 0.

    D. R. Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958).
    """
    design = np.column_stack([logits(probability), np.ones(len(probability))])
    line = np.array([1.0, 0.0])
    for _ in range(50):
        fitted = expit(design @ line)
        curvature = (design * (fitted * (1 - fitted))[:, None]).T @ design
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), design.T @ (malignant - fitted))
        line = line + step
        if np.abs(step).max() < 1e-9:
            break
    return float(line[0]), float(line[1])


def expected_calibration_error(malignant: Labels, probability: Floats, bins: int = 10) -> float:
    """Mean distance of predicted from observed share over ``bins`` of equally many specimens."""
    groups = np.array_split(np.argsort(probability, kind="stable"), bins)
    gaps = (abs(probability[g].mean() - malignant[g].mean()) * len(g) for g in groups)
    return float(sum(gaps) / len(probability))


# name -> function(malignant (n,), probability (n,)); everything that reports measures goes through this
METRICS: dict[str, Callable[[Labels, Floats], float]] = {
    "log_loss": lambda y, p: float(log_loss(y, p)),
    "brier": lambda y, p: float(brier_score_loss(y, p)),
    "auc": lambda y, p: float(roc_auc_score(y, p)),
    "accuracy": _accuracy,
    "sensitivity_at_95_specificity": _sensitivity_at_95_specificity,
    "specificity_at_99_sensitivity": _specificity_at_99_sensitivity,
    "calibration_slope": lambda y, p: calibration_line(y, p)[0],
    "calibration_intercept": lambda y, p: calibration_line(y, p)[1],
    "ece": expected_calibration_error,
}


def wilson(hits: float, trials: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share: E. B. Wilson, Journal of the American Statistical Association 22 (1927)."""
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    reach = z / (1 + z * z / trials) * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    return float(max(middle - reach, 0.0)), float(min(middle + reach, 1.0))
