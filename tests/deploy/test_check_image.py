"""The check of an image starts it as strictly as hosts do; a wrong answer or a bad end turns it red."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, free_port

ENGINE = """#!/bin/sh
echo "$@" >> "$CALLS"
case $1 in
  run) echo a1b2c3 ;;
  port) echo "$ADDRESS" ;;
  inspect) echo "$CODE" ;;
  logs) echo "the last words of the demo" ;;
esac
"""
PROMISES = (
    "--read-only", "--tmpfs /tmp", "--cap-drop ALL", "--security-opt no-new-privileges",
    "--user 1000", "--memory 512m", "--cpus 1",
)  # fmt: skip


def check(tmp_path: Path, address: str, code: int = 0) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Runs the check with a stand-in for docker, whose container has an address and an exit code."""
    engine, calls = tmp_path / "engine", tmp_path / "calls"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    environment = {
        "ENGINE": str(engine),
        "CALLS": str(calls),
        "ADDRESS": address,
        "CODE": str(code),
        "PATIENCE": "0",
    }
    python = Path(sys.executable).parent
    run = subprocess.run(
        [ROOT / "deploy" / "check-image.sh", "demo"],
        env={**environment, "PATH": f"{python}:/usr/bin:/bin"}, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return run, calls.read_text().splitlines()


def test_passes_a_demo_that_answers_and_ends_well(tmp_path: Path, server: str) -> None:
    run, calls = check(tmp_path, server.removeprefix("http://"))
    assert run.returncode == 0, run.stderr
    assert all(promise in calls[0] for promise in PROMISES)
    assert calls[-1] == "rm --force a1b2c3"


def test_a_demo_that_has_to_be_killed_is_an_error(tmp_path: Path, server: str) -> None:
    run, _ = check(tmp_path, server.removeprefix("http://"), code=137)
    assert run.returncode == 1
    assert "137" in run.stderr


def test_a_demo_that_does_not_answer_leaves_its_last_words(tmp_path: Path) -> None:
    run, calls = check(tmp_path, f"127.0.0.1:{free_port()}")
    assert run.returncode == 1
    assert "the last words of the demo" in run.stderr
    assert calls[-1] == "rm --force a1b2c3"
