"""How tests use the machine: a fixed environment, external programs, and waits with a limit."""

import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from subprocess import Popen
from types import FrameType
from typing import Any

import pytest

PASSED_ON = ("PATH", "HOME", "USER", "TMPDIR", "CI", "SSL_CERT_FILE")
PASSED_ON_PREFIXES = ("PYTEST_", "COVERAGE_", "COV_", "PLAYWRIGHT_")
FIXED = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    # git with its defaults, even in a checkout that belongs to another user
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{folder}/cache</cachedir>
  <match target="pattern">
    <edit name="family" mode="append_last"><string>DejaVu Sans</string></edit>
  </match>
</fontconfig>
"""
"""A browser has the fonts that matplotlib brings and no others: machines differ in theirs, or have none."""

LONGEST_TEST = 300
"""Seconds after which a test fails wherever it waits; a busy machine may need minutes."""


def settle() -> None:
    """Give this process, and all programs that it starts, the same environment on every machine."""
    kept = {k: v for k, v in os.environ.items() if k in PASSED_ON or k.startswith(PASSED_ON_PREFIXES)}
    os.environ.clear()
    # the demo's own default is one folder for all users of a machine
    folder = Path(tempfile.gettempdir(), f"breast-fna-explorer-tests-{os.getuid()}")
    os.environ.update(kept | FIXED | {"GRADIO_TEMP_DIR": str(folder / "uploads")})
    os.environ["FONTCONFIG_FILE"] = str(_write_fonts(folder / "fonts"))
    time.tzset()
    # a shell that runs the tests in the background ignores ^C, and so would the programs that they start
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _write_fonts(folder: Path) -> Path:
    """The configuration with which programs find ``FONTS``; several workers may write it at the same time."""
    matplotlib = find_spec("matplotlib")
    assert matplotlib and matplotlib.origin
    brought = Path(matplotlib.origin).parent / "mpl-data/fonts/ttf"
    folder.mkdir(parents=True, exist_ok=True)
    ours = folder / f"fonts-{os.getpid()}.conf"
    ours.write_text(FONTS.format(fonts=brought, folder=folder), encoding="utf-8")
    return ours.replace(folder / "fonts.conf")


def program(name: str, *places: str) -> str:
    """The path of a program; if it is missing, the test fails in CI and is skipped elsewhere."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        missing(name)
    return str(found)


def missing(what: str) -> None:
    """Skip a test that cannot run here, or fail it in CI, where `.ci/run` should have seen to it."""
    (pytest.fail if "CI" in os.environ else pytest.skip)(f"{what} is missing; .ci/run installs it on Debian")


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Wait for a condition, and fail with a sentence if it does not become true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)


def is_asleep(process: Popen[Any]) -> bool:
    """Whether a process is only waiting, according to Linux."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def read_until(process: Popen[bytes], words: str, seconds: float = 60) -> str:
    """What a process prints until ``words`` appear; fails with its output if they do not."""
    said, deadline = b"", time.monotonic() + seconds
    assert process.stdout is not None
    while words.encode() not in said:
        ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
        piece = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
        said += piece
        if not piece:
            process.kill()
            ended = "it ended" if ready else f"waited {seconds:g} s"
            pytest.fail(f"{process.args!r} has not printed {words!r}: {ended}; it said {said.decode()!r}")
    return said.decode()


@contextmanager
def limited(name: str) -> Iterator[None]:
    """Make a test fail if it takes longer than any test may."""

    def give_up(_: int, __: FrameType | None) -> None:
        raise TimeoutError(f"{name} has waited or worked for {LONGEST_TEST} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_TEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
