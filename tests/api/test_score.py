"""Tables over REST: results are added, wrong tables are refused, and a table takes only the room there is."""

import errno
import gzip
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from api.middleware import FrontDoor
from api.problems import Problem
from api.settings import Settings
from api.tables import Budget, DiskBudget, Tables
from model.classifier import Classifier
from model.features import NAMES
from tests.api.conftest import Door
from tests.conftest import run
from training.data import Specimens

STEP = DiskBudget.step


@pytest.fixture(scope="module")
def table(rows: Specimens) -> str:
    lines = (",".join(map(repr, values)) for values in rows.values.tolist())
    return "\n".join((",".join(NAMES), *lines, ""))


@pytest.fixture(scope="module")
def client(door: Door) -> TestClient:
    return door()


def test_every_row_comes_back_with_the_models_probability(
    client: TestClient, table: str, classifier: Classifier, rows: Specimens
) -> None:
    answer = client.post("/v1/score", content=table)
    header, *lines = answer.text.splitlines()
    column = header.split(",").index("probability")
    found = [float(line.split(",")[column]) for line in lines]
    assert found == pytest.approx(classifier.probabilities(rows.values), abs=1e-6)
    assert (answer.headers["rows"], answer.headers["rows-faulty"]) == ("569", "0")


def test_a_table_may_come_packed_and_in_pieces_but_is_refused_as_a_whole_if_its_end_is_damaged(
    client: TestClient, table: str
) -> None:
    packed = gzip.compress(table.encode())

    def pieces() -> Iterator[bytes]:
        yield packed[:1000]
        yield packed[1000:]

    assert client.post("/v1/score", content=pieces()).headers["rows"] == "569"
    assert client.post("/v1/score", content=packed[:-9]).status_code == 422


