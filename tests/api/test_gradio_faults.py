"""A wrong call of a Gradio endpoint is told what is wrong with it; its values never get into the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import free_port, serving

SECRET = 987.654321


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "server.log"


@pytest.fixture(scope="module")
def client(log: Path) -> Iterator[httpx.Client]:
    with (
        serving("app.py", path="/v1/health", port=free_port(), log=log) as base,
        httpx.Client(base_url=f"{base}/gradio_api", timeout=30) as client,
    ):
        yield client


def fault(client: httpx.Client, path: str, body: Any) -> tuple[int, str]:
    answer = client.post(path, json=body)
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("table", ["/etc/passwd", {"path": "/etc/passwd"}, SECRET])
def test_a_table_that_was_not_uploaded_is_refused(client: httpx.Client, table: Any) -> None:
    if isinstance(table, dict):
        table |= {"meta": {"_type": "gradio.FileData"}}
    assert "not uploaded" in fault(client, "/run/score_csv", {"data": [table]})[1]


def test_a_table_that_is_gone_is_to_be_uploaded_again(client: httpx.Client) -> None:
    (path,) = client.post("/upload", files={"files": ("mine.csv", b"gone")}).json()
    Path(path).unlink()
    table = {"path": path, "meta": {"_type": "gradio.FileData"}}
    told = fault(client, "/run/score_csv", {"data": [table]})[1]
    assert told == "table is not there any more: upload it again"


@pytest.mark.parametrize("nested", [False, True])
def test_a_table_elsewhere_is_not_fetched(client: httpx.Client, nested: bool) -> None:
    table: Any = {"path": "http://203.0.113.7/table.csv", "meta": {"_type": "gradio.FileData"}}
    given = {"tables": [table]} if nested else table
    assert "expected the file itself" in fault(client, "/run/score_csv", {"data": [given]})[1]


def test_an_event_of_the_page_fails_without_a_word_of_what_it_was_sent(
    client: httpx.Client, log: Path
) -> None:
    events = client.get("../config").json()["dependencies"]
    failed = 0
    for event in events:
        answer = client.post("/run/x", json={"data": [SECRET], "fn_index": event["id"]})
        failed += answer.json().get("error") == "Something went wrong here."
    assert failed > 5
    written = log.read_text()
    assert "what it says is left out" in written
    assert str(SECRET) not in written
