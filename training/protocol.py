"""The one protocol that every figure comes from: repeated stratified cross-validation, parallel and cached.

Everything that is fitted or tuned happens inside the folds, so an estimator never meets what it is judged on.
"""

import functools
import inspect
import io
import os
import pickle
import platform
import re
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import joblib
import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from training.data import Specimens

Floats = NDArray[np.float64]
Work = Callable[..., Floats]
T = TypeVar("T", bound=Hashable)

CACHE = Path(os.environ.get("EVALUATION_CACHE", ".cache/evaluation"))


def out_of_fold(data: Specimens, estimator: BaseEstimator, seed: int, folds: int = 10) -> Floats:
    """P(malignant) of each specimen by a fit that did not see it: one repeat of stratified CV, (n,)."""
    probability = np.empty(len(data))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fit, judged in splitter.split(data.values, data.malignant):
        fitted = clone(estimator).fit(data.values[fit], data.malignant[fit])
        probability[judged] = fitted.predict_proba(data.values[judged])[:, 1]
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
        once = joblib.Memory(self.cache, verbose=0).cache(_work)
        calls = {
            name: (work, self.data, arguments, origin(work, arguments)) for name, arguments in tasks.items()
        }
        done = {name: once(*call) for name, call in calls.items() if once.check_call_in_cache(*call)}
        missing = (joblib.delayed(_named)(n, once, call) for n, call in calls.items() if n not in done)
        with joblib.parallel_config(self.backend, n_jobs=self.jobs, **self.backend_options):
            if total := len(calls) - len(done):
                done |= dict(_progress(_parallel()(missing), total, self.quiet))
        return done


def _work(work: Work, data: Specimens, arguments: tuple[Any, ...], origin: str) -> Floats:  # noqa: ARG001  # a key
    # tasks share the cores already, and a sum must not depend on the number of threads
    with threadpool_limits(1):
        return work(data, *arguments)


def _named(name: T, once: Callable[..., Floats], call: tuple[Any, ...]) -> tuple[T, Floats]:
    return name, once(*call)


def _parallel() -> joblib.Parallel:
    """Results as they come where the backend can do that, else all at the end."""
    try:
        return joblib.Parallel(return_as="generator_unordered")
    except ValueError:
        return joblib.Parallel()


class _Modules(pickle.Pickler):
    """Collects our modules of everything that is pickled: classes, functions, and what objects are of."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO())
        self.found: set[str] = set()

    def persistent_id(self, item: Any) -> None:
        if (module := str(getattr(item, "__module__", ""))).startswith(("model.", "training.")):
            self.found.add(module)


def origin(*work: Any) -> str:
    """What joblib's cache does not look at: the source of all our modules behind ``work``, and versions."""
    modules = _Modules()
    modules.dump(work)
    sources = [_source(module) for module in sorted(modules.found)]
    key: str = joblib.hash((sources, np.__version__, sklearn.__version__, platform.python_version()), "sha1")
    return key


@functools.cache
def _source(module: str) -> str:
    """The text of a module of ours and of those that it imports; data and features are in the arguments."""
    text = inspect.getsource(sys.modules[module])
    imported = re.findall(r"^from ((?:model|training)\.(?!data|features)\w+) import", text, re.MULTILINE)
    return text + "".join(_source(name) for name in imported)


def _progress(results: Iterable[tuple[T, Floats]], total: int, quiet: bool) -> Iterator[tuple[T, Floats]]:
    """Passes ``results`` on; a live bar on a terminal, a line every tenth of the way elsewhere."""
    start, live = time.monotonic(), sys.stderr.isatty()
    for count, result in enumerate(results, 1):
        yield result
        if quiet or not (live or count * 10 // total != (count - 1) * 10 // total):
            continue
        line = f"{'█' * (count * 24 // total):·<24} {count}/{total}, {time.monotonic() - start:.0f} s"
        sys.stderr.write(f"\r{line:<60}" + "\n" * (count == total) if live else f"{line}\n")
        sys.stderr.flush()
