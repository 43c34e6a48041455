"""Behind nginx under a path, as docs/serving.md shows it, everything is found under that path."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client

from tests.conftest import ROOT, free_port, serving
from tests.machine import program, wait_until

SERVER = """
daemon off; pid {folder}/pid; error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""


def test_the_lines_of_the_docs_serve_it_under_a_path(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    docs = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    (location,) = re.findall(r"```nginx\n(.*?)```", docs, re.DOTALL)
    behind, port = free_port(), free_port()
    configuration = tmp_path / "nginx.conf"
    location = location.replace("7860", str(behind))
    configuration.write_text(SERVER.format(folder=tmp_path, port=port, location=location))
    settings = dict(re.findall(r"(GRADIO_ROOT_PATH|TRUSTED_PROXIES)=(\S+)", docs))
    assert settings == {"GRADIO_ROOT_PATH": "/demo", "TRUSTED_PROXIES": "1"}
    prefix = settings["GRADIO_ROOT_PATH"]
    with serving("app.py", path="/v1/health", port=behind, GRADIO_ROOT_PATH=prefix, TRUSTED_PROXIES="1"):
        nginx = subprocess.Popen([program("nginx", "/usr/sbin"), "-c", str(configuration), "-e", "stderr"])
        try:
            base = f"http://127.0.0.1:{port}{prefix}"

            def answers() -> bool:
                with suppress(httpx.TransportError):
                    return httpx.get(f"{base}/v1/health").status_code == 200
                return False

            wait_until(answers, "nginx to answer")
            for path in (
                "/",
                "/embed",
                "/v1/docs",
                "/theme.css",
                "/gradio_api/info",
                "/gradio_api/mcp/schema",
            ):
                assert httpx.get(f"{base}{path}").status_code == 200, path
            assert httpx.get(f"{base}/config").json()["root"] == base
            assert (
                httpx.post(f"{base}/v1/predict", content=b"{").json()["type"].startswith(f"{prefix}/v1/docs#")
            )
            features = cases[0]["features"]
            answer = Client(base, verbose=False).predict(**features, api_name="/predict")
            assert answer == httpx.post(f"{base}/v1/predict", json={"features": features}).json()
        finally:
            nginx.terminate()
            nginx.wait(10)
