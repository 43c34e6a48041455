"""The page for other people's frames: the answer, and ten sliders at a time."""

from html import escape

import gradio as gr

from model.features import STATISTICS
from ui import explore, text
from ui.explorer import Explorer
from ui.markup import HATCH, html


def build(explorer: Explorer) -> None:
    """Head and footer are left out; the page's script posts its height to the frame's page."""
    with gr.Column(elem_id="embed"):
        answer, reasons = explore.beside(explorer)
        html(HATCH + _controls(explorer), elem_id="controls")
        grid = explore.sliders(explorer)
    explore.connect(explorer, grid, answer, reasons)


def _controls(explorer: Explorer) -> str:
    """Which case to start from, which of the three columns to show, and the way to the full page."""
    options = "".join(
        f'<option value="case={c["key"]}">{escape(c["title"])}</option>' for c in explorer.cases
    )
    return (
        f'<h1 class="unseen">{text.TITLE}</h1><div class="controls">'
        f'<select data-load aria-label="{text.START_FROM}">'
        f'<option value="case=median">{text.MEDIAN}</option>{options}</select>'
        f"{_columns() if len(STATISTICS) > 1 else ''}"
        f'<a data-full href="./" target="_blank">{text.EMBED_OPEN}</a></div>'
    )


def _columns() -> str:
    """The choice of a column, the last at first, and the rules that hide the others."""
    choices = "".join(
        f'<label><input type="radio" name="column" value="{s.suffix}"{" checked" * (s is STATISTICS[-1])}>'
        f"<span>{escape(s.label)}</span></label>"
        for s in STATISTICS
    )
    rules = "".join(
        f'#embed:has([name="column"][value="{s.suffix}"]:checked) .cell.{other.suffix} {{ display: none }}'
        for s in STATISTICS
        for other in STATISTICS
        if other is not s
    )
    label = text.EMBED_STATISTIC
    return f'<style>{rules}</style><fieldset class="columns" aria-label="{label}">{choices}</fieldset>'
