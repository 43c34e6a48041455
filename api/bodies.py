"""How large a request may be and how long it may take to arrive: pure ASGI, so that no door can forget it."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import told
from api.problems import Problem
from api.scratch import Scratch

UPLOADS = ("/v1/score", "/gradio_api/upload")
"""Where files come in; everywhere else a body is a few numbers."""

LINGER = 2.0
"""Seconds for which the rest of a refused body is read and dropped, so its sender can read the answer."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one body: bytes, and seconds until its last byte."""

    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Allowances:
    """For bodies and for uploads."""

    body: Allowance = Allowance(4 * 2**20, 20.0)
    upload: Allowance = Allowance(100 * 2**20, 300.0)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Allowances":
        """From ``MAX_BODY_MB``, ``MAX_UPLOAD_MB``, ``BODY_SECONDS`` and ``UPLOAD_SECONDS``."""

        def allowance(name: str, default: Allowance) -> Allowance:
            size = float(environment.get(f"MAX_{name}_MB", default.size / 2**20))
            return Allowance(int(size * 2**20), float(environment.get(f"{name}_SECONDS", default.seconds)))

        return cls(allowance("BODY", cls().body), allowance("UPLOAD", cls().upload))

    def of(self, path: str) -> Allowance:
        return self.upload if path.startswith(UPLOADS) else self.body


class Bodies:
    """Middleware that answers 413 or 408 to a body that is too large or too slow, declared or chunked.

    A file is answered 503 where ``scratch`` has no room for it.
    """

    def __init__(self, app: ASGIApp, allowances: Allowances, scratch: Scratch) -> None:
        self._app, self._allowances, self._scratch = app, allowances, scratch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        allowance, declared = self._allowances.of(scope["path"]), _declared(scope)
        if declared > allowance.size:
            await _refuse(_too_large(allowance), scope, receive, send)
        elif scope["path"].startswith(UPLOADS):
            # of a file that does not say how large it is, only its end tells
            await self._with_room(declared or allowance.size, allowance, scope, receive, send)
        else:
            await _Watched(allowance, receive, send).run(self._app, scope)

    async def _with_room(
        self, size: int, allowance: Allowance, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            self._scratch.take(size)
        except Problem as problem:
            await _refuse(problem, scope, receive, send)
            return
        try:
            await _Watched(allowance, receive, send).run(self._app, scope)
        finally:
            self._scratch.give(size)


class _Watched:
    """One request whose body is counted and timed while the application reads it."""

    def __init__(self, allowance: Allowance, receive: Receive, send: Send) -> None:
        self._allowance, self._receive, self._send = allowance, receive, send
        self._deadline = asyncio.get_running_loop().time() + allowance.seconds
        self._size, self._arrived, self._answering = 0, False, False
        self._problem: Problem | None = None

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._read, self._write)
        except Exception:
            # whatever the application made of the interruption, the caller hears of its cause
            if self._problem is None:
                raise
        if self._problem is not None and not self._answering:
            await _refuse(self._problem, scope, self._receive, self._send)

    async def _read(self) -> Message:
        if self._arrived:  # waits for the client to hang up, for as long as the answer takes
            return await self._receive()
        left = self._deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(left):  # wait_for would make a task of it before Python 3.12
                message = await self._receive()
        except TimeoutError:
            self._fail(
                Problem("too-slow", f"The body took more than {self._allowance.seconds:g} s to arrive.")
            )
        self._size += len(message.get("body", b""))
        if self._size > self._allowance.size:
            self._fail(_too_large(self._allowance))
        self._arrived = not message.get("more_body", False)
        return message

    def _fail(self, problem: Problem) -> None:
        self._problem = problem
        raise problem

    async def _write(self, message: Message) -> None:
        if self._problem is None or self._answering:
            self._answering = True
            await self._send(message)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(allowance: Allowance) -> Problem:
    return Problem("too-large", f"The body is larger than {allowance.size} bytes.", limit=allowance.size)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Tell the problem, then read on for a moment: closing at once would destroy the answer on its way."""
    problem.headers["connection"] = "close"

    async def linger(message: Message) -> None:
        if message["type"] == "http.response.body":
            await send({**message, "more_body": True})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    while (await receive()).get("more_body"):
                        pass
            message = {"type": "http.response.body"}
        await send(message)

    await told(problem)(scope, receive, linger)
