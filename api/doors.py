"""Every door of the demo, which is a path that is answered: its methods, its largest body, and its purpose.

``middleware`` answers 404 to everything else before Gradio sees it. The list in docs/serving.md and the tests
derive from this table, too.
"""

from dataclasses import dataclass
from functools import lru_cache

from starlette.routing import compile_path

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

    ``path`` is a pattern of Starlette's: ``{name}`` stands for one segment, ``{name:path}`` for one or more.
    ``largest`` is the largest body in bytes, or ``TABLE``.
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

_PATTERNS = tuple((compile_path(door.path)[0], door) for door in DOORS)
_MAX_PATH_CHARACTERS = 1_000


@lru_cache
def find_door(path: str) -> Door | None:
    """The door at a path, with or without a trailing slash; None if there is none."""
    if len(path) > _MAX_PATH_CHARACTERS or not path.isprintable():
        return None
    path = path.removesuffix("/")
    for form in (path or "/", f"{path}/"):
        for pattern, door in _PATTERNS:
            if (found := pattern.match(form)) and all(found.groups()):
                return door
    return None
