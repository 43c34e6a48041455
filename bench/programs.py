"""Runs ours and the floors in processes of their own, asks them for answers, reads what they took."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median

from model.classifier import Classifier
from model.features import NAMES

ROOT = Path(__file__).parents[1]
Program = tuple[str, ...]
OURS: Program = ("app.py",)
EMPTY, ROUTE, COPY = (("bench/floors.py", name) for name in ("gradio", "route", "copy"))

SPECIMEN: dict[str, float] = dict(zip(NAMES, Classifier.load().reference.tolist(), strict=True))
REST = ("/v1/predict", json.dumps({"features": SPECIMEN}))
# without a session Gradio makes one for each request; a page and the Gradio client always have one
SESSION = {"data": list(SPECIMEN.values()), "session_hash": "a-visitor"}
GRADIO = ("/gradio_api/run/predict", json.dumps(SESSION))


@dataclass(frozen=True)
class Server:
    """A running program: its port, seconds from the start of its process to the first page, its process."""

    port: int
    seconds: float
    process: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def megabytes(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        if found is None:
            raise RuntimeError("this system does not tell the memory of a process")
        return int(found[1]) / 1024

    def ask(self, ask: tuple[str, str], times: int, visitors: int = 1) -> float:
        """Milliseconds an answer, while so many visitors ask at once and share them; the median of all."""
        ready = threading.Barrier(visitors)

        def visit() -> list[float]:
            taken = []
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            for asked in range(20 + times):
                if asked == 20:  # warm
                    ready.wait(60)
                started = time.perf_counter()
                connection.request("POST", ask[0], ask[1], {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{ask[0]} answered {answer.status}")
                taken.append(time.perf_counter() - started)
            return taken[20:]

        with ThreadPoolExecutor(visitors) as crowd:
            visits = [crowd.submit(visit) for _ in range(visitors)]
            return 1000 * median(chain(*(made.result() for made in visits))) / visitors


@contextlib.contextmanager
def serving(program: Program) -> Iterator[Server]:
    """Runs a program until its first page has come, and as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(ROOT), "GRADIO_ANALYTICS_ENABLED": "False",
    }  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *program], cwd=ROOT, env=os.environ | settings,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).read()
                break
            if process.poll() is not None or time.perf_counter() - started > 120:
                raise RuntimeError(f"{program} gave no first page; it ended with {process.returncode}")
            time.sleep(0.005)
        yield Server(port, time.perf_counter() - started, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def run(program: Program, *arguments: str | Path) -> float:
    """Seconds that a program takes from start to end."""
    started = time.perf_counter()
    command = [sys.executable, *program, *map(str, arguments)]
    settings = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(
        command, cwd=ROOT, env=settings, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - started
