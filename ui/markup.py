"""How our own markup stands in Gradio: plain, without its styles for prose, and quiet when it changes."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import gradio as gr

from ui import text

HATCH = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="5"/></pattern></defs></svg>'
)
"""The pattern of what is undecided, once a page; charts refer to it."""

AT_ONCE: dict[str, Any] = {
    "queue": False,  # one POST, answered by any replica
    "show_progress": "hidden",
    "api_visibility": "private",  # programs have their own door
    "trigger_mode": "always_last",  # one question at a time, then the newest; stale ones are never asked
}
"""How the page's own events run."""

_CELL = re.compile(r"<t[dh]\b[^>]*")
_TERM = re.compile(r"\[([^\]]+)\]\((\w+)\)")


def panel(key: str, script: str = "") -> gr.HTML:
    """The place of a tab's content, which the event ``open`` asks for when the tab is opened (tabs.js).

    The event carries the address of the case on screen, and what else ``chosen`` of the ``script`` adds.
    """
    common = f'const ask = fnaTabs.panel("{key}", {{ element, trigger }}, "open", () => chosen());\n'
    own = script or "const chosen = () => ({});"
    return gr.HTML("", js_on_load=common + own, apply_default_css=False, elem_id=key)


def html(content: str, *, name: str = "", elem_id: str | None = None) -> gr.HTML:
    """Markup of our own. With a ``name`` the page's script hears ``explorer:name`` whenever it changes."""
    told = f"watch('value', () => document.dispatchEvent(new Event('explorer:{name}')))" if name else None
    return gr.HTML(content, apply_default_css=False, js_on_load=told, elem_id=elem_id or name or None)


def explained(said: str) -> str:
    """A sentence of the catalogue whose ``[terms](key)`` can be asked what they mean.

    Dots below a term are the sign; it answers when it is pointed at, tapped or entered (tabs.js).
    """
    return _TERM.sub(lambda found: term(found[2], found[1]), said)


def term(key: str, shown: str = "") -> str:
    """A term of the field with its meaning, which stands in ``text.TERMS``."""
    word, meaning = text.TERMS[key]
    return f'<button type="button" class="term" title="{escape(meaning)}">{shown or word}</button>'


def table(heads: Sequence[str], rows: Iterable[str], kind: str = "") -> str:
    """A plain table; a row is its markup, and an empty head stands over what needs none.

    Each cell knows its head, for on a phone the cells of a row stand below each other.
    """
    top = "".join(f'<th scope="col">{explained(head)}</th>' if head else "<td></td>" for head in heads)
    plain = [_TERM.sub(r"\1", head) for head in heads]

    def headed(row: str) -> str:
        place = iter(plain)
        return _CELL.sub(lambda cell: f'{cell[0]} data-head="{escape(next(place, ""))}"', row)

    body = f"<thead><tr>{top}</tr></thead><tbody>{''.join(map(headed, rows))}</tbody>"
    return f'<table class="plain {kind}">{body}</table>'


def section(title: str, lead: str, content: str) -> str:
    """A part of a tab: its heading, what it is in a sentence or two, and the thing itself."""
    above = f'<p class="lead">{explained(lead)}</p>' if lead else ""
    return f"<section><h2>{title}</h2>{above}{content}</section>"
