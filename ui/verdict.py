"""The answer and the reasons as HTML, without their numbers: page.js sets them, at every frame of a drag."""

import json
from html import escape
from typing import Any

from model.classifier import ARTIFACT
from ui import charts, text
from ui.explorer import Explorer

_TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)


def answer(explorer: Explorer) -> str:
    """One word, one number, one track, and how the specimens that scored like this turned out."""
    return (
        f'<section class="answer" aria-label="{text.ANSWER}" data-link="">'
        '<div class="reading"><p class="word"><i class="shape"></i><span data-out="word"></span></p>'
        f'<p class="probability" data-out="probability"></p><p class="what">{text.PROBABILITY}</p>'
        '<p class="warned" data-out="warned"></p></div>'
        f"{_track(explorer)}"
        f'<nav class="near" aria-label="{text.NEAREST}"></nav>'
        '<p class="outcomes" data-out="outcomes"></p><p class="brief" aria-hidden="true"></p>'
        '<div class="state" role="alert" hidden></div><p class="unseen" role="status" data-out="spoken"></p>'
        "</section>"
    )


def _track(explorer: Explorer) -> str:
    """From benign to malignant on the log-odds scale, labelled on itself; the script moves the needle."""
    low, high = (
        charts.logit_position(cut)
        for cut in (explorer.classifier.malignant_from, explorer.classifier.benign_to)
    )
    ticks = "".join(f'<b style="left:{charts.logit_position(p)}%">{charts.percent(p)}</b>' for p in _TICKS)
    kinds = [text.VERDICT[kind].lower() for kind in ("benign", "inconclusive", "malignant")]
    return (
        f'<div class="scale" aria-hidden="true" style="--from:{low}%;--to:{high}%">'
        f"{''.join(f'<span>{kind}</span>' for kind in kinds)}<i></i><u></u>{ticks}</div>"
    )


def reasons(explorer: Explorer) -> str:
    """Which case, warnings, the nuclei, why in a sentence and in bars, what else there is to the number."""
    model = explorer.classifier.info
    printed = text.PRINTED.format(limits=text.LIMITS, version=model.version, sha256=model.sha256[:12])
    return (
        f'{_case()}<div class="warnings" id="warnings"></div>'
        f'<figure id="nuclei"><svg viewBox="0 0 400 160" role="img" aria-label="{text.NUCLEI}"></svg>'
        f'<figcaption>{text.NUCLEI} <span data-out="nuclei"></span></figcaption></figure>'
        f'<section class="reasons" aria-label="{text.WHY}"><p class="sentence" data-out="sentence"></p>'
        f'<div class="axis"><span>{text.WHY_AXIS_BENIGN}</span><span>{text.WHY_AXIS_MALIGNANT}</span></div>'
        f'<div class="bars"></div><p class="note">{text.WHY_NOTE}</p>'
        f'<button type="button" class="quiet" data-do="all-reasons"></button></section>'
        f'<details class="more"><summary>{text.MORE}</summary><p data-out="meaning"></p>'
        f'<p data-out="interval"></p><p>{_coverage(explorer)} {text.MORE_NEAREST}</p></details>'
        f'<p class="printed">{escape(printed)}<br>{text.PRINTED_FROM} <span data-here></span></p>'
    )


def _case() -> str:
    """Which known case is on screen, how to get back to it, and what it was."""
    return (
        '<div class="case"><p class="problem" role="alert" hidden></p>'
        '<p><span data-out="case"></span> '
        f"<a data-load data-undo hidden>{text.UNDO}</a></p>"
        f'<details class="truth"><summary>{text.TRUTH_ASK}</summary><p data-out="truth"></p></details></div>'
    )


def _coverage(explorer: Explorer) -> str:
    """How often the interval held the truth, if the evidence at hand is of this model."""
    evaluation: dict[str, Any] = json.loads((ARTIFACT / "evaluation.json").read_text(encoding="utf-8"))
    covered = evaluation["interval"].get("coverage_of_uncertain")
    if evaluation["model"]["sha256"] != explorer.classifier.info.sha256 or covered is None:
        return ""
    return text.MORE_COVERAGE.format(covered=round(100 * covered))
