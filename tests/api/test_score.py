"""Tables over REST: results are added, wrong tables are refused, and only a few are scored at once."""

import gzip
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from api.problems import Problem
from api.tables import DiskBudget, Tables
from model.classifier import Classifier
from model.features import NAMES
from tests.api.conftest import Door
from tests.conftest import run
from training.data import Specimens


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


def test_a_table_may_come_in_pieces_and_packed(client: TestClient, table: str) -> None:
    packed = gzip.compress(table.encode())

    def pieces() -> Iterator[bytes]:
        yield packed[:1000]
        yield packed[1000:]

    assert client.post("/v1/score", content=pieces()).headers["rows"] == "569"


def test_a_table_damaged_at_its_end_is_refused_as_a_whole(client: TestClient, table: str) -> None:
    answer = client.post("/v1/score", content=gzip.compress(table.encode())[:-9])
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("encoding", "charset"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")]
)
@pytest.mark.parametrize("kind", ["text/csv", "text/tab-separated-values", "application/octet-stream"])
def test_the_answer_says_how_its_text_is_encoded(
    client: TestClient, table: str, encoding: str, charset: str, kind: str
) -> None:
    answer = client.post("/v1/score", content=table.encode(encoding), headers={"content-type": kind})
    assert answer.headers["content-type"].endswith(f"; charset={charset}")
    assert answer.text.removeprefix("\ufeff").startswith("radius_mean,")


def test_a_table_that_unpacks_to_too_much_is_refused(door: Door, classifier: Classifier, table: str) -> None:
    client = door(Tables(classifier, DiskBudget(2**30), 2, 1_250))
    answer = client.post("/v1/score", content=gzip.compress(table.encode() * 20))
    assert answer.status_code == 413
    assert answer.json()["limit"] == 10_000


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


@pytest.mark.parametrize("query", ["scale=all", "header=other", "malignant=", "scale=any&scale=any", "sep=x"])
def test_a_parameter_that_is_not_understood_is_refused_by_name(
    client: TestClient, table: str, query: str
) -> None:
    answer = client.post(f"/v1/score?{query}", content=table)
    assert (answer.status_code, answer.json()["faults"][0]["feature"]) == (422, query.partition("=")[0])


def test_a_table_sent_by_curl_d_is_refused_with_advice(client: TestClient, table: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/v1/score", content=table.replace("\n", ""), headers=form)
    assert answer.status_code == 415
    assert "--data-binary" in answer.json()["detail"]
    assert client.post("/v1/score", content=table, headers=form).status_code == 200
