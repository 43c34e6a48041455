"""What stands before every door, in one place: the gate, sizes and rates, and the headers of answers.

Pure ASGI, and the same for REST alone and for the page. What a door is for and how much it takes, ``doors``
says; how often somebody may ask, ``limits``.
"""

import asyncio
import contextlib
import json
import logging
import time
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.doors import LISTS, TABLE, Door, find_door, is_rest
from api.limits import InFlight, RateLimits, Watched, is_host
from api.log import requests
from api.problems import MEDIA_TYPE, Problem
from api.settings import Settings
from api.tables import BudgetedFile, DiskBudget

LINGER_SECONDS = 2.0
"""For which the rest of a refused body is read and dropped, so that its sender can read the answer."""

MAX_QUERY_BYTES = 8_192
"""Of an address behind the question mark; the link of a specimen has a few hundred."""

PAGES = frozenset({"", "programs"})
"""What Gradio may be asked for by ``?page=``; it answers 500 to other names."""

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # the page's state is in its address
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"access-control-allow-origin", b"*"),  # scripts of any site may call, never with the visitor's cookies
    (b"access-control-expose-headers", b"content-disposition, etag, mcp-session-id, retry-after"),
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"DELETE, GET, HEAD, OPTIONS, POST"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
)
_REST_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Gradio's frontend writes inline scripts and styles, and compiles the page's templates
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'"
)
_PIECE = 1 << 16  # bytes of a file that are handed on at once
_MOST_PARTS = 5_000  # lists and objects in a body for Gradio, which pays a hundred times their bytes for each


def problem_response(problem: Problem, prefix: str = "") -> Response:
    """The answer that a problem is told by; behind a prefix its type is found there."""
    return Response(problem.content(prefix), problem.status, problem.headers, MEDIA_TYPE)


