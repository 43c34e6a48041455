"""Assembles the page: its head, the tabs, and the answer beside them. Importing it builds nothing."""

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from model.classifier import Classifier
from model.explain import Reference
from ui import embed, evidence, explore, guess, score_file, similar, text, use_it, what_if
from ui.explorer import Explorer
from ui.markup import HATCH, html
from ui.score_file import Score


def create_page(
    classifier: Classifier,
    cases: Mapping[str, Any],
    reference: Reference,
    evaluation: Mapping[str, Any],
    card: str,
    publish: Callable[[], None],
    score: Score,
) -> gr.Blocks:
    """The demo as Gradio blocks; nothing that a visitor enters is stored, the case on screen is its link.

    Args:
        classifier: answers.
        cases: the parsed ``cases.json``.
        reference: the real specimens.
        evaluation: the parsed ``evaluation.json``.
        card: the model card, in Markdown.
        publish: adds what programs may call.
        score: scores a file of specimens into another.
    """
    explorer = Explorer(classifier, cases, reference)
    page = gr.Blocks(title=text.TITLE, fill_width=True)
    page.route(text.EMBED_OPEN, "/embed", show_in_navbar=False)
    with page:  # once: each time that it is left, Gradio makes a whole application of it
        page.current_page = ""
        html(_head(), elem_id="head")
        with gr.Column(elem_id="shell"):
            with gr.Column(elem_id="main"), gr.Tabs():
                grid = explore.build(explorer)
                what_if.build(explorer, grid)
                similar.build(explorer, grid)
                guess.build(explorer)
                score_file.build(explorer, score)
                evidence.build(explorer, evaluation, card)
                use_it.build(explorer, grid)
            with gr.Column(elem_id="side"):
                answer, reasons = explore.beside(explorer)
        explore.connect(explorer, grid, answer, reasons)
        publish()
        page.current_page = "embed"
        embed.build(explorer)
    return page


def _head() -> str:
    return (
        f'{HATCH}<header class="head"><div><h1>{text.TITLE}</h1>'
        f"<p>{text.TAGLINE} {text.NOT_A_DEVICE}</p></div>"
        f'<div class="actions"><button type="button" data-do="copy-link" data-done="{text.COPIED}">'
        f'{text.COPY_LINK}</button><button type="button" data-do="print">{text.PRINT}</button></div></header>'
    )
