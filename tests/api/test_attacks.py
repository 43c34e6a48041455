"""Slow, nonsensical and unfetched requests take little memory, and others are still served."""

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message

from api.doors import LISTS
from api.gradio_patches import bound_results
from api.middleware import FrontDoor
from api.settings import Settings
from api.tables import MAX_KEPT_FILES, DiskBudget, Tables
from model.classifier import Classifier
from model.features import NAMES
from tests.api.conftest import Door
from tests.conftest import free_port, run, serving

pytestmark = pytest.mark.slow

MEGABYTES = 512
"""What the image may take, files included."""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    port = free_port()
    with (
        serving("app.py", path="/v1/health", port=port, MAX_UPLOAD_MB="16", SCRATCH_MB="96") as base,
        httpx.Client(base_url=base, timeout=60) as client,
    ):
        yield client


def most_memory(port: int | None) -> int:
    """Megabytes that the server on a port has held at most."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # of another user, or gone by now
            if f"PORT={port}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text(encoding="utf-8"))
                return int(found[1]) // 1024 if found else 0
    pytest.skip("this system does not tell the memory of a process")


def held_back(client: httpx.Client, path: str, size: int, sent: int, kind: str) -> socket.socket:
    """A request whose body of ``size`` bytes has come but for its end."""
    caller = socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=10)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    try:
        caller.sendall(head.encode() + b" " * sent)
    except OSError:  # it is refused already
        caller.close()
    return caller


@pytest.mark.parametrize(
    ("path", "size", "sent", "kind"),
    [
        ("/v1/predict", 4 * LISTS, LISTS, "application/json"),
        ("/v1/predict", LISTS, LISTS - 1, "application/json"),
        ("/gradio_api/run/predict", 65_000, 64_000, "application/json"),
        ("/gradio_api/mcp/", LISTS, LISTS - 1, "application/json"),
        ("/v1/score", 4 * LISTS, 0, "text/csv"),
        ("/gradio_api/upload", 16 * LISTS, 0, "multipart/form-data; boundary=x"),
    ],
)
def test_others_are_served_while_many_hold_back_the_end(
    client: httpx.Client, cases: list[dict[str, Any]], path: str, size: int, sent: int, kind: str
) -> None:
    features = cases[0]["features"]
    table = f"{','.join(features)}\n{','.join(map(str, features.values()))}\n"
    with ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(held_back(client, path, size, sent, kind))
        assert client.post("/v1/predict", json={"features": features}).status_code == 200
        assert client.post("/v1/score", content=table).headers["rows"] == "1"
    assert most_memory(client.base_url.port) < MEGABYTES


def test_bodies_of_many_empty_lists_are_refused_before_they_are_parsed(client: httpx.Client) -> None:
    for body in (
        b"[" + b"[]," * (LISTS // 3 - 9) + b"[]]",
        b'{"data": [' + b"[]," * (LISTS // 3 - 9) + b"[]]}",
    ):
        for path in ("/v1/predict", "/gradio_api/run/predict", "/gradio_api/mcp/", "/gradio_api/queue/join"):
            answer = client.post(path, content=body)
            assert answer.status_code in {400, 413, 422}
            assert "mcp" not in path or "has too many parts" in answer.text
    assert most_memory(client.base_url.port) < MEGABYTES


def test_results_that_nobody_fetches_are_dropped(client: httpx.Client, cases: list[dict[str, Any]]) -> None:
    values = {"data": list(cases[0]["features"].values())}
    for odd in ({"session_hash": "\ud800"}, {"session_hash": "x" * 9_000}, {"batched": True}):
        sent = json.dumps(values | odd)
        assert client.post("/gradio_api/call/explain", content=sent).status_code == 400
    for _ in range(300):
        assert client.post("/gradio_api/call/explain", json=values).status_code in {200, 503}
    event = client.post("/gradio_api/call/predict", json=values).json()["event_id"]
    assert "event: complete" in client.get(f"/gradio_api/call/predict/{event}").text
    assert most_memory(client.base_url.port) < MEGABYTES


def test_of_too_many_results_the_oldest_that_are_done_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: dict[str, set[object]] = {}
    queue: Any = SimpleNamespace(
        pending_event_ids_session=waiting, pending_messages_per_session={}, event_ids_to_events={}
    )

    async def push(body: Any, *_: Any) -> tuple[bool, str, str]:
        waiting.setdefault(body.session_hash, set()).add(object())
        return True, "id", "success"

    def call(session: str) -> bool:
        taken: bool = run(queue.push(SimpleNamespace(session_hash=session), None, None))[0]
        return taken

    queue.push = push
    drop = bound_results(queue)
    monkeypatch.setattr("api.gradio_patches._MAX_RESULTS", 3)
    assert all(map(call, "abcd")) and set(waiting) == set("bcd")
    monkeypatch.setattr("api.gradio_patches._MAX_OF_A_SESSION", 1)
    assert not call("b") and set(waiting) == set("bcd")
    queue.event_ids_to_events = {session: SimpleNamespace(session_hash=session) for session in "bcd"}
    assert not call("e")  # while all are running
    monkeypatch.setattr("api.gradio_patches._UNREAD_SECONDS", -1.0)
    drop()
    assert set(waiting) == set("bcd")
    queue.event_ids_to_events = {}
    drop()
    assert not waiting


def test_who_does_not_read_an_answer_is_not_waited_for_and_who_reads_fast_keeps_nobody_waiting(
    door: Door, cases: list[dict[str, Any]]
) -> None:
    features = cases[0]["features"]
    tables = Tables(Classifier.load(), DiskBudget(limit := 2**30), 2, 2**20)
    inner = door(tables, Settings(body_seconds=0.1)).app
    table = ",".join(features) + f"\n{','.join(map(str, features.values()))}" * 2_000
    turns = 0

    async def ask(path: str, body: str, seconds: float) -> list[tuple[int, int]]:
        """The length of each piece of an answer, and the turns of the loop before it."""
        sent, bodies = [], [body.encode()]

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                sent.append((len(message["body"]), turns))
                await asyncio.sleep(seconds) if seconds else None

        async def receive() -> Message:
            if not bodies:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": bodies.pop()}

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        waiting = asyncio.create_task(others())
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
        await asyncio.wait_for(inner(scope, receive, send), 30)
        waiting.cancel()
        return sent

    for path, body in (("/v1/predict", json.dumps([features] * 100)), ("/v1/score", table)):
        ((size, _),) = run(ask(path, body, 60))
        assert size < 100_000  # and may stay here unread
        assert tables.budget.room() == limit
        pieces = run(ask(path, body, 0))
        assert len(pieces) == len({before for _, before in pieces}) > 3


def test_few_files_are_kept_at_a_time(client: httpx.Client, tmp_path: Path) -> None:
    one = ("files", ("a.csv", b"1"))
    for form in ({"files": [one, one]}, {"files": [one], "data": {"x": "y"}}):
        assert client.post("/gradio_api/upload", **form).status_code == 400
    for i in range(MAX_KEPT_FILES):
        (tmp_path / str(i)).touch()
    full = FrontDoor(Starlette(), Settings(), Starlette(), DiskBudget(2**30, own=tmp_path))
    assert TestClient(full).post("/gradio_api/upload", files=[one]).status_code == 503


def test_unknown_names_take_no_time(client: httpx.Client) -> None:
    unknown = [{f"xradius_meen{i}": 1 for i in range(119)}] * 250
    for body in ({"+" + "1" * 33_000: 1}, {f"x{i}{'y' * 40}": 1 for i in range(119)}, unknown):
        answer = client.post(
            "/v1/predict", content=json.dumps({"specimens": body} if body is unknown else body)
        )
        assert answer.status_code == 422
        assert answer.elapsed.total_seconds() < 5  # on a machine as busy as it may be; 0.05 on one of its own
    link = "&".join(f"{name}x=1" for name in NAMES * 9)
    assert client.get(f"/?{link[:8000]}").elapsed.total_seconds() < 5
