"""The part of the evidence that a visitor can move: a threshold, and what it misses and alarms, in counts.

The script beside it (evidence.js) looks the counts up; this lays out their places, and the table.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from ui import charts, text
from ui.markup import table


def threshold(evaluation: Mapping[str, Any], chosen: float) -> str:
    """The section, for mean counts out of fold; ``chosen`` is the model's own threshold."""
    counts = evaluation["threshold"]["table"]
    specimens, malignant = evaluation["data"]["specimens"], evaluation["data"]["malignant"]
    benign = specimens - malignant
    data = "".join(
        f' data-{name}="{_numbers(counts[name])}"' for name in ("threshold", "missed", "false_alarms")
    )
    return (
        f'<section class="line-drawing" data-edge="{charts.EDGE:.6f}" data-malignant="{malignant}" '
        f'data-benign="{benign}"{data}><h2>{text.LINE_TITLE}</h2><p class="lead">{text.LINE_LEAD}</p>'
        f"{_dial('threshold', text.LINE_THRESHOLD, text.LINE_MODELS, chosen)}"
        f"{_marks('malignant', malignant)}{_marks('benign', benign)}{_counts(malignant, benign)}"
        f"<dl>{_rate('sensitivity', interval=True)}{_rate('specificity', interval=True)}</dl>"
        f"<h3>{text.LINE_ELSEWHERE}</h3>"
        f"{_dial('prevalence', text.LINE_PREVALENCE, text.LINE_DATAS, malignant / specimens)}"
        f"<dl>{_rate('ppv')}{_rate('npv')}</dl>"
        f'<p class="lead">{_places(text.LINE_THOUSAND)}</p></section>'
    )


def _dial(name: str, label: str, back: str, value: float) -> str:
    """A slider on the scale of log-odds, a field for the exact number, and the way back."""
    shown, exact = charts.percent(value), text.LINE_EXACT.format(name=label)
    return (
        f'<div class="dial" data-dial="{name}"><label for="{name}">{label}</label>'
        f'<input type="range" id="{name}" min="0" max="1000" step="5" '
        f'value="{10 * charts.logit_position(value):.0f}">'
        f'<input type="text" inputmode="decimal" value="{shown}" aria-label="{exact}" '
        f'title="{text.LINE_FORMS}"><button type="button" data-back="{value!r}">'
        f"{back.format(value=shown)}</button></div>"
    )


def _marks(kind: str, count: int) -> str:
    """One mark a specimen."""
    return (
        f'<div class="marks" data-kind="{kind}" aria-hidden="true"><span>{count} {kind}</span>'
        f"<p>{'<i></i>' * count}</p></div>"
    )


def _counts(malignant: int, benign: int) -> str:
    rows = (
        f'<tr><th scope="row">{charts.mark(kind)} {count} {kind}</th>'
        + "".join(f"<td>{_places(cell)}</td>" for cell in cells)
        + "</tr>"
        for kind, count, cells in (
            ("malignant", malignant, text.LINE_MALIGNANT),
            ("benign", benign, text.LINE_BENIGN),
        )
    )
    return f'<div aria-live="polite">{table(("", *text.LINE_HEADS), rows, "counts")}</div>'


def _rate(name: str, interval: bool = False) -> str:
    label, meaning = text.RATES[name]
    reach = f'<span data-out="{name}-interval"></span>' if interval else ""
    return f'<div><dt>{label}<span>{meaning}</span></dt><dd><b data-out="{name}"></b>{reach}</dd></div>'


def _places(sentence: str) -> str:
    """A sentence with its ``{name}`` as places that the script fills."""
    return escape(sentence).replace("{", '<b data-out="').replace("}", '"></b>')


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:g}" for value in values)
