"""Rivals of the served model that are thirty curves, too; each differs in one respect, C is tuned inside."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from model.features import FEATURES, MEASUREMENTS, STATISTICS
from training.estimator import PENALTIES, PIECES, make_tuned_estimator
from training.metrics import row_losses

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

STRAIGHT = len(FEATURES)  # so many columns of the basis are straight lines, the others are ramps


def variants() -> dict[str, Pipeline]:
    """Each rival by what it does otherwise than the served recipe."""
    return {
        "neighbouring ramps smoothed, range a tenth": _mixed(smoothed),
        "one curve for mean, error and worst of a measurement": _mixed(shared),
        "one curve for the three, and each departs from it": _mixed(partly_shared),
        "each curve only rises or falls, as its feature does alone": _ending(MonotoneLogistic(free=False)),
        "each curve only rises or falls, as it does in the free fit": _ending(MonotoneLogistic(free=True)),
        "mean of 20 refits on reweighted specimens": _ending(BaggedLogistic()),
    }


def _mixed(mix: Callable[[Floats], Floats]) -> Pipeline:
    pipeline = make_tuned_estimator()
    pipeline.steps.insert(1, ("mix", FunctionTransformer(mix)))
    return pipeline


def _ending(logistic: BaseEstimator) -> Pipeline:
    return make_tuned_estimator().set_params(logistic=logistic)


def smoothed(columns: Floats) -> Floats:
    """Slopes of neighbouring ramps go together: their correlation falls by e over a tenth of the range."""
    step = np.arange(PIECES)
    root = np.linalg.cholesky(np.exp(-np.abs(step[:, None] - step) / (0.1 * PIECES)))
    ramps = columns[:, STRAIGHT:].reshape(-1, STRAIGHT, PIECES) @ root
    return np.hstack([columns[:, :STRAIGHT], ramps.reshape(len(columns), -1)])


def shared(columns: Floats) -> Floats:
    """Each statistic keeps its straight line, the ramps of a measurement's three statistics are one."""
    ramps = columns[:, STRAIGHT:].reshape(len(columns), len(STATISTICS), len(MEASUREMENTS) * PIECES)
    return np.hstack([columns[:, :STRAIGHT], ramps.sum(axis=1) / np.sqrt(len(STATISTICS))])


def partly_shared(columns: Floats) -> Floats:
    """The shared ramps beside each statistic's own: L2 shrinks the three curves towards each other."""
    return np.hstack([columns, shared(columns)[:, STRAIGHT:]])


class _Line(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A linear classifier, told its coefficients and, behind them, its intercept."""

    line_: Floats

    def predict_proba(self, X: Floats) -> Floats:
        probability = _probability(X, self.line_)
        return np.column_stack([1 - probability, probability])


class BaggedLogistic(_Line):
    """The mean of 20 refits with the weights of the Bayesian bootstrap; a mean of curves is a curve."""

    def fit(self, X: Floats, y: Labels) -> Self:
        self.classes_ = np.unique(y)
        refit = LogisticRegression(C=_tuned(X, y).C_, tol=1e-5, max_iter=5000, warm_start=True)
        lines = []
        for weight in np.random.default_rng(0).exponential(size=(20, len(y))):
            refit.fit(X, y, weight / weight.mean())
            lines.append(np.r_[refit.coef_[0], refit.intercept_])
        self.line_ = np.mean(lines, axis=0)
        return self


class MonotoneLogistic(_Line):
    """L2 logistic regression in which all columns of a feature pull the same way.

    Args:
        free: which way is that of its curve in the fit without this constraint; else its covariance with the
            diagnosis tells.
    """

    def __init__(self, free: bool) -> None:
        self.free = free

    def fit(self, X: Floats, y: Labels) -> Self:
        self.classes_ = np.unique(y)
        target = self._free_curves(X, y) if self.free else (y - y.mean())[:, None]
        way = np.sign((X[:, :STRAIGHT] * target).sum(axis=0))
        ways = np.r_[way, np.repeat(way, PIECES)]
        self.line_ = _rising_tuned(X * ways, y) * np.r_[ways, 1.0]
        return self

    @staticmethod
    def _free_curves(X: Floats, y: Labels) -> Floats:
        """What each feature contributes to the logit of the unconstrained fit, (n, 30)."""
        parts = X * _tuned(X, y).coef_[0]
        curves: Floats = parts[:, :STRAIGHT] + parts[:, STRAIGHT:].reshape(-1, STRAIGHT, PIECES).sum(axis=2)
        return curves


def _probability(X: Floats, line: Floats) -> Floats:
    probability: Floats = expit(X @ line[:-1] + line[-1])
    return probability


def _tuned(X: Floats, y: Labels) -> BaseEstimator:
    return make_tuned_estimator()["logistic"].fit(X, y)


def _rising_tuned(X: Floats, y: Labels) -> Floats:
    """Coefficients >= 0, then the intercept, with the C that an inner 10-fold cross-validation chooses."""
    losses = np.zeros(len(PENALTIES))
    for fit, judge in StratifiedKFold(10, shuffle=True, random_state=0).split(X, y):
        line = np.zeros(X.shape[1] + 1)
        for index, C in enumerate(PENALTIES):
            line = _rising(X[fit], y[fit], C, line)
            losses[index] += row_losses(_probability(X[judge], line), y[judge]).sum()
    return _rising(X, y, PENALTIES[losses.argmin()], np.zeros(X.shape[1] + 1))


def _rising(X: Floats, y: Labels, C: float, start: Floats) -> Floats:
    """Minimises C times the summed log loss, plus half the squared coefficients, all of them >= 0."""
    sign = 1.0 - 2.0 * y

    def objective(line: Floats) -> tuple[float, Floats]:
        climb, logit = line[:-1], X @ line[:-1] + line[-1]
        slope = C * (_probability(X, line) - y)
        loss = C * np.logaddexp(0, sign * logit).sum() + climb @ climb / 2
        return float(loss), np.r_[slope @ X + climb, slope.sum()]

    bounds = [(0, None)] * len(start[:-1]) + [(None, None)]
    found: Floats = minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B",
                             options={"maxiter": 5000, "ftol": 1e-8}).x  # fmt: skip
    return found
