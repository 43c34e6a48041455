"""The protocol behind every figure: repeated stratified cross-validation, parallel and cached.

All fitting and tuning happens inside the folds, so an estimator never sees what it is evaluated on.
"""

import functools
import inspect
import os
import pickle
import pickletools
import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from training.data import Floats, Specimens

CACHE = Path(os.environ.get("EVALUATION_CACHE", ".cache/evaluation"))


def splits(data: Specimens, seed: int, folds: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """For each stratified fold, the rows to fit on and the rows to evaluate."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(data.values, data.malignant)


def out_of_fold(data: Specimens, estimator: BaseEstimator, seed: int, folds: int = 10) -> Floats:
    """P(malignant) of each specimen by a fit without it: one repeat of cross-validation, (n,)."""
    cv = list(splits(data, seed, folds))
    probability: Floats = cross_val_predict(
        estimator, data.values, data.malignant, cv=cv, method="predict_proba", n_jobs=1
    )[:, 1]
    return probability


@dataclass(frozen=True)
class Protocol:
    """How cross-validation is run: on which specimens, how often, with which folds, and where.

    ``cache`` is the directory for finished work, so that a second run is instant and a killed one continues
    where it stopped. ``backend`` is any registered joblib backend, with its ``backend_options``.
    """

    data: Specimens
    repeats: int = 10
    folds: int = 10
    first_seed: int = 0
    cache: Path | None = CACHE
    jobs: int = -1
    backend: str = "loky"
    backend_options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seeds(self) -> range:
        return range(self.first_seed, self.first_seed + self.repeats)

    def run(self, estimators: Mapping[str, BaseEstimator]) -> dict[str, Floats]:
        """Out-of-fold probabilities of each estimator, (repeats, n)."""
        done = self.map(out_of_fold, ((e, s, self.folds) for e in estimators.values() for s in self.seeds))
        repeats = np.reshape(done, (len(estimators), self.repeats, len(self.data)))
        return dict(zip(estimators, repeats, strict=True))

    def by_seed(self, work: Callable[..., Any], *arguments: Any) -> list[Any]:
        """``work(data, *arguments, seed, folds)`` for each seed."""
        return self.map(work, ((*arguments, seed, self.folds) for seed in self.seeds))

    def map(self, work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> list[Any]:
        """``work(data, *arguments)`` for each task, from the cache or in parallel."""
        cached_work = joblib.Memory(self.cache, verbose=0).cache(_work)
        calls = [(work, self.data, arguments, origin(work, arguments)) for arguments in tasks]
        missing = [index for index, call in enumerate(calls) if not cached_work.check_call_in_cache(*call)]
        jobs = self.jobs if len(missing) > 1 else 1  # starting a process takes longer than one task
        with joblib.parallel_config(self.backend, n_jobs=jobs, **self.backend_options):
            pending = [joblib.delayed(cached_work)(*calls[index]) for index in missing]
            done = joblib.Parallel(verbose=5)(pending) if pending else []
        new = dict(zip(missing, done, strict=True))
        return [new[index] if index in new else cached_work(*call) for index, call in enumerate(calls)]


def _work(work: Callable[..., Any], data: Specimens, arguments: tuple[Any, ...], origin: str) -> Any:  # noqa: ARG001  # a key
    # Tasks already use all cores, and sums must not depend on the number of threads.
    with threadpool_limits(1):
        return work(data, *arguments)


def origin(*work: Any) -> str:
    """A hash of what joblib's cache ignores: the source of our modules that ``work`` uses, and versions."""
    names = {
        str(name) for code, name, _ in pickletools.genops(pickle.dumps(work, 2)) if code.name == "GLOBAL"
    }
    modules = sorted({name.split()[0] for name in names if name.startswith(("model.", "training."))})
    versions = (np.__version__, sklearn.__version__, platform.python_version())
    key: str = joblib.hash(([_source(module) for module in modules], versions), "sha1")
    return key


@functools.cache
def _source(module: str) -> str:
    """The source of a module and of those of ours that it imports; data and features are arguments."""
    text = inspect.getsource(sys.modules[module])
    imported = re.findall(r"^from ((?:model|training)\.(?!data|features)\w+) import", text, re.MULTILINE)
    return text + "".join(_source(name) for name in imported)
