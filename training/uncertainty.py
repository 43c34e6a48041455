"""What the model cannot know: how far off a probability may be, and how unlike its specimens a new one is.

How far off: diagnoses are drawn anew where the truth is known, and the fit repeated.
The interval is the logit plus and minus one ``reach``. Finer ones (the covariance of the fit, a bootstrap, a
jackknife) were tried: their widths do not tell which probabilities are wrong, and none covers better. So the
interval is rough. It says how far the answer moves when specimens like these had turned out otherwise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from model.evidence import IntervalCheck
from training.compare import FOREST, SUPPORT, comparison
from training.data import Floats, Specimens
from training.estimator import column_spread, log_offset, make_quick_estimator
from training.metrics import logits
from training.protocol import Protocol, out_of_fold, splits

LEVEL = 0.95
OWN = "the served curves"
_SINGULAR = 1e-9  # the least eigenvalue of a correlation matrix from which on it is not inverted as it is
_RIDGE = 1e-6


def redrawn(data: Specimens, truth: Floats, estimator: Pipeline, seed: int, folds: int = 10) -> Floats:
    """Log-odds of each specimen by fits that did not see it, on diagnoses drawn from ``truth``, (n,)."""
    drawn = (np.random.default_rng(seed).uniform(size=len(data)) < truth).astype(np.int64)
    return logits(out_of_fold(Specimens(data.values, drawn), estimator, seed, folds))


def reach(data: Specimens, own: Floats, recipe: Mapping[str, Any], redraws: int = 5) -> float:
    """The smallest reach, in tenths, that covers ``LEVEL`` of the uncertain specimens under either truth."""
    estimator = make_quick_estimator(**recipe)
    widest, other = 0.0, out_of_fold(data, comparison()[SUPPORT], 0, 5)
    for truth in (own, _possible(other)):
        fitted = np.array([redrawn(data, truth, estimator, seed) for seed in range(redraws)])
        error = np.abs(fitted - logits(truth))[_uncertain(fitted)]
        widest = max(widest, float(np.quantile(error, LEVEL)) if error.size else 0.0)
    return math.ceil(10 * widest) / 10


def interval_check(
    protocol: Protocol, models: Mapping[str, Any], own: Floats, recipe: Mapping[str, Any], reach: float
) -> IntervalCheck:
    """How often the interval covers, on other redraws than those that set its reach.

    Truths are the ``own`` probabilities of the model, (n,), and those of two of the ``models``.
    """
    estimator = make_quick_estimator(**recipe)
    others = {name: models[name] for name in (FOREST, SUPPORT) if name in models}
    runs = replace(protocol, repeats=1, folds=5, first_seed=0).run(others)
    coverage = {}
    for name, truth in {OWN: own, **{n: _possible(repeats[0]) for n, repeats in runs.items()}}.items():
        fitted = np.array(protocol.by_seed(redrawn, truth, estimator))
        if (uncertain := _uncertain(fitted)).any():
            coverage[name] = float((np.abs(fitted - logits(truth)) <= reach)[uncertain].mean())
    return IntervalCheck(LEVEL, reach, coverage)


def _possible(truth: Floats) -> Floats:
    """A forest says 0 and 1, too, which no redraw would change."""
    return np.clip(truth, 0.002, 0.998)


def _uncertain(fitted: Floats) -> NDArray[np.bool_]:
    """Where the fitted probability is from 5 % to 95 %: elsewhere the answer is hardly in doubt."""
    uncertain: NDArray[np.bool_] = np.abs(fitted) < math.log(0.95 / 0.05)
    return uncertain


@dataclass(frozen=True)
class NoveltyFit:
    """What the distance is measured with; ``whitening`` is lower triangular, (30, 30)."""

    mean: Floats
    spread: Floats
    whitening: Floats

    @classmethod
    def fit(cls, logs: Floats) -> Self:
        """logs: (n, 30)."""
        mean, spread = logs.mean(axis=0), column_spread(logs)
        covariance = np.atleast_2d(np.cov((logs - mean) / spread, rowvar=False))
        # a column never changes, or follows from others
        if np.linalg.eigvalsh(covariance)[0] < _SINGULAR:
            covariance += _RIDGE * np.eye(len(mean))
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
        return cls(mean, spread, whitening.astype(np.float64))

    def distance(self, logs: Floats) -> Floats:
        """logs (n, 30) to (n,)."""
        distance: Floats = np.linalg.norm((logs - self.mean) / self.spread @ self.whitening.T, axis=1)
        return distance


def novelty_logs(values: Floats) -> Floats:
    """The scale of the distance, (n, 30): zeros become tiny, so that each has a logarithm."""
    return log_offset(np.where(values == 0, 1e-9, values))


def novelty_out_of_fold(data: Specimens, repeats: int) -> Floats:
    """Each specimen's distance by folds that did not see it: (repeats, n)."""
    logs, distances = novelty_logs(data.values), np.empty((repeats, len(data)))
    for seed in range(repeats):
        for fit, judged in splits(data, seed, 10):
            distances[seed, judged] = NoveltyFit.fit(logs[fit]).distance(logs[judged])
    return distances
