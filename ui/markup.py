"""The markup that tabs have in common, and how Gradio shows and updates it."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from ui import charts, text

AT_ONCE: dict[str, Any] = {
    "queue": False,  # one POST, answered by any replica
    "show_progress": "hidden",
    "api_visibility": "private",  # programs have their own endpoints
    "trigger_mode": "always_last",  # one request at a time, then only the newest
}
"""The settings of the page's own events."""

_TERM = re.compile(r"\[([^\]]+)\]")


def source(name: str) -> str:
    """A script or a stylesheet of this folder, without comments and indentation."""
    written = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return re.sub(r"(?m)^\s*(//.*)?\n|^\s+| // .*$", "", re.sub(r"(?s)/\*.*?\*/", "", written))


def panel(key: str, draw: Callable[[gr.EventData], str], script: str = "") -> gr.HTML:
    """The element for a tab's content, which is requested and drawn when the tab is opened (tabs.js).

    The event has the address of the case on screen, and what ``chosen`` in the tab's script adds to it.
    """

    def show(event: gr.EventData) -> str:
        return draw(event)

    choice = 'typeof chosen === "function" ? chosen() : {}'
    ask = f'const ask = fnaTabs.panel("{key}", {{ element, trigger }}, "open", () => ({choice}));\n'
    shown = gr.HTML("", js_on_load=ask + script, apply_default_css=False, elem_id=key)
    shown.open(show, None, shown, **AT_ONCE)
    return shown


def explained(sentence: str) -> str:
    """A sentence in which ``[terms]`` are explained by ``text.TERMS``.

    Such a term has a dotted line; its meaning shows on hover, tap or focus (tabs.js).
    """

    def term(found: re.Match[str]) -> str:
        meaning = escape(text.TERMS[found[1].lower()])
        return f'<button type="button" class="term" title="{meaning}">{found[1]}</button>'

    return _TERM.sub(term, sentence)


def plain(sentence: str) -> str:
    """The same sentence without explanations, for a label or for the script."""
    return _TERM.sub(r"\1", sentence)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of rows of cells, the first of which is the header of its row; a head may be empty.

    Each cell has a copy of its head, because on a phone the cells of a row are below each other.
    """
    top = "".join(f'<th scope="col">{explained(head)}</th>' if head else "<td></td>" for head in heads)
    labels = [escape(plain(head)) for head in heads]

    def row(cells: Sequence[str]) -> str:
        name, *rest = (f'data-head="{head}">{cell}' for head, cell in zip(labels, cells, strict=True))
        return f'<tr><th scope="row" {name}</th>{"".join(f"<td {cell}</td>" for cell in rest)}</tr>'

    body = f"<thead><tr>{top}</tr></thead><tbody>{''.join(map(row, rows))}</tbody>"
    return f'<table class="plain {kind}">{body}</table>'


def section(title: str, lead: str, content: str = "", **facts: object) -> str:
    """A part of a tab: its heading, an introduction, both filled with facts, and its content."""
    above = f"<h2>{title}</h2>" + (f'<p class="lead">{explained(lead)}</p>' if lead else "")
    unbroken = above.format(**facts).replace(" %", "\N{NO-BREAK SPACE}%")
    return f"<section>{unbroken}{content}</section>"


def verdict(kind: str) -> str:
    """A verdict or a diagnosis, as its shape and its word."""
    return f"{charts.mark(kind)} {text.VERDICT[kind]}"


def load_button(link: str, label: str = text.LOAD, tab: str = "") -> str:
    """A button that shows the case of a link, and opens a tab if one is named (first.js)."""
    opening = f' data-tab="{tab}"' if tab else ""
    return f'<a class="button" href="?{escape(link)}" data-load{opening}>{label}</a>'
