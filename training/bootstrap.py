"""Intervals over specimens: what the figures would be with another draw of patients; knows no model."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEVEL = 0.95


def interval(draws: Floats) -> tuple[float, float]:
    """The central ``LEVEL`` of bootstrap draws (b,)."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def resamples(malignant: Labels, draws: int) -> NDArray[np.intp]:
    """Rows drawn with replacement within each class, (draws, n): the case mix is by design, not by chance."""
    random = np.random.default_rng(0)
    groups = [np.flatnonzero(malignant == label) for label in (0, 1)]
    return np.hstack([random.choice(group, (draws, len(group))) for group in groups])


def mean_interval(per_row: Floats, malignant: Labels, draws: int = 2000) -> tuple[float, float]:
    """Interval of the mean of ``per_row`` (n,)."""
    return interval(per_row[resamples(malignant, draws)].mean(axis=1))


def paired(difference: Floats, malignant: Labels) -> dict[str, float]:
    """What is said of a ``difference`` in log loss, by repeat and specimen (repeats, n)."""
    by_repeat = difference.mean(axis=1)
    low, high = mean_interval(difference.mean(axis=0), malignant)
    return {
        "mean": float(by_repeat.mean()),
        "sd": float(by_repeat.std(ddof=1)),
        "low": low,
        "high": high,
        "worse_in": int((by_repeat > 0).sum()),
    }


def metric_interval(
    metric: Callable[[Labels, Floats], float], malignant: Labels, repeats: Floats, draws: int = 500
) -> tuple[float, float]:
    """Interval of a measure of out-of-fold probabilities (repeats, n).

    Each draw takes the next repeat, so the noise of splitting is in the interval, too.
    """
    rows = resamples(malignant, draws)
    values = [metric(malignant[r], repeats[b % len(repeats)][r]) for b, r in enumerate(rows)]
    return interval(np.array(values))
