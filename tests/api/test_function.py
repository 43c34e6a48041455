"""The Cloud Run function, staged as it is deployed, answers what REST answers, and is light."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.body import MAX_BODY_BYTES
from tests.api.conftest import Door
from tests.conftest import ROOT, free_port
from tests.machine import wait_until

HEAVY = ("gradio", "pandas", "sklearn", "scipy", "fastapi", "orjson", "matplotlib")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of `make function`, outside the repository so that nothing else can be imported."""
    target = tmp_path_factory.mktemp("function") / "staged"
    subprocess.run(["make", "--silent", "function", f"STAGED={target}"], cwd=ROOT, check=True)
    return target


@pytest.fixture(scope="module")
def function(staged: Path) -> Iterator[httpx.Client]:
    """A client of the function, which is served as Cloud Run serves it."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--target", "predict", "--port", str(port)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def listens() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
        return False

    with (
        subprocess.Popen(command, cwd=staged, env=environment, stderr=subprocess.DEVNULL) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client,
    ):
        try:
            wait_until(listens, "the function to be served")
            yield client
        finally:
            process.terminate()


def test_the_answer_is_that_of_rest(function: httpx.Client, door: Door, cases: list[dict[str, Any]]) -> None:
    specimens = [case["features"] for case in cases]
    for body in (*({"features": specimen} for specimen in specimens), {"specimens": specimens}, specimens):
        answer = function.post("/", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == door().post("/v1/predict", json=body).json()


def test_other_sites_may_call_it_and_a_body_that_is_too_large_is_refused(function: httpx.Client) -> None:
    preflight = function.options("/")
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert "POST" in preflight.headers["access-control-allow-methods"]
    refused = function.post("/", content=b" " * (MAX_BODY_BYTES + 1))
    assert (refused.status_code, refused.json()["limit"]) == (413, MAX_BODY_BYTES)
    for answer in (preflight, refused):
        assert answer.headers["access-control-allow-origin"] == "*"


def test_it_imports_numpy_at_most_in_its_locked_version(staged: Path) -> None:
    code = f"import sys, main; print(*(h for h in {HEAVY} if h in sys.modules)); main.predict"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=staged, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = (staged / "requirements.txt").read_text().splitlines()
    pins = [line.split(" ")[0] for line in lines if "==" in line]
    assert any(pin.startswith("functions-framework==") for pin in pins)
    assert all(f"\n{pin} " in f"\n{locked}" for pin in pins)
    assert len(pins) < 25
