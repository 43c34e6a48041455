"""What browsers are told about every answer: what it may load, who may frame it, who may read it.

Policy: anybody may frame the page (``FRAME_ANCESTORS``), and scripts of any site may call every door, but
never with the visitor's cookies. The page itself loads nothing from another host.
"""

from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # the page's state is in its address
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"content-disposition, etag, mcp-session-id, retry-after"),
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"DELETE, GET, HEAD, OPTIONS, POST"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
)
_REST = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Gradio's frontend writes inline scripts and styles, and compiles the page's templates
_PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)


class Headers:
    """Middleware that sets the headers, answers preflights, and drops what Gradio would allow of its own."""

    def __init__(self, app: ASGIApp, environment: Mapping[str, str]) -> None:
        self._app = app
        page = _PAGE.format(ancestors=environment.get("FRAME_ANCESTORS", "*"))
        self._page: tuple[Header, ...] = (*_ALWAYS, (b"content-security-policy", page.encode()))
        self._rest: tuple[Header, ...] = (*_ALWAYS, (b"content-security-policy", _REST.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = self._rest if is_rest(scope["path"]) else self._page

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                message["headers"] = [*(headers if ours is self._rest else _without_cors(headers)), *ours]
            await send(message)

        if scope["method"] == "OPTIONS" and _is_preflight(scope["headers"]):
            await with_headers({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body"})
        else:
            await self._app(scope, receive, with_headers)


def is_rest(path: str) -> bool:
    """Whether a path is REST's; every other one is the page's."""
    return path == "/v1" or path.startswith("/v1/") or path == "/predict"


def _is_preflight(headers: Iterable[Header]) -> bool:
    return any(name == b"access-control-request-method" for name, _ in headers)


def _without_cors(headers: Iterable[Header]) -> Iterable[Header]:
    cors = b"access-control-allow-origin", b"access-control-allow-credentials"
    return (header for header in headers if header[0].lower() not in cors)
