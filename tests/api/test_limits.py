"""A client over its limit learns when to retry, forged addresses have no effect, and Redis may fail."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Scope
from uvicorn.server import ServerState

from api import limits
from api.limits import Proxies
from api.middleware import FrontDoor
from api.protocol import BoundedProtocol
from api.settings import Settings
from tests.conftest import free_port, run, serving
from tests.machine import program, read_until, wait_until


@pytest.mark.parametrize(
    ("client", "overall", "forwarded", "found"),
    [
        ("2/minute", "", "", [200, 200, 429]),
        ("2/minute", "", "192.0.2.{i}, 203.0.113.7", [200, 200, 429]),  # what a client writes is forged
        ("2/minute", "", "192.0.2.{i}", [200, 200, 200]),
        ("", "2/minute", "192.0.2.{i}", [200, 200, 429]),
    ],
)
def test_a_request_over_the_limit_learns_when_to_retry(
    client: str, overall: str, forwarded: str, found: list[int]
) -> None:
    answer = Starlette(routes=[Route("/predict", lambda _: PlainTextResponse(""), methods=["POST"])])
    rates = Settings(rate_limit_client=client, rate_limit_overall=overall, proxies=Proxies.parse("1"))
    with TestClient(FrontDoor(answer, rates)) as caller:
        for _ in range(3):  # to read is not counted
            assert caller.get("/v1/health").status_code == 404
        answers = [
            caller.post("/predict", headers={"x-forwarded-for": forwarded.format(i=i)}) for i in range(3)
        ]
    assert [answer.status_code for answer in answers] == found
    for refused in answers[2 : found.count(429) + 2]:
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        ("0", "203.0.113.7", "198.51.100.1"),
        ("1", "203.0.113.7", "203.0.113.7"),
        ("1", "forged, 203.0.113.7", "203.0.113.7"),
        ("1", "", "198.51.100.1"),
        ("2", "203.0.113.7, 10.0.0.1", "203.0.113.7"),
        ("2", "forged, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        ("198.51.100.0/24,10.0.0.0/8", "1.1.1.1, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        ("198.51.100.0/24", "no address", "198.51.100.1"),
        ("10.0.0.0/8", "203.0.113.7", "198.51.100.1"),
        ("1", "203.0.113.7:4711", "203.0.113.7"),
        ("1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:198.51.100.1,198.51.100.1", "203.0.113.7", "203.0.113.7"),
    ],
)
def test_only_trusted_proxies_are_believed(trusted: str, forwarded: str, client: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope: Scope = {"type": "http", "client": ("198.51.100.1", 1), "headers": headers}
    assert Proxies.parse(trusted).client(scope) == client


def test_a_body_that_is_too_slow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DRAIN_SECONDS", 0.01)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": []}
    run(asyncio.wait_for(FrontDoor(Starlette(), Settings(body_seconds=0.01))(scope, receive, send), 30))
    assert (sent[0]["status"], b"too-slow" in sent[1]["body"]) == (408, True)


def test_a_connection_that_sends_no_headers_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.protocol.HEADER_SECONDS", 0.05)
    config = uvicorn.Config(
        PlainTextResponse("answer"), http=BoundedProtocol, lifespan="off", log_config=None
    )
    config.load()
    request = b"GET / HTTP/1.1\r\nHost: x\r\n"

    async def received(sent: list[bytes]) -> bytes:
        make = partial(BoundedProtocol, config, ServerState(), {})
        async with await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for piece in sent:
                writer.write(piece)
                await asyncio.sleep(0.01)
            found = await asyncio.wait_for(reader.read(), 4)  # sooner than uvicorn closes a quiet one
            writer.close()
            return found

    for answers, sent in ((0, []), (0, [request]), (1, [request + b"\r\n", request])):
        assert run(received(sent)).count(b"answer") == answers


def test_headers_that_gradio_would_trust_come_from_trusted_proxies_alone() -> None:
    sent = {
        "host": "a",
        "x-forwarded-host": "demo.example",
        "x-forwarded-proto": "https",
        "range": "bytes=0-5",
    }
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    for trusted, peer, kept in (
        ("0", "203.0.113.7", {"host", "x-forwarded-proto"}),
        ("1", "203.0.113.7", {"host", "x-forwarded-host", "x-forwarded-proto"}),
        ("10.0.0.0/8", "203.0.113.7", {"host", "x-forwarded-proto"}),
        ("10.0.0.0/8", "::ffff:10.1.2.3", {"host", "x-forwarded-host", "x-forwarded-proto"}),
    ):
        scope: Scope = {"headers": headers, "client": (peer, 1)}
        found = Proxies.parse(trusted).trusted_headers(scope)
        assert {name.decode() for name, _ in found} == kept
    forged = [
        (b"x-forwarded-host", b"x/y"),
        (b"x-forwarded-proto", b"javascript"),
        (b"x-gradio-server", b"::"),
    ]
    assert not Proxies(hops=1).trusted_headers({"headers": forged})


@contextmanager
def redis_server(directory: Path, port: int) -> Iterator[None]:
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(directory)], stdout=subprocess.PIPE)
    read_until(process, "Ready to accept connections")
    try:
        yield
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_replicas_share_a_redis_and_go_on_without_it(
    tmp_path: Path, cases: list[dict[str, dict[str, float]]]
) -> None:
    body = {"features": cases[0]["features"]}
    port = free_port()
    storage = f"redis://127.0.0.1:{port}"
    replica = partial(
        serving, "-m", "api", path="/v1/health", RATE_LIMIT_STORAGE=storage, RATE_LIMIT_CLIENT="4/hour"
    )
    with httpx.Client() as client, replica(port=free_port()) as one, replica(port=free_port()) as other:

        def post(*servers: str) -> list[int]:
            return [client.post(f"{server}/v1/predict", json=body).status_code for server in servers]

        with redis_server(tmp_path, port):
            assert post(one, other, one, other, one, other) == [200, 200, 200, 200, 429, 429]
        assert post(one, other) == [200, 200]
        with redis_server(tmp_path, port):
            # each replica counts alone for a while; then both count together in a new Redis
            both = "both to count in the Redis that is back"
            wait_until(lambda: post(one, other) == [429, 429], both, 4 * limits.RETRY_SHARED_SECONDS)


def test_a_redis_that_failed_is_not_asked_again_at_once(caplog: pytest.LogCaptureFixture) -> None:
    rates = limits.RateLimits("4/hour", "", f"redis://127.0.0.1:{free_port()}", Proxies())

    async def three() -> None:
        for _ in range(3):
            await rates.check({"client": ("203.0.113.7", 1), "headers": []})

    run(three())
    assert caplog.text.count("cannot be reached") == 1
