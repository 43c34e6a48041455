"""Files of visitors never take more room than there is; who finds none is told when to come again."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.problems import Problem
from api.tables import DiskBudget
from model.features import NAMES
from tests.conftest import free_port, serving

STEP = 2**20
"""Bytes of a file that are counted at once."""


def test_what_is_reserved_is_free_again_once_released() -> None:
    budget = DiskBudget(100)
    budget.reserve(60)
    with pytest.raises(Problem) as found:
        budget.reserve(41)
    assert (found.value.status, found.value.headers) == (503, {"retry-after": "60"})
    budget.release(60)
    assert budget.room() == 100


def test_a_file_reserves_room_as_it_grows_and_releases_it_when_it_is_closed() -> None:
    budget = DiskBudget(3 * STEP)
    with budget.file() as file:
        file.write(bytes(STEP + 1))
        assert budget.room() == STEP
        with pytest.raises(Problem):
            file.write(bytes(2 * STEP))
        file.seek(0)
        assert file.read() == bytes(STEP + 1)
    assert budget.room() == 3 * STEP


def test_files_that_stay_for_a_while_take_room_too(tmp_path: Path) -> None:
    budget = DiskBudget(100, tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept.csv").write_bytes(bytes(70))
    assert budget.room() == 30
    (tmp_path / "a" / "kept.csv").unlink()
    assert budget.room() == 100


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
