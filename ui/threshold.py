"""The part of the evidence that a visitor can move: a threshold and a prevalence, and the curves behind them.

This module makes the layout and the table; the page's script (evidence.js) looks up the counts.
"""

import json
from collections.abc import Sequence
from html import escape

import numpy as np

from model.evidence import AtThreshold, Curve, Evidence
from ui import charts, text
from ui.markup import explained, plain, section, table

_DECISIONS = 0.6  # the highest threshold of the decision curve; higher ones make no sense here
_CALIBRATED_AT = 0.8  # the probability in the title of the calibration


def threshold(evidence: Evidence, chosen: float) -> str:
    """Both dials, with the mean counts out of fold for the script."""
    found, data = evidence.threshold, evidence.data
    malignant, benign = data.malignant, data.specimens - data.malignant
    for_script = {
        "edge": round(charts.EDGE, 6),
        "malignant": malignant,
        "benign": benign,
        "threshold": found.grid,
        "missed": found.missed,
        "alarms": found.false_alarms,
        "words": {"taken": text.LINE_TAKEN, "case": text.PREVALENCE_CASE, "same": text.PREVALENCE_SAME},
    }
    content = (
        f"{_dial('threshold', text.LINE_MODELS, chosen)}"
        f"{_specimens(malignant, benign)}"
        f"{_rates('sensitivity', 'specificity', 'positive_ratio', 'negative_ratio')}"
        f"{_thresholds(found.at)}<h3>{text.LINE_ELSEWHERE}</h3>"
        f"{_dial('prevalence', text.LINE_DATAS, malignant / data.specimens)}"
        f"{_rates('ppv', 'npv')}"
        f'<p class="lead">{_slots(text.LINE_THOUSAND)}</p><p class="lead" data-out="one-case"></p>'
    )
    attributes = f'class="line-drawing" data-counts="{escape(json.dumps(for_script))}"'
    low, high = (f"{100 * end:.2g} %" for end in (found.low, found.high))
    said = {"repeats": evidence.protocol.repeats, "low": low, "high": high}
    return f"<div {attributes}>{section(text.LINE_TITLE, text.LINE_LEAD, content, **said)}</div>"


def _dial(name: str, back: str, value: float) -> str:
    """A slider on the log-odds scale, a field for the exact number, and a button to reset both."""
    label = text.LINE_DIALS[name]
    shown, spoken = charts.percent(value), plain(label)
    return (
        f'<div class="dial" data-dial="{name}"><span class="label">{explained(label)}</span>'
        f'<input type="range" min="0" max="1000" step="5" aria-label="{spoken}" '
        f'aria-valuetext="{shown}" value="{1000 * charts.logit_position(value):.0f}">'
        f'<input type="text" inputmode="decimal" value="{shown}" aria-label="{spoken}, {text.LINE_EXACT}" '
        f'title="{text.LINE_FORMS}"><button type="button" data-back="{value!r}">'
        f'{back.format(value=shown)}</button><span class="taken" role="status"></span></div>'
    )


def _specimens(malignant: int, benign: int) -> str:
    """A mark for each specimen, and elements that the script fills with the counts of both classes."""
    kinds = (("malignant", malignant, text.LINE_MALIGNANT), ("benign", benign, text.LINE_BENIGN))
    marks, rows = "", []
    for kind, count, said in kinds:
        label = f"{count} {text.VERDICT[kind].lower()}"
        marks += f'<div class="marks" data-kind="{kind}" aria-hidden="true"><span>{label}</span>'
        marks += f"<p>{'<i></i>' * count}</p></div>"
        rows.append([f"{charts.mark(kind)} {label}", *map(_slots, said)])
    return f'{marks}<div aria-live="polite">{table(("", *text.LINE_HEADS), rows, "counts")}</div>'


def _rates(*names: str) -> str:
    """Elements that the script fills with rates and their intervals."""
    rates = (
        f"<div><dt>{explained(text.METRICS[name])}</dt>"
        f'<dd><b data-out="{name}"></b><span data-out="{name}-interval"></span></dd></div>'
        for name in names
    )
    return f"<dl>{''.join(rates)}</dl>"


