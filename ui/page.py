"""Gradio's part of the page, which is all tabs but the first, and its theme."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import gradio as gr

from ui import evidence, guess, score, similar, text, use_it, what_if
from ui.context import PageContext
from ui.markup import source

_OPEN_API = "setTimeout(() => document.querySelector('.show-api')?.click(), 500)"
"""Opens Gradio's description of the endpoints, which lists those of the page that it is opened on."""

_TELL = "() => document.dispatchEvent(new CustomEvent('explorer:tab', {{ detail: '{key}' }}))"
"""Tells the page's scripts which tab was opened."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the page.

    ``key`` is its name in links, in the stylesheet, in the script and of its ``panel``; ``build`` makes its
    content. A tab with ``case`` is about the case on screen and shows the answer, too.
    """

    key: str
    title: str
    build: Callable[[PageContext], object]
    case: bool = False


TABS = (
    Tab("explore", text.EXPLORE, lambda _: gr.HTML("", visible=False), case=True),  # it is in ui/first.py
    Tab("what_if", text.WHAT_IF, what_if.build, case=True),
    Tab("similar", text.SIMILAR, similar.build, case=True),
    Tab("guess", text.GUESS, guess.build),
    Tab("score", text.SCORE, score.build),
    Tab("evidence", text.EVIDENCE, evidence.build),
    Tab("use_it", text.USE_IT, use_it.build, case=True),
)
"""The list of all tabs, from which the script gets ``data-tabs`` and the stylesheet a rule."""


def create_page(context: PageContext, publish: Callable[[], None]) -> gr.Blocks:
    """The tabs as Gradio blocks, without any stored state: the case on screen is in the address.

    Args:
        context: what every tab draws from.
        publish: adds the endpoints for programs.
    """
    page = gr.Blocks(title=text.TITLE, fill_width=True)
    page.route("Programs", "/programs", show_in_navbar=False)
    with page:  # only once, because Gradio makes a new application at each exit
        page.current_page = ""
        gr.HTML(_tab_list(), js_on_load=source("tabs.js"), apply_default_css=False, elem_id="tab-list")
        with gr.Tabs(overflow_behavior="wrap"):
            for tab in TABS:
                with gr.Tab(tab.title, id=tab.key) as opened:
                    tab.build(context)
                opened.select(None, js=_TELL.format(key=tab.key), queue=False, api_visibility="private")
        page.current_page = "programs"  # so that visitors do not load the components of the endpoints
        gr.HTML("", js_on_load=_OPEN_API, apply_default_css=False)
        publish()
    return page


def _tab_list() -> str:
    """The list of tabs for the script, and the rule of the stylesheet that depends on it."""
    tabs_json = escape(json.dumps({tab.key: tab.case for tab in TABS}))
    keys = ", ".join(f'[data-tab-id="{tab.key}"]' for tab in TABS if not tab.case)
    return (
        f'<i hidden data-tabs="{tabs_json}" data-late="{text.TAB_LATE}" data-loading="{text.TAB_LOADING}" '
        f'data-again="{text.RETRY}"></i>'
        f'<style>#shell:has([role="tab"][aria-selected="true"]:is({keys})) '
        "{ grid-template-columns: minmax(0, 1fr); column-gap: 0; "
        "#side { display: none } }</style>"
    )


def create_theme() -> gr.themes.Base:
    """The theme: the stylesheet, on Gradio's greys; fonts of the system, as others come from another host."""
    theme = gr.themes.Base(
        primary_hue="neutral",
        secondary_hue="neutral",
        neutral_hue="neutral",
        font="sans-serif",
        font_mono="monospace",
    )
    theme.custom_css = source("style.css")
    return theme
