"""What stands before every door, in one place: the gate, sizes and rates, and the headers of answers.

Pure ASGI, and the same for REST alone and for the page. What a door is for and how much it takes, ``doors``
says; how often somebody may ask, ``limits``.
"""

import json
import logging
import time
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.doors import LISTS, TABLE, Door, find_door
from api.limits import DOUBTFUL, Body, InFlight, RateLimits, is_host
from api.log import requests
from api.problems import MEDIA_TYPE, Problem
from api.settings import Settings
from api.tables import DiskBudget

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
_PREFLIGHT = {
    "access-control-allow-methods": "DELETE, GET, HEAD, OPTIONS, POST",
    "access-control-allow-headers": "*",
    "access-control-max-age": "86400",
}
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
        rest: answers at the doors of REST; None where REST stands alone, as ``app``.
        uploads: room for what is brought to Gradio.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        rest: ASGIApp | None = None,
        uploads: DiskBudget | None = None,
    ) -> None:
        self._app, self._rest = app, rest or app
        self._settings, self._prefix = settings, settings.prefix
        self._uploads = uploads or DiskBudget(settings.scratch)
        self._limits = RateLimits(
            settings.rate_limit_client,
            settings.rate_limit_overall,
            settings.rate_limit_storage,
            settings.proxies,
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
        method = scope["method"]
        try:
            if method == "OPTIONS" and any(
                n == b"access-control-request-method" for n, _ in scope["headers"]
            ):
                await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
                return
            door = self._let_in(door, scope)
            app = self._rest if door.rest else self._app
            if door.path == "/" and b"view=api" in scope["query_string"].split(b"&"):
                # Gradio describes the endpoints of the page that is shown, and ours are on another one
                await RedirectResponse("programs")(scope, receive, send)
            elif method in {"GET", "HEAD"}:
                await self._read(app, scope, receive, send)
            elif method == "OPTIONS":
                await Response(status_code=204, headers={"allow": door.allow})(scope, receive, send)
            else:
                if not self._limits.unlimited:
                    await self._limits.check(scope)
                table = door.largest == TABLE
                largest = self._settings.max_upload if table else door.largest
                seconds = self._settings.upload_seconds if table else self._settings.body_seconds
                body = Body(scope, receive, largest, seconds)
                send = body.answered_by(send)
                if not table:
                    await self._take_numbers(app, door, scope, body, send)
                elif door.rest:
                    await app(scope, body.receive, send)
                else:
                    await self._take_upload(scope, body, send)
        except Problem as problem:
            await problem_response(problem, self._prefix)(scope, receive, send)

    def _find(self, scope: Scope) -> Door | None:
        """The door; the path in the scope becomes the one that its application knows."""
        path: str = scope["path"]
        if self._prefix and path.startswith(f"{self._prefix}/"):  # a proxy that leaves it on
            path = path[len(self._prefix) :]
        door = find_door(path)
        if door is None or (self._rest is self._app and not door.rest and path != "/"):
            return None
        if path.endswith("/") and not door.path.endswith("/"):
            path = path.removesuffix("/")
        elif door.path == f"{path}/":
            path = door.path
        # Starlette looks for what is mounted, as the tools for agents are, behind the prefix
        scope["path"] = self._prefix + path if door.path.startswith("/gradio_api/mcp/") else path
        return door

    def _let_in(self, door: Door | None, scope: Scope) -> Door:
        if door is None:
            raise Problem("not-found", "Nothing is at this path; /v1/docs lists what there is.")
        method = scope["method"]
        if method != "OPTIONS" and ("GET" if method == "HEAD" else method) not in door.methods:
            raise Problem("method-not-allowed", f"{method} is not for this path.", {"allow": door.allow})
        if len(scope["query_string"]) > MAX_QUERY_BYTES:
            raise Problem("address-too-long", f"The query is longer than {MAX_QUERY_BYTES} bytes.")
        doubtful = False
        for name, value in scope["headers"]:
            if name == b"host" and not is_host(value):
                raise Problem("bad-request", "The Host header names no host.")
            doubtful = doubtful or name in DOUBTFUL
        if doubtful:
            scope["headers"] = self._settings.proxies.believed(scope)
        if not door.rest:
            _check_gradio(door, scope)
        return door

    async def _read(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET, or HEAD with the headers that GET would have."""
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        try:
            await app(scope, receive, send)
        except RuntimeError as error:
            # Gradio tears off the stream of a wrong id after it has said so: let it end in order
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})

    async def _take_numbers(self, app: ASGIApp, door: Door, scope: Scope, body: Body, send: Send) -> None:
        """Hand a small body over once it has arrived as a whole."""
        try:
            content = await body.whole(self._in_flight)
            if not door.rest:
                _check_json(door, content)
            given = False

            async def at_once() -> Message:
                nonlocal given
                if given:
                    return await body.receive()
                given = True
                return {"type": "http.request", "body": content}

            await app(scope, at_once, send)
        finally:
            self._in_flight.hold(-body.held)

    async def _take_upload(self, scope: Scope, body: Body, send: Send) -> None:
        """Hand a file over to Gradio once it is whole: it would leave the beginning of an aborted one."""
        with self._uploads.file() as file:
            ended = False
            while not ended:
                message = await body.receive()
                if message["type"] == "http.disconnect":
                    raise Problem("bad-request", "The body is not whole.")
                file.write(message.get("body", b""))
                ended = not message.get("more_body", False)
            file.seek(0)

            done = False

            async def read() -> Message:
                nonlocal done
                if done:
                    return await body.receive()
                piece = file.read(_PIECE)
                done = not piece
                return {"type": "http.request", "body": piece, "more_body": not done}

            await self._app(scope, read, send)

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


def _log(method: str, door: Door | None, status: int, milliseconds: float) -> None:
    path = door.path if door else "no door"
    request = {"method": method[:20], "path": path, "status": status, "ms": round(milliseconds, 1)}
    line = f"{request['method']!r} {path} {status} {milliseconds:.1f} ms"
    requests.info("%s", line, extra={"request": request})
