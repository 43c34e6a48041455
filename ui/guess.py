"""The guessing tab: one real specimen, the visitor's guess, then the truth and the answer of the model.

Requests name a specimen by its row, so any replica can answer; the score stays in the visitor's browser.
"""

import json
import secrets
from html import escape

import gradio as gr

from model.features import NAMES, Feature
from model.specimen import Specimen
from ui import charts, text
from ui.context import PageContext, digits
from ui.first import grid
from ui.markup import AT_ONCE, load_button, source
from ui.scales import SCALES

_CLASSES = ("benign", "malignant")


def build(context: PageContext) -> None:
    def deal(event: gr.EventData) -> tuple[str, str]:
        row = choose(len(context.reference.malignant), set(event.seen))
        return profile(context, row), question(row)

    def reveal(event: gr.EventData) -> str:
        return answer(context, row_of(context, event.row), event.guess)

    with gr.Column(elem_id="guess"):
        shown = gr.HTML("", js_on_load=None, apply_default_css=False, elem_id="guess-profile")
        card = gr.HTML("", js_on_load=source("guess.js"), apply_default_css=False, elem_id="guess-card")
    card.deal(deal, None, [shown, card], **AT_ONCE)
    card.guess(reveal, None, card, **AT_ONCE)


def choose(count: int, seen: set[int]) -> int:
    """A random row that the visitor has not seen; any row if all were seen."""
    return secrets.choice([row for row in range(count) if row not in seen] or range(count))


def question(row: int) -> str:
    """The question with its buttons; nothing in it reveals the answer."""
    # other data may have two classes with the same initial
    initials = [kind[0].lower() for kind in _CLASSES]
    keys = initials if len(set(initials)) == len(_CLASSES) else ["1", "2"]
    buttons = "".join(
        f'<button type="button" data-guess="{kind}" aria-keyshortcuts="{key}">'
        f"{charts.mark(kind)}{text.VERDICT[kind]}<kbd>{key.upper()}</kbd></button>"
        for kind, key in zip(_CLASSES, keys, strict=True)
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


def profile(context: PageContext, row: int) -> str:
    """A dot for each value of a specimen, in the layout of the grid of sliders."""
    reference = context.reference
    values = Specimen(tuple(reference.values[row].tolist())).to_dict()
    below = reference.values < reference.values[row]
    shares = {kind: below[reference.malignant == (kind == "malignant")].mean(axis=0) for kind in _CLASSES}

    def dot(feature: Feature) -> tuple[str, str]:
        """A dot, its number, and a sentence about the shares of both classes that it exceeds."""
        value, column = values[feature.name], NAMES.index(feature.name)
        sentence = text.PROFILE_ABOVE.format(
            **{kind: f"{share[column]:.0%}" for kind, share in shares.items()}
        )
        number = f'<span class="number">{digits(value)}<span class="unseen">, {sentence}</span></span>'
        drawn = charts.dot_on_scale(SCALES[feature.name].position(value)) + number
        return f'title="{escape(feature.label)}: {sentence}"', drawn

    return f'<section class="profile" aria-label="{text.PROFILE}">{grid(context, dot)}</section>'
