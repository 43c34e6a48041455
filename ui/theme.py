"""Gradio's theme in the page's colours and type; carries the stylesheet with it."""

import re
from pathlib import Path

import gradio as gr

from ui import text

_HERE = Path(__file__).parent
_FONTS = (
    "-apple-system",
    "BlinkMacSystemFont",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Ubuntu",
    "Liberation Sans",
)
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")

# Nothing but the two classes is coloured, so every hue that Gradio asks for is this grey.
_GREY = gr.themes.Color(
    name="grey",
    c50="#fafaf8",
    c100="#f1f1ee",
    c200="#dededa",
    c300="#c6c6c1",
    c400="#8e9095",
    c500="#64676c",
    c600="#54575c",
    c700="#3b3e42",
    c800="#26282b",
    c900="#1b1c1f",
    c950="#131416",
)


_ICON = (
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Cpath d='M2 15C8 15 9 3 15 3s7 12 15 12z' fill='%230072b2'/%3E"
    "%3Cpath d='M2 17c8 0 9 12 15 12s7-12 13-12z' fill='%23d55e00'/%3E%3C/svg%3E"
)
_STYLE = re.sub(
    r"/\*.*?\*/|(?<=\n)\s+", "", (_HERE / "first.css").read_text(encoding="utf-8"), flags=re.DOTALL
)
"""The first screen's stylesheet, without what only its readers need."""

_HEARD = "<script>addEventListener('error', ({ target }) => { window.missing ||= target.src }, true)</script>"
"""Hears from the first moment when a script does not come."""

HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    f"<title>{text.TITLE}</title>{_HEARD}"
    f'<meta name="description" content="{text.TAGLINE}"><meta property="og:title" content="{text.TITLE}">'
    f'<meta property="og:description" content="{text.TAGLINE} {text.NOT_A_DEVICE}">'
    f'<meta property="og:type" content="website"><meta name="twitter:card" content="summary_large_image">'
    f'<meta name="twitter:title" content="{text.TITLE}">'
    f'<meta name="twitter:description" content="{text.TAGLINE}">'
    f'<link rel="icon" href="data:image/svg+xml,{_ICON}">'
    f"<style>{_STYLE}</style>"
)
"""What the page's head gets before Gradio's: what the page is, its icon, the first screen's styles."""


def create_theme() -> gr.themes.Base:
    """System fonts by name only (a theme's own would come from another host), the greys, the stylesheet."""
    theme = gr.themes.Base(
        primary_hue=_GREY,
        secondary_hue=_GREY,
        neutral_hue=_GREY,
        font=[*_FONTS, "Arial", "sans-serif"],
        font_mono=list(_MONO),
    ).set(
        body_background_fill="#fdfdfb",
        body_background_fill_dark="#131416",
        body_text_color="#1b1c1f",
        body_text_color_dark="#ecece8",
        body_text_color_subdued="#595c61",
        body_text_color_subdued_dark="#a6a9ae",
        block_label_text_color="#54575c",
        block_title_text_color="#54575c",
        input_placeholder_color="#64676c",
        input_placeholder_color_dark="#a6a9ae",
        color_accent="#1b1c1f",
        button_primary_background_fill="#1b1c1f",
        button_primary_background_fill_hover="#3b3e42",
        button_primary_background_fill_dark="#ecece8",
        button_primary_background_fill_hover_dark="#ffffff",
        button_primary_text_color_dark="#131416",
        link_text_color="#1b1c1f",
        link_text_color_dark="#ecece8",
        link_text_color_hover="#1b1c1f",
        link_text_color_hover_dark="#ecece8",
        link_text_color_visited="#1b1c1f",
        link_text_color_visited_dark="#ecece8",
    )
    theme.custom_css = (_HERE / "style.css").read_text(encoding="utf-8")
    return theme
