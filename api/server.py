"""How connections are held and let go: time limits, and an orderly end. Knows uvicorn, no application."""

import asyncio
import contextlib
import gc
import os
import resource
import signal
import threading
import time
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADER_SECONDS = 10.0
"""From opening a connection, or a request, to the end of the headers; uvicorn has no such limit."""

HEADER_SIZE = 1 << 16
"""Bytes of headers of one request; its parser has no such limit."""

READ_SECONDS = 60.0
"""For which a client may leave an answer that waits for it unread."""

GRACE_SECONDS = 5
"""For what is in flight when the server is told to stop."""


class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Uvicorn's protocol, that hangs up on who connects and does not ask, or asks and does not read."""

    _hurry: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _asked = 0  # bytes of headers that are not complete yet

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_idle():
            self._stop_waiting()
            return
        if self._hurry is None:
            self._expect_request()
        self._asked += len(data)
        if self._asked > HEADER_SIZE:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_request(self) -> None:
        self._asked = 0
        self._hurry = self.loop.call_later(HEADER_SECONDS, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def _hang_up(self) -> None:
        self._hurry = None
        if self._is_idle():
            self.transport.close()


def settings() -> dict[str, Any]:
    """What a server of ours is configured with, beside its address."""
    return {
        "http": PatientProtocol,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        # who is asking is worked out in `clients`, which trusts nobody unless told to
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
        "log_config": None,
    }


def settle_in() -> None:
    """Raise the limit on open files as far as the system lets us; seek garbage only in what is to come."""
    gc.freeze()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def end_when_told() -> None:
    """Exit with 0 on SIGTERM or Ctrl-C; as PID 1 a process without a handler would not even notice."""

    def stop(_: int, __: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def serve(app: Any, host: str, port: int) -> None:
    """Serve an application until SIGTERM or Ctrl-C, then let what is in flight finish."""
    settle_in()
    end_when_told()  # uvicorn raises the signal again once it is done
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        uvicorn.Server(uvicorn.Config(app, host, port, lifespan="off", ws="none", **settings())).run()


def keep(server: uvicorn.Server, thread: threading.Thread, told: bool = False) -> None:
    """Hold a server that runs in a thread, such as Gradio's, to the same rules, and end when ``told`` to."""
    settle_in()
    server.config.http_protocol_class = PatientProtocol
    server.config.timeout_graceful_shutdown = GRACE_SECONDS
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        # before Python 3.13 a join that is interrupted takes the thread for ended
        while thread.is_alive() and not told:
            time.sleep(1)
    server.should_exit = True
    thread.join(GRACE_SECONDS + 2)
    # Python would spend another second on tidying up what nobody needs any more
    os._exit(0)