def _thresholds(at: Sequence[AtThreshold]) -> str:
    rows = (
        (
            f"{100 * each.threshold:g} %",
            f"{each.sensitivity.of - each.sensitivity.hits:.1f}",
            f"{each.specificity.of - each.specificity.hits:.1f}",
            f"{each.positive_ratio[0]:.0f}",
            f"{each.negative_ratio[0]:.3f}",
        )
        for each in at
    )
    return table(text.THRESHOLD_HEADS, rows, "thresholds")


def _slots(sentence: str) -> str:
    """A sentence in which each ``{name}`` becomes an element that the script fills."""
    return escape(sentence).replace("{", '<b data-out="').replace("}", '"></b>')


# ---- the curves


def roc(evidence: Evidence) -> str:
    """The ROC curve; only its upper left corner is drawn if most of it is there."""
    width, floor = corner(evidence.roc.x, evidence.roc.y)
    figure = charts.plot(
        _banded(evidence.roc, width, floor),
        charts.even_ticks(0, width),
        charts.even_ticks(floor, 1),
        over=f'<span class="dot" data-out="roc" data-width="{width}" data-floor="{floor}"></span>',
        across=text.ROC_ACROSS,
        up=text.ROC_UP,
    )
    lead = f"{text.ROC_CORNER} {text.ROC_LEAD}" if width < 1 else text.ROC_LEAD
    return section(text.ROC_TITLE, lead, figure)


def corner(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """The part of a ROC curve that is drawn: its width and its lowest sensitivity."""
    near = any(across <= 0.05 and up >= 0.8 for across, up in zip(x, y, strict=True))
    return (0.2, 0.8) if near else (1.0, 0.0)


def calibration(evidence: Evidence) -> str:
    """The observed share over the predicted probability, with its band."""
    curve = evidence.calibration
    found = round(100 * np.interp(_CALIBRATED_AT, curve.x, curve.y))
    figure = charts.plot(
        charts.line([(0, 0), (1, 1)], "dotted") + _banded(curve),
        charts.even_ticks(0, 1),
        charts.even_ticks(0, 1),
        across=text.CALIBRATION_ACROSS,
        up=text.CALIBRATION_UP,
    )
    said = {"said": round(100 * _CALIBRATED_AT), "found": found}
    return section(text.CALIBRATION_TITLE, text.CALIBRATION_LEAD, figure, **said)


def _banded(curve: Curve, width: float = 1.0, floor: float = 0.0) -> str:
    """A curve and its band, in the part of the unit square that is up to ``width`` and above ``floor``."""
    low, high, line = (
        [
            (x / width, max(0.0, (y - floor) / (1 - floor)))
            for x, y in zip(curve.x, ups, strict=True)
            if x <= width
        ]
        for ups in (curve.low, curve.high, curve.y)
    )
    return charts.band(low, high) + charts.line(line)


def decisions(evidence: Evidence) -> str:
    """The decision curve: the net benefit over the threshold, compared with treating all or none."""
    found = evidence.threshold
    inside = [i for i, at in enumerate(found.grid) if at <= _DECISIONS]
    low, high = -0.05, 1.1 * max(found.net_benefit)

    def up(benefit: float) -> float:
        return min(max((benefit - low) / (high - low), 0), 1)

    def curve(benefits: Sequence[float]) -> list[charts.Point]:
        return [(found.grid[i] / _DECISIONS, up(benefits[i])) for i in inside]

    best = all(found.net_benefit[i] >= max(found.treat_all[i], 0) for i in inside)
    figure = charts.plot(
        charts.line([(0, up(0)), (1, up(0))], "dotted")
        + charts.line(curve(found.treat_all), "dashed")
        + charts.line(curve(found.net_benefit)),
        charts.even_ticks(0, _DECISIONS, 4),
        [(up(benefit), f"{benefit:.1f}") for benefit in (0.0, 0.1, 0.2, 0.3) if benefit <= high],
        across=text.LINE_DIALS["threshold"],
        up=text.DECISIONS_UP,
    )
    return section(text.DECISIONS_TITLE[best], text.DECISIONS_LEAD, figure)
