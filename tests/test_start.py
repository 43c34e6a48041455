"""Starting the demo: it needs only four folders, keeps a table only for minutes, and ends quietly on ^C."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.conftest import ROOT, free_port
from tests.machine import read_until

pytestmark = pytest.mark.slow

SERVED = ("app.py", "model", "ui", "api")


def contents(directory: Path) -> dict[Path, tuple[int, int]]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def test_serving_keeps_a_table_for_minutes_and_nothing_else_and_ends_quietly(tmp_path: Path) -> None:
    checkout, home, kept = tmp_path / "checkout", tmp_path / "home", tmp_path / "kept"
    home.mkdir()
    left = kept / "4711-left-by-a-killed-process" / "hash"
    left.mkdir(parents=True)
    for file in ("old.csv", "young.csv"):
        (left / file).write_text("1")
    os.utime(left / "old.csv", (0, 0))
    given = tmp_path / "given.csv"
    given.write_text("".join((ROOT / "model/artifact/reference.csv").read_text().splitlines(True)[:2]))

    def files() -> set[str]:
        return {path.name for path in kept.glob("**/*") if path.is_file() and path.stat().st_size}

    for room in SERVED:
        source = ROOT / room
        copy = shutil.copytree if source.is_dir() else shutil.copy
        checkout.mkdir(exist_ok=True)
        copy(source, checkout / room)
    before = contents(checkout)
    port = str(free_port())
    settings = {"PORT": port, "HOST": "127.0.0.1", "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    settings |= {"TMPDIR": str(kept), "GRADIO_TEMP_DIR": str(kept)}
    # Gradio imports matplotlib where there is one, as in development, and that keeps a list of fonts
    settings |= {"MPLCONFIGDIR": str(Path.home() / ".cache/matplotlib")}
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=checkout,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said = read_until(process, f"http://127.0.0.1:{port}")
    client = Client(f"http://127.0.0.1:{port}", verbose=False, download_files=False)
    client.predict(handle_file(str(given)), api_name="/score_csv")
    assert httpx.post(f"http://127.0.0.1:{port}/v1/score", content=given.read_bytes()).status_code == 200
    assert files() - {"old.csv"} == {"young.csv", "given.csv", "given-scored.csv"}  # and none of REST
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=60)[0].decode()
    assert "Traceback" not in said
    assert contents(checkout) == before
    assert not contents(home)
    assert files() == {"young.csv"}


def test_the_machines_language_and_time_zone_change_nothing() -> None:
    table = (ROOT / "model/artifact/reference.csv").read_bytes().replace(b"row,", "Größe,".encode(), 1)
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    found = set()
    for settings in ({}, plain, {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"}):
        done = subprocess.run(
            [sys.executable, "-m", "model.table", "-", "-"], cwd=ROOT, env=os.environ | settings,
            input=table, capture_output=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        found.add(done.stdout)
    assert len(found) == 1 and "Größe,".encode() in found.pop()
