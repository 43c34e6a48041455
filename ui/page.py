"""Assembles the page: its head, its tabs, and the answer beside them. Importing it builds nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from model.classifier import Classifier
from model.explain import Reference
from ui import embed, evidence, explore, guess, score, similar, text, use_it, what_if
from ui.explorer import Explorer
from ui.markup import HATCH

_SCRIPT = (Path(__file__).parent / "tabs.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the page.

    ``key`` names it in links, in the stylesheet and in the script; ``build`` lays out its content and returns
    the component that shows it. With ``case`` it is about the case on screen, whose answer stands beside it.
    """

    key: str
    title: str
    build: Callable[[Explorer], gr.HTML]
    case: bool = False


TABS = (
    Tab("explore", text.EXPLORE, explore.build, case=True),
    Tab("what_if", text.WHAT_IF, what_if.build, case=True),
    Tab("similar", text.SIMILAR, similar.build, case=True),
    Tab("guess", text.GUESS, guess.build),
    Tab("score", text.SCORE, score.build),
    Tab("evidence", text.EVIDENCE, evidence.build),
    Tab("use_it", text.USE_IT, use_it.build, case=True),
)
"""The one list of tabs: the script gets it as ``data-tabs`` of the head, the stylesheet as a rule."""


def create_page(
    classifier: Classifier,
    cases: Mapping[str, Any],
    reference: Reference,
    publish: Callable[[], None],
) -> gr.Blocks:
    """The demo as Gradio blocks; nothing that a visitor enters is stored, the case on screen is its link.

    Args:
        classifier: answers.
        cases: the parsed ``cases.json``.
        reference: the real specimens.
        publish: adds what programs may call.
    """
    explorer = Explorer(classifier, cases, reference)
    page = gr.Blocks(title=text.TITLE, fill_width=True)
    page.route(text.EMBED_OPEN, "/embed", show_in_navbar=False)
    page.route("Programs", "/programs", show_in_navbar=False)
    with page:  # once: each time that it is left, Gradio makes a whole application of it
        page.current_page = ""
        gr.HTML(_head(), js_on_load=_SCRIPT, apply_default_css=False, elem_id="head")
        with gr.Column(elem_id="shell"):
            with gr.Column(elem_id="main"), gr.Tabs(overflow_behavior="wrap"):
                built = {tab.key: _build(tab, explorer) for tab in TABS}
            with gr.Column(elem_id="side"):
                answer, reasons = explore.beside(explorer)
        explore.connect(explorer, built["explore"], answer, reasons)
        page.current_page = "programs"  # of what stands here for the endpoints, the page is sent nothing
        publish()
        page.current_page = "embed"
        embed.build(explorer)
    return page


def _build(tab: Tab, explorer: Explorer) -> gr.HTML:
    """A tab whose opening the page's scripts hear as ``explorer:tab``."""
    with gr.Tab(tab.title, id=tab.key) as opened:
        content = tab.build(explorer)
    heard = f"() => {{ document.dispatchEvent(new CustomEvent('explorer:tab', {{ detail: '{tab.key}' }})) }}"
    opened.select(None, js=heard, queue=False, api_visibility="private")
    return content


def _head() -> str:
    """The title, what the page is, its two buttons; and for the script, the list of tabs."""
    listed = escape(json.dumps({tab.key: tab.case for tab in TABS}))
    said = f'data-tabs="{listed}" data-late="{text.TAB_LATE}" data-again="{text.RETRY}"'
    return (
        f'{HATCH}<style>{_alone()}</style><header class="head" {said}><div><h1>{text.TITLE}</h1>'
        f"<p>{text.TAGLINE} {text.NOT_A_DEVICE}</p></div>"
        f'<div class="actions"><button type="button" data-do="copy-link" data-done="{text.COPIED}">'
        f'{text.COPY_LINK}</button><button type="button" data-do="print">{text.PRINT}</button></div></header>'
    )


def _alone() -> str:
    """The rule of the stylesheet that depends on the list: a tab without the case has the page to itself."""
    keys = ", ".join(f'[data-tab-id="{tab.key}"]' for tab in TABS if not tab.case)
    return (
        f'#shell:has([role="tab"][aria-selected="true"]:is({keys})) '
        "{ grid-template-columns: minmax(0, 1fr); #side { display: none } }"
    )
