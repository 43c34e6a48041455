"""Finished work is found again if nothing changed that decides it, and only then."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conftest import ROOT
from tests.machine import read_until
from training import cache
from training.cache import Cache, content_key
from training.coverage import outer_repeat
from training.data import Specimens
from training.estimator import make_estimator
from training.protocol import Protocol, out_of_fold

SLOW_WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from training.cache import Cache

def half(file, result):
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    time.sleep(60)

np.save = half
Cache(Path(sys.argv[1])).keep("key", np.ones(3))
"""


def count_calls(_: Specimens, path: str) -> NDArray[np.float64]:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("called\n")
    return np.arange(3.0)


def calls(folder: Path, *everyone: Specimens) -> int:
    """How often work is really done that is asked for on these specimens, one after the other."""
    log = folder / "log"
    for data in everyone:
        protocol = Protocol(data, cache=folder / "cache", backend="threading", quiet=True)
        assert protocol.map(count_calls, {"a": (str(log),)})["a"].tolist() == [0, 1, 2]
    return log.read_text(encoding="utf-8").count("called")


def test_finished_work_is_not_done_again(rows: Specimens, tmp_path: Path) -> None:
    assert calls(tmp_path, rows, rows) == 1


def test_other_data_are_other_work(rows: Specimens, tmp_path: Path) -> None:
    assert calls(tmp_path, rows, Specimens(rows.values, 1 - rows.malignant)) == 2


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY half a file"])
def test_a_damaged_file_is_done_again(rows: Specimens, tmp_path: Path, content: bytes) -> None:
    calls(tmp_path, rows)
    next((tmp_path / "cache").glob("*.npy")).write_bytes(content)
    assert calls(tmp_path, rows) == 2


def test_a_kill_in_the_middle_of_a_write_leaves_nothing_to_find(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLOW_WRITER, str(tmp_path)]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    read_until(writer, "half")
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=20)
    assert Cache(tmp_path).recall("key") is None
    assert not list(tmp_path.glob("*.npy"))
    Cache(tmp_path).keep("key", np.ones(3))
    assert Cache(tmp_path).recall("key") is not None


def test_other_settings_are_other_work() -> None:
    keys = {content_key(out_of_fold, make_estimator(C=C), seed) for C in (1.0, 2.0) for seed in (0, 1)}
    assert len(keys) == 4


def test_changed_source_is_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_key(out_of_fold, make_estimator())
    sources = {"training.protocol": "", "training.estimator": "changed"}
    monkeypatch.setattr(cache, "_source", sources.__getitem__)
    assert content_key(out_of_fold, make_estimator()) != before


def test_the_source_of_work_is_that_of_all_it_imports_from_us() -> None:
    source = cache._source(outer_repeat.__module__)
    assert all(name in source for name in ("def outer_repeat", "def conformal_cut_points", "NAMES = "))


def test_another_version_of_a_library_is_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_key(out_of_fold, make_estimator())
    monkeypatch.setattr("sklearn.__version__", "0.0")
    assert content_key(out_of_fold, make_estimator()) != before
