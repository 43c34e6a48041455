"""REST alone, as a process: it is light, limits the size and time of bodies, and answers with its docs."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from api.doors import LISTS
from tests.conftest import ROOT, free_port, serving


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    with serving("-m", "api", path="/v1/health", port=port, BODY_SECONDS="1"):
        yield port


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20)


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    connection = connect(port)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_it_imports_neither_gradio_nor_optional_libraries() -> None:
    heavy = ("gradio", "markdown_it", "pandas", "redis", "limits", "sklearn", "scipy")
    code = f"import sys, api.__main__; print(*(h for h in {heavy} if h in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_root_says_what_this_is_and_where_the_docs_are(port: int) -> None:
    status, text = ask(port, "GET", "/")
    assert status == 200
    assert b"/v1/docs" in text
    assert ask(port, "GET", "/v1/docs")[0] == 200


def test_it_predicts_at_both_addresses(port: int, cases: list[dict[str, Any]]) -> None:
    body = json.dumps({"features": list(cases[0]["features"].values())})
    answer = ask(port, "POST", "/v1/predict", body)
    assert answer[0] == 200
    assert ask(port, "POST", "/predict", body) == answer


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_and_its_sender_can_read_why(port: int, chunked: bool) -> None:
    pieces = [b" " * 65536] * 64
    connection = connect(port)
    connection.request("POST", "/v1/predict", iter(pieces) if chunked else b"".join(pieces))
    answer = connection.getresponse()
    problem = json.load(answer)
    connection.close()
    assert (answer.status, problem["status"], problem["limit"]) == (413, 413, LISTS)


def test_a_body_that_is_too_slow_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert client.recv(65536).startswith(b"HTTP/1.1 408")
