"""The middleware in front of every door: which requests get in, within which limits, and all headers.

It is plain ASGI, and the same for REST alone and for the page. ``doors`` has the paths and the sizes of
bodies, ``limits`` how often and how fast clients may send.
"""

import asyncio
import json
import logging
import time
from typing import BinaryIO
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.doors import LISTS, TABLE, Door, find_door
from api.limits import Body, RateLimits, is_host
from api.log import requests
from api.problems import MEDIA_TYPE, Problem
from api.settings import Settings
from api.tables import Budget, DiskBudget

_MAX_QUERY_BYTES = 8_192  # the link of a specimen has a few hundred
_MAX_SESSION_CHARACTERS = 100  # of a session_hash, which Gradio stores; those of its clients have a dozen
_PAGES = frozenset({"", "programs"})  # for ``?page=``; Gradio answers 500 to other names
_PIECE_BYTES = 1 << 16  # of a body for Gradio, passed on at once
_MAX_PARTS = 5_000  # lists and objects in a body; Gradio takes a hundred times their length in memory
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


def problem_response(problem: Problem, prefix: str = "") -> Response:
    """The answer for a problem; ``prefix`` is put in front of the path in its ``type``."""
    return Response(problem.content(prefix), problem.status, problem.headers, MEDIA_TYPE)


class FrontDoor:
    """Middleware that admits only requests at ``DOORS``, within limits, and sets the headers of every answer.

    REST finds the body of a request, complete, as the file ``body`` of its scope. A file that it leaves there
    as ``answer`` is closed when that is sent, or when its client is gone.

    Args:
        app: answers the requests.
        settings: of this server.
        rest: answers at the doors of REST; None if ``app`` does, because REST runs alone.
        disk: the budget for files.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, rest: ASGIApp | None = None, disk: DiskBudget | None = None
    ) -> None:
        self._app, self._rest = app, rest or app
        self._settings, self._prefix = settings, settings.prefix
        self._memory, self._disk = Budget(settings.max_in_flight), disk or DiskBudget(settings.scratch)
        self._rates = RateLimits(
            settings.rate_limit_client,
            settings.rate_limit_overall,
            settings.rate_limit_storage,
            settings.proxies,
        )
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

    def _find(self, scope: Scope) -> Door | None:
        """The door of a request; the path in the scope becomes the one that the application knows."""
        path: str = scope["path"]
        if self._prefix and path.startswith(f"{self._prefix}/"):  # some proxies do not remove it
            path = path[len(self._prefix) :]
        door = find_door(path)
        if door is None or (self._rest is self._app and not door.rest and path != "/"):
            return None
        path = path.removesuffix("/") if "{" in door.path else door.path
        # Starlette expects the prefix in the paths of mounted applications, such as MCP.
        scope["path"] = self._prefix + path if door.path.startswith("/gradio_api/mcp/") else path
        return door

    async def _answer(self, door: Door | None, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if answer := self._answer_at_once(door, scope):
                await answer(scope, receive, send)
                return
            assert door is not None  # noqa: S101  # or it would have been refused
            app = self._rest if door.rest else self._app
            if scope["method"] in {"GET", "HEAD"}:
                await _read(app, scope, receive, send)
                return
            await self._rates.check(scope)
            sizes = self._settings.max_upload, self._settings.upload_seconds
            if door.largest != TABLE:
                sizes = door.largest, self._settings.body_seconds
            body = Body(scope, receive, *sizes)
            send = body.answered_by(send)
            await self._pass_on(app, door, body, scope, receive, send)
        except Problem as problem:
            await problem_response(problem, self._prefix)(scope, receive, send)

    def _answer_at_once(self, door: Door | None, scope: Scope) -> Response | None:
        """The answer if no application has to give it; raises Problem for what none may see."""
        method, query = scope["method"], scope["query_string"]
        if method == "OPTIONS" and any(
            name == b"access-control-request-method" for name, _ in scope["headers"]
        ):
            return Response(status_code=204, headers=_PREFLIGHT)
        if door is None:
            raise Problem("not-found", "There is nothing at this path; /v1/docs lists all paths.")
        if method == "OPTIONS":
            return Response(status_code=204, headers={"allow": door.allow})
        if ("GET" if method == "HEAD" else method) not in door.methods:
            raise Problem("method-not-allowed", f"This path does not accept {method}.", {"allow": door.allow})
        if len(query) > _MAX_QUERY_BYTES:
            raise Problem("address-too-long", f"The query is longer than {_MAX_QUERY_BYTES} bytes.")
        if not all(is_host(value) for name, value in scope["headers"] if name == b"host"):
            raise Problem("bad-request", "The Host header does not name a host.")
        scope["headers"] = self._settings.proxies.trusted_headers(scope)
        if not door.rest:
            _check_gradio(door, scope)
        if door.path == "/" and b"view=api" in query.split(b"&"):
            # Gradio describes the endpoints of the page shown, but ours are on another page.
            return RedirectResponse("programs")
        return None

    async def _pass_on(
        self, app: ASGIApp, door: Door, body: Body, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass on a body once it has arrived: in memory or, if it is a table, in a file.

        An application would keep the beginning of one that is broken off.
        """
        table = door.largest == TABLE
        with self._disk.file() if table else self._memory.file() as file:
            async for piece in body.pieces():
                file.write(piece)
            file.seek(0)
            if door.rest:
                scope["body"] = file
            elif table:
                self._disk.check_files()
                scope["query_string"] = b""  # Gradio would store an upload_id forever
                receive = _from(file, receive)
            else:
                if fault := _json_fault(door, file.read()):
                    raise Problem("bad-request", f"The body {fault}: expected a JSON object.")
                file.seek(0)
                receive = _from(file, receive)
            try:
                await app(scope, receive, send)
            finally:
                if "answer" in scope:
                    scope["answer"].close()

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
                    ms = round((time.perf_counter() - started) * 1000, 1)
                    request = {"method": method[:20], "path": door.path if door else "no door"}
                    request |= {"status": message["status"], "ms": ms}
                    requests.info("%(method)r %(path)s %(status)d %(ms).1f ms", request)
            long = long or message.get("more_body", False)
            try:
                if not long:  # a short answer does not have to wait for its reader
                    await send(message)
                    return
                async with asyncio.timeout(self._settings.body_seconds):
                    await send(message)
            except OSError:  # the client does not read, or is gone
                scope["unread"] = True
                raise

        return send_with_headers


