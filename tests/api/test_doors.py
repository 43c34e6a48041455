"""Only the paths in the table of doors are answered, and no request at all leads to a 500."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.doors import DOORS, TABLE, find_door
from tests.conftest import ROOT, free_port, serving

pytestmark = pytest.mark.slow

SECRET = "1234.5678901"
FILLED = {"file:path": "js/nothing.js", "name": "predict", "event": "x", "session": "x", "folder:path": "tmp"}
STREAMS = re.compile("queue/data|{event}|heartbeat|mcp/$")  # doors that stay open while they send
CLOSED = (
    "/assets/", "/static/", "/svelte/",
    "/gradio_api/file=http://example.com/a-scored.csv", "/gradio_api/file=/etc/passwd", "/login", "/logout",
    "/gradio_api/file/etc/passwd", "/gradio_api/proxy=https://a.hf.space/x", "/gradio_api/component_server",
    "/gradio_api/deep_link?session_hash=x",
    "/gradio_api/custom_component/1/client/component/a.js",
    "/gradio_api/stream/a/b/c/playlist.m3u8", "/monitoring", "/gradio_api/process_recording", "/?page=zzz",
    "/gradio_api/vibe-code", "/monitoring/summary", "/?%70age=zzz", "/?deep_link=x", "/docs",
    "/openapi.json", "/gradio_api/openapi.json",
    "/gradio_api/runs", "/gradio_api/user", "/gradio_api/token", "/gradio_api/app_id", "/gradio_api/reset",
    "/gradio_api/queue/status", "/gradio_api/dev/reload", "/v1", "/v1/nothing", f"/{'x' * 6000}",
    "/v1/predict%0ax", "/gradio_api/run/%00", "/gradio_api/upload_progress?upload_id=x",
)  # fmt: skip
HEADERS = (
    {"range": "bytes=0-5", "x-secret": SECRET}, {"x-forwarded-host": "a:b:c"}, {"x-forwarded-host": "x/y"},
    {"x-forwarded-proto": "https://x"}, {"x-gradio-server": "::"}, {"host": "a:b:c"}, {"origin": "null"},
    {"content-type": f"multipart/form-data; boundary={'x' * 5000}"}, {"content-encoding": "br"},
)  # fmt: skip
BODIES = (
    b"", b"\xff\xfe", b"{", b"null", b"[]", b"{}", b"[" * 30_000,
    b"[" * 3000 + b"]" * 3000, b'{"data": ' + b"9" * 5000 + b"}",
    b'{"data": NaN}', b'{"data": [NaN]}', b'{"data": [1e999]}', b'{"data": [], "session_hash": "\\ud800"}',
    b'{"data": [], "fn_index": 99}',
    b'{"data": [], "fn_index": "x"}', b'{"data": [], "session_hash": {}}', b'{"data": {"path": "/x"}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "nosuch"}',
    b'{"event_id": "x", "session_hash": "y", "fn_index": 0}',
)  # fmt: skip
QUERIES = ("?page=zzz", "?a=%ff", "?include=x&include=y", "?scale=any&scale=any", f"?{'a' * 9000}")
FORMS = (
    b"", b"garbage", b"--x\r\n\r\n--x--",
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\nab',
    b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nabc\r\n--x--\r\n',
)  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "server.log"


@pytest.fixture(scope="module")
def client(log: Path) -> Iterator[httpx.Client]:
    """The whole demo behind a trusted proxy, logging every request as on Cloud Run."""
    port, health = free_port(), "/v1/health"
    with (
        serving("app.py", path=health, port=port, log=log, K_SERVICE="x", GRADIO_ROOT_PATH="/demo") as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield client


def address(path: str) -> str:
    return re.sub(r"{([^}]+)}", lambda part: FILLED.get(part[1], "x"), path)


def test_each_door_is_found_by_its_path_with_and_without_a_slash() -> None:
    for door in DOORS:
        assert find_door(address(door.path)) is door
        if "{" not in door.path and "=" not in door.path:
            assert find_door(door.path.rstrip("/") + "/") is door
            assert door.path == "/" or find_door(door.path.rstrip("/")) is door


def test_everything_else_is_closed(client: httpx.Client) -> None:
    for path in CLOSED:
        for method in ("GET", "POST"):
            answer = client.request(method, path)
            assert answer.status_code in {404, 405}, (method, path, answer.text[:200])
            assert answer.json()["type"].startswith("/demo/v1/docs#")


def test_every_method_is_answered_or_refused_and_head_wherever_get_is(client: httpx.Client) -> None:
    stream = {"accept": "text/event-stream"}  # a HEAD of one ends, or the next request would wait for it
    for door in DOORS:
        for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
            status = client.request(method, address(door.path), headers=stream).status_code
            if method == "OPTIONS":
                assert status == 204, door
            elif method == "HEAD" and "GET" in door.methods and "{" not in door.path:
                assert status == 200 or (status == 422 and "queue" in door.path), door
            elif ("GET" if method == "HEAD" else method) not in door.methods:
                assert status == 405, door


def test_no_header_query_or_body_leads_to_a_500(client: httpx.Client) -> None:
    for door in DOORS:
        path = address(door.path)
        method = "POST" if "POST" in door.methods else "GET"
        if STREAMS.search(door.path) and method == "GET":
            continue
        for headers in HEADERS:
            answer = client.request(method, path, headers=headers)
            assert answer.status_code < 500, (path, headers, answer.text)
            assert SECRET not in str(answer.headers)
        for query in QUERIES:
            status = client.request(method, path + query).status_code
            assert (status == 414) if len(query) > 9000 else status < 500, (path, query[:60])
        for body in BODIES if method == "POST" and door.largest != TABLE else ():
            kind = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
            answer = client.post(path, content=body, headers=kind)
            assert answer.status_code < 500, (path, body[:60], answer.text)
            assert "Traceback" not in answer.text and str(ROOT) not in answer.text, (path, body[:60])
    for form in FORMS:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        answer = client.post("/gradio_api/upload", content=form, headers=kind)
        assert answer.status_code < 500 and '"/v1/docs' not in answer.text, form  # behind the prefix
    half = client.post("/gradio_api/run/predict", content=b'{"data": ["\\ud800"]}')
    assert (half.status_code, "half a surrogate pair" in half.json()["detail"]) == (400, True)
    for path in ("call/predict/x", "queue/data?session_hash=x"):
        assert client.get(f"/gradio_api/{path}").status_code in {200, 404}  # and the stream ends in order


def test_a_forged_state_of_the_page_is_refused_and_not_repeated(client: httpx.Client, log: Path) -> None:
    some: tuple[Any, ...] = ("forged", None, [], float(SECRET))
    states = (*some, {"features": "x"}, {"a": {"b": [1]}}, {"path": "x" * 300})
    failed = 0
    for event in client.get("/config").json()["dependencies"]:
        for state in states:
            sent = {"data": [state] * len(event["inputs"]), "fn_index": event["id"], "event_data": state}
            answer = client.post("/gradio_api/run/x", json=sent)
            assert answer.status_code < 500, (event["api_name"], state, answer.text[:200])
            failed += answer.json().get("error") == "Something went wrong here."
    assert failed > 5
    assert "what it says is left out" in log.read_text(encoding="utf-8")


def test_a_table_that_cannot_be_read_is_refused(client: httpx.Client) -> None:
    (gone,) = client.post("/gradio_api/upload", files={"files": ("mine.csv", b"gone")}).json()
    Path(gone).unlink()

    def file(path: str) -> dict[str, Any]:
        return {"path": path, "meta": {"_type": "gradio.FileData"}}

    given: tuple[tuple[Any, str], ...] = (
        (file(gone), "table has been deleted: upload it again"),
        (file("/etc/passwd"), "not uploaded"),
        ("/etc/passwd", "not uploaded"),
        *((file(path), "not uploaded") for path in ("x" * 5000, "\0", "/etc/passwd/x")),
        (float(SECRET), "not uploaded"),
        ({"tables": [file("http://203.0.113.7/table.csv")]}, "expected the file itself"),
    )
    for table, words in given:
        answer = client.post("/gradio_api/run/score_csv", json={"data": [table]})
        assert answer.status_code == 422
        assert words in answer.json()["error"], table


def test_a_marker_sent_through_every_door_is_in_no_line_of_the_log(client: httpx.Client, log: Path) -> None:
    values = {"data": [SECRET] * 30}
    for door in DOORS:
        client.post(f"{address(door.path)}?a={SECRET}", json=values, headers={"x-marker": SECRET})
    agent = {"accept": "application/json, text/event-stream"}
    for call in ({"name": SECRET, "arguments": {}}, {"name": [SECRET]}):
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        client.post("/gradio_api/mcp/", json=asked, headers=agent)
    client.get(f"/v1/predict%0a{SECRET}")
    client.get(f"/{SECRET}")
    written = log.read_text(encoding="utf-8")
    assert SECRET not in written
    paths = {
        json.loads(line).get("request", {}).get("path") for line in written.splitlines() if line[:1] == "{"
    }
    assert paths <= {None, "no door", *(door.path for door in DOORS)}
    assert "/v1/predict" in paths


def test_the_endpoints_are_described_and_the_description_knows_the_prefix(client: httpx.Client) -> None:
    assert client.get("/?view=api").headers["location"] == "programs"
    assert client.get("/programs").status_code == 200
    assert client.get("/v1/openapi.json").json()["servers"] == [{"url": "/demo"}]
    assert client.get("/demo/v1/health").status_code == 200  # also where a proxy leaves it on
    assert client.post("/v1/predict", content=b"{").json()["type"] == "/demo/v1/docs#invalid-input"
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=20) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: a:b:c\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
