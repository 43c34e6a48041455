"""The guessing tab: one real specimen, the visitor's guess, then the truth and the answer of the model.

Requests name a specimen by its row, so any replica can answer; the score stays in the visitor's browser.
"""

import json
import secrets
from collections.abc import Sequence
from html import escape

import gradio as gr
import numpy as np

from model.features import FEATURES, STATISTICS, Feature, Statistic
from ui import charts, text
from ui.context import PageContext, digits
from ui.first import cell, layout, named
from ui.markup import AT_ONCE, explained, load_button, source
from ui.scales import SCALES

_CLASSES = ("benign", "malignant")


def build(context: PageContext) -> gr.HTML:
    def deal(event: gr.EventData) -> tuple[str, str]:
        row = choose(len(context.reference.malignant), set(event.seen))
        return profile(context, context.reference.values[row].tolist()), question(row)

    def reveal(event: gr.EventData) -> str:
        return answer(context, row_of(context, event.row), event.guess)

    with gr.Column(elem_id="guess"):
        shown = gr.HTML("", js_on_load=None, apply_default_css=False, elem_id="guess-profile")
        card = gr.HTML("", js_on_load=source("guess.js"), apply_default_css=False, elem_id="guess-card")
    card.deal(deal, None, [shown, card], **AT_ONCE)
    card.guess(reveal, None, card, **AT_ONCE)
    return card


def choose(count: int, seen: set[int]) -> int:
    """A random row that the visitor has not seen; any row if all were seen."""
    return secrets.choice([row for row in range(count) if row not in seen] or range(count))


def question(row: int) -> str:
    """The question with its buttons; nothing in it reveals the answer."""
    buttons = "".join(
        f'<button type="button" data-guess="{kind}" aria-keyshortcuts="{kind[0]}">'
        f"{charts.mark(kind)}{text.VERDICT[kind]}<kbd>{kind[0].upper()}</kbd></button>"
        for kind in _CLASSES
    )
    return (
        f'<section class="card" data-row="{row}" aria-label="{text.GUESS_ASK}"><h2>{text.GUESS_ASK}</h2>'
        f'<p>{text.GUESS_HOW}</p><div class="choices">{buttons}</div>{_tally()}</section>'
    )


def answer(context: PageContext, row: int, guess: str) -> str:
    """The truth first, then who was right, and the model's reasons."""
    reference, classifier = context.reference, context.classifier
    truth = _CLASSES[int(reference.malignant[row])]
    probability = float(reference.probability[row])
    values = json.dumps(reference.values[row].tolist())  # the script draws the reasons (first.js)
    diagnosis = classifier.diagnosis(probability)
    reply = f"{diagnosis}, {charts.percent(probability)}"
    if classifier.verdict(probability) == "inconclusive":
        reply += f" ({text.VERDICT['inconclusive'].lower()})"
    scores = "".join(
        f"<dt>{player}</dt><dd>{reply}</dd><dd>{text.GUESS_RIGHT[right]}</dd>"
        for player, reply, right in (
            (text.GUESS_YOU, escape(guess), guess == truth),
            (text.GUESS_MODEL, reply, diagnosis == truth),
        )
    )
    return (
        f'<section class="card" data-row="{row}" data-you="{int(guess == truth)}" '
        f'data-model="{int(diagnosis == truth)}" aria-label="{text.GUESS_TRUTH}"><div role="status">'
        f'<p class="was">{text.GUESS_TRUTH}'
        f'<span class="word">{charts.mark(truth)}{text.VERDICT[truth]}</span></p>'
        f'<dl class="scores">{scores}</dl></div>{_tally()}'
        f'<div class="choices"><button type="button" data-next aria-keyshortcuts="n">{text.GUESS_NEXT}'
        f"<kbd>N</kbd></button>{load_button(f'row={row}', text.GUESS_EXPLORE, tab='explore')}</div>"
        f'<p class="sentence"></p><div class="reasons every" data-values="{values}"></div>'
        f'<p class="note">{text.GUESS_NOTE}</p></section>'
    )


def _tally() -> str:
    """Empty elements that the script fills with the score."""
    count = {key: f'<b data-tally="{key}">0</b>' for key in ("you", "model", "all")}
    return (
        f'<p class="tally" hidden>{text.GUESS_TALLY.format(**count)} '
        f'<button type="button" data-reset>{text.GUESS_RESET}</button></p>'
    )


def row_of(context: PageContext, row: object) -> int:
    """The row that a request names, after a check, because anybody can send one."""
    if not isinstance(row, int) or not 0 <= row < len(context.reference.malignant):
        raise gr.Error(text.GUESS_NO_ROW.format(row=escape(str(row)[:20])), print_exception=False)
    return row


def profile(context: PageContext, values: Sequence[float]) -> str:
    """A dot for each value, in the layout of the grid of sliders."""
    below = context.reference.values < np.array(values)
    malignant = context.reference.malignant
    shares = (values, below[~malignant].mean(axis=0), below[malignant].mean(axis=0))
    shown = dict(zip(FEATURES, zip(*shares, strict=True), strict=True))
    dots = layout(
        _head,
        lambda measurement: f'<div class="name">{named(measurement)}</div>',
        lambda feature: _dot(context, feature, *shown[feature]),
    )
    return (
        f'<section class="grid profile" style="--statistics:{len(STATISTICS)}" '
        f'aria-label="{text.PROFILE}">{dots}</section>'
    )


def _head(statistic: Statistic) -> str:
    """The name of a column, with an explanation if ``text.TERMS`` has one."""
    label = escape(statistic.label)
    return f'<div class="head">{explained(f"[{label}]") if label.lower() in text.TERMS else label}</div>'


def _dot(context: PageContext, feature: Feature, value: float, benign: float, malignant: float) -> str:
    """A dot, its number, and a sentence about the shares of both classes that it exceeds."""
    sentence = text.PROFILE_ABOVE.format(benign=f"{benign:.0%}", malignant=f"{malignant:.0%}")
    number = f'<span class="number">{digits(value)}<span class="unseen">, {sentence}</span></span>'
    dot = charts.dot_on_scale(SCALES[feature.name].position(value))
    return cell(context, feature, f'title="{escape(feature.label)}: {sentence}"', dot + number)
