"""The part of the evidence that a visitor can move: a threshold and a prevalence, and the curves behind them.

The page's script (evidence.js) looks the counts up; this lays out their places, and the table.
"""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from model.evidence import AtThreshold, Evidence
from ui import charts, text
from ui.markup import explained, section, table, term

_DECISIONS = 0.6  # the highest threshold of the decision curve; nobody asks for more
_CALIBRATED_AT = 0.8  # the probability that the calibration's title speaks of


def threshold(evidence: Evidence, chosen: float) -> str:
    """For mean counts out of fold; the script looks them up, this lays out their places, and the table."""
    found, data = evidence.threshold, evidence.data
    benign = data.specimens - data.malignant
    counts = {"threshold": found.grid, "missed": found.missed, "alarms": found.false_alarms}
    table_of_counts = "".join(f' data-{name}="{_numbers(values)}"' for name, values in counts.items())
    lead = text.LINE_LEAD.format(
        repeats=evidence.protocol.repeats, low=f"{100 * found.low:.2g} %", high=f"{100 * found.high:.2g} %"
    )
    words = (
        f'data-taken="{text.LINE_TAKEN}" data-one-case="{text.PREVALENCE_CASE}" '
        f'data-same="{text.PREVALENCE_SAME}"'
    )
    thousand = _places(text.LINE_THOUSAND)
    return (
        f'<section class="line-drawing" data-edge="{charts.EDGE:.6f}" data-malignant="{data.malignant}" '
        f'data-benign="{benign}"{table_of_counts} {words}><h2>{text.LINE_TITLE}</h2>'
        f'<p class="lead">{explained(lead)}</p>'
        f"{_dial('threshold', text.LINE_THRESHOLD, text.LINE_MODELS, chosen)}"
        f"{_marks('malignant', data.malignant)}{_marks('benign', benign)}{_counts(data.malignant, benign)}"
        f"<dl>{''.join(map(_rate, ('sensitivity', 'specificity', 'positive_ratio', 'negative_ratio')))}</dl>"
        f"{_thresholds(found.at)}<h3>{text.LINE_ELSEWHERE}</h3>"
        f"{_dial('prevalence', term('prevalence'), text.LINE_DATAS, data.malignant / data.specimens)}"
        f"<dl>{_rate('ppv')}{_rate('npv')}</dl>"
        f'<p class="lead">{thousand}</p><p class="lead" data-out="one-case"></p></section>'
    )


def _dial(name: str, label: str, back: str, value: float) -> str:
    """A slider on the scale of log-odds, a field for the exact number, and the way back."""
    shown, spoken = charts.percent(value), text.LINE_DIALS[name]
    return (
        f'<div class="dial" data-dial="{name}"><span class="label">{label}</span>'
        f'<input type="range" min="0" max="1000" step="5" aria-label="{spoken}" '
        f'aria-valuetext="{shown}" value="{10 * charts.logit_position(value):.0f}">'
        f'<input type="text" inputmode="decimal" value="{shown}" aria-label="{spoken}, {text.LINE_EXACT}" '
        f'title="{text.LINE_FORMS}"><button type="button" data-back="{value!r}">'
        f'{back.format(value=shown)}</button><span class="taken" role="status"></span></div>'
    )


def _marks(kind: str, count: int) -> str:
    """One mark a specimen."""
    label = f"{count} {text.VERDICT[kind].lower()}"
    return (
        f'<div class="marks" data-kind="{kind}" aria-hidden="true"><span>{label}</span>'
        f"<p>{'<i></i>' * count}</p></div>"
    )


def _counts(malignant: int, benign: int) -> str:
    rows = (
        f'<tr><th scope="row">{charts.mark(kind)} {count} {text.VERDICT[kind].lower()}</th>'
        + "".join(f"<td>{_places(cell)}</td>" for cell in cells)
        + "</tr>"
        for kind, count, cells in (
            ("malignant", malignant, text.LINE_MALIGNANT),
            ("benign", benign, text.LINE_BENIGN),
        )
    )
    return f'<div aria-live="polite">{table(("", *text.LINE_HEADS), rows, "counts")}</div>'


def _rate(name: str) -> str:
    return (
        f"<div><dt>{term(name if name in text.TERMS else 'likelihood_ratio', text.RATES[name])}</dt>"
        f'<dd><b data-out="{name}"></b><span data-out="{name}-interval"></span></dd></div>'
    )


