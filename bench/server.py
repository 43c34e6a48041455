"""Starts a program that serves, in a process of its own; knows when its first page came and what it took."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = "app.py"
EMPTY, NAIVE, ROUTE = (f"bench/floors/{name}.py" for name in ("empty", "naive", "route"))


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
    def cpu_seconds(self) -> float:
        """What its process has computed so far; less noisy than the clock where others compute, too."""
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        if found is None:
            raise RuntimeError("this system does not tell the memory of a process")
        return int(found[1]) / 1024


@contextlib.contextmanager
def serving(program: str) -> Iterator[Server]:
    """Run ``program`` until its first page has come, and as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "GRADIO_ANALYTICS_ENABLED": "False",
    }
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, program],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).read()
                break
            if process.poll() is not None:
                raise RuntimeError(f"{program} ended with {process.returncode} before its first page")
            time.sleep(0.005)
        yield Server(port, time.perf_counter() - started, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)
