"""The whole demo gives away no file, no trace and no visitor's input; browsers are told what they may do."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from gradio_client import Client, handle_file
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from api import log
from api.middleware import FrontDoor
from api.settings import Settings
from tests.conftest import ROOT, free_port, serving

LOGGING = r"""
import logging, api.log
api.log.start_logging(on_cloud_run=True)
logging.getLogger("uvicorn.error").warning("It\nbroke")
"""
FAILING = r"""
value = str(1799 / 100)  # from Python 3.13 on a traceback shows the lines of -c, too
try:
    try:
        float({value: 1}["radius" + value])
    except KeyError as error:
        raise ValueError("radius_mean is " + value) from error
except ValueError:
    logging.getLogger("x").exception("It broke")
"""
PREFLIGHT = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}


@pytest.fixture
def client(server: str) -> Any:
    with httpx.Client(base_url=server) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/config", "/v1/docs", "/v1/health", "/v1/nothing", "/gradio_api/info"]
)
def test_every_answer_says_what_browsers_may_do_with_it(client: httpx.Client, path: str) -> None:
    headers = client.get(path, headers={"origin": "https://elsewhere.example"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"].startswith("default-src")
    assert headers.get_list("access-control-allow-origin") == ["*"]
    assert "access-control-allow-credentials" not in headers


def test_the_page_may_be_framed_as_the_policy_says() -> None:
    inner = Starlette(routes=[Route("/", lambda _: PlainTextResponse(""))])
    for ancestors, said in (("*", "form-action 'self'"), ("'self' https://school.example", None)):
        guarded = FrontDoor(inner, Settings(frame_ancestors=ancestors), rest=Starlette())
        policy = TestClient(guarded).get("/").headers["content-security-policy"]
        assert policy.endswith(said or f"frame-ancestors {ancestors}")


@pytest.mark.parametrize("path", ["/v1/predict", "/predict", "/gradio_api/call/predict"])
def test_scripts_of_any_site_may_call(client: httpx.Client, path: str) -> None:
    answer = client.options(path, headers=PREFLIGHT)
    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "secret", ["app.py", "pyproject.toml", "model/artifact/classifier.json", "/etc/passwd"]
)
@pytest.mark.parametrize(
    "route", ["/gradio_api/file={}", "/gradio_api/file/{}", "/static/{}", "/assets/{}", "/svelte/{}", "/{}"]
)
def test_no_file_of_the_server_can_be_read(client: httpx.Client, route: str, secret: str) -> None:
    content = (ROOT / secret).read_bytes()[:200]
    absolute = str(ROOT / secret)
    up = "../" * 12 + absolute.lstrip("/")
    for path in (
        secret,
        absolute,
        up,
        quote(up, safe=""),
        quote(quote(up, safe=""), safe=""),
        f"file://{absolute}",
        f"..%2f{up}",
    ):
        answer = client.get(route.format(path))
        assert content not in answer.content, path


@pytest.mark.parametrize(
    "path", ["/monitoring", "/monitoring/summary", "/gradio_api/runs", "/docs", "/openapi.json"]
)
def test_nothing_is_served_that_was_not_meant_to_be(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in {401, 403, 404}


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"data": 1}', '{"data": ["x"]}', '{"data": [' + "NaN," * 29 + "NaN]}"]
)
@pytest.mark.parametrize("door", ["run", "call"])
def test_a_bad_call_gets_no_trace(client: httpx.Client, door: str, body: str) -> None:
    answer = client.post(
        f"/gradio_api/{door}/predict", content=body, headers={"content-type": "application/json"}
    )
    assert "Traceback" not in answer.text
    assert str(ROOT) not in answer.text


def test_requests_are_logged_without_query_and_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner = Starlette(routes=[Route("/v1/predict", lambda _: PlainTextResponse(""), methods=["POST"])])
    with caplog.at_level(logging.INFO, logger=log.requests.name):
        client = TestClient(FrontDoor(inner, Settings()))
        client.post("/v1/predict?radius_mean=17.99", content='{"features": [17.99]}')
        client.get("/v1/predict%0a17.99")
    assert "'POST' /v1/predict 200" in caplog.text
    assert "'GET' no door 404" in caplog.text
    assert "17.99" not in caplog.text


@pytest.mark.parametrize("on_cloud_run", [False, True])
def test_a_failure_is_logged_by_its_kind_and_place_without_what_it_says(on_cloud_run: bool) -> None:
    started = f"import logging\nfrom api.log import start_logging\nstart_logging({on_cloud_run=})\n{FAILING}"
    done = subprocess.run(
        [sys.executable, "-c", started], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(kind in done.stderr for kind in ("ValueError", "KeyError", "in <module>"))
    assert "17.99" not in done.stderr


def test_logs_are_json_on_cloud_run() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGGING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    entry = json.loads(done.stderr)
    assert (entry["severity"], entry["message"]) == ("WARNING", "It\nbroke")


def test_a_table_stays_until_it_is_fetched_and_at_the_longest_as_long_as_the_demo(
    tmp_path: Path, cases: list[dict[str, Any]]
) -> None:
    given, kept = tmp_path / "given.csv", tmp_path / "kept"
    given.write_text(
        ",".join(cases[0]["features"]) + "\n" + ",".join(map(str, cases[0]["features"].values()))
    )
    kept.mkdir()
    port = free_port()
    with serving("app.py", path="/v1/health", port=port, TMPDIR=str(kept), GRADIO_TEMP_DIR=str(kept)) as base:
        client = Client(base, verbose=False, download_files=False)
        client.predict(handle_file(str(given)), api_name="/score_csv")
        assert httpx.post(f"{base}/v1/score", content=given.read_bytes()).status_code == 200
        left = {path.name for path in kept.glob("**/*") if path.is_file() and path.stat().st_size}
        assert left == {"given.csv", "given-scored.csv"}  # for five minutes, and nothing of REST
    assert not [path for path in kept.glob("**/*") if path.is_file()]
