"""The models that the served one is compared with, and variations of it, all in the same folds.

Other models are set up as their users would do it. A variation shows how much a part of the served model
contributes. A difference below about 0.002 in log loss is noise, so the simplest variation is served.
"""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from model.features import FEATURES, MEASUREMENTS, NAMES, STATISTICS
from training.data import Floats
from training.estimator import PIECES, log_offset, make_estimator, make_quick_estimator, make_tuned_estimator

SERVED = "Thirty curves, as served (C tuned inside)"
PLAIN = "Logistic regression, defaults"
FOREST = "Random forest, 500 trees"
XCYT = "Xcyt's three features (1994), logistic regression"
SUPPORT = "Support vectors, RBF on logarithms, Platt scaling"
ALL_TUNED = "pieces, scale and C tuned inside the folds"

# the features of Xcyt, the program that the data were made for: W. H. Wolberg, W. N. Street, O. L.
# Mangasarian, Cancer Letters 77 (1994)
_XCYT_FEATURES = ("area_worst", "smoothness_worst", "texture_mean")
_INNER = StratifiedKFold(5, shuffle=True, random_state=0)
STRAIGHT = len(FEATURES)  # the number of columns of the basis that are straight lines; the others are ramps


def comparison() -> dict[str, BaseEstimator]:
    """Every model of the comparison by its label; optional ones only if they are installed."""
    near = {"estimator__n_neighbors": [5, 10, 15, 20, 30, 40, 60]}
    neighbours = GridSearchCV(_platt(KNeighborsClassifier()), near, scoring="neg_log_loss", cv=_INNER)
    # Amplitude and length are fitted; the search fails if it starts from a length that is far too small.
    process = GaussianProcessClassifier(1.0 * RBF(5.0))
    models = {
        SERVED: make_tuned_estimator(),
        PLAIN: make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)),
        FOREST: RandomForestClassifier(500, random_state=0),
        "Gradient boosting (HistGradientBoosting), defaults": HistGradientBoostingClassifier(random_state=0),
        SUPPORT: _on_logarithms(_platt(SVC())),
        "Gaussian process, RBF on logarithms": _on_logarithms(process),
        "Nearest neighbours on logarithms, number tuned inside, Platt scaling": _on_logarithms(neighbours),
    }
    if set(_XCYT_FEATURES) <= set(NAMES):
        columns = [NAMES.index(name) for name in _XCYT_FEATURES]
        chosen = ColumnTransformer([("three", StandardScaler(), columns)])
        models[XCYT] = make_pipeline(chosen, LogisticRegression(max_iter=5000))
    if find_spec("xgboost"):
        from xgboost import XGBClassifier  # noqa: PLC0415  # an optional group

        models["XGBoost, defaults"] = XGBClassifier(n_jobs=1, random_state=0)
    if find_spec("interpret"):
        from interpret.glassbox import ExplainableBoostingClassifier  # noqa: PLC0415  # an optional group

        # as good as with the default rate, 0.015, in half of the time
        models["Explainable boosting, no interactions"] = ExplainableBoostingClassifier(
            interactions=0, learning_rate=0.04, n_jobs=1, random_state=0
        )
    return models


def _on_logarithms(estimator: BaseEstimator) -> Pipeline:
    return make_pipeline(FunctionTransformer(log_offset), StandardScaler(), estimator)


def _platt(estimator: BaseEstimator) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(estimator, method="sigmoid", ensemble=False)


def ablations() -> dict[str, BaseEstimator]:
    """Each variation by a label that says how it differs from the served recipe."""
    # Nothing is fixed beforehand; the price of tuning more is noise in the choice.
    grid = {"basis__pieces": [8, 16, 32], "basis__scale": [0.25, 0.5, 1.0], "logistic__C": [1.0, 3.0, 10.0]}
    variations = {
        ALL_TUNED: GridSearchCV(make_quick_estimator(), grid, scoring="neg_log_loss", cv=_INNER),
        "C = 3, fixed": make_estimator(C=3.0),
        "neighbouring ramps smoothed, range a tenth": _mixed(smoothed),
    }
    if len(FEATURES) == len(STATISTICS) * len(MEASUREMENTS):  # each measurement has all statistics
        variations["one curve for mean, error and worst of a measurement"] = _mixed(shared)
        variations["one curve for the three, and each departs from it"] = _mixed(partly_shared)
    return variations


def _mixed(mix: Callable[[Floats], Floats]) -> Pipeline:
    """The served recipe with the columns of its basis, (n, 30 + 30 k), mixed."""
    pipeline = make_tuned_estimator()
    pipeline.steps.insert(1, ("mix", FunctionTransformer(mix)))
    return pipeline


def smoothed(columns: Floats) -> Floats:
    """Slopes of neighbouring ramps are correlated; the correlation falls by e over a tenth of the range."""
    step = np.arange(PIECES)
    root = np.linalg.cholesky(np.exp(-np.abs(step[:, None] - step) / (0.1 * PIECES)))
    ramps = columns[:, STRAIGHT:].reshape(-1, STRAIGHT, PIECES) @ root
    return np.hstack([columns[:, :STRAIGHT], ramps.reshape(len(columns), -1)])


def shared(columns: Floats) -> Floats:
    """Each statistic keeps its straight line; the three statistics of a measurement share their ramps."""
    ramps = columns[:, STRAIGHT:].reshape(len(columns), len(STATISTICS), len(MEASUREMENTS) * PIECES)
    return np.hstack([columns[:, :STRAIGHT], ramps.sum(axis=1) / np.sqrt(len(STATISTICS))])


def partly_shared(columns: Floats) -> Floats:
    """Shared ramps and each statistic's own; the L2 penalty draws the three curves towards each other."""
    return np.hstack([columns, shared(columns)[:, STRAIGHT:]])
