"""The middleware in front of every door: which requests get in, within which limits, and all headers.

It is plain ASGI, and the same for REST alone and for the page. ``doors`` has the paths and the sizes of
bodies, ``limits`` how often and how fast clients may send.
"""

import asyncio
import json
import logging
import time
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.doors import LISTS, TABLE, Door, find_door
from api.limits import UNTRUSTED_HEADERS, Body, InFlight, RateLimits, is_host
from api.log import requests
from api.problems import MEDIA_TYPE, Problem
from api.settings import Settings
from api.tables import DiskBudget

MAX_QUERY_BYTES = 8_192
"""The longest query of an address; the link of a specimen has a few hundred bytes."""

MAX_SESSION_CHARACTERS = 100
"""The longest ``session_hash``, because Gradio stores it; those of its clients have a dozen characters."""

PAGES = frozenset({"", "programs"})
"""The pages that Gradio has for ``?page=``; it answers 500 to other names."""

_COMMON_HEADERS = (
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
# Gradio's frontend writes inline scripts and styles, and compiles templates.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'"
)
_PIECE_BYTES = 1 << 16  # of a file, passed on at once
_MAX_PARTS = 5_000  # lists and objects in a body; Gradio takes a hundred times their length in memory


def problem_response(problem: Problem, prefix: str = "") -> Response:
    """The answer for a problem; ``prefix`` is put in front of the path in its ``type``."""
    return Response(problem.content(prefix), problem.status, problem.headers, MEDIA_TYPE)


