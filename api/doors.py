"""Every door of the demo, which is a path that is answered: its methods, its largest body, and its purpose.

``middleware`` answers 404 to everything else before Gradio sees it. The list in docs/serving.md and the tests
derive from this table, too.
"""

import re
from dataclasses import dataclass

from api.body import MAX_BODY_BYTES

NUMBERS = 64 * 2**10
"""The largest body for the numbers of one specimen, in bytes."""

LISTS = MAX_BODY_BYTES
"""The largest body for a thousand specimens, or for a small table inside JSON, in bytes."""

TABLE = -1
"""Means that the setting ``MAX_UPLOAD_MB`` limits the body, which is a file."""


@dataclass(frozen=True, slots=True)
class Door:
    """One path that is answered.

    In ``path``, ``{name}`` stands for one segment and ``{name:path}`` for one or more. ``largest`` is the
    largest body in bytes, or ``TABLE``.
    """

    path: str
    methods: tuple[str, ...]
    purpose: str
    largest: int = 0

    @property
    def rest(self) -> bool:
        """Whether REST answers; otherwise Gradio does."""
        return self.path.startswith("/v1") or self.path == "/predict"

    @property
    def allow(self) -> str:
        """The methods for an ``Allow`` header."""
        return ", ".join((*self.methods, *(("HEAD",) if "GET" in self.methods else ())))


_GET, _POST = ("GET",), ("POST",)
_API = "/gradio_api"

DOORS = (
    Door("/v1/predict", _POST, "REST: predict one specimen, or many", LISTS),
    Door("/predict", _POST, "REST: the same, at the address that tutorials use", LISTS),
    Door("/v1/score", _POST, "REST, the page: score a table", TABLE),
    Door("/v1/features", _GET, "REST: the thirty features"),
    Door("/v1/cases", _GET, "REST: real specimens to try"),
    Door("/v1/model", _GET, "REST: the model that answers"),
    Door("/v1/health", _GET, "REST, hosts: is the process alive?"),
    Door("/v1/ready", _GET, "REST, hosts: can it answer?"),
    Door("/v1/openapi.json", _GET, "REST: its description for programs"),
    Door("/v1/docs", _GET, "REST: its description for people"),
    Door("/", _GET, "the page; a Space's health check"),
    Door("/case", _GET, "the page: the numbers of a case, by its link"),
    Door("/embed", _GET, "the page for a frame"),
    Door("/programs", _GET, "Gradio's own description of the endpoints"),
    Door("/thumbnail.png", _GET, "the picture of a shared link"),
    Door("/config", _GET, "the page, Gradio's clients: the parts of the page"),
    Door("/theme.css", _GET, "the page: its colours"),
    Door("/manifest.json", _GET, "the page: its name and icon"),
    Door("/favicon.ico", _GET, "the page: its icon"),
    Door("/robots.txt", _GET, "search engines"),
    Door("/assets/{file:path}", _GET, "the page: Gradio's scripts and styles"),
    Door("/static/{file:path}", _GET, "the page: Gradio's fonts and pictures"),
    Door("/svelte/{file:path}", _GET, "the page: Gradio's scripts"),
    Door(f"{_API}/startup-events", _GET, "the start of Gradio's queue"),
    Door(f"{_API}/info", _GET, "Gradio's clients, ?view=api: the endpoints"),
    Door(f"{_API}/run/{{name}}", _POST, "the page, Gradio's clients: an answer in one request", NUMBERS),
    Door(f"{_API}/queue/join", _POST, "Gradio's clients: call an endpoint", NUMBERS),
    Door(f"{_API}/queue/data", _GET, "Gradio's clients: receive the answer"),
    Door(f"{_API}/call/{{name}}", _POST, "curl: call an endpoint", NUMBERS),
    Door(f"{_API}/call/v2/{{name}}", _POST, "curl: call an endpoint, with names", NUMBERS),
    Door(f"{_API}/call/{{name}}/{{event}}", _GET, "curl: receive the answer"),
    Door(f"{_API}/call/v2/{{name}}/{{event}}", _GET, "curl: receive the answer"),
    Door(f"{_API}/cancel", _POST, "Gradio's clients: cancel a call", NUMBERS),
    Door(f"{_API}/heartbeat/{{session}}", _GET, "Gradio's clients: keep a session"),
    Door(f"{_API}/upload", _POST, "Gradio's clients: upload a table", TABLE),
    Door(f"{_API}/file=/{{folder:path}}/{{table}}-scored.csv", _GET, "Gradio's clients: get the results"),
    Door(f"{_API}/mcp/", ("GET", "POST", "DELETE"), "AI agents (MCP)", LISTS),
    Door(f"{_API}/mcp/schema", _GET, "AI agents, ?view=api: the tools"),
)
"""All doors; to open another, add a row."""

_PART = re.compile(r"{\w+(:path)?}")


def _pattern(path: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in _PART.split(path)[::2])
    kinds = (r"[^\x00-\x1f]+" if kind else r"[^/\x00-\x1f]+" for kind in _PART.findall(path))
    return re.compile("".join(part + next(kinds, "") for part in parts))


_EXACT = {door.path: door for door in DOORS if "{" not in door.path}
_PATTERNS = tuple((_pattern(door.path), door) for door in DOORS if "{" in door.path)
_MAX_PATH_CHARACTERS = 1_000


def find_door(path: str) -> Door | None:
    """The door at a path, with or without a trailing slash; None if there is none."""
    if door := _EXACT.get(path) or _EXACT.get(path.removesuffix("/") or "/") or _EXACT.get(f"{path}/"):
        return door
    if len(path) > _MAX_PATH_CHARACTERS:
        return None
    return next((door for pattern, door in _PATTERNS if pattern.fullmatch(path)), None)
