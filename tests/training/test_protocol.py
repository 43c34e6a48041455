"""Cross-validation shows no estimator what it is judged on, runs anywhere, and keeps finished work."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from distributed import Client, LocalCluster
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from training.compare import PLAIN, comparison
from training.data import Specimens
from training.protocol import Protocol, out_of_fold


class Memory(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Says 1 for every row that it was fitted on."""

    def fit(self, values: NDArray[np.float64], malignant: NDArray[np.int64]) -> Self:
        self.seen_ = {row.tobytes() for row in values}
        self.classes_ = np.unique(malignant)
        return self

    def predict_proba(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        seen = np.array([row.tobytes() in self.seen_ for row in values], dtype=float)
        return np.column_stack([1 - seen, seen])


def count_calls(_: Specimens, path: str) -> NDArray[np.float64]:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("called\n")
    return np.arange(3.0)


def protocol(rows: Specimens, **options: Any) -> Protocol:
    return Protocol(
        rows,
        **{"repeats": 2, "folds": 5, "jobs": 2, "cache": None, "quiet": True, "backend": "threading"}
        | options,
    )


def test_no_specimen_is_judged_by_a_fit_that_saw_it(rows: Specimens) -> None:
    assert not out_of_fold(rows, Memory(), seed=3).any()


def test_each_repeat_splits_anew_and_the_seed_decides_how(rows: Specimens) -> None:
    estimators = {"plain": comparison()[PLAIN]}
    runs = protocol(rows).run(estimators, first_seed=7)["plain"]
    assert runs.shape == (2, len(rows))
    assert np.abs(runs[0] - runs[1]).max() > 1e-3
    np.testing.assert_array_equal(runs[1], out_of_fold(rows, estimators["plain"], 8, 5))


def test_finished_work_is_not_done_again(rows: Specimens, tmp_path: Path) -> None:
    cached, log = protocol(rows, cache=tmp_path / "cache"), tmp_path / "log"
    tasks = {"a": (str(log),)}
    first, second = cached.map(count_calls, tasks), cached.map(count_calls, tasks)
    np.testing.assert_array_equal(first["a"], second["a"])
    assert log.read_text(encoding="utf-8").count("called") == 1


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY half a file"])
def test_a_damaged_cache_file_is_done_again(rows: Specimens, tmp_path: Path, content: bytes) -> None:
    cached, log = protocol(rows, cache=tmp_path / "cache"), tmp_path / "log"
    cached.map(count_calls, {"a": (str(log),)})
    next((tmp_path / "cache").glob("*.npy")).write_bytes(content)
    assert cached.map(count_calls, {"a": (str(log),)})["a"].tolist() == [0, 1, 2]


def test_other_data_are_other_work(rows: Specimens, tmp_path: Path) -> None:
    log = tmp_path / "log"
    for data in (rows, Specimens(rows.values, 1 - rows.malignant)):
        protocol(data, cache=tmp_path / "cache").map(count_calls, {"a": (str(log),)})
    assert log.read_text(encoding="utf-8").count("called") == 2


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_every_backend_gives_the_same_numbers(rows: Specimens, backend: str) -> None:
    estimators = {"plain": comparison()[PLAIN]}
    elsewhere = protocol(rows, backend=backend).run(estimators)["plain"]
    np.testing.assert_array_equal(elsewhere[0], out_of_fold(rows, estimators["plain"], 0, 5))


def test_dask_spreads_the_work_over_two_processes(rows: Specimens) -> None:
    estimators = {"plain": comparison()[PLAIN]}
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster):
        spread = protocol(rows, backend="dask").run(estimators)["plain"]
    np.testing.assert_array_equal(spread[1], out_of_fold(rows, estimators["plain"], 1, 5))
