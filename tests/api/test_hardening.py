"""The demo reveals no file, no traceback and no visitor's input, and sends security headers to browsers."""

import json
import subprocess
import sys
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from api.middleware import FrontDoor
from api.settings import Settings
from tests.conftest import ROOT

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


def test_every_answer_says_what_browsers_may_do_with_it(server: str) -> None:
    for path in ("/", "/config", "/v1/docs", "/v1/health", "/v1/nothing", "/gradio_api/info"):
        headers = httpx.get(f"{server}{path}", headers={"origin": "https://elsewhere.example"}).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["content-security-policy"].startswith("default-src"), path
        assert headers.get_list("access-control-allow-origin") == ["*"], path
        assert "access-control-allow-credentials" not in headers, path
    for path in ("/v1/predict", "/predict", "/gradio_api/call/predict"):
        answer = httpx.options(f"{server}{path}", headers=PREFLIGHT)
        assert answer.status_code == 204, path
        assert "POST" in answer.headers["access-control-allow-methods"], path
        assert "access-control-allow-credentials" not in answer.headers, path


def test_the_page_may_be_framed_as_the_policy_says() -> None:
    inner = Starlette(routes=[Route("/", lambda _: PlainTextResponse(""))])
    for ancestors, said in (("*", "form-action 'self'"), ("'self' https://school.example", None)):
        guarded = FrontDoor(inner, Settings(frame_ancestors=ancestors), rest=Starlette())
        policy = TestClient(guarded).get("/").headers["content-security-policy"]
        assert policy.endswith(said or f"frame-ancestors {ancestors}")


@pytest.mark.parametrize(
    "route", ["gradio_api/file={}", "gradio_api/file/{}", "static/{}", "assets/{}", "svelte/{}", "{}"]
)
def test_no_file_of_the_server_can_be_read(server: str, route: str) -> None:
    with httpx.Client(base_url=server) as client:
        for secret in ("app.py", "pyproject.toml", "model/artifact/classifier.json", "/etc/passwd"):
            content = (ROOT / secret).read_bytes()[:200]
            absolute = str(ROOT / secret)
            up = "../" * 12 + absolute.lstrip("/")
            once = quote(up, safe="")
            for path in (
                secret,
                absolute,
                up,
                once,
                quote(once, safe=""),
                f"file://{absolute}",
                f"..%2f{up}",
            ):
                assert content not in client.get("/" + route.format(path)).content, path


@pytest.mark.parametrize("on_cloud_run", [False, True])
def test_an_error_is_logged_with_its_type_and_traceback_but_not_its_message(on_cloud_run: bool) -> None:
    started = f"import logging\nfrom api.log import start_logging\nstart_logging({on_cloud_run=})\n{FAILING}"
    done = subprocess.run(
        [sys.executable, "-c", started], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(kind in done.stderr for kind in ("ValueError", "KeyError", "in <module>"))
    assert "17.99" not in done.stderr
    if on_cloud_run:
        assert json.loads(done.stderr)["severity"] == "ERROR"
