"""Starting the demo: it needs only four folders, writes nothing into them, and ends quietly on ^C."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, free_port
from tests.machine import read_until

SERVED = ("app.py", "model", "ui", "api")


def contents(directory: Path) -> dict[Path, tuple[int, int]]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def test_serving_writes_nothing_and_ends_quietly(tmp_path: Path) -> None:
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    home.mkdir()
    for room in SERVED:
        source = ROOT / room
        copy = shutil.copytree if source.is_dir() else shutil.copy
        checkout.mkdir(exist_ok=True)
        copy(source, checkout / room)
    before = contents(checkout)
    port = str(free_port())
    settings = {"PORT": port, "HOST": "127.0.0.1", "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=checkout,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said = read_until(process, f"http://127.0.0.1:{port}")
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=60)[0].decode()
    assert "Traceback" not in said
    assert contents(checkout) == before
    assert not contents(home)


def test_the_machines_language_and_time_zone_change_nothing() -> None:
    table = (ROOT / "model/artifact/reference.csv").read_bytes().replace(b"row,", "Größe,".encode(), 1)
    languages = ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "tr_TR.UTF-8"})
    found = set()
    for settings in ({}, *languages, {"TZ": "Asia/Kathmandu"}):
        done = subprocess.run(
            [sys.executable, "-m", "model.table", "-", "-"], cwd=ROOT, env=os.environ | settings,
            input=table, capture_output=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        found.add(done.stdout)
    assert len(found) == 1 and "Größe,".encode() in found.pop()
