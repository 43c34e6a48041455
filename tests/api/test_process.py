"""Both programs as processes: they serve IPv6, count clients, finish running requests, and exit with 0."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
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
