"""Cross-validation shows no estimator what it is judged on, runs anywhere, and does no work twice."""

from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from distributed import LocalCluster
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from training import protocol as protocol_module
from training.__main__ import main
from training.compare import PLAIN, SERVED, XCYT, comparison
from training.data import Specimens
from training.estimator import make_estimator
from training.protocol import Protocol, origin, out_of_fold

pytestmark = pytest.mark.slow


class Memory(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Says 1 for every row that it was fitted on."""

    def fit(self, values: NDArray[np.float64], malignant: NDArray[np.int64]) -> Self:
        self.seen_ = {row.tobytes() for row in values}
        self.classes_ = np.unique(malignant)
        return self

    def predict_proba(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        seen = np.array([row.tobytes() in self.seen_ for row in values], dtype=float)
        return np.column_stack([1 - seen, seen])

    predict = predict_proba


def protocol(rows: Specimens, **options: Any) -> Protocol:
    return Protocol(
        rows,
        **{"repeats": 2, "folds": 5, "jobs": 2, "cache": None, "backend": "threading"} | options,
    )


def count_calls(_: Specimens, path: str) -> NDArray[np.float64]:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("called\n")
    return np.arange(3.0)


def calls(folder: Path, *everyone: Specimens) -> int:
    """How often work is really done that is asked for on these specimens, one after the other."""
    log = folder / "log"
    for data in everyone:
        cached = protocol(data, cache=folder / "cache")
        (counted,) = cached.map(count_calls, [(str(log),)])
        assert counted.tolist() == [0, 1, 2]
    return log.read_text(encoding="utf-8").count("called")


def test_finished_work_is_not_done_again_unless_the_data_are_others(rows: Specimens, tmp_path: Path) -> None:
    assert calls(tmp_path, rows, rows) == 1
    assert calls(tmp_path, rows, Specimens(rows.values, 1 - rows.malignant)) == 2


@pytest.mark.filterwarnings("ignore:Exception while loading results")
def test_a_damaged_file_is_done_again(rows: Specimens, tmp_path: Path) -> None:
    calls(tmp_path, rows)
    next((tmp_path / "cache").rglob("output.pkl")).write_bytes(b"half a file")
    assert calls(tmp_path, rows) == 2


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
    assert all(name in source for name in ("def judged_as_new", "def likelihood_ratio", "def out_of_fold"))


def test_no_specimen_is_judged_by_a_fit_that_saw_it(rows: Specimens) -> None:
    assert not out_of_fold(rows, Memory(), seed=3).any()


def test_each_repeat_splits_anew_and_the_seed_decides_how(rows: Specimens) -> None:
    estimators = {"plain": comparison()[PLAIN]}
    runs = protocol(rows, first_seed=7).run(estimators)["plain"]
    assert runs.shape == (2, len(rows))
    assert np.abs(runs[0] - runs[1]).max() > 1e-3
    np.testing.assert_array_equal(runs[1], out_of_fold(rows, estimators["plain"], 8, 5))


def test_processes_give_the_same_numbers_in_the_order_that_was_asked_for(rows: Specimens) -> None:
    estimators = {"plain": comparison()[PLAIN], "other": comparison()[XCYT]}
    elsewhere = protocol(rows, repeats=1, backend="loky").run(estimators)
    for name, estimator in estimators.items():
        np.testing.assert_array_equal(elsewhere[name][0], out_of_fold(rows, estimator, 0, 5))


def test_the_command_spreads_the_work_over_the_processes_of_a_dask_scheduler(
    rows: Specimens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[NDArray[np.float64]] = []
    monkeypatch.setattr("training.__main__.comparison", lambda: {SERVED: comparison()[PLAIN]})
    monkeypatch.setattr("training.__main__.train", lambda _, repeats, __: trained.append(repeats))
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        options = {
            "--backend": "dask",
            "--scheduler": cluster.scheduler_address,
            "--repeats": "2",
            "--cache": str(tmp_path / "cache"),
            "--output": str(tmp_path / "artifact"),
        }
        monkeypatch.setattr("sys.argv", ["training", "train", *chain(*options.items())])
        assert main() == 0
    np.testing.assert_array_equal(trained[0][1], out_of_fold(rows, comparison()[PLAIN], 1))
