"""The one protocol that every figure comes from: repeated stratified cross-validation, parallel and cached.

Everything that is fitted or tuned happens inside the folds, so an estimator never meets what it is judged on.
"""

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from training.cache import Cache, content_key
from training.data import Specimens
from training.progress import progress

Floats = NDArray[np.float64]
Work = Callable[..., Floats]
T = TypeVar("T", bound=Hashable)

CACHE = Path(os.environ.get("EVALUATION_CACHE", ".cache/evaluation"))


def out_of_fold(data: Specimens, estimator: BaseEstimator, seed: int, folds: int = 10) -> Floats:
    """P(malignant) of each specimen by a fit that did not see it: one repeat of stratified CV, (n,)."""
    probability = np.empty(len(data))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fit, judge in splitter.split(data.values, data.malignant):
        fitted = clone(estimator).fit(data.values[fit], data.malignant[fit])
        probability[judge] = fitted.predict_proba(data.values[judge])[:, 1]
    return probability


@dataclass(frozen=True)
class Protocol:
    """How cross-validation is run: on which specimens, how often, where, and what is kept.

    ``cache`` is the directory where finished work is kept: a second run is instant, and a killed one goes on
    where it stopped. ``backend`` is any registered joblib backend, ``backend_options`` what it takes.
    """

    data: Specimens
    repeats: int = 10
    folds: int = 10
    first_seed: int = 0
    cache: Path | None = CACHE
    jobs: int = -1
    backend: str = "loky"
    backend_options: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False

    @property
    def seeds(self) -> range:
        return range(self.first_seed, self.first_seed + self.repeats)

    def run(self, estimators: Mapping[str, BaseEstimator]) -> dict[str, Floats]:
        """Out-of-fold probabilities by each estimator, (repeats, n), with consecutive seeds."""
        tasks = {
            (name, seed): (estimator, seed, self.folds)
            for name, estimator in estimators.items()
            for seed in self.seeds
        }
        done = self.map(out_of_fold, tasks)
        return {name: np.array([done[name, seed] for seed in self.seeds]) for name in estimators}

    def map(self, work: Work, tasks: Mapping[T, tuple[Any, ...]]) -> dict[T, Floats]:
        """``work(data, *arguments)`` for each named task: from the cache, else in parallel."""
        cache, data = Cache(self.cache), self.data.sha256
        keys = {name: content_key(work, data, arguments) for name, arguments in tasks.items()}
        done = {name: kept for name, key in keys.items() if (kept := cache.recall(key)) is not None}
        missing = {name: arguments for name, arguments in tasks.items() if name not in done}
        for name, result in self._compute(work, missing):
            cache.keep(keys[name], result)
            done[name] = result
        return done

    def _compute(self, work: Work, tasks: Mapping[T, tuple[Any, ...]]) -> Iterator[tuple[T, Floats]]:
        if not tasks:
            return
        calls = (joblib.delayed(_on_one_thread)(n, work, self.data, a) for n, a in tasks.items())
        with joblib.parallel_config(self.backend, n_jobs=self.jobs, **self.backend_options):
            yield from progress(_parallel()(calls), len(tasks), self.quiet)


def _on_one_thread(name: T, work: Work, data: Specimens, arguments: tuple[Any, ...]) -> tuple[T, Floats]:
    # tasks share the cores already, and a sum must not depend on the number of threads
    with threadpool_limits(1):
        return name, work(data, *arguments)


def _parallel() -> joblib.Parallel:
    """Results as they come where the backend can do that, else all at the end."""
    try:
        return joblib.Parallel(return_as="generator_unordered")
    except ValueError:
        return joblib.Parallel()
