"""The scikit-learn estimator: thirty curves, as a Pipeline with one transformer of our own."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from model.features import FEATURES
from training.data import OFFSETS, Floats

OFFSET: Floats = np.array([OFFSETS.get(feature.name, feature.shift) for feature in FEATURES])
"""What is added to each feature before its logarithm, (30,)."""


def log_offset(values: Floats) -> Floats:
    """u = log(x + offset), (n, 30): the scale of all curves."""
    logs: Floats = np.log(values + OFFSET)
    return logs


def column_spread(u: Floats) -> Floats:
    """The standard deviation of each column, (n, p) to (p,), or 1 for a constant column."""
    spread: Floats = u.std(axis=0)
    return np.where(spread > 1e-12, spread, 1.0)


class CurveBasis(TransformerMixin, BaseEstimator):
    """Turns each feature into its logarithm and piecewise-linear ramps of it.

    With u = log(x + offset), clipped to the training range, and the training quantiles q_0 < … < q_k of u,
    ramp i climbs from 0 to 1 between q_i and q_(i+1). A linear model on these columns is one
    piecewise-linear curve in u per feature, flat outside the training range. scikit-learn's
    ``SplineTransformer(degree=1, extrapolation="constant")`` with knots at the quantiles spans the same
    curves; only the penalty acts differently on its columns.

    Args:
        pieces: number of ramps per feature, k.
        scale: weight of the ramps relative to the standardised u; the smaller, the stiffer the curves.
        offset: what is added to each feature before its logarithm, (30,) or a number.
    """

    def __init__(self, pieces: int = 16, scale: float = 0.5, offset: ArrayLike = 0.0) -> None:
        self.pieces = pieces
        self.scale = scale
        self.offset = offset

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: ARG002  # scikit-learn passes y
        """X: (n, p), all values > -offset."""
        u = np.log(np.asarray(X, dtype=np.float64) + np.asarray(self.offset))
        self.knots_ = np.quantile(u, np.linspace(0, 1, self.pieces + 1), axis=0).T  # (p, k + 1)
        self.widths_ = np.maximum(np.diff(self.knots_, axis=1), 1e-9)
        self.centre_, self.spread_ = u.mean(axis=0), column_spread(u)
        self.ramp_centre_ = self._ramps(u).mean(axis=0)
        self.n_features_in_ = u.shape[1]
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """(n, p) to (n, p + p k): the standardised logarithms, then the centred ramps, feature by feature."""
        low = np.exp(self.knots_[:, 0]) - self.offset
        u = np.log(np.maximum(np.asarray(X, dtype=np.float64), low) + self.offset)
        u = np.clip(u, self.knots_[:, 0], self.knots_[:, -1])
        ramps = self.scale * (self._ramps(u) - self.ramp_centre_)
        return np.hstack([(u - self.centre_) / self.spread_, ramps.reshape(len(u), -1)])

    def _ramps(self, u: Floats) -> Floats:
        ramps: Floats = (u[:, :, None] - self.knots_[:, :-1]) / self.widths_
        return ramps.clip(0.0, 1.0)  # (n, p, k)


PIECES, SCALE = 16, 0.5
PENALTIES = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0)  # values of C to try; the best is well inside
INNER_FOLDS = 10  # in which each of them is tried


def make_estimator(pieces: int = PIECES, scale: float = SCALE, C: float = 2.0) -> Pipeline:
    """The served model, unfitted: ``CurveBasis``, then L2 logistic regression.

    The solver's tolerance is tight so that another machine finds the same curves.
    """
    basis = CurveBasis(pieces=pieces, scale=scale, offset=OFFSET)
    logistic = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-10, max_iter=200)
    return Pipeline([("basis", basis), ("logistic", logistic)])


def make_quick_estimator(pieces: int = PIECES, scale: float = SCALE, C: float = 2.0) -> Pipeline:
    """The same model to four digits in a fifth of the time, for checks that need thousands of fits."""
    return make_estimator(pieces, scale, C).set_params(
        logistic__solver="lbfgs", logistic__tol=1e-5, logistic__max_iter=5000
    )


def make_tuned_estimator() -> Pipeline:
    """The recipe that is evaluated: the same, with C chosen by an inner cross-validation.

    The path over C is warm-started, so tuning costs little more than ten fits. The inner folds share knots,
    which is no leak, because quantiles of the training part do not depend on the diagnosis.
    """
    logistic = LogisticRegressionCV(
        Cs=list(PENALTIES),
        cv=StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=0),
        l1_ratios=(0.0,),
        scoring="neg_log_loss",
        tol=1e-6,
        max_iter=5000,
        use_legacy_attributes=False,
    )
    return Pipeline([("basis", CurveBasis(PIECES, SCALE, OFFSET)), ("logistic", logistic)])
