"""How the first screen gets to a browser: into the page that Gradio sends, and alone into others' frames.

Gradio's page is an empty element and scripts that build everything in it. Here it gets a head of its own, the
first screen, and keeps a place for the other tabs, in which Gradio builds them as ever.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import embed, text
from ui.explore import Scripts, answer_panel, case_of, explore
from ui.explorer import Explorer
from ui.markup import HATCH
from ui.theme import HEAD

GRADIO = re.compile(r"<gradio-app\b.*?</gradio-app>", re.DOTALL)
"""Where Gradio builds its part of the page, in the HTML that it sends."""

ROOT = re.compile(r'"root":\s*"(https?://[^"\\]+)"')
"""The address of the page as its visitor has it, in the HTML that Gradio sends."""

THUMBNAIL = Path(__file__).with_name("thumbnail.png")
"""What a shared link shows."""


class FirstScreen:
    """Middleware that puts the first screen into Gradio's page; every other answer passes."""

    def __init__(self, app: ASGIApp, explorer: Explorer, titles: Iterable[str]) -> None:
        self._app = app
        self._scripts = Scripts(explorer)
        self._before = (
            f'{_FAILED}{HATCH}<div id="page">{_head()}<div id="shell"><div id="tabs">{_twin(titles)}'
        )
        self._after = (
            f'</div>{explore(explorer)}<aside id="side">{answer_panel(explorer)}</aside></div>{_foot()}</div>'
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        started: list[Message] = []
        body = b""

        async def gather(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                started.append(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                whole = self._page(body.decode(), scope["query_string"].decode("latin-1")).encode()
                headers = MutableHeaders(raw=started[0]["headers"])
                if headers.get("content-type", "").startswith("text/html"):
                    body = whole
                    headers["content-length"] = str(len(body))
                await send(started[0])
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, gather)

    def _page(self, gradio: str, query: str) -> str:
        slot = GRADIO.search(gradio)
        if slot is None:
            return gradio
        page = f"{self._before}{slot[0]}{self._after}{self._scripts.html(query)}"
        head = HEAD + _picture(gradio)
        return gradio[: slot.start()].replace("<head>", f"<head>{head}", 1) + page + gradio[slot.end() :]


def routes(explorer: Explorer) -> list[Route]:
    """What the first screen asks for beside REST, the values of a case; and the page for frames."""
    scripts = Scripts(explorer)

    async def case(request: Request) -> Response:
        found = case_of(explorer, request.url.query)
        return JSONResponse(found, headers={"cache-control": "public, max-age=300"})

    async def framed(request: Request) -> Response:
        body = f"{_FAILED}{HATCH}{embed.page(explorer)}{scripts.html(request.url.query)}"
        return HTMLResponse(f'<!doctype html><html lang="en"><head>{HEAD}</head><body>{body}</body></html>')

    async def thumbnail(_: Request) -> Response:
        return FileResponse(THUMBNAIL, headers={"cache-control": "public, max-age=86400"})

    paths = {"/case": case, "/embed": framed, f"/{THUMBNAIL.name}": thumbnail}
    return [Route(path, answer, methods=["GET"]) for path, answer in paths.items()]


def _picture(gradio: str) -> str:
    """The picture of a shared link, whose address has to be a whole one."""
    root = ROOT.search(gradio)
    address = f"{escape(root[1]).rstrip('/')}/{THUMBNAIL.name}" if root else ""
    names = ('property="og:image"', 'name="twitter:image"')
    return "".join(f'<meta {name} content="{address}">' for name in names if root)


_FAILED = (
    f'<noscript><p class="failed now">{text.NO_SCRIPT}</p></noscript>'
    f'<p class="failed" id="failed">{text.NOT_STARTED}</p>'
)
"""Instead of nothing: without JavaScript, and where the script did not run to its end."""


def _head() -> str:
    return (
        f'<a class="skip" href="#answer">{text.SKIP}</a>'
        f'<header class="head"><div><h1>{text.TITLE}</h1><p>{text.TAGLINE} {text.NOT_A_DEVICE}</p></div>'
        f'<div class="actions"><button type="button" data-do="copy-link" data-done="{text.COPIED}">'
        f'{text.COPY_LINK}</button><button type="button" data-do="print">{text.PRINT}</button></div></header>'
    )


def _twin(titles: Iterable[str]) -> str:
    """The row of tabs as it will look once Gradio has built it, and as high."""
    return (
        f'<div class="twin" aria-hidden="true">{"".join(f"<span>{title}</span>" for title in titles)}</div>'
    )


def _foot() -> str:
    api = f'<a href="programs">{text.API}</a>'
    return f'<footer class="foot">{escape(text.LIMITS)} {api}</footer>'
