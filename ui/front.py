"""How the first screen gets to a browser: inside the page that Gradio sends, or alone in a frame.

Gradio's page is an empty element and scripts that build everything in it. This module adds a head, the first
screen, and a space for the other tabs, in which Gradio builds them as usual. So nothing visible moves, and
the sliders answer before the rest has loaded.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.explain import clipped_logit
from model.features import FEATURES, MEASUREMENTS
from ui import charts, text
from ui.context import MAX_CHANGES, BrokenLink, PageContext
from ui.first import answer_panel, explore, foot, framed, meaning
from ui.markup import source
from ui.page import TABS
from ui.scales import SCALES

_THUMBNAIL = Path(__file__).with_name("thumbnail.png")
"""The picture that a shared link shows."""

_GRADIO = re.compile(r"<gradio-app\b.*?</gradio-app>", re.DOTALL)
"""In the HTML that Gradio sends, the element in which it builds its part of the page."""

_ROOT = re.compile(r'"root":\s*"(https?://[^"\\]+)"')
"""In the HTML that Gradio sends, the address of the page as the visitor sees it."""

_CURVE_DECIMALS = 12  # a thousandth of the allowed difference to the server; each digit costs half a kilobyte


class FirstScreen:
    """Middleware that puts the first screen into Gradio's page; other answers pass unchanged."""

    def __init__(self, app: ASGIApp, context: PageContext) -> None:
        self._app = app
        self._scripts = scripts(context)
        titles = "".join(f'<span data-tab="{tab.key}">{tab.title}</span>' for tab in TABS)
        titles = titles.replace("<span", '<span class="open"', 1)
        self._before = (  # with a row of tabs that looks like the one that Gradio will build
            f'{_BEGIN}<div id="page">{_TOP}<div id="shell"><div id="tabs">'
            f'<div class="twin" aria-hidden="true">{titles}</div>'
        )
        self._after = (
            f'</div>{explore(context)}<aside id="side">{answer_panel(context)}</aside></div>'
            f"{foot(context)}</div>"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        started: Message = {}
        body = b""

        async def gather(message: Message) -> None:
            nonlocal body, started
            if message["type"] == "http.response.start":
                started = message
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                headers = MutableHeaders(raw=started["headers"])
                if headers.get("content-type", "").startswith("text/html"):
                    body = self._page(body.decode(), scope["query_string"].decode("latin-1")).encode()
                    headers["content-length"] = str(len(body))
                await send(started)
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, gather)

    def _page(self, gradio: str, query: str) -> str:
        slot = _GRADIO.search(gradio)
        if slot is None:
            return gradio
        page = f"{self._before}{slot[0]}{self._after}{self._scripts(query)}"
        head = _HEAD + _picture_tags(gradio)
        return gradio[: slot.start()].replace("<head>", f"<head>{head}", 1) + page + gradio[slot.end() :]


def routes(context: PageContext) -> list[Route]:
    """The paths for the values of a case, for the page for frames, and for the picture of a link."""
    alone, with_data = _BEGIN + framed(context), scripts(context)

    async def case(request: Request) -> Response:
        case_data = case_of(context, request.url.query)
        return JSONResponse(case_data, headers={"cache-control": "public, max-age=300"})

    async def frame(request: Request) -> Response:
        body = alone + with_data(request.url.query)
        return HTMLResponse(f'<!doctype html><html lang="en"><head>{_HEAD}</head><body>{body}</body></html>')

    async def thumbnail(_: Request) -> Response:
        return FileResponse(_THUMBNAIL, headers={"cache-control": "public, max-age=86400"})

    paths = {"/case": case, "/embed": frame, f"/{_THUMBNAIL.name}": thumbnail}
    return [Route(path, answer, methods=["GET"]) for path, answer in paths.items()]


# ---- the head and the top of the page


_ICON = (
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Cpath d='M2 15C8 15 9 3 15 3s7 12 15 12z' fill='%230072b2'/%3E"
    "%3Cpath d='M2 17c8 0 9 12 15 12s7-12 13-12z' fill='%23d55e00'/%3E%3C/svg%3E"
)

# The first script notices when another one cannot be loaded.
_HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    f"<title>{text.TITLE}</title>"
    "<script>addEventListener('error', ({ target }) => "
    "{ if (target.rel !== 'modulepreload') window.missing ||= target.src || target.href }, true)</script>"
    f'<meta name="description" content="{text.TAGLINE}"><meta property="og:title" content="{text.TITLE}">'
    f'<meta property="og:description" content="{text.TAGLINE} {text.NOT_A_DEVICE}">'
    f'<meta property="og:type" content="website"><meta name="twitter:card" content="summary_large_image">'
    f'<meta name="twitter:title" content="{text.TITLE}">'
    f'<meta name="twitter:description" content="{text.TAGLINE}">'
    f'<link rel="icon" href="data:image/svg+xml,{_ICON}">'
    f"<style>{source('first.css')}</style>"
)
"""The beginning of the page's head: its title and description, its icon, the styles of the first screen."""


