"""The Cloud Run function, staged as it is deployed, answers what REST answers, and is light."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.body import MAX_BODY_BYTES
from tests.api.conftest import Door
from tests.conftest import ROOT, free_port

HEAVY = ("gradio", "pandas", "sklearn", "scipy", "fastapi", "orjson", "matplotlib")
Case = dict[str, Any]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of `make function`, outside the repository so that nothing else can be imported."""
    target = tmp_path_factory.mktemp("function") / "staged"
    subprocess.run(["make", "--silent", "function", f"STAGED={target}"], cwd=ROOT, check=True)
    return target


@contextlib.contextmanager
def functions_framework(staged: Path) -> Iterator[int]:
    """The function served as Cloud Run serves it; yields the port."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--target", "predict", "--port", str(port)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    process = subprocess.Popen(command, cwd=staged, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def port(staged: Path) -> Iterator[int]:
    with functions_framework(staged) as port:
        yield port


def ask(
    port: int, body: bytes | None, method: str = "POST", path: str = "/"
) -> tuple[int, Any, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content or "null"), {k.lower(): v for k, v in answer.getheaders()}


@pytest.fixture(scope="module")
def rest(door: Door) -> TestClient:
    return door()


def test_the_answer_is_that_of_rest(port: int, rest: TestClient, cases: list[Case]) -> None:
    specimens = [case["features"] for case in cases]
    for body in (*({"features": specimen} for specimen in specimens), {"specimens": specimens}, specimens):
        status, answer, headers = ask(port, json.dumps(body).encode())
        assert (status, headers["content-type"]) == (200, "application/json")
        assert answer == rest.post("/v1/predict", json=body).json()


def test_other_sites_may_call_it(port: int) -> None:
    status, answer, headers = ask(port, None, "OPTIONS")
    assert (status, answer) == (204, None)
    assert headers["access-control-allow-origin"] == "*"
    assert "POST" in headers["access-control-allow-methods"]
    assert ask(port, b"{")[2]["access-control-allow-origin"] == "*"


def test_a_body_that_is_too_large_is_refused(port: int) -> None:
    status, answer, _ = ask(port, b" " * (MAX_BODY_BYTES + 1))
    assert (status, answer["limit"]) == (413, MAX_BODY_BYTES)


def test_it_imports_numpy_at_most(staged: Path) -> None:
    code = f"import sys, main; print(*(h for h in {HEAVY} if h in sys.modules)); main.predict"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=staged, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_its_requirements_are_the_locked_ones(staged: Path) -> None:
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = [
        line.split(" ")[0] for line in (staged / "requirements.txt").read_text().splitlines() if "==" in line
    ]
    assert any(pin.startswith("functions-framework==") for pin in pins)
    assert all(f"\n{pin} " in f"\n{locked}" for pin in pins)
    assert len(pins) < 25