@pytest.mark.parametrize(
    ("encoding", "charset"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")]
)
def test_the_answer_says_how_its_text_is_encoded(
    client: TestClient, table: str, encoding: str, charset: str
) -> None:
    for kind in ("text/csv", "text/tab-separated-values", "application/octet-stream"):
        answer = client.post("/v1/score", content=table.encode(encoding), headers={"content-type": kind})
        assert answer.headers["content-type"].endswith(f"; charset={charset}")
        assert answer.text.removeprefix("\ufeff").startswith("radius_mean,")


def test_a_caller_who_goes_away_leaves_no_file_open(
    client: TestClient, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[Any] = []
    temporary = tempfile.TemporaryFile

    def watched() -> Any:
        files.append(temporary())
        return files[-1]

    async def receive() -> Message:
        return {"type": "http.request", "body": table.encode()}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError

    monkeypatch.setattr("api.tables.tempfile.TemporaryFile", watched)
    scope = {"type": "http", "method": "POST", "path": "/v1/score", "headers": [], "query_string": b""}
    run(client.app(scope | {"asgi": {"spec_version": "2.4"}}, receive, send))  # type: ignore[arg-type]
    assert [file.closed for file in files] == [True, True]


def test_one_table_too_many_is_refused_with_a_time_to_retry(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(*_: Any, **__: Any) -> None:
        entered.set()
        assert leave.wait(10)

    monkeypatch.setattr("api.tables.score", slow)
    tables = Tables(classifier, DiskBudget(2**30), 1, 2**20)
    nothing: BinaryIO = None  # type: ignore[assignment]  # what is scored does not matter here
    first = threading.Thread(target=tables.score, args=(nothing, nothing))
    first.start()
    assert entered.wait(10)
    with pytest.raises(Problem) as refused:
        tables.score(nothing, nothing)
    assert refused.value.status == 503
    assert int(refused.value.headers["retry-after"]) > 0
    leave.set()
    first.join()
    tables.score(nothing, nothing)  # its place is free again


def test_whoever_accepts_json_gets_the_summary(client: TestClient, table: str) -> None:
    answer = client.post("/v1/score", content=table, headers={"accept": "application/json"})
    assert answer.json()["counts"]["rows"] == 569
    for accepted in ("*/*", "text/csv, application/json;q=0.5"):
        answer = client.post("/v1/score", content=table, headers={"accept": accepted})
        assert answer.headers["content-type"].startswith("text/csv")


def test_a_table_is_read_as_the_caller_means_it(client: TestClient, table: str, rows: Specimens) -> None:
    scaled = "\n".join([",".join(NAMES), *[",".join(["0.5"] * len(NAMES))] * 20, ""])
    assert client.post("/v1/score", content=scaled).status_code == 422
    assert client.post("/v1/score?scale=any", content=scaled).headers["rows"] == "20"
    headless = table.partition("\n")[2]
    assert client.post("/v1/score?header=standard", content=headless).headers["rows"] == "569"
    lines = zip(table.splitlines(), ["diagnosis", *map(str, rows.malignant.astype(int))], strict=True)
    coded = "\n".join(f"{line},{code}" for line, code in lines)
    summary = {"accept": "application/json"}
    assert client.post("/v1/score", content=coded, headers=summary).json()["evaluation"] is None
    answer = client.post("/v1/score?malignant=1", content=coded, headers=summary).json()
    assert answer["evaluation"]["rows"] == 569
    for query in ("scale=all", "header=other", "malignant=", "scale=any&scale=any", "sep=x"):
        refused = client.post(f"/v1/score?{query}", content=table)
        assert (refused.status_code, refused.json()["faults"][0]["feature"]) == (422, query.partition("=")[0])


def test_a_table_sent_by_curl_d_is_refused_with_advice(client: TestClient, table: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/v1/score", content=table.replace("\n", ""), headers=form)
    assert answer.status_code == 415
    assert "--data-binary" in answer.json()["detail"]
    assert client.post("/v1/score", content=table, headers=form).status_code == 200


# Room on the disk


def test_a_file_reserves_room_as_it_grows_and_files_that_stay_take_room_too(tmp_path: Path) -> None:
    budget = DiskBudget(3 * STEP, tmp_path)
    with budget.file() as file:
        file.write(bytes(STEP + 1))
        assert budget.room() == STEP
        with pytest.raises(Problem) as full:
            file.write(bytes(2 * STEP))
        assert (full.value.status, full.value.headers) == (503, {"retry-after": "60"})
        file.seek(0)
        assert file.read() == bytes(STEP + 1)
    assert budget.room() == 3 * STEP
    memory = Budget(3 * Budget.step)  # for bodies, whose first bytes are free
    with memory.file() as long, memory.file() as short:
        long.write(bytes(4 * Budget.step))
        short.write(bytes(Budget.free))
        with pytest.raises(Problem):
            short.write(b"x")
    assert memory.room() == 3 * Budget.step
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept.csv").write_bytes(bytes(70))
    assert budget.room() == 3 * STEP - 70


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


def test_what_unpacks_to_too_much_or_finds_no_room_is_refused_and_the_next_table_finds_it_again(
    door: Door, classifier: Classifier, table: str
) -> None:
    packed = gzip.compress(table.encode() * 20, 1)
    answer = door(Tables(classifier, DiskBudget(2**30), 2, 1_250)).post("/v1/score", content=packed)
    assert (answer.status_code, answer.json()["limit"]) == (413, 10_000)
    client = door(Tables(classifier, DiskBudget(2 * STEP), 2, 2**30))
    for content in (table.encode() * 10, packed):
        answer = client.post("/v1/score", content=content)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert client.post("/v1/score", content=table).headers["rows"] == "569"


def test_uploads_without_space_are_refused_with_a_time_to_retry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gradio(request: Request) -> Response:
        assert not request.query_params  # Gradio would keep an upload_id for ever
        (tmp_path / "kept.csv").write_bytes(await request.body())
        return Response()

    page = Starlette(routes=[Route("/gradio_api/upload", gradio, methods=["POST"])])
    client = TestClient(FrontDoor(page, Settings(), Starlette(), DiskBudget(3 * STEP, tmp_path)))
    kinds = {"content-type": "multipart/form-data; boundary=x"}

    def upload() -> Any:
        address = "/gradio_api/upload?upload_id=x"
        return client.post(address, content=bytes(1_500_000), headers=kinds)

    assert upload().status_code == 200
    assert (tmp_path / "kept.csv").stat().st_size == 1_500_000
    answer = upload()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    (tmp_path / "kept.csv").unlink()
    assert upload().status_code == 200

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("api.tables.tempfile.TemporaryFile", full)
    assert upload().status_code == 503
