"""The page for other people's frames: the answer, and ten sliders at a time. Gradio has no part in it."""

from html import escape

from model.features import STATISTICS
from ui import text
from ui.explore import answer_panel, starting_cases
from ui.explorer import Explorer
from ui.grid import grid


def page(explorer: Explorer) -> str:
    """Its script posts its height to the page around."""
    return (
        f'<main id="page" class="framed"><header><h1>{text.TITLE}</h1><p>{text.NOT_A_DEVICE}</p>'
        f'<a data-full href="./" target="_blank">{text.EMBED_OPEN}</a></header>'
        f'<div id="side">{answer_panel(explorer)}</div>{_controls(explorer)}'
        f'<div id="grid">{grid(explorer.spread)}</div></main>'
    )


def _controls(explorer: Explorer) -> str:
    """Which case to start from, and which of the three columns to show."""
    options = "".join(
        f'<option value="{case["link"]}">{escape(case["title"])}</option>'
        for case in starting_cases(explorer)
    )
    return (
        f'<div class="controls"><select data-load aria-label="{text.START_FROM}">'
        f'<option value="" hidden>{text.START_FROM}</option>'
        f"{options}</select>{_columns() if len(STATISTICS) > 1 else ''}</div>"
    )


def _columns() -> str:
    """The choice of a column, the last at first, and the rules that hide the others."""
    choices = "".join(
        f'<label><input type="radio" name="column" value="{s.suffix}"{" checked" * (s is STATISTICS[-1])}>'
        f"<span>{escape(s.label)}</span></label>"
        for s in STATISTICS
    )
    rules = "".join(
        f'.framed:has([name="column"][value="{s.suffix}"]:checked) .cell.{other.suffix} {{ display: none }}'
        for s in STATISTICS
        for other in STATISTICS
        if other is not s
    )
    label = text.EMBED_STATISTIC
    return f'<style>{rules}</style><fieldset class="columns" aria-label="{label}">{choices}</fieldset>'
