"""Three replicas behind one address: any may answer; only files need to come back to the same one."""

import re
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client, handle_file

from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Specimen
from tests.api.test_mcp import ask
from tests.replicas import REPLICAS

TURNS = 4 * REPLICAS


def test_any_replica_answers_rest(balanced: tuple[str, str], cases: list[dict[str, Any]]) -> None:
    body = {"features": cases[0]["features"]}
    answers = [httpx.post(f"{balanced[0]}/v1/predict", json=body) for _ in range(TURNS)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}


def test_any_replica_answers_an_agent(
    balanced: tuple[str, str], cases: list[dict[str, Any]], classifier: Classifier
) -> None:
    features = cases[0]["features"]
    probability = str(classifier.predict(Specimen.parse(features)).probability)
    for _ in range(TURNS // 2):
        answer = ask(balanced[0], lambda client: client.call_tool("predict", features))
        assert probability in answer.content[0].text


def test_any_replica_answers_a_moved_slider(balanced: tuple[str, str], cases: list[dict[str, Any]]) -> None:
    config = httpx.get(f"{balanced[0]}/config").json()
    event = next(e for e in config["dependencies"] if e["targets"] and e["targets"][0][1] == "ask")
    assert event["queue"] is False  # so that it is one request, and has no second one to come back with
    visitors = [case for case in cases if case["title"].startswith("Clear")]
    for turn in range(TURNS):
        case = visitors[turn % 2]
        data = [{"features": case["features"], "link": None, "curve": None}]
        body = {"data": data, "fn_index": event["id"], "session_hash": case["key"]}
        answer = httpx.post(f"{balanced[0]}/gradio_api/run/predict", json=body)
        assert answer.status_code == 200, answer.text
        _, shown, _ = answer.json()["data"]
        assert re.findall(r'class="word">.*?</svg>(\w+)<', shown) == [case["diagnosis"].capitalize()]


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
