"""Files of visitors never take more space than is allowed; further ones are refused with a time to retry."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from api.middleware import FrontDoor
from api.problems import Problem
from api.settings import Settings
from api.tables import DiskBudget, Tables
from model.classifier import Classifier
from model.features import NAMES
from tests.api.conftest import Door

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


def test_a_process_keeps_its_own_folder_though_nobody_brings_a_table_for_hours(tmp_path: Path) -> None:
    own, left = tmp_path / "own", tmp_path / "left"
    for folder in (own, left):
        folder.mkdir()
        os.utime(folder, (0, 0))
    budget = DiskBudget(100, tmp_path, own)
    budget.sweep()
    assert (own.exists(), left.exists()) == (True, False)
    DiskBudget(100, tmp_path).sweep()  # by another process
    assert own.exists()
    own.rmdir()  # whoever tidies up /tmp
    budget.sweep()
    assert own.exists()


def table(rows: int, cases: list[dict[str, Any]]) -> bytes:
    line = ",".join(map(str, cases[0]["features"].values()))
    return "\n".join([",".join(NAMES), *[line] * rows, ""]).encode()


def test_results_without_room_are_refused_and_the_next_table_finds_it_again(
    door: Door, classifier: Classifier, cases: list[dict[str, Any]]
) -> None:
    client = door(Tables(classifier, DiskBudget(2 * STEP), 2, 2**30))
    for content in (table(6_000, cases), gzip.compress(table(60_000, cases))):
        answer = client.post("/v1/score", content=content)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert client.post("/v1/score", content=table(100, cases)).headers["rows"] == "100"


def test_uploads_without_space_are_refused_with_a_time_to_retry(tmp_path: Path) -> None:
    async def gradio(request: Request) -> Response:
        (tmp_path / "kept.csv").write_bytes(await request.body())
        return Response()

    page = Starlette(routes=[Route("/gradio_api/upload", gradio, methods=["POST"])])
    budget = DiskBudget(3 * STEP, tmp_path)
    client = TestClient(FrontDoor(page, Settings(), Starlette(), budget))
    kinds = {"content-type": "multipart/form-data; boundary=x"}

    def upload(size: int) -> Any:
        return client.post("/gradio_api/upload", content=bytes(size), headers=kinds)

    assert upload(1_500_000).status_code == 200
    assert (tmp_path / "kept.csv").stat().st_size == 1_500_000
    answer = upload(1_500_000)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert answer.json()["title"] == "Busy"
    (tmp_path / "kept.csv").unlink()
    assert upload(1_500_000).status_code == 200
