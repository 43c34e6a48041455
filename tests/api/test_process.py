"""Both programs as processes: they serve IPv6, count clients, finish running requests, and exit with 0."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, free_port
from tests.machine import read_until, wait_until

pytestmark = pytest.mark.slow

Running = tuple[subprocess.Popen[bytes], int]


@pytest.fixture(params=["app.py", "-m api"])
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """The page with REST, or REST alone, on IPv6 with three requests an hour: its process and its port."""
    port = free_port()
    settings = {"HOST": "::", "PORT": str(port), "RATE_LIMIT_CLIENT": "3/hour"}
    command = [sys.executable, *request.param.split()]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE) as process:
        read_until(process, f"http://[::]:{port}")
        wait_until(lambda: accepts(port), "the port to be open")
        yield process, port
        process.kill()


@pytest.mark.parametrize("program", ["app.py", "-m api"])
def test_a_signal_before_it_serves_ends_a_process_with_0(program: str) -> None:
    with subprocess.Popen([sys.executable, *program.split()], cwd=ROOT) as process:
        status = Path(f"/proc/{process.pid}/status")

        def handles_sigterm() -> bool:
            caught = re.search(r"SigCgt:\s*(\w+)", status.read_text(encoding="utf-8"))
            return caught is not None and bool(int(caught[1], 16) >> signal.SIGTERM - 1 & 1)

        wait_until(handles_sigterm, "SIGTERM to be handled")
        process.terminate()
        assert process.wait(timeout=50) == 0


@pytest.mark.parametrize("program", ["app.py", "-m api"])
def test_an_artifact_that_was_altered_is_not_served(program: str, tmp_path: Path) -> None:
    for room in ("app.py", "api", "model", "ui"):
        copy = shutil.copytree if (ROOT / room).is_dir() else shutil.copy
        copy(ROOT / room, tmp_path / room)
    with (tmp_path / "model/artifact/evaluation.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    done = subprocess.run(
        [sys.executable, *program.split()], cwd=tmp_path, env=os.environ | {"PORT": str(free_port())},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "evaluation.json has sha256" in done.stderr


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("::1", port)).close()
    except OSError:
        return False
    return True


def test_a_process_serves_counts_and_ends_in_order(running: Running, cases: list[dict[str, Any]]) -> None:
    process, port = running
    body = json.dumps({"features": cases[0]["features"]}).encode()
    head = ["POST /v1/predict HTTP/1.1", "Host: demo", "Expect: 100-continue", f"Content-Length: {len(body)}"]
    with socket.create_connection(("::1", port), timeout=60) as caller:
        caller.sendall("\r\n".join([*head, "", ""]).encode())
        assert caller.recv(99).startswith(b"HTTP/1.1 100 Continue")  # now it is on its way
        found = [
            httpx.post(
                f"http://[::1]:{port}/v1/predict",
                content=body,
                headers={"x-forwarded-for": f"192.0.2.{i}"},  # nobody beside the server can be another
                timeout=60,
            ).status_code
            for i in range(3)
        ]
        assert found == [200, 200, 429]
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(port), "the port to be closed")
        caller.sendall(body)
        assert caller.recv(15) == b"HTTP/1.1 200 OK"
    assert process.wait(timeout=50) == 0
