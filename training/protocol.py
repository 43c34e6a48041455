"""The one protocol that every figure comes from: repeated stratified cross-validation, parallel and cached.

Everything that is fitted or tuned happens inside the folds, so an estimator never meets what it is judged on.
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
    """The rows to fit on, and those to judge, of each stratified fold."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(data.values, data.malignant)


def out_of_fold(data: Specimens, estimator: BaseEstimator, seed: int, folds: int = 10) -> Floats:
    """P(malignant) of each specimen by a fit that did not see it: one repeat of stratified CV, (n,)."""
    cv = list(splits(data, seed, folds))
    probability: Floats = cross_val_predict(
        estimator, data.values, data.malignant, cv=cv, method="predict_proba", n_jobs=1
    )[:, 1]
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

    @property
    def seeds(self) -> range:
        return range(self.first_seed, self.first_seed + self.repeats)

    def run(self, estimators: Mapping[str, BaseEstimator]) -> dict[str, Floats]:
        """Out-of-fold probabilities by each estimator, (repeats, n), with consecutive seeds."""
        done = self.map(out_of_fold, ((e, s, self.folds) for e in estimators.values() for s in self.seeds))
        repeats = np.reshape(done, (len(estimators), self.repeats, len(self.data)))
        return dict(zip(estimators, repeats, strict=True))

    def by_seed(self, work: Callable[..., Any], *arguments: Any) -> list[Any]:
        """``work(data, *arguments, seed, folds)`` for each seed."""
        return self.map(work, ((*arguments, seed, self.folds) for seed in self.seeds))

    def map(self, work: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> list[Any]:
        """``work(data, *arguments)`` for the arguments of each task: from the cache, else in parallel."""
        once = joblib.Memory(self.cache, verbose=0).cache(_work)
        calls = [(work, self.data, arguments, origin(work, arguments)) for arguments in tasks]
        missing = [index for index, call in enumerate(calls) if not once.check_call_in_cache(*call)]
        jobs = self.jobs if len(missing) > 1 else 1  # to start a process for one task takes longer than it
        with joblib.parallel_config(self.backend, n_jobs=jobs, **self.backend_options):
            left = [joblib.delayed(once)(*calls[index]) for index in missing]
            done = joblib.Parallel(verbose=5)(left) if left else []
        new = dict(zip(missing, done, strict=True))
        return [new[index] if index in new else once(*call) for index, call in enumerate(calls)]


def _work(work: Callable[..., Any], data: Specimens, arguments: tuple[Any, ...], origin: str) -> Any:  # noqa: ARG001  # a key
    # tasks share the cores already, and a sum must not depend on the number of threads
    with threadpool_limits(1):
        return work(data, *arguments)


def origin(*work: Any) -> str:
    """What joblib's cache does not look at: the source of all our modules behind ``work``, and versions."""
    named = {
        str(name) for code, name, _ in pickletools.genops(pickle.dumps(work, 2)) if code.name == "GLOBAL"
    }
    modules = sorted({name.split()[0] for name in named if name.startswith(("model.", "training."))})
    versions = (np.__version__, sklearn.__version__, platform.python_version())
    key: str = joblib.hash(([_source(module) for module in modules], versions), "sha1")
    return key


@functools.cache
def _source(module: str) -> str:
    """The text of a module of ours and of those that it imports; data and features are in the arguments."""
    text = inspect.getsource(sys.modules[module])
    imported = re.findall(r"^from ((?:model|training)\.(?!data|features)\w+) import", text, re.MULTILINE)
    return text + "".join(_source(name) for name in imported)
