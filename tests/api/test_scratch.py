"""Files of visitors never take more room than there is; who finds none is told when to come again."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.problems import Problem
from api.scoring import Scoring
from api.scratch import STEP, Scratch
from model.classifier import Classifier
from model.features import NAMES
from model.table import TooLarge
from tests.conftest import free_port, serving


def test_what_is_taken_is_free_again_once_given_back() -> None:
    scratch = Scratch(100)
    scratch.take(60)
    with pytest.raises(Problem) as found:
        scratch.take(41)
    assert (found.value.status, found.value.headers) == (503, {"retry-after": "60"})
    scratch.give(60)
    assert scratch.room() == 100


def test_a_file_takes_room_as_it_grows_and_gives_it_back_when_it_is_closed() -> None:
    scratch = Scratch(3 * STEP)
    with scratch.file() as file:
        file.write(bytes(STEP + 1))
        assert scratch.room() == STEP
        with pytest.raises(Problem):
            file.write(bytes(2 * STEP))
        file.seek(0)
        assert file.read() == bytes(STEP + 1)
    assert scratch.room() == 3 * STEP


def test_files_that_stay_for_a_while_take_room_too(tmp_path: Path) -> None:
    scratch = Scratch(100, tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept.csv").write_bytes(bytes(70))
    assert scratch.room() == 30
    (tmp_path / "a" / "kept.csv").unlink()
    assert scratch.room() == 100


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A demo with room for 2 MB, that lets in as much at a time."""
    kept = str(tmp_path_factory.mktemp("kept"))
    with (
        serving(
            "app.py",
            path="/v1/health",
            port=free_port(),
            SCRATCH_MB="2",
            MAX_UPLOAD_MB="2",
            GRADIO_TEMP_DIR=kept,
        ) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield client


def table(rows: int, cases: list[dict[str, Any]]) -> bytes:
    line = ",".join(map(str, cases[0]["features"].values()))
    return "\n".join([",".join(NAMES), *[line] * rows, ""]).encode()


def upload(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post("/gradio_api/upload", files={"files": ("mine.csv", content)})


def test_results_without_room_are_refused_and_the_next_table_finds_it_again(
    client: httpx.Client, cases: list[dict[str, Any]]
) -> None:
    for content in (table(6_000, cases), gzip.compress(table(60_000, cases))):
        answer = client.post("/v1/score", content=content)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert client.post("/v1/score", content=table(100, cases)).headers["rows"] == "100"


def test_uploads_without_room_are_told_when_to_come_again(
    client: httpx.Client, cases: list[dict[str, Any]]
) -> None:
    kept = upload(client, bytes(1_500_000))
    assert kept.status_code == 200
    answer = upload(client, bytes(1_000_000))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert json.loads(answer.text)["title"] == "Busy"
    Path(kept.json()[0]).unlink()
    assert upload(client, table(10, cases)).status_code == 200


def test_the_pages_results_are_gone_where_there_was_no_room_for_them(
    classifier: Classifier, tmp_path: Path, cases: list[dict[str, Any]]
) -> None:
    wrong = "\n".join([",".join(NAMES), *[",".join(["x"] * 30)] * 1_000, ""])
    (tmp_path / "given.csv").write_text(wrong)
    scoring = Scoring(classifier, Scratch(2 * STEP))
    with pytest.raises(TooLarge, match="no room"):
        scoring.score_file(tmp_path / "given.csv", tmp_path / "scored.csv", lambda *_: None)
    assert not (tmp_path / "scored.csv").exists()
    (tmp_path / "given.csv").write_bytes(table(10, cases))
    summary = scoring.score_file(tmp_path / "given.csv", tmp_path / "scored.csv.gz", lambda *_: None)
    assert summary.scored == gzip.decompress((tmp_path / "scored.csv.gz").read_bytes()).count(b"\n") - 1 == 10
    assert scoring.scratch.room() == 2 * STEP
