"""Gradio's clients for Python, JavaScript and curl have named parameters and get the answers of REST."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

from tests.conftest import ROOT
from tests.machine import missing, program

Case = dict[str, Any]
JAVASCRIPT = """
import { Client } from "@gradio/client";
const [base, features, table] = JSON.parse(process.argv[1]);
const client = await Client.connect(base);
const prediction = await client.predict("/predict", features);
const scored = await client.predict("/score_csv", { table: new Blob([table]) });
const text = await (await fetch(scored.data[0].url)).text();
console.log(JSON.stringify([prediction.data[0], text]));
process.exit(0);
"""


@pytest.fixture(scope="module")
def client(server: str) -> Client:
    return Client(server, verbose=False)


@pytest.fixture(scope="module")
def rest(server: str) -> Callable[[Case, str], Any]:
    def predict(case: Case, query: str = "") -> Any:
        return httpx.post(f"{server}/v1/predict{query}", json={"features": case["features"]}).json()

    return predict


def table(case: Case) -> str:
    return f"id,{','.join(case['features'])}\n7,{','.join(map(str, case['features'].values()))}\n"


def test_the_endpoints_are_published_but_no_event_or_component_of_the_page(
    client: Client, server: str
) -> None:
    events = httpx.get(f"{server}/config", params={"page": ""}).json()["dependencies"]
    assert events
    assert "public" not in {event["api_visibility"] for event in events}
    endpoints = client.view_api(return_format="dict", print_info=False)
    texts = {"/model_card", "/features", "/cases", "/discuss_specimen"}  # for AI agents
    assert set(endpoints["named_endpoints"]) == {"/predict", "/explain", "/score_csv", *texts}
    assert not endpoints["unnamed_endpoints"]


def test_the_client_gets_what_rest_answers(
    client: Client, server: str, rest: Callable[..., Any], cases: list[Case], tmp_path: Path
) -> None:
    for case in cases:
        assert client.predict(**case["features"], api_name="/predict") == rest(case)
    whole = rest(cases[0], "?include=similar,flips")
    answer = client.predict(**cases[0]["features"], api_name="/explain")
    assert answer["prediction"] | {"similar": answer["similar"], "flips": answer["flips"]} == whole
    given = tmp_path / "given.csv"
    given.write_text(table(cases[0]))
    scored = Path(client.predict(handle_file(str(given)), api_name="/score_csv"))
    assert scored.name == "given-scored.csv"
    assert scored.read_text() == httpx.post(f"{server}/v1/score", content=given.read_bytes()).text


def test_many_clients_may_upload_the_same_table_at_once(
    server: str, cases: list[Case], tmp_path: Path
) -> None:
    given = tmp_path / "same.csv"
    given.write_text(table(cases[0]))

    def score(_: int) -> list[str]:
        client = Client(server, verbose=False, download_files=False)
        return [client.predict(handle_file(str(given)), api_name="/score_csv")["path"] for _ in range(3)]

    with ThreadPoolExecutor(6) as pool:
        scored = [path for paths in pool.map(score, range(6)) for path in paths]
    assert len(set(scored)) == 18


def test_javascript_gets_the_same_answers(server: str, rest: Callable[..., Any], cases: list[Case]) -> None:
    node, packages = program("node"), ROOT / ".venv" / "js"
    if not (packages / "node_modules" / "@gradio").exists():
        missing("@gradio/client (by npm, then `make install`)")
    arguments = json.dumps([server, cases[0]["features"], table(cases[0])])
    command = [node, "--input-type=module", "--eval", JAVASCRIPT, arguments]
    done = subprocess.run(command, cwd=packages, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    prediction, text = json.loads(done.stdout)
    assert prediction == rest(cases[0])
    assert text == httpx.post(f"{server}/v1/score", content=table(cases[0])).text