class FrontDoor:
    """Middleware that admits only requests at ``DOORS``, within limits, and sets the headers of every answer.

    Args:
        app: answers the requests.
        settings: of this server.
        rest: answers at the doors of REST; None if ``app`` does, because REST runs alone.
        uploads: the budget for files that are uploaded to Gradio.
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
        if settings.frame_ancestors != "*":  # "*" would exclude pages that were opened from a disk
            page += f"; frame-ancestors {settings.frame_ancestors}"
        self._page_headers = (*_COMMON_HEADERS, (b"content-security-policy", page.encode()))
        self._rest_headers = (*_COMMON_HEADERS, (b"content-security-policy", _REST_POLICY.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            door = self._find(scope)
            try:
                await self._answer(door, scope, receive, self._with_headers(door, scope, send))
            except Exception:
                if "unread" not in scope:
                    raise
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:  # no door is a websocket
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
                # Gradio describes the endpoints of the page shown, but ours are on another page.
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
        """The door of a request; the path in the scope becomes the one that the application knows."""
        path: str = scope["path"]
        if self._prefix and path.startswith(f"{self._prefix}/"):  # some proxies do not remove it
            path = path[len(self._prefix) :]
        door = find_door(path)
        if door is None or (self._rest is self._app and not door.rest and path != "/"):
            return None
        if path.endswith("/") and not door.path.endswith("/"):
            path = path.removesuffix("/")
        elif door.path == f"{path}/":
            path = door.path
        # Starlette expects the prefix in the paths of mounted applications, such as MCP.
        scope["path"] = self._prefix + path if door.path.startswith("/gradio_api/mcp/") else path
        return door

    def _let_in(self, door: Door | None, scope: Scope) -> Door:
        if door is None:
            raise Problem("not-found", "There is nothing at this path; /v1/docs lists all paths.")
        method = scope["method"]
        if method != "OPTIONS" and ("GET" if method == "HEAD" else method) not in door.methods:
            raise Problem("method-not-allowed", f"This path does not accept {method}.", {"allow": door.allow})
        if len(scope["query_string"]) > MAX_QUERY_BYTES:
            raise Problem("address-too-long", f"The query is longer than {MAX_QUERY_BYTES} bytes.")
        untrusted = False
        for name, value in scope["headers"]:
            if name == b"host" and not is_host(value):
                raise Problem("bad-request", "The Host header does not name a host.")
            untrusted = untrusted or name in UNTRUSTED_HEADERS
        if untrusted:
            scope["headers"] = self._settings.proxies.trusted_headers(scope)
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
            # Gradio breaks off the stream of a wrong id after it has sent the error: end it properly.
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})

    async def _take_numbers(self, app: ASGIApp, door: Door, scope: Scope, body: Body, send: Send) -> None:
        """Pass on a small body once it is complete."""
        try:
            content = await body.read_all(self._in_flight)
            if not door.rest:
                _check_json(door, content)
            delivered = False

            async def receive_content() -> Message:
                nonlocal delivered
                if delivered:
                    return await body.receive()
                delivered = True
                return {"type": "http.request", "body": content}

            await app(scope, receive_content, send)
        finally:
            self._in_flight.hold(-body.held)

    async def _take_upload(self, scope: Scope, body: Body, send: Send) -> None:
        """Pass on a file once it is complete; Gradio would keep the beginning of an aborted upload."""
        self._uploads.check_files()
        scope["query_string"] = b""  # Gradio would store an upload_id forever
        with self._uploads.file() as file:
            finished = False
            while not finished:
                message = await body.receive()
                if message["type"] == "http.disconnect":
                    raise Problem("bad-request", "The body is incomplete.")
                file.write(message.get("body", b""))
                finished = not message.get("more_body", False)
            file.seek(0)

            done = False

            async def read() -> Message:
                nonlocal done
                if done:
                    return await body.receive()
                await asyncio.sleep(0)  # or others would wait until all is read
                piece = file.read(_PIECE_BYTES)
                done = not piece
                return {"type": "http.request", "body": piece, "more_body": not done}

            await self._app(scope, read, send)

    def _with_headers(self, door: Door | None, scope: Scope, send: Send) -> Send:
        """Send with our headers; log the request by its door, as its path may contain anything.

        A client that does not read a long answer is cut off, because it takes memory and space on the disk.
        """
        headers = self._rest_headers if door is None or door.rest else self._page_headers
        method, started = scope["method"], time.perf_counter()

        long = False

        async def send_with_headers(message: Message) -> None:
            nonlocal long
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
                if scope.get("refused") and message["status"] == 500:
                    message["status"] = scope["refused"]
                if requests.isEnabledFor(logging.INFO):
                    _log(method, door, message["status"], (time.perf_counter() - started) * 1000)
            long = long or message.get("more_body", False)
            if not long:  # a short answer does not have to wait for its reader
                await send(message)
                return
            try:
                async with asyncio.timeout(self._settings.body_seconds):
                    await send(message)
            except TimeoutError:
                scope["unread"] = True
                raise

        return send_with_headers


def _check_gradio(door: Door, scope: Scope) -> None:
    """Refuse requests that Gradio would fail at, or store."""
    if b"=" in scope["query_string"]:
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            if name == "deep_link" or (name == "page" and value not in PAGES):
                raise Problem("not-found", "There is no such page.")
    if door.largest == TABLE and scope["method"] == "POST":
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if not kind.startswith(b"multipart/form-data") or b"boundary=" not in kind or len(kind) > 200:
            raise Problem(
                "unsupported-content", "The body is not a form with a file, as Gradio's clients send it."
            )


def _check_json(door: Door, body: bytes) -> None:
    """Refuse a body that is not a JSON object, or has too many parts; Gradio would answer 500."""
    expected = "expected a JSON object"
    if body.count(b"[") + body.count(b"{") > _MAX_PARTS:
        raise Problem("bad-request", f"The body has too many parts: {expected} like those of the clients.")
    try:
        document = json.loads(body.decode())
        if b"\\u" in body:  # refuses half a surrogate pair, which no answer could repeat
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Problem("bad-request", f"The body is not JSON: {expected}.") from None
    if not isinstance(document, dict) and not (door.largest == LISTS and isinstance(document, list)):
        raise Problem("bad-request", f"The body is not an object: {expected}.")
    if isinstance(document, dict):
        session = document.get("session_hash")
        if document.get("batched") or (isinstance(session, str) and len(session) > MAX_SESSION_CHARACTERS):
            raise Problem("bad-request", "No endpoint takes batches, or a session_hash as long as this.")


def _without_body(send: Send) -> Send:
    """``send`` for HEAD: it sends the headers and then ends at once, even if the answer is a stream."""

    async def head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body"})

    return head


def _log(method: str, door: Door | None, status: int, milliseconds: float) -> None:
    path = door.path if door else "no door"
    request = {"method": method[:20], "path": path, "status": status, "ms": round(milliseconds, 1)}
    line = f"{request['method']!r} {path} {status} {milliseconds:.1f} ms"
    requests.info("%s", line, extra={"request": request})
