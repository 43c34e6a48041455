"""The tab to guess in: one real specimen, the visitor's guess, then the truth and what the model said.

A specimen travels as its row number, so any replica can answer; the tally stays in the visitor's browser.
"""

import json
import secrets
from collections.abc import Sequence
from html import escape
from pathlib import Path

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.explain import Reference
from model.features import FEATURES, MEASUREMENTS, STATISTICS, Feature, Measurement, Statistic
from ui import charts, text
from ui.explorer import Explorer
from ui.grid import legend, named
from ui.link import digits
from ui.markup import AT_ONCE, html, term
from ui.scales import SCALES

_SCRIPT = (Path(__file__).parent / "guess.js").read_text(encoding="utf-8")
_CLASSES = ("benign", "malignant")


def build(explorer: Explorer) -> gr.HTML:
    def deal(event: gr.EventData) -> tuple[str, str]:
        row = choose(len(explorer.reference.malignant), set(event.seen))
        return profile(explorer, explorer.reference.values[row].tolist()), question(row)

    def reveal(event: gr.EventData) -> str:
        return answer(explorer, row_of(explorer, event.row), event.guess)

    with gr.Column(elem_id="guess"):
        shown = html("", elem_id="guess-profile")
        card = gr.HTML("", js_on_load=_SCRIPT, apply_default_css=False, elem_id="guess-card")
    card.deal(deal, None, [shown, card], **AT_ONCE)
    card.guess(reveal, None, card, **AT_ONCE)
    return card


def choose(count: int, seen: set[int]) -> int:
    """A row that the visitor has not had; any, once all were had."""
    return secrets.choice([row for row in range(count) if row not in seen] or range(count))


def question(row: int) -> str:
    """What to do; says nothing of the answer."""
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


def answer(explorer: Explorer, row: int, guess: str) -> str:
    """The truth first, then who was right, and the model's reasons."""
    reference = explorer.reference
    truth = _CLASSES[int(reference.malignant[row])]
    probability = float(reference.probability[row])
    values = json.dumps(reference.values[row].tolist())  # the script draws the reasons (page.js)
    you, model = guess == truth, explorer.classifier.diagnosis(probability) == truth
    was = f'<span class="word">{charts.mark(truth)}{text.VERDICT[truth]}</span>'
    scores = _score(text.GUESS_YOU, escape(guess), you) + _score(
        text.GUESS_MODEL, _said(explorer.classifier, probability), model
    )
    return (
        f'<section class="card" data-row="{row}" data-you="{int(you)}" data-model="{int(model)}" '
        f'aria-label="{text.GUESS_TRUTH}"><div role="status"><p class="was">{text.GUESS_TRUTH}{was}</p>'
        f'<dl class="scores">{scores}</dl></div>{_tally()}'
        f'<div class="choices"><button type="button" data-next aria-keyshortcuts="n">{text.GUESS_NEXT}'
        f'<kbd>N</kbd></button><a class="button" href="?row={row}" data-load data-tab="explore">'
        f"{text.GUESS_EXPLORE}</a></div>"
        f'<p class="sentence"></p><div class="reasons every" data-values="{values}"></div>'
        f'<p class="note">{text.GUESS_NOTE}</p></section>'
    )


def _score(who: str, said: str, right: bool) -> str:
    return f"<dt>{who}</dt><dd>{said}</dd><dd>{text.GUESS_RIGHT[right]}</dd>"


def _said(classifier: Classifier, probability: float) -> str:
    """The diagnosis with its probability; and that the verdict would be inconclusive, where it would."""
    said = f"{classifier.diagnosis(probability)}, {charts.percent(probability)}"
    unsure = classifier.verdict(probability) == "inconclusive"
    return said + (f" ({text.VERDICT['inconclusive'].lower()})" if unsure else "")


def _tally() -> str:
    """Empty places that the script fills."""
    count = {key: f'<b data-tally="{key}">0</b>' for key in ("you", "model", "all")}
    return (
        f'<p class="tally" hidden>{text.GUESS_TALLY.format(**count)} '
        f'<button type="button" data-reset>{text.GUESS_RESET}</button></p>'
    )


def row_of(explorer: Explorer, row: object) -> int:
    """The row that a request names, checked: it comes from outside."""
    if not isinstance(row, int) or not 0 <= row < len(explorer.reference.malignant):
        raise gr.Error(text.GUESS_NO_ROW.format(row=escape(str(row)[:20])), print_exception=False)
    return row


def profile(explorer: Explorer, values: Sequence[float]) -> str:
    """Ten rows of three, in the layout of the grid of sliders."""
    heads = "".join(f'<div class="head">{_head(statistic)}</div>' for statistic in STATISTICS)
    above = _above(explorer.reference, np.array(values))
    rows = "".join(_row(explorer, measurement, values, above) for measurement in MEASUREMENTS)
    return (
        f'<section class="grid profile" style="--statistics:{len(STATISTICS)}" '
        f'aria-label="{text.PROFILE}"><div class="row">{legend()}{heads}</div>'
        f"{rows}</section>"
    )


def _head(statistic: Statistic) -> str:
    """The name of a column, with what it means, where that is not known from school."""
    key = {"se": "error", "worst": "worst"}.get(statistic.suffix)
    return term(key, escape(statistic.label)) if key else escape(statistic.label)


def _row(
    explorer: Explorer, measurement: Measurement, values: Sequence[float], above: NDArray[np.float64]
) -> str:
    cells = "".join(
        _cell(explorer, feature, values[i], above[i])
        for i, feature in enumerate(FEATURES)
        if feature.measurement is measurement
    )
    name = f'<div class="name"><span class="summary">{named(measurement)}</span></div>'
    return f'<div class="row">{name}{cells}</div>'


def _cell(explorer: Explorer, feature: Feature, value: float, above: NDArray[np.float64]) -> str:
    """One dot, its number, and the same in words for those who cannot see the dot."""
    track, spread = SCALES[feature.name], explorer.spread[feature.name]
    low, high = (round(track.position(bound), 3) for bound in (feature.low, feature.high))
    said = text.PROFILE_ABOVE.format(benign=f"{above[0]:.0%}", malignant=f"{above[1]:.0%}")
    return (
        f'<div class="cell" data-column="{escape(feature.statistic.label)}" '
        f'style="--low:{low};--high:{high}" title="{escape(feature.label)}: {said}">'
        f"{charts.densities(spread.benign, spread.malignant)}{charts.dot_on_scale(track.position(value))}"
        f'<span class="number">{digits(value)}<span class="unseen">, {said}</span></span></div>'
    )


def _above(reference: Reference, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares of the benign and of the malignant specimens that each value exceeds: (30, 2)."""
    below = reference.values < values
    return np.stack([below[~reference.malignant].mean(axis=0), below[reference.malignant].mean(axis=0)], 1)
