"""Cross-validation shows no estimator its test data, runs anywhere, and does no work twice."""

import threading
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from training import protocol as protocol_module
from training.__main__ import main
from training.baselines import PLAIN, SERVED, XCYT, comparison
from training.data import Floats, Labels, Specimens
from training.estimator import make_estimator
from training.protocol import Protocol, origin, out_of_fold


class Remembers(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts 1 for every row that it was fitted on, and records which thread fitted it."""

    threads: ClassVar[list[str]] = []

    def fit(self, values: Floats, malignant: Labels) -> Self:
        self.threads.append(threading.current_thread().name)
        self.seen_ = {row.tobytes() for row in values}
        self.classes_ = np.unique(malignant)
        return self

    def predict_proba(self, values: Floats) -> Floats:
        seen = np.array([row.tobytes() in self.seen_ for row in values], dtype=float)
        return np.column_stack([1 - seen, seen])

    predict = predict_proba


def protocol(rows: Specimens, **options: Any) -> Protocol:
    return Protocol(rows, **{"repeats": 2, "folds": 5, "cache": None, "backend": "threading"} | options)


def count_calls(_: Specimens, path: str, number: int) -> int:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("called\n")
    return number


def calls(folder: Path, data: Specimens, *numbers: int) -> int:
    """How often work was done in total, after a request for these numbers as well."""
    log = folder / "log"
    done = protocol(data, cache=folder / "cache").map(count_calls, [(str(log), n) for n in numbers])
    assert done == list(numbers)
    return log.read_text(encoding="utf-8").count("called")


@pytest.mark.filterwarnings("ignore:Exception while loading results")
def test_work_is_done_once_unless_the_data_are_others_or_a_file_is_damaged(
    rows: Specimens, tmp_path: Path
) -> None:
    assert calls(tmp_path, rows, 1) == 1
    assert calls(tmp_path, rows, 3, 1, 2) == 3
    next((tmp_path / "cache").rglob("output.pkl")).write_bytes(b"half a file")
    assert calls(tmp_path, rows, 1, 2, 3) == 4
    assert calls(tmp_path, Specimens(rows.values, 1 - rows.malignant), 1) == 5


def test_other_settings_sources_and_versions_are_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    before = origin(out_of_fold, make_estimator())
    assert origin(out_of_fold, make_estimator()) == before
    monkeypatch.setattr("sklearn.__version__", "0.0")
    assert origin(out_of_fold, make_estimator()) != before
    monkeypatch.undo()
    monkeypatch.setattr(protocol_module, "_source", {"training.protocol": "", "training.estimator": "x"}.get)
    assert origin(out_of_fold, make_estimator()) != before


def test_the_source_of_work_is_that_of_all_it_imports_from_us() -> None:
    source = protocol_module._source("training.decision")
    assert all(
        name in source for name in ("def verdicts_out_of_fold", "def likelihood_ratio", "def out_of_fold")
    )


def test_no_specimen_is_evaluated_by_a_fit_that_saw_it(rows: Specimens) -> None:
    assert not out_of_fold(rows, Remembers(), seed=3).any()


def test_the_seed_decides_the_splits_of_each_repeat(rows: Specimens) -> None:
    estimators = {name: comparison()[name] for name in (PLAIN, XCYT)}
    runs = protocol(rows, first_seed=7).run(estimators)
    for name, estimator in estimators.items():
        assert runs[name].shape == (2, len(rows))
        assert np.abs(runs[name][0] - runs[name][1]).max() > 1e-3
        np.testing.assert_array_equal(runs[name][1], out_of_fold(rows, estimator, 8, 5))


def test_the_command_spreads_the_work_over_the_workers_of_a_dask_scheduler(
    rows: Specimens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster  # noqa: PLC0415  # takes half a second, in each worker of the tests

    trained: list[Floats] = []
    monkeypatch.setattr("training.__main__.comparison", lambda: {SERVED: Remembers()})
    Remembers.threads.clear()
    monkeypatch.setattr("training.__main__.train", lambda _, repeats, __: trained.append(repeats))
    # two workers that are reached by TCP like any others, but in threads, which is faster
    where = {"protocol": "tcp://", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, **where) as cluster:
        options = f"--backend dask --scheduler {cluster.scheduler_address} --repeats 2"
        folders = ["--cache", str(tmp_path / "cache"), "--output", str(tmp_path / "artifact")]
        monkeypatch.setattr("sys.argv", ["training", "train", *options.split(), *folders])
        assert main() == 0
    assert trained[0].shape == (2, len(rows))
    assert len(Remembers.threads) == 2 * 10
    assert all("Dask" in name for name in Remembers.threads), Remembers.threads
