"""What the server writes about its work: lines for people, or JSON on Cloud Run. Never a query or a value.

A query holds the page's state, so a request is logged by method, path, status and time alone. What an
exception says may repeat what was sent, so a failure is logged by its kind and its place.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

requests = logging.getLogger("api.requests")


def start_logging(environment: Mapping[str, str]) -> None:
    """Send every logger's records to standard error, as Cloud Run's JSON if ``K_SERVICE`` is set.

    Requests are logged on Cloud Run and on a terminal; elsewhere only what went wrong.
    """
    handler = logging.StreamHandler(sys.stderr)
    cloud = "K_SERVICE" in environment
    handler.setFormatter(
        _Structured() if cloud else _Discreet("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    requests.setLevel(logging.INFO if cloud or sys.stderr.isatty() else logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # uvicorn has them write by themselves
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name != "uvicorn.access"  # requests are logged here


class RequestLog:
    """Middleware that logs each request once it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not requests.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            took = (time.perf_counter() - started) * 1000
            request = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(took, 1),
            }
            line = f"{scope['method']} {scope['path']!r} {status} {took:.1f} ms"
            requests.info("%s", line, extra={"request": request})


class _Discreet(logging.Formatter):
    """Leaves out what exceptions say, and keeps where they came from."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name for it
        error: BaseException | None = ei[1]
        told: list[str] = []
        while error is not None:
            told.append(f"{type(error).__name__} (what it says is left out), at\n")
            told += traceback.format_tb(error.__traceback__)
            error = error.__cause__ or error.__context__
        return "".join(told).rstrip()


class _Structured(_Discreet):
    """One JSON object a line, with the members that Cloud Logging reads."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "severity": record.levelname,
            "message": super().format(record),
            "logger": record.name,
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
        }
        if request := getattr(record, "request", None):
            entry["request"] = request
        return json.dumps(entry)
