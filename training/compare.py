"""The models that the served one is compared with, in the same folds; each as its users would set it up."""

from importlib.util import find_spec

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

from model.features import NAMES
from training.estimator import log_offset, make_tuned_estimator

SERVED = "Thirty curves, as served (C tuned inside)"
PLAIN = "Logistic regression, defaults"
FOREST = "Random forest, 500 trees"
XCYT = "Xcyt's three features (1994), logistic regression"
SUPPORT = "Support vectors, RBF on logarithms, Platt scaling"


def served() -> Pipeline:
    return make_tuned_estimator()


def comparison() -> dict[str, BaseEstimator]:
    """Every model of the comparison by its label; those of the optional group only where installed."""
    return {
        SERVED: served(),
        PLAIN: make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)),
        FOREST: RandomForestClassifier(500, random_state=0),
        "Gradient boosting (HistGradientBoosting), defaults": HistGradientBoostingClassifier(random_state=0),
        SUPPORT: _on_logarithms(_platt(SVC())),
        "Gaussian process, RBF on logarithms": _on_logarithms(_gaussian_process()),
        "Nearest neighbours on logarithms, number tuned inside, Platt scaling": _neighbours(),
        **_ancestor(),
        **_optional(),
    }


def _ancestor() -> dict[str, BaseEstimator]:
    """Xcyt, the program that the data were made for, used three features and a plane between the classes.

    W. H. Wolberg, W. N. Street, O. L. Mangasarian, Cancer Letters 77 (1994).
    """
    three = ("area_worst", "smoothness_worst", "texture_mean")
    if not set(three) <= set(NAMES):
        return {}
    chosen = ColumnTransformer([("three", StandardScaler(), [NAMES.index(name) for name in three])])
    return {XCYT: make_pipeline(chosen, LogisticRegression(max_iter=5000))}


def _on_logarithms(estimator: BaseEstimator) -> Pipeline:
    return make_pipeline(FunctionTransformer(log_offset), StandardScaler(), estimator)


def _platt(estimator: BaseEstimator) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(estimator, method="sigmoid", ensemble=False)


def _gaussian_process() -> GaussianProcessClassifier:
    # amplitude and length are fitted; from a length far below that of thirty features the search is lost
    return GaussianProcessClassifier(1.0 * RBF(5.0))


def _neighbours() -> Pipeline:
    grid = {"estimator__n_neighbors": [5, 10, 15, 20, 30, 40, 60]}
    inner = StratifiedKFold(5, shuffle=True, random_state=0)
    search = GridSearchCV(_platt(KNeighborsClassifier()), grid, scoring="neg_log_loss", cv=inner)
    return _on_logarithms(search)


def _optional() -> dict[str, BaseEstimator]:
    models: dict[str, BaseEstimator] = {}
    if find_spec("xgboost"):
        from xgboost import XGBClassifier  # noqa: PLC0415  # an optional group

        models["XGBoost, defaults"] = XGBClassifier(n_jobs=1, random_state=0)
    if find_spec("interpret"):
        from interpret.glassbox import ExplainableBoostingClassifier  # noqa: PLC0415  # an optional group

        # learns as well as at the default rate, 0.015, in half of the time
        models["Explainable boosting, no interactions"] = ExplainableBoostingClassifier(
            interactions=0, learning_rate=0.04, n_jobs=1, random_state=0
        )
    return models
