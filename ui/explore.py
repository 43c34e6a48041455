"""The first tab: the cases to start from, the grid of sliders, and the answer that follows it."""

from html import escape
from pathlib import Path

import gradio as gr

from ui import text
from ui.explorer import Explorer
from ui.grid import grid
from ui.link import BrokenLink
from ui.markup import AT_ONCE, html
from ui.verdict import verdict

_SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


def build(explorer: Explorer) -> gr.HTML:
    """The tab; returns the grid."""
    with gr.Tab(text.EXPLORE, id="explore"):
        html(cases(explorer))
        return sliders(explorer)


def cases(explorer: Explorer) -> str:
    """Links that load a case each; its diagnosis is told beside the answer, to those who ask."""
    links = [f'<a href="?" data-load>{text.MEDIAN}</a>']
    links += [
        f'<a href="?case={case["key"]}" data-load>{escape(case["title"])}</a>' for case in explorer.cases
    ]
    label = text.START_FROM
    return f'<nav class="cases" aria-label="{label}"><span>{label}</span>{"".join(links)}</nav>'


def sliders(explorer: Explorer) -> gr.HTML:
    """The grid: its value is name to number; page.js moves it and fires its events."""
    values = explorer.median.to_dict()
    return gr.HTML(
        values,
        html_template="${grid}",
        grid=grid(values, explorer.spread),
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_id="grid",
    )


def beside(explorer: Explorer) -> tuple[gr.HTML, gr.HTML]:
    """The answer and the reasons, for the case that the page opens with."""
    answer, reasons = verdict(explorer, explorer.median)
    return html(answer, name="answer"), html(reasons, name="reasons")


def connect(explorer: Explorer, grid: gr.HTML, answer: gr.HTML, reasons: gr.HTML) -> None:
    """A released slider asks for a new answer, a link for a new case with its answer."""

    def release(values: dict[str, float]) -> tuple[str, str]:
        return verdict(explorer, explorer.specimen(values))

    def link(event: gr.EventData) -> tuple[dict[str, float], str, str]:
        specimen, problem = explorer.median, ""
        try:
            specimen = explorer.links.decode(event.query)
        except BrokenLink as broken:
            problem = " ".join(broken.problems)
        return specimen.to_dict(), *verdict(explorer, specimen, problem)

    grid.release(release, grid, [answer, reasons], **AT_ONCE)
    grid.link(link, None, [grid, answer, reasons], **AT_ONCE)