async def _read(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer GET, or HEAD with the headers that GET would have."""
    sent = send

    async def head(message: Message) -> None:  # and then ends at once, even if the answer is a stream
        if message["type"] == "http.response.start":
            await sent(message)
            await sent({"type": "http.response.body"})

    if scope["method"] == "HEAD":
        scope, send = {**scope, "method": "GET"}, head
    try:
        await app(scope, receive, send)
    except RuntimeError as error:
        # Gradio breaks off the stream of a wrong id after it has sent the error: end it properly.
        if not isinstance(error.__cause__, HTTPException):
            raise
        await send({"type": "http.response.body", "body": b""})


def _from(file: BinaryIO, receive: Receive) -> Receive:
    """``receive`` for a body that has arrived and lies in a file."""
    done = False

    async def read() -> Message:
        nonlocal done
        if done:
            return await receive()
        await asyncio.sleep(0)  # or others would wait until all is read
        piece = file.read(_PIECE_BYTES)
        done = len(piece) < _PIECE_BYTES
        return {"type": "http.request", "body": piece, "more_body": not done}

    return read


def _check_gradio(door: Door, scope: Scope) -> None:
    """Refuse requests that Gradio would fail at, or store."""
    if b"=" in scope["query_string"]:
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            if name == "deep_link" or (name == "page" and value not in _PAGES):
                raise Problem("not-found", "There is no such page.")
    if door.largest == TABLE and scope["method"] == "POST":
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if not kind.startswith(b"multipart/form-data") or b"boundary=" not in kind or len(kind) > 200:
            raise Problem(
                "unsupported-content", "The body is not a form with a file, as Gradio's clients send it."
            )


def _json_fault(door: Door, body: bytes) -> str:
    """What is wrong with a body for Gradio, which would answer 500; nothing if it is a JSON object."""
    if body.count(b"[") + body.count(b"{") > _MAX_PARTS:
        return "has too many parts"
    try:
        document = json.loads(body.decode())
        if b"\\u" in body:
            json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "has half a surrogate pair, which no text may contain"
    except (ValueError, RecursionError):
        return "is not JSON"
    if not isinstance(document, dict):
        return "" if isinstance(document, list) and door.largest == LISTS else "is not an object"
    session = document.get("session_hash")
    if document.get("batched") or (isinstance(session, str) and len(session) > _MAX_SESSION_CHARACTERS):
        return "asks for a batch, which no endpoint takes, or has too long a session_hash"
    return ""