def _thresholds(at: Sequence[AtThreshold]) -> str:
    """What the thresholds that one might have chosen would have missed."""
    rows = (
        f'<tr><th scope="row">{100 * each.threshold:g} %</th>'
        f"<td>{each.sensitivity.of - each.sensitivity.hits:.1f}</td>"
        f"<td>{each.specificity.of - each.specificity.hits:.1f}</td>"
        f"<td>{each.positive_ratio[0]:.0f}</td><td>{each.negative_ratio[0]:.3f}</td></tr>"
        for each in at
    )
    return table(text.THRESHOLD_HEADS, rows, "thresholds")


def _places(sentence: str) -> str:
    """A sentence with its ``{name}`` as places that the script fills."""
    return escape(sentence).replace("{", '<b data-out="').replace("}", '"></b>')


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def roc(evidence: Evidence) -> str:
    curve = evidence.roc
    width, floor = charts.corner(curve.x, curve.y)

    def within(ups: Sequence[float]) -> list[charts.Point]:
        inside = [(x, y) for x, y in zip(curve.x, ups, strict=True) if x <= width]
        return [(x / width, max(0.0, (y - floor) / (1 - floor))) for x, y in inside]

    quarters = [i / 4 for i in range(5)]
    place = f'<span class="dot" data-out="roc" data-width="{width}" data-floor="{floor}"></span>'
    figure = charts.plot(
        charts.band(within(curve.low), within(curve.high)) + charts.line(within(curve.y)),
        [(x, f"{100 * width * x:.0f} %") for x in quarters],
        [(y, f"{100 * (floor + (1 - floor) * y):.0f} %") for y in quarters],
        text.ROC_LABEL,
        over=place,
        title=text.ROC_ACROSS,
        title_up=text.ROC_UP,
    )
    return section(text.ROC_TITLE, text.ROC_LEAD[width < 1], figure)


def calibration(evidence: Evidence) -> str:
    curve = evidence.calibration
    at = 0.8
    title = text.CALIBRATION_TITLE.format(
        said=round(100 * at), found=round(100 * np.interp(at, curve.x, curve.y))
    )
    low, high, middle = (list(zip(curve.x, ups, strict=True)) for ups in (curve.low, curve.high, curve.y))
    marks = charts.band(low, high) + charts.line([(0, 0), (1, 1)], "dotted") + charts.line(middle)
    figure = charts.plot(
        marks,
        charts.QUARTERS,
        charts.QUARTERS,
        text.CALIBRATION_LABEL,
        title=text.CALIBRATION_ACROSS,
        title_up=text.CALIBRATION_UP,
    )
    return section(title, text.CALIBRATION_LEAD, figure)


def decisions(evidence: Evidence) -> str:
    """The decision curve: net benefit over the threshold, against treating all, and none."""
    found = evidence.threshold
    count = sum(threshold <= _DECISIONS for threshold in found.grid)
    top, floor = max(found.net_benefit), -0.05

    def within(benefits: Sequence[float]) -> list[charts.Point]:
        pairs = zip(found.grid[:count], benefits[:count], strict=True)
        return [(x / _DECISIONS, min(max((y - floor) / (1.1 * top - floor), 0), 1)) for x, y in pairs]

    pairs = list(zip(found.net_benefit, found.treat_all, strict=True))[:count]
    best = all(own >= max(treat_all, 0) for own, treat_all in pairs)
    zero = -floor / (1.1 * top - floor)
    marks = (
        charts.line([(0, zero), (1, zero)], "dotted")
        + charts.line(within(found.treat_all), "dashed")
        + charts.line(within(found.net_benefit))
    )
    ticks = [(x / _DECISIONS, f"{100 * x:.0f} %") for x in (0.0, 0.2, 0.4, 0.6)]
    up = [((y - floor) / (1.1 * top - floor), f"{y:.1f}") for y in (0.0, 0.1, 0.2, 0.3)]
    figure = charts.plot(
        marks, ticks, up, text.DECISIONS_LABEL, title=text.LINE_THRESHOLD, title_up=text.DECISIONS_UP
    )
    return section(text.DECISIONS_TITLE[best], text.DECISIONS_LEAD, figure)
