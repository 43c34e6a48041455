"""How good probabilities are, in the measures that the evidence reports; knows nothing about models.

The bootstrap asks for each measure hundreds of times, so they are plain numpy; a test holds them to what
scikit-learn says.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

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


def _brier(malignant: Labels, probability: Floats) -> float:
    return float(((probability - malignant) ** 2).mean())


def _by_class(malignant: Labels, probability: Floats) -> tuple[Floats, Floats]:
    """The probabilities of benign and of malignant specimens, each ascending."""
    return np.sort(probability[malignant == 0]), np.sort(probability[malignant == 1])


def _auc(malignant: Labels, probability: Floats) -> float:
    """Share of pairs in which the malignant specimen has the larger probability, a tie counting half."""
    benign, cancer = _by_class(malignant, probability)
    below = np.searchsorted(benign, cancer, "left") + np.searchsorted(benign, cancer, "right")
    return float(below.mean() / (2 * len(benign)))


def _accuracy(malignant: Labels, probability: Floats) -> float:
    return float(((probability >= 0.5) == (malignant == 1)).mean())


def _sensitivity_at_95_specificity(malignant: Labels, probability: Floats) -> float:
    benign, cancer = _by_class(malignant, probability)
    first_too_many = benign[-1 - int(0.05 * len(benign))]
    return float((cancer > first_too_many).mean())


def _specificity_at_99_sensitivity(malignant: Labels, probability: Floats) -> float:
    benign, cancer = _by_class(malignant, probability)
    lowest_found = cancer[int(0.01 * len(cancer))]
    return float((benign < lowest_found).mean())


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
    "log_loss": lambda y, p: float(row_losses(p, y).mean()),
    "brier": _brier,
    "auc": _auc,
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
