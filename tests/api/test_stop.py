"""What is on its way when the demo is told to stop is still answered, and then the demo ends at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ROOT, free_port
from tests.machine import read_until, wait_until


# The program, and its last words before it only serves.
@pytest.fixture(
    params=[
        (["app.py"], "http://127.0.0.1"),
        (["-m", "api"], "REST on"),
    ],
    ids=["page", "REST alone"],
)
def running(request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The page with REST, or REST alone, as a process and its port."""
    program, last_words = request.param
    port = free_port()
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, *program], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    ) as process:
        read_until(process, last_words)
        wait_until(lambda: accepts(port), "the port to be open")
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=60).close()
        yield process, port
        process.kill()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_answers_what_is_in_flight_and_ends(
    running: tuple[subprocess.Popen[bytes], int], cases: list[dict[str, Any]]
) -> None:
    process, port = running
    body = json.dumps({"features": cases[0]["features"]}).encode()
    head = [
        "POST /v1/predict HTTP/1.1",
        "Host: demo",
        "Content-Type: application/json",
        "Expect: 100-continue",
    ]
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode())
        assert caller.recv(99).startswith(b"HTTP/1.1 100 Continue")  # now it is on its way
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not accepts(port), "the port to be closed")
        caller.sendall(body)
        assert caller.recv(15) == b"HTTP/1.1 200 OK"
    assert process.wait(timeout=50) == 0
