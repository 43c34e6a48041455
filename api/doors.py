"""Every door of the demo: its path, its methods, the largest body it takes, and what it is for.

The table drives the gate in ``middleware``, which answers 404 to everything else before Gradio sees it, the
list in docs/serving.md, and the tests. A door without a use is not in it.
"""

import re
from dataclasses import dataclass

NUMBERS = 64 * 2**10
"""Bytes of a body that holds the numbers of one specimen."""

LISTS = 2**20
"""Bytes of a body that may hold a thousand specimens, or a small table inside JSON."""

TABLE = -1
"""Stands for ``MAX_UPLOAD_MB``: a whole file."""


@dataclass(frozen=True, slots=True)
class Door:
    """One path that is answered.

    In ``path``, ``{name}`` stands for one part and ``{name:path}`` for all that follows. ``largest`` is the
    bytes of a body, or ``TABLE``. A ``stream`` stays open while it sends.
    """

    path: str
    methods: tuple[str, ...]
    purpose: str
    largest: int = 0
    stream: bool = False

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
    Door("/v1/model", _GET, "REST: which model answers"),
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
    Door(f"{_API}/queue/join", _POST, "Gradio's clients: ask", NUMBERS),
    Door(f"{_API}/queue/data", _GET, "Gradio's clients: hear the answer", stream=True),
    Door(f"{_API}/call/{{name}}", _POST, "curl: ask", NUMBERS),
    Door(f"{_API}/call/v2/{{name}}", _POST, "curl: ask, with names", NUMBERS),
    Door(f"{_API}/call/{{name}}/{{event}}", _GET, "curl: hear the answer", stream=True),
    Door(f"{_API}/call/v2/{{name}}/{{event}}", _GET, "curl: hear the answer", stream=True),
    Door(f"{_API}/cancel", _POST, "Gradio's clients: give up waiting", NUMBERS),
    Door(f"{_API}/heartbeat/{{session}}", _GET, "Gradio's clients: still here", stream=True),
    Door(f"{_API}/upload", _POST, "Gradio's clients: bring a table", TABLE),
    Door(f"{_API}/upload_progress", _GET, "Gradio's clients: how far a table has come", stream=True),
    Door(
        f"{_API}/file=/{{folder:path}}/{{table}}-scored.csv", _GET, "Gradio's clients: take the scored table"
    ),
    Door(f"{_API}/mcp/", ("GET", "POST", "DELETE"), "AI agents (MCP)", LISTS, stream=True),
    Door(f"{_API}/mcp/schema", _GET, "AI agents, ?view=api: the tools"),
)
"""All of them; whoever needs another adds a row."""

_PART = re.compile(r"{\w+(:path)?}")


def _pattern(path: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in _PART.split(path)[::2])
    kinds = (r".+" if kind else r"[^/]+" for kind in _PART.findall(path))
    return re.compile("".join(part + next(kinds, "") for part in parts), re.DOTALL)


_EXACT = {door.path: door for door in DOORS if "{" not in door.path}
_PATTERNS = tuple((_pattern(door.path), door) for door in DOORS if "{" in door.path)
_LONGEST = 1_000  # characters of a path


def find_door(path: str) -> Door | None:
    """The door at a path, with or without a slash at its end; None if there is none."""
    if door := _EXACT.get(path) or _EXACT.get(path.removesuffix("/") or "/") or _EXACT.get(f"{path}/"):
        return door
    if len(path) > _LONGEST:
        return None
    return next((door for pattern, door in _PATTERNS if pattern.fullmatch(path)), None)
