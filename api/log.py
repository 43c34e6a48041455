"""The server's log: lines for people, or JSON on Cloud Run. It never contains a query or a value."""

import json
import logging
import sys
import time
import traceback
from typing import Any

requests = logging.getLogger("api.requests")


def start_logging(*, on_cloud_run: bool) -> None:
    """Write the records of all loggers to standard error, as lines for people or as JSON for Cloud Run.

    Requests are logged on Cloud Run and on a terminal, elsewhere only errors. A request is logged by its
    door, and an error by its type and traceback, because its message may repeat what was sent.
    """
    handler = logging.StreamHandler(sys.stderr)
    formatter = _Plain("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler.setFormatter(_Json() if on_cloud_run else formatter)
    handler.addFilter(_hide_library_messages)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    requests.setLevel(logging.INFO if on_cloud_run or sys.stderr.isatty() else logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # uvicorn gives them handlers
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name != "uvicorn.access"  # FrontDoor logs requests


def _hide_library_messages(record: logging.LogRecord) -> bool:
    """Keep only the location of a library's message: that of the MCP library repeats what agents send."""
    if record.name.partition(".")[0] not in {"api", "uvicorn"}:
        record.msg, record.args = "a message of %s, line %d, is left out", (record.module, record.lineno)
    return True


class _Plain(logging.Formatter):
    """Leaves out the messages of exceptions, but keeps their tracebacks."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name for it
        error: BaseException | None = ei[1]
        lines: list[str] = []
        while error is not None:
            lines.append(f"{type(error).__name__} (what it says is left out), at\n")
            lines += traceback.format_tb(error.__traceback__)
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()


class _Json(_Plain):
    """Writes one JSON object per line, with the members that Cloud Logging reads."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry: dict[str, Any] = {
            "severity": record.levelname,
            "message": super().format(record),
            "logger": record.name,
            "time": f"{moment}.{record.msecs:03.0f}Z",
        }
        if record.name == requests.name:
            entry["request"] = record.args
        return json.dumps(entry)
