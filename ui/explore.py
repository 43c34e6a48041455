"""The first tab: the cases to start from, the grid of sliders, and the answer that follows it."""

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from ui import text
from ui.explorer import Explorer
from ui.grid import grid
from ui.link import BrokenLink
from ui.markup import AT_ONCE, html
from ui.verdict import verdict

_SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


def build(explorer: Explorer) -> gr.HTML:
    """The tab's content; returns the grid."""
    html(cases(explorer), elem_id="cases")
    return sliders(explorer)


def cases(explorer: Explorer) -> str:
    """Links that load a case each; its diagnosis is told beside the answer, to those who ask."""
    links = [f'<a href="?case=median" data-load>{text.MEDIAN}</a>']
    links += [
        f'<a href="?case={case["key"]}" data-load>{escape(case["title"])}</a>' for case in explorer.cases
    ]
    label = text.START_FROM
    return f'<nav class="cases" aria-label="{label}"><span>{label}</span>{"".join(links)}</nav>'


def sliders(explorer: Explorer) -> gr.HTML:
    """The grid; page.js moves it and says what its value holds."""
    features = explorer.opening.to_dict()
    return gr.HTML(
        _state(features),
        html_template="${grid}",
        grid=grid(features, explorer.spread),
        js_on_load=_SCRIPT,
        apply_default_css=False,
        elem_id="grid",
    )


def _state(features: dict[str, float], link: str | None = None, curve: str = "") -> dict[str, Any]:
    return {"features": features, "link": link, "curve": curve}


def beside(explorer: Explorer) -> tuple[gr.HTML, gr.HTML]:
    """The answer and the reasons, for the case that the page opens with."""
    answer, reasons = verdict(explorer, explorer.opening)
    return html(answer, name="answer"), html(reasons, name="reasons")


def connect(explorer: Explorer, grid: gr.HTML, answer: gr.HTML, reasons: gr.HTML) -> None:
    """Whatever changes the case asks for its answer; only a link changes the grid, too."""

    def ask(state: dict[str, Any]) -> tuple[Any, str, str]:
        if state["link"] is None:
            return gr.skip(), *verdict(explorer, explorer.specimen(state["features"]))
        specimen, problem = explorer.opening, ""
        try:
            specimen = explorer.links.decode(state["link"])
        except BrokenLink as broken:
            problem = " ".join(broken.problems)
        return _state(specimen.to_dict(), state["link"], state["curve"]), *verdict(
            explorer, specimen, problem
        )

    grid.ask(ask, grid, [grid, answer, reasons], **AT_ONCE)
