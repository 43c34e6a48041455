"""Gradio's part of the page, which is all tabs but the first, and its theme."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import gradio as gr

from ui import evidence, guess, score, similar, text, use_it, what_if
from ui.explore import printed
from ui.explorer import Explorer
from ui.markup import source

_OPEN_API = "setTimeout(() => document.querySelector('.show-api')?.click(), 500)"
"""Opens Gradio's description of the endpoints, which lists those of the page that it is opened on."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the page.

    ``key`` is its name in links, in the stylesheet, in the script and of its ``panel``; ``build`` makes its
    content and returns the component that shows it. A tab with ``case`` is about the case on screen and shows
    the answer, too.
    """

    key: str
    title: str
    build: Callable[[Explorer], gr.HTML]
    case: bool = False


def _empty(_: Explorer) -> gr.HTML:
    """The content of the first tab, which is empty, because ui/explore.py makes the first screen."""
    return gr.HTML("", visible=False)


TABS = (
    Tab("explore", text.EXPLORE, _empty, case=True),
    Tab("what_if", text.WHAT_IF, what_if.build, case=True),
    Tab("similar", text.SIMILAR, similar.build, case=True),
    Tab("guess", text.GUESS, guess.build),
    Tab("score", text.SCORE, score.build),
    Tab("evidence", text.EVIDENCE, evidence.build),
    Tab("use_it", text.USE_IT, use_it.build, case=True),
)
"""The list of all tabs, from which the script gets ``data-tabs`` and the stylesheet a rule."""


def create_page(explorer: Explorer, publish: Callable[[], None]) -> gr.Blocks:
    """The tabs as Gradio blocks, without any stored state: the case on screen is in the address.

    Args:
        explorer: what every tab uses.
        publish: adds the endpoints for programs.
    """
    page = gr.Blocks(title=text.TITLE, fill_width=True)
    page.route("Programs", "/programs", show_in_navbar=False)
    with page:  # only once, because Gradio makes a new application at each exit
        page.current_page = ""
        gr.HTML(_tab_list(), js_on_load=source("tabs.js"), apply_default_css=False, elem_id="tab-list")
        with gr.Tabs(overflow_behavior="wrap"):
            for tab in TABS:
                _build(tab, explorer)
        gr.HTML(printed(explorer), apply_default_css=False, elem_id="printed")
        page.current_page = "programs"  # so that visitors do not load the components of the endpoints
        gr.HTML("", js_on_load=_OPEN_API, apply_default_css=False)
        publish()
    return page


def _build(tab: Tab, explorer: Explorer) -> gr.HTML:
    """A tab; when it is opened, the page's scripts get the event ``explorer:tab``."""
    with gr.Tab(tab.title, id=tab.key) as tab_component:
        content = tab.build(explorer)
    script = f"() => {{ document.dispatchEvent(new CustomEvent('explorer:tab', {{ detail: '{tab.key}' }})) }}"
    tab_component.select(None, js=script, queue=False, api_visibility="private")
    return content


def _tab_list() -> str:
    """The list of tabs for the script, and the rule of the stylesheet that depends on it."""
    tabs_json = escape(json.dumps({tab.key: tab.case for tab in TABS}))
    keys = ", ".join(f'[data-tab-id="{tab.key}"]' for tab in TABS if not tab.case)
    return (
        f'<i hidden data-tabs="{tabs_json}" data-late="{text.TAB_LATE}" data-loading="{text.TAB_LOADING}" '
        f'data-again="{text.RETRY}"></i>'
        f'<style>#shell:has([role="tab"][aria-selected="true"]:is({keys})) '
        "{ --alone: block; grid-template-columns: minmax(0, 1fr); column-gap: 0; "
        "#side { display: none } }</style>"
    )


# ---- the theme

_FONTS = (
    "-apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Noto Sans, Ubuntu, Liberation Sans, Arial, "
    "sans-serif"
)
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace"

_GREYS = "#fafaf8 #f1f1ee #dededa #c6c6c1 #8e9095 #64676c #54575c #3b3e42 #26282b #1b1c1f #131416"
"""The only colours on the page are those of the two classes, so all of Gradio's hues are these greys."""

_INK, _SOFT = ("#1b1c1f", "#ecece8"), ("#595c61", "#a6a9ae")
_COLOURS = {
    "body_background_fill": ("#fdfdfb", "#131416"),
    "body_text_color": _INK,
    "body_text_color_subdued": _SOFT,
    "block_label_text_color": _SOFT,
    "block_title_text_color": _SOFT,
    "input_placeholder_color": _SOFT,
    "button_primary_background_fill": _INK,
    "button_primary_background_fill_hover": ("#3b3e42", "#ffffff"),
    "button_primary_text_color": ("#ffffff", "#131416"),
    "link_text_color": _INK,
    "link_text_color_hover": _INK,
    "link_text_color_visited": _INK,
}
"""For the light and the dark theme, as in first.css."""


def create_theme() -> gr.themes.Base:
    """The theme: fonts of the system (others would be loaded from another host), greys and the stylesheet."""
    grey = gr.themes.Color(*_GREYS.split())
    theme = gr.themes.Base(
        primary_hue=grey,
        secondary_hue=grey,
        neutral_hue=grey,
        font=_FONTS.split(", "),
        font_mono=_MONO.split(", "),
    ).set(
        color_accent=_INK[0],
        **{name: light for name, (light, _) in _COLOURS.items()},
        **{f"{name}_dark": dark for name, (_, dark) in _COLOURS.items()},
    )
    theme.custom_css = source("style.css")
    return theme
