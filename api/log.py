"""What the server writes about its work: lines for people, or JSON on Cloud Run. Never a query or a value."""

import json
import logging
import sys
import time
import traceback
from typing import Any

requests = logging.getLogger("api.requests")


def start_logging(*, on_cloud_run: bool) -> None:
    """Send every logger's records to standard error, as lines for people or as Cloud Run's JSON.

    Requests are logged on Cloud Run and on a terminal; elsewhere only what went wrong. Neither a query nor a
    value is: a request is logged by its door, and a failure by its kind and its place, for what an exception
    says may repeat what was sent.
    """
    handler = logging.StreamHandler(sys.stderr)
    plain = _Discreet("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler.setFormatter(_Structured() if on_cloud_run else plain)
    handler.addFilter(_leave_out_what_libraries_say)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    requests.setLevel(logging.INFO if on_cloud_run or sys.stderr.isatty() else logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # uvicorn has them write by themselves
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name != "uvicorn.access"  # requests are logged here


def _leave_out_what_libraries_say(record: logging.LogRecord) -> bool:
    """Keep only the place of a library's message: that for AI agents repeats in its own what they send."""
    if record.name.partition(".")[0] not in {"api", "uvicorn"}:
        record.msg, record.args = "a message of %s, line %d, is left out", (record.module, record.lineno)
    return True


class _Discreet(logging.Formatter):
    """Leaves out what exceptions say, and keeps where they came from."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name for it
        error: BaseException | None = ei[1]
        lines: list[str] = []
        while error is not None:
            lines.append(f"{type(error).__name__} (what it says is left out), at\n")
            lines += traceback.format_tb(error.__traceback__)
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()


class _Structured(_Discreet):
    """One JSON object a line, with the members that Cloud Logging reads."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry = {
            "severity": record.levelname,
            "message": super().format(record),
            "logger": record.name,
            "time": f"{moment}.{record.msecs:03.0f}Z",
        }
        if request := getattr(record, "request", None):
            entry["request"] = request
        return json.dumps(entry)
