"""HTTP as uvicorn reads it, with limits for what comes before a body: the address and the headers.

With httptools, uvicorn waits for headers for ever, and keeps any length of them before it asks a middleware.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEADER_BYTES = 64 * 1024
"""How much may arrive before the headers are complete; more is only read if it comes in the same piece."""

HEADER_SECONDS = 20.0
"""How long they may take to arrive."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection; it is closed when too much arrives that is no body, or when headers take too long.

    Trailers and extensions of chunks, which nothing here needs, count as well.
    """

    _pending, _complete = 0, False  # bytes since the last part of a request was complete; whether one is now
    _waiting: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        self._complete = False
        super().data_received(data)
        if self._complete:
            self._pending = 0
            self._stop_waiting()
            return
        self._pending += len(data)
        self._wait()
        if self._pending > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response(f"The headers are longer than {MAX_HEADER_BYTES} bytes.")

    def on_headers_complete(self) -> None:
        self._complete = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._complete = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._complete = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self._waiting or self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
