"""Fixtures that many tests share: the served model, the real data, the running demo, a browser."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from model.classifier import ARTIFACT, Classifier
from model.explain import Reference
from tests import machine
from training.data import Specimens, load
from ui.stubs import without_stubs

machine.settle()

# generated inputs are the same everywhere, however slow the machine, and nothing is stored between runs
settings.register_profile(
    "tests", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")

# long enough for a busy machine; what never happens still fails
expect.set_options(timeout=20_000)

T = TypeVar("T")

ROOT = Path(__file__).parents[1]

CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # menus of an address bar that nobody sees would be loaded with each page, and take as long as ours
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    with without_stubs():  # each worker imports Gradio, as app.py does
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # slow tests begin first, so that no worker still has one when the others are done
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with machine.limited(item.nodeid):
        return (yield)


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load()


@pytest.fixture(scope="session")
def reference() -> Reference:
    return Reference.load()


@pytest.fixture(scope="session")
def cases() -> list[dict[str, Any]]:
    document = json.loads((ARTIFACT / "cases.json").read_text(encoding="utf-8"))
    showcase: list[dict[str, Any]] = document["cases"]
    return showcase


@pytest.fixture(scope="session")
def rows() -> Specimens:
    """The 569 real specimens."""
    return load()


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns; it runs in another thread, as this one has the browser's event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(
    *command: str, path: str, port: int, cwd: Path = ROOT, log: Path | None = None, **env: str
) -> Iterator[str]:
    """Run a server in another process, wait until it answers ``path``, and yield its base URL."""
    base = f"http://127.0.0.1:{port}"
    with (
        log.open("w+b") if log else tempfile.TemporaryFile() as written,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept,  # another's would be cleared by it
    ):
        here = {"HOST": "127.0.0.1", "PORT": str(port), "GRADIO_TEMP_DIR": kept}
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=cwd,
            env=os.environ | here | env,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + 180  # a busy machine takes a minute
            while True:
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    urllib.request.urlopen(base + path, timeout=5).close()  # noqa: S310  # our own server
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    why = f"ended with {process.poll()}" if process.poll() is not None else "has not in 180 s"
                    written.seek(0)
                    said = written.read().decode(errors="replace")
                    pytest.fail(f"{command} should answer {path}, but {why}; it said: {said}")
                time.sleep(0.05)
            yield base
        finally:
            process.terminate()
            try:
                process.wait(timeout=60)
            finally:
                process.kill()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The whole demo, `python app.py`, on a free port."""
    with serving("app.py", path="/v1/health", port=free_port()) as base:
        yield base


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; if there is none, CI fails and other runs skip the test."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None) or machine.program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()
