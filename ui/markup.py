"""The markup that the tabs have in common, and how it stands in Gradio: plain, and quiet when it changes."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

import gradio as gr

from ui import charts, text

AT_ONCE: dict[str, Any] = {
    "queue": False,  # one POST, answered by any replica
    "show_progress": "hidden",
    "api_visibility": "private",  # programs have their own door
    "trigger_mode": "always_last",  # one question at a time, then the newest; stale ones are never asked
}
"""How the page's own events run."""

_NOTHING_CHOSEN = "const chosen = () => ({});"
_TERM = re.compile(r"\[([^\]]+)\]\((\w+)\)")


def place(key: str, script: str = _NOTHING_CHOSEN) -> gr.HTML:
    """The place of a tab's content, which the event ``open`` asks for when the tab is opened (tabs.js).

    The event carries the address of the case on screen, and what else ``chosen`` of the ``script`` adds.
    """
    ask = f'const ask = fnaTabs.panel("{key}", {{ element, trigger }}, "open", () => chosen());\n'
    return gr.HTML("", js_on_load=ask + script, apply_default_css=False, elem_id=key)


def panel(key: str, draw: Callable[[gr.EventData], str], script: str = _NOTHING_CHOSEN) -> gr.HTML:
    """The place of a tab's content, with what draws it."""

    def show(event: gr.EventData) -> str:
        return draw(event)

    shown = place(key, script)
    shown.open(show, None, shown, **AT_ONCE)
    return shown


def explained(said: str) -> str:
    """A sentence of the catalogue whose ``[terms](key)`` can be asked what they mean.

    Dots below a term are the sign; it answers when it is pointed at, tapped or entered (tabs.js).
    """
    return _TERM.sub(lambda found: term(found[2], found[1]), said)


def term(key: str, shown: str = "") -> str:
    """A term of the field with its meaning, which stands in ``text.TERMS``."""
    word, meaning = text.TERMS[key]
    return f'<button type="button" class="term" title="{escape(meaning)}">{shown or word}</button>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A plain table of rows of cells, the first of which names its row; an empty head needs no words.

    Each cell knows its head, for on a phone the cells of a row stand below each other.
    """
    top = "".join(f'<th scope="col">{explained(head)}</th>' if head else "<td></td>" for head in heads)
    plain = [escape(_TERM.sub(r"\1", head)) for head in heads]

    def row(cells: Sequence[str]) -> str:
        name, *rest = (f'data-head="{head}">{cell}' for head, cell in zip(plain, cells, strict=True))
        return f'<tr><th scope="row" {name}</th>{"".join(f"<td {cell}</td>" for cell in rest)}</tr>'

    body = f"<thead><tr>{top}</tr></thead><tbody>{''.join(map(row, rows))}</tbody>"
    return f'<table class="plain {kind}">{body}</table>'


def section(title: str, lead: str, content: str = "") -> str:
    """A part of a tab: its heading, what it is in a sentence or two, and the thing itself."""
    above = f'<p class="lead">{explained(lead)}</p>' if lead else ""
    return f"<section><h2>{title}</h2>{above}{content}</section>"


def verdict(kind: str) -> str:
    """A verdict or a diagnosis: its shape and its word."""
    return f"{charts.mark(kind)} {text.VERDICT[kind]}"


def load_button(link: str, label: str = text.LOAD, tab: str = "") -> str:
    """Puts the case of a link on screen, and opens a tab if one is named (page.js)."""
    opening = f' data-tab="{tab}"' if tab else ""
    return f'<a class="button" href="?{escape(link)}" data-load{opening}>{label}</a>'