class FrontDoor:
    """Middleware that lets in what ``DOORS`` names, within its limits, and sets the headers of every answer.

    Args:
        app: answers what is let in.
        settings: of this server.
        uploads: room for what is brought to Gradio; None where REST stands alone.
    """

    def __init__(self, app: ASGIApp, settings: Settings, uploads: DiskBudget | None = None) -> None:
        self._app, self._settings, self._uploads = app, settings, uploads
        self._limits = RateLimits(
            settings.rate_limit_client, settings.rate_limit_overall, settings.rate_limit_storage
        )
        self._in_flight = InFlight(settings.max_in_flight)
        page = _PAGE_POLICY
        if settings.frame_ancestors != "*":  # which would leave out pages that were opened from a disk
            page += f"; frame-ancestors {settings.frame_ancestors}"
        self._page_headers = (*_ALWAYS, (b"content-security-policy", page.encode()))
        self._rest_headers = (*_ALWAYS, (b"content-security-policy", _REST_POLICY.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            door = self._find(scope)
            await self._answer(door, scope, receive, self._with_headers(door, scope, send))
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:  # no door of ours is a websocket
            await send({"type": "websocket.close"})

    async def _answer(self, door: Door | None, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS" and _asks(scope, b"access-control-request-method"):
            await send({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
            await send({"type": "http.response.body"})
            return
        try:
            door = await self._let_in(door, scope)
            if scope["method"] == "OPTIONS":
                await Response(status_code=204, headers={"allow": door.allow})(scope, receive, send)
            elif scope["method"] == "HEAD":
                await self._stream({**scope, "method": "GET"}, receive, _without_body(send))
            elif door.stream and scope["method"] == "GET":
                await self._stream(scope, receive, send)
            elif not door.largest or scope["method"] == "GET":
                await self._app(scope, receive, send)
            elif door.largest == TABLE:
                await self._take_table(door, scope, receive, send)
            else:
                await self._take_numbers(door, scope, receive, send)
        except Problem as problem:
            await _refuse(problem, self._settings.prefix, scope, receive, send)

    def _find(self, scope: Scope) -> Door | None:
        """The door; the path in the scope becomes the one that its application knows."""
        path: str = scope["path"]
        prefix = self._settings.prefix
        if prefix and path.startswith(f"{prefix}/"):  # a proxy that leaves it on
            path = path[len(prefix) :]
        door = find_door(path)
        if door is None or (self._uploads is None and not door.rest and path != "/"):
            return None
        if path.endswith("/") and not door.path.endswith("/"):
            path = path.removesuffix("/")
        elif door.path == f"{path}/":
            path = door.path
        # Starlette looks for what is mounted, as the tools for agents are, behind the prefix
        scope["path"] = prefix + path if door.path.startswith("/gradio_api/mcp/") else path
        return door

    async def _let_in(self, door: Door | None, scope: Scope) -> Door:
        if door is None:
            raise Problem("not-found", "Nothing is at this path; /v1/docs lists what there is.")
        method = scope["method"]
        if method != "OPTIONS" and ("GET" if method == "HEAD" else method) not in door.methods:
            raise Problem("method-not-allowed", f"{method} is not for this path.", {"allow": door.allow})
        if len(scope["query_string"]) > MAX_QUERY_BYTES:
            raise Problem("address-too-long", f"The query is longer than {MAX_QUERY_BYTES} bytes.")
        scope["headers"] = self._settings.proxies.believed(scope)
        for name, value in scope["headers"]:
            if name == b"host" and not is_host(value):
                raise Problem("bad-request", "The Host header names no host.")
        if not door.rest:
            _check_gradio(door, scope)
        if method not in ("GET", "HEAD", "OPTIONS"):
            seconds = await self._limits.wait(self._settings.proxies.client(scope))
            if seconds is not None:
                wait = {"retry-after": str(seconds)}
                raise Problem("too-many-requests", f"Try again in {seconds} s.", wait)
        return door

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a stream end in order: Gradio tears off that of a wrong id after it has said so."""
        try:
            await self._app(scope, receive, send)
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})

    async def _take_numbers(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a small body over once it has arrived as a whole."""
        watched = Watched(door.largest, self._settings.body_seconds, scope, receive)
        message, held = await self._in_flight.whole(await watched.receive(), watched)
        try:
            if not door.rest:
                _check_json(door, message["body"])
            given = False

            async def at_once() -> Message:
                nonlocal given
                if given:
                    return await receive()
                given = True
                return message

            await self._app(scope, at_once, send)
        finally:
            self._in_flight.release(held)

    async def _take_table(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a file on as it comes, as long as it is neither too large nor too slow."""
        watched = Watched(self._settings.max_upload, self._settings.upload_seconds, scope, receive)
        if not door.rest and self._uploads:
            with self._uploads.file() as file:
                # Gradio sees it when it is whole: it would leave the beginning of an aborted one on the disk
                await _receive_into(file, watched)
                await self._app(scope, _read_from(file, receive), send)
            return
        answering = False

        async def first_hand(message: Message) -> None:
            nonlocal answering
            if watched.problem is None or answering:
                answering = True
                await send(message)

        try:
            await self._app(scope, watched.receive, first_hand)
        except Exception:
            # whatever the application made of the interruption, the caller hears of its cause
            if watched.problem is None:
                raise
        if watched.problem is not None and not answering:
            raise watched.problem

    def _with_headers(self, door: Door | None, scope: Scope, send: Send) -> Send:
        """Send with our headers; log the request by its door, for its path may hold anything."""
        ours = self._rest_headers if door is None or door.rest else self._page_headers
        method, started = scope["method"], time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *ours]
                if scope.get("refused") and message["status"] == 500:
                    message["status"] = scope["refused"]
                if requests.isEnabledFor(logging.INFO):
                    _log(method, door, message["status"], (time.perf_counter() - started) * 1000)
            await send(message)

        return sending


class PageGZip(GZipMiddleware):
    """Packs the page and its answers, which Gradio leaves as they are; those of REST are small."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rest = scope["type"] != "http" or is_rest(scope["path"])
        await (self.app(scope, receive, send) if rest else super().__call__(scope, receive, send))


async def _receive_into(file: BudgetedFile, watched: Watched) -> None:
    while True:
        message = await watched.receive()
        if message["type"] == "http.disconnect":
            raise Problem("bad-request", "The body is not whole.")
        file.write(message.get("body", b""))
        if not message.get("more_body", False):
            file.seek(0)
            return


def _read_from(file: BudgetedFile, receive: Receive) -> Receive:
    ended = False

    async def read() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        piece = file.read(_PIECE)
        ended = len(piece) < _PIECE
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return read


def _check_gradio(door: Door, scope: Scope) -> None:
    """Refuse what Gradio would fail at, or keep."""
    if b"=" in scope["query_string"]:
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            if name == "deep_link" or (name == "page" and value not in PAGES):
                raise Problem("not-found", "There is no such page.")
    if door.largest == TABLE and scope["method"] == "POST":
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if not kind.startswith(b"multipart/form-data") or b"boundary=" not in kind or len(kind) > 200:
            raise Problem(
                "unsupported-content", "The body is no form with a file, as Gradio's clients send it."
            )


def _check_json(door: Door, body: bytes) -> None:
    """Refuse what is no JSON object, or has more parts than any call of ours; Gradio would answer 500."""
    expected = "expected a JSON object"
    if body.count(b"[") + body.count(b"{") > _MOST_PARTS:
        raise Problem("bad-request", f"The body has too many parts: {expected} like those of the clients.")
    try:
        document = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Problem("bad-request", f"The body is not JSON: {expected}.") from None
    if not isinstance(document, dict) and not (door.largest == LISTS and isinstance(document, list)):
        raise Problem("bad-request", f"The body is no JSON object: {expected}.")


def _asks(scope: Scope, wanted: bytes) -> bool:
    return any(name == wanted for name, _ in scope["headers"])


def _without_body(send: Send) -> Send:
    """For HEAD: the headers that GET would have, and at once the end."""
    ended = False

    async def head(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            await send(message)
        elif not ended:
            ended = True
            await send({"type": "http.response.body"})

    return head


async def _refuse(problem: Problem, prefix: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Tell the problem; of a body on its way the rest is read for a moment: closing at once would destroy
    the answer."""
    if problem.kind not in ("too-large", "too-slow", "busy"):
        await problem_response(problem, prefix)(scope, receive, send)
        return
    problem.headers["connection"] = "close"

    async def linger(message: Message) -> None:
        if message["type"] == "http.response.body":
            await send({**message, "more_body": True})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while (await receive()).get("more_body"):
                        pass
            message = {"type": "http.response.body"}
        await send(message)

    await problem_response(problem, prefix)(scope, receive, linger)


def _log(method: str, door: Door | None, status: int, milliseconds: float) -> None:
    path = door.path if door else "no door"
    request = {"method": method[:20], "path": path, "status": status, "ms": round(milliseconds, 1)}
    line = f"{request['method']!r} {path} {status} {milliseconds:.1f} ms"
    requests.info("%s", line, extra={"request": request})
