"""Two replicas behind one address: any of them can answer; only files need to go back to the same one."""

import contextlib
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, Response, expect

from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Specimen
from tests.api.test_mcp import ask
from tests.conftest import ROOT, free_port, serving
from tests.machine import program, wait_until

pytestmark = pytest.mark.slow

REPLICAS = 2
TURNS = 4 * REPLICAS
CONFIGURATION = """
daemon off; pid {directory}/pid; error_log stderr; worker_processes 1;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f;
  uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
  map $cookie_replica $kept {{ default $cookie_replica; "" $request_id; }}
  upstream turns {{ {servers} }}
  upstream sticky {{ hash $kept; {servers} }}
  server {{ listen 127.0.0.1:{turns}; {by_turns} }}
  server {{ listen 127.0.0.1:{sticky}; add_header Set-Cookie "replica=$kept; Path=/"; {with_affinity} }}
}}
"""


@pytest.fixture(scope="module")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of nginx before the replicas, by turns and with cookie affinity, under a path.

    Its lines, and the settings of the replicas, are those of docs/serving.md.
    """
    nginx_path = program("nginx", "/usr/sbin")
    docs = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    (location,) = re.findall(r"```nginx\n(.*?)```", docs, re.DOTALL)
    settings = dict(re.findall(r"(GRADIO_ROOT_PATH|TRUSTED_PROXIES)=(\S+)", docs))
    assert settings == {"GRADIO_ROOT_PATH": "/demo", "TRUSTED_PROXIES": "1"}
    directory = tmp_path_factory.mktemp("nginx")
    with contextlib.ExitStack() as stack:
        ports = [free_port() for _ in range(REPLICAS)]
        replicas = [serving("app.py", path="/v1/health", port=port, **settings) for port in ports]
        with ThreadPoolExecutor() as together:
            list(together.map(stack.enter_context, replicas))
        turns, sticky = free_port(), free_port()
        servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
        ways = {
            way: location.replace("127.0.0.1:7860", upstream)
            for way, upstream in (("by_turns", "turns"), ("with_affinity", "sticky"))
        }
        settings = {"directory": directory, "servers": servers, "turns": turns, "sticky": sticky} | ways
        configuration = directory / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(**settings))
        command = [nginx_path, "-c", str(configuration), "-e", "stderr"]
        nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        stack.callback(nginx.wait, 10)
        stack.callback(nginx.terminate)
        bases = f"http://127.0.0.1:{turns}/demo", f"http://127.0.0.1:{sticky}/demo"
        for base in bases:
            wait_until(partial(_answers, base), f"nginx to answer at {base}")
        yield bases


def _answers(base: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{base}/v1/health").status_code == 200
    return False


def test_any_replica_answers_under_the_path_rest_an_agent_and_a_link(
    balanced: tuple[str, str], cases: list[dict[str, Any]], classifier: Classifier
) -> None:
    base, features = balanced[0], cases[0]["features"]
    for path in ("/", "/embed", "/v1/docs", "/theme.css", "/gradio_api/info", "/gradio_api/mcp/schema"):
        assert httpx.get(f"{base}{path}").status_code == 200, path
    assert httpx.get(f"{base}/config").json()["root"] == base
    assert httpx.post(f"{base}/v1/predict", content=b"{").json()["type"] == "/demo/v1/docs#invalid-input"
    answers = [httpx.post(f"{base}/v1/predict", json={"features": features}) for _ in range(TURNS)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    probability = str(classifier.predict(Specimen.parse(features)).probability)
    for turn in range(TURNS // 2):
        told = ask(base, lambda client: client.call_tool("predict", features))
        assert probability in told.content[0].text
        linked = httpx.get(f"{base}/case", params={"case": cases[turn % 2]["key"]}).json()
        assert linked["values"] == [cases[turn % 2]["features"][name] for name in NAMES]


def test_with_affinity_so_do_the_gradio_client_and_its_files(
    balanced: tuple[str, str], cases: list[dict[str, Any]], tmp_path: Path
) -> None:
    features = cases[0]["features"]
    table = tmp_path / "table.csv"
    table.write_text(f"{','.join(NAMES)}\n{','.join(str(features[name]) for name in NAMES)}\n")
    for _ in range(REPLICAS):
        client = Client(balanced[1], verbose=False)
        assert client.predict(**features, api_name="/predict")["diagnosis"] == cases[0]["diagnosis"]
        scored = client.predict(handle_file(str(table)), api_name="/score_csv")
        assert "probability" in Path(scored).read_text().splitlines()[0]


def test_whichever_replica_answers_every_tab_works(
    browser: Browser, balanced: tuple[str, str], cases: list[dict[str, Any]]
) -> None:
    close = next(case for case in cases if "borderline-malignant" in case["aliases"])  # one change turns it
    failed: list[str] = []

    def heard(answer: Response) -> None:
        if answer.status >= 400:
            failed.append(f"{answer.status} {answer.url}")

    with browser.new_context() as context:
        page = context.new_page()
        page.on("response", heard)

        def show(tab: str) -> None:
            page.locator(f'[role="tab"][data-tab-id="{tab}"]').click()

        page.goto(f"{balanced[0]}/?case={close['key']}")
        expect(page.locator(".case")).to_contain_text(close["title"], timeout=30_000)
        page.locator('[data-feature="area_worst"] input[type="range"]').press("ArrowRight")
        expect(page).to_have_url(re.compile("area_worst="))
        show("what_if")
        page.locator("table.flips").get_by_role("link", name="Try it").first.click()
        expect(page.locator(".case")).to_contain_text(re.compile("changed|changes"))
        page.locator('[data-curve="texture_worst"]').click()
        expect(page.get_by_role("img", name=re.compile("Texture, worst"))).to_be_visible()
        show("similar")
        page.locator("table.similar").get_by_role("link", name="Open").first.click()
        expect(page).to_have_url(re.compile(r"row=\d+$|case="))
        show("guess")
        for _ in range(2):
            page.locator('[data-guess="benign"]').click()
            expect(page.locator("#guess-card .was")).to_be_visible()
            page.locator("[data-next]").click()
        show("evidence")
        expect(page.locator('[data-out="missed"]')).to_have_text(re.compile(r"\d"))
        page.get_by_role("button", name="The model card").click()
        expect(page.get_by_role("heading", name="Intended use")).to_be_visible()
        show("use_it")
        expect(page.locator('[data-snippet="curl"] pre')).to_contain_text(f"{balanced[0]}/v1/predict")
        shared = page.url
        answer = page.locator("#answer .probability").inner_text()
        page.goto("about:blank")
        page.goto(shared)
        expect(page.locator("#answer .probability")).to_have_text(answer)
    assert not failed, failed
