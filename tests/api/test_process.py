"""Both programs as processes: they serve IPv6, limit bodies, finish running requests, and exit in order."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.doors import LISTS
from tests.conftest import ROOT, free_port
from tests.machine import read_until, wait_until

pytestmark = pytest.mark.slow

PROGRAMS = pytest.mark.parametrize("program", ["app.py", "-m api"])


def test_rest_alone_imports_neither_gradio_nor_optional_libraries() -> None:
    heavy = ("gradio", "markdown_it", "pandas", "redis", "limits", "sklearn", "scipy")
    code = f"import sys, api.__main__; print(*(h for h in {heavy} if h in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@PROGRAMS
def test_a_signal_before_it_serves_ends_a_process_with_0(program: str) -> None:
    with subprocess.Popen([sys.executable, *program.split()], cwd=ROOT) as process:
        status = Path(f"/proc/{process.pid}/status")

        def handles_sigterm() -> bool:
            caught = re.search(r"SigCgt:\s*(\w+)", status.read_text(encoding="utf-8"))
            return caught is not None and bool(int(caught[1], 16) >> signal.SIGTERM - 1 & 1)

        wait_until(handles_sigterm, "SIGTERM to be handled")
        process.terminate()
        assert process.wait(timeout=50) == 0


@PROGRAMS
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


@PROGRAMS
def test_a_process_serves_counts_limits_bodies_and_ends_in_order(
    program: str, cases: list[dict[str, Any]]
) -> None:
    port = free_port()
    settings = {"HOST": "::", "PORT": str(port), "RATE_LIMIT_CLIENT": "7/hour"}
    command = [sys.executable, *program.split()]
    body = json.dumps({"features": cases[0]["features"]}).encode()
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE) as process:
        try:
            read_until(process, f"http://[::]:{port}")
            wait_until(lambda: accepts(port), "the port to be open")
            said = httpx.get(f"http://[::1]:{port}/").text
            assert program == "app.py" or "/v1/docs" in said
            check_limits_of_bodies(port)
            check_limits_of_headers(port)
            with socket.create_connection(("::1", port), timeout=60) as caller:
                head = "POST /v1/predict HTTP/1.1", "Host: demo", "Expect: 100-continue"
                caller.sendall("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode())
                assert caller.recv(99).startswith(b"HTTP/1.1 100 Continue")  # now it is on its way
                # nobody beside the server can be another client
                forged = ({"x-forwarded-for": f"192.0.2.{i}"} for i in range(3))
                ask = httpx.Client(base_url=f"http://[::1]:{port}", timeout=60)
                found = [ask.post("/v1/predict", content=body, headers=named) for named in forged]
                assert [answer.status_code for answer in found] == [200, 200, 429]
                ask.close()
                process.send_signal(signal.SIGTERM)
                wait_until(lambda: not accepts(port), "the port to be closed")
                caller.sendall(body)
                assert caller.recv(15) == b"HTTP/1.1 200 OK"
            assert process.wait(timeout=50) == 0
        finally:
            process.kill()


def check_limits_of_bodies(port: int) -> None:
    """A body that is too large is refused, and its sender can read why: two requests."""
    pieces = [b" " * 65536] * 64
    for sent in (iter(pieces), b"".join(pieces)):
        with closing(http.client.HTTPConnection("::1", port, timeout=20)) as connection:
            connection.request("POST", "/v1/predict", sent)
            answer = connection.getresponse()
            assert (answer.status, json.load(answer)["limit"]) == (413, LISTS)


def check_limits_of_headers(port: int) -> None:
    """Whatever is no body is read up to a limit: an address, one header or many, trailers, extensions."""
    chunked = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1"
    for begin, more in (
        (b"GET /", b"x"),
        (b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
        (b"GET /v1/health HTTP/1.1\r\nHost: x\r\n", b"x: y\r\n"),
        (chunked + b";", b"x"),
        (chunked + b"\r\n1\r\n0\r\n", b"x: y\r\n"),
    ):
        with socket.create_connection(("::1", port), timeout=20) as caller:
            caller.sendall(begin)
            with pytest.raises(ConnectionError):  # it is closed, after a sentence that may be lost by that
                caller.sendall(more * (2**25 // len(more)))
    assert httpx.get(f"http://[::1]:{port}/v1/health", headers={"x": "y" * 60_000}).status_code == 200
