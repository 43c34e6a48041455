"""How sure the model is: out-of-fold probabilities, conformal cut points, refits, novelty. Draws nothing."""

from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from training.data import Specimens
from training.export import collapse

_FLOOR = 1e-9


def out_of_fold(estimator: Pipeline, data: Specimens, seed: int, folds: int = 10) -> NDArray[np.float64]:
    """P(malignant) of each specimen by a fit that did not see it: one repeat of stratified CV, (n,)."""
    probability = np.empty(len(data))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fit, judge in splitter.split(data.values, data.malignant):
        fitted = clone(estimator).fit(data.values[fit], data.malignant[fit])
        probability[judge] = fitted.predict_proba(data.values[judge])[:, 1]
    return probability


def repeated_out_of_fold(estimator: Pipeline, data: Specimens, repeats: int = 10) -> NDArray[np.float64]:
    """``out_of_fold`` with the seeds 0 … repeats - 1: (repeats, n)."""
    runs = Parallel(n_jobs=-1)(delayed(out_of_fold)(estimator, data, seed) for seed in range(repeats))
    return np.array(runs)


@dataclass(frozen=True)
class CutPoints:
    """From ``malignant_from`` upwards malignant is in the conformal set, up to ``benign_to`` benign is."""

    level: float
    malignant_from: float
    benign_to: float


def conformal_cut_points(
    probability: NDArray[np.float64], malignant: NDArray[np.int64], level: float
) -> CutPoints:
    """Class-conditional cut points at ``level``, from out-of-fold probabilities (n,).

    A class is in the set where its p-value (one more than the calibration specimens of that class at least as
    strange, over one more than all of them) exceeds 1 - level: Vovk, "Conditional validity of inductive
    conformal predictors", Machine Learning 92 (2013).
    """
    of_malignant = np.sort(probability[malignant == 1])
    of_benign = np.sort(probability[malignant == 0])[::-1]

    def cut(ranked: NDArray[np.float64]) -> float:
        strange = int(np.floor((1 - level) * (len(ranked) + 1) + 1e-9))
        return float(ranked[max(strange - 1, 0)])

    return CutPoints(level, cut(of_malignant), cut(of_benign))


def deviations(
    estimator: Pipeline, data: Specimens, reference: NDArray[np.float64], refits: int = 200, rank: int = 16
) -> NDArray[np.float64]:
    """How the curves vary over Bayesian-bootstrap refits: (30, k + 1, rank).

    The squared logit of these, as curves, sums to the variance of the logit (the largest ``rank`` directions
    of it). Weights are exponential, so all refits keep the knots: Rubin, Annals of Statistics 9 (1981).
    """
    weights = np.random.default_rng(0).exponential(size=(refits, len(data)))

    def refit(weight: NDArray[np.float64]) -> NDArray[np.float64]:
        fitted = clone(estimator).fit(data.values, data.malignant, logistic__sample_weight=weight)
        heights = collapse(fitted, reference)
        heights[0] += fitted.decision_function(reference[None])[0]  # the intercept varies too
        return heights

    heights = np.array(Parallel(n_jobs=-1)(delayed(refit)(w / w.mean()) for w in weights))
    centred = (heights - heights.mean(axis=0)).reshape(refits, -1)
    _, size, direction = np.linalg.svd(centred, full_matrices=False)
    direction *= np.sign(direction[:, np.abs(direction).argmax(axis=1)].diagonal())[:, None]
    scaled: NDArray[np.float64] = direction[:rank].T * size[:rank] / np.sqrt(refits)
    return scaled.reshape(*heights.shape[1:], rank)


@dataclass(frozen=True)
class NoveltyFit:
    """Mahalanobis distance on standardised logarithms; ``whitening`` is lower triangular, (30, 30)."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    whitening: NDArray[np.float64]

    @classmethod
    def fit(cls, logs: NDArray[np.float64]) -> "NoveltyFit":
        """logs: (n, 30)."""
        mean, spread = logs.mean(axis=0), logs.std(axis=0)
        covariance: NDArray[np.float64] = np.cov((logs - mean) / spread, rowvar=False)
        return cls(mean, spread, np.linalg.inv(np.linalg.cholesky(covariance)))

    def distance(self, logs: NDArray[np.float64]) -> NDArray[np.float64]:
        distance: NDArray[np.float64] = np.linalg.norm(
            (logs - self.mean) / self.spread @ self.whitening.T, axis=1
        )
        return distance


def novelty_out_of_fold(logs: NDArray[np.float64], malignant: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each specimen's distance by folds that did not see it, ten repeats: (10, n)."""
    distances = np.empty((10, len(logs)))
    for seed in range(10):
        splitter = StratifiedKFold(10, shuffle=True, random_state=seed)
        for fit, judge in splitter.split(logs, malignant):
            distances[seed, judge] = NoveltyFit.fit(logs[fit]).distance(logs[judge])
    return distances