def _picture_tags(gradio: str) -> str:
    """The tags for the picture of a shared link, whose address has to be absolute."""
    root = _ROOT.search(gradio)
    if root is None:
        return ""
    address = f"{escape(root[1]).rstrip('/')}/{_THUMBNAIL.name}"
    names = ('property="og:image"', 'name="twitter:image"')
    return "".join(f'<meta {name} content="{address}">' for name in names)


_BEGIN = (
    f'<noscript><p class="failed now">{text.NO_SCRIPT}</p></noscript>'
    f'<p class="failed" id="failed">{text.NOT_STARTED}</p>{charts.HATCH}'
)
"""Sentences that show if there is no JavaScript, or if the script failed."""

_TOP = (
    f'<a class="skip" href="#answer">{text.SKIP}</a>'
    f'<header class="head"><div><h1>{text.TITLE}</h1><p>{text.TAGLINE} {text.NOT_A_DEVICE}</p></div>'
    f'<div class="actions"><button type="button" data-do="copy-link" data-done="{text.COPIED}">'
    f'{text.COPY_LINK}</button><button type="button" data-do="print">{text.PRINT}</button></div></header>'
)


# ---- what the script computes with


def scripts(context: PageContext) -> Callable[[str], str]:
    """A function from a query to HTML: the data, the case, and code that runs before the first paint."""
    data = _inline(page_data(context)).removesuffix("}")
    worker, code = source("nuclei.js"), "".join(map(source, ("model.js", "definitions.js", "first.js")))

    def html(query: str) -> str:
        case = _inline(case_of(context, query))
        return (
            f'<script type="application/json" id="fna-data">{data},"case":{case}}}</script>'
            f'<script type="text/plain" id="fna-nuclei">{worker}</script>'
            f"<script>(() => {{{code}}})();</script>"
        )

    return html


def _inline(data: dict[str, Any]) -> str:
    """JSON that can be put into a script element, because nothing in it can end that element."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", r"\u003c")


def case_of(context: PageContext, query: str) -> dict[str, Any]:
    """The case of an address: its values, its start, and what is wrong with the address."""
    specimen, problem = context.opening, ""
    try:
        specimen = context.decode(query)
    except BrokenLink as broken:
        problem = text.BROKEN_LINK.format(problems=" ".join(broken.args))
    start, _ = context.origin(specimen)
    return {"values": specimen.values, "start": asdict(start), "problem": problem}


def page_data(context: PageContext) -> dict[str, Any]:
    """The data for ui/model.js: curves, cut points, out-of-fold probabilities, and sentences."""
    classifier, reference = context.classifier, context.reference
    order = np.argsort(reference.probability, kind="stable")
    return {
        "model": {"version": classifier.info.version, "sha256": classifier.info.sha256},
        "logit": classifier.reference_logit,
        "median": classifier.verdict(classifier.predict(context.median).probability),
        "malignant_from": classifier.malignant_from,
        "benign_to": classifier.benign_to,
        "in_hundred": round(100 * (1 - classifier.level)),
        "interval": classifier.document["interval"],
        "max_changes": MAX_CHANGES,
        "edge": charts.EDGE,
        "farthest": float(clipped_logit(np.float64(1.0))),
        "features": [_feature(context, index) for index in range(len(FEATURES))],
        "measurements": [
            {
                "name": m.name,
                "label": m.label,
                "meaning": meaning(m),
                **dict(zip(("small", "large"), text.PLAIN.get(m.name, ("", "")), strict=True)),
            }
            for m in MEASUREMENTS
        ],
        "nearest": {
            "rows": order.tolist(),
            "logits": np.round(clipped_logit(reference.probability[order]), 9).tolist(),
            "malignant": "".join("01"[int(malignant)] for malignant in reference.malignant[order]),
        },
        "cases": [asdict(start) for start in context.starting],
        "words": text.ANSWER_WORDS | {"specimens": len(reference.malignant)},
    }


def _feature(context: PageContext, index: int) -> dict[str, Any]:
    feature, curve = FEATURES[index], context.classifier.document["curves"][index]
    scale = SCALES[feature.name]
    return {
        **{key: getattr(feature, key) for key in ("name", "label", "spoken", "unit", "decimals")},
        "measurement": feature.measurement.name,
        "statistic": feature.statistic.suffix,
        "column": feature.statistic.label,
        "minimum": feature.minimum if feature.minimum == 0 else None,
        "reference": context.median.values[index],
        "scale": [scale.shift, scale.start, scale.span],
        "offset": curve["offset"],
        "knots": [round(knot, _CURVE_DECIMALS) for knot in curve["knots"]],
        "values": [round(value, _CURVE_DECIMALS) for value in curve["values"]],
    }
