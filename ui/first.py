"""The first screen as HTML: starting cases, sliders, the answer and its reasons; and the page for frames.

The HTML has no numbers: first.js sets them before the first paint, and at every frame of a drag.
"""

from collections.abc import Callable
from html import escape

from model.features import FEATURES, MEASUREMENTS, STATISTICS, Feature, Measurement, Statistic
from ui import charts, text
from ui.context import PageContext
from ui.scales import SCALES, STEPS


def explore(context: PageContext) -> str:
    """The tab itself: links to the starting cases, and the grid."""
    links = "".join(
        f'<a href="?{start.link}" data-load>{escape(start.title)}</a>' for start in context.starting
    )
    return (
        f'<section id="explore" aria-label="{text.EXPLORE}">'
        f'<nav class="cases" aria-label="{text.START_FROM}"><span>{text.START_FROM}</span>{links}</nav>'
        f'<p class="invitation">{text.INVITATION}</p><div id="grid">{grid(context)}</div></section>'
    )


def framed(context: PageContext) -> str:
    """The page for other people's frames: the answer, and ten sliders at a time."""
    options = "".join(
        f'<option value="{start.link}">{escape(start.title)}</option>' for start in context.starting
    )
    return (
        f'<main id="page" class="framed"><header><h1>{text.TITLE}</h1><p>{text.NOT_A_DEVICE}</p>'
        f'<a data-full href="./" target="_blank">{text.EMBED_OPEN}</a></header>'
        f'<div id="side">{answer_panel(context)}</div>'
        f'<div class="controls"><select data-load aria-label="{text.START_FROM}">'
        f'<option value="" hidden>{text.START_FROM}</option>{options}</select>'
        f"{_columns() if len(STATISTICS) > 1 else ''}</div>"
        f'<div id="grid">{grid(context)}</div>{foot(context)}</main>'
    )


def _columns() -> str:
    """The choice of a column, of which the last is selected first, and the rules that hide the others."""
    choices = rules = ""
    for s in STATISTICS:
        checked = " checked" if s is STATISTICS[-1] else ""
        choices += f'<label><input type="radio" name="column" value="{s.suffix}"{checked}>{s.label}</label>'
        others = f'.cell:not([data-column="{s.label}"], [data-column=""])'
        rules += f'.framed:has([value="{s.suffix}"]:checked) {others} {{ display: none }}'
    label = text.EMBED_STATISTIC
    return f'<style>{rules}</style><fieldset class="columns" aria-label="{label}">{choices}</fieldset>'


# ---- ten measurements by three statistics


def _slider(feature: Feature) -> tuple[str, str]:
    """A slider and a number, whose values first.js sets."""
    label = escape(feature.label)
    inputs = (
        f'<input type="range" min="0" max="{STEPS}" aria-label="{label}">'
        '<input type="text" inputmode="decimal" autocomplete="off" spellcheck="false" '
        f'aria-label="{text.NUMBER.format(label=label)}">'
    )
    return f'data-feature="{feature.name}"', inputs


def grid(context: PageContext, inside: Callable[[Feature], tuple[str, str]] = _slider) -> str:
    """A row for each measurement with a cell for each statistic, and above them the legend and the heads.

    A cell has attributes and a content, which is drawn over both densities; the range of the data is marked.
    """

    def cell(feature: Feature) -> str:
        low, high = (round(SCALES[feature.name].position(end), 3) for end in (feature.low, feature.high))
        attributes, content = inside(feature)
        return (
            f'<div class="cell {feature.statistic.suffix}" {attributes} '
            f'data-column="{escape(feature.statistic.label)}" style="--low:{low};--high:{high}">'
            f"{charts.densities(context.spread[feature.name])}{content}</div>"
        )

    legend = (
        f'<div class="legend"><span>{charts.mark("benign")} {text.LEGEND_BENIGN}</span>'
        f"<span>{charts.mark('malignant')} {text.LEGEND_MALIGNANT}</span></div>"
    )
    rows = "".join(
        f'<div class="row" role="group" aria-label="{escape(measurement.label)}">{_name(measurement)}'
        f"{''.join(cell(feature) for feature in FEATURES if feature.measurement is measurement)}</div>"
        for measurement in MEASUREMENTS
    )
    heads = f'<div class="row">{legend}{"".join(map(_head, STATISTICS))}</div>'
    return f'<div class="grid" style="--statistics:{len(STATISTICS)}">{heads}{rows}</div>'


def _head(statistic: Statistic) -> str:
    """The name of a column, with a dotted line if there is an explanation (tabs.js)."""
    label = escape(statistic.label)
    if statistic.meaning:
        title = escape(_sentence(statistic.meaning))
        label = f'<span class="asks term" tabindex="0" title="{title}">{label}</span>'
    return f'<div class="head">{label}</div>'


def _name(measurement: Measurement) -> str:
    """The name of a measurement; hover, focus or tap shows its definition on one nucleus (first.js)."""
    asks = "asks" if measurement.meaning else ""
    unit = f'<span class="unit">{escape(measurement.unit)}</span>' if measurement.unit else ""
    name = f'<span class="{asks}">{escape(measurement.label)}</span>{unit}'
    if not asks:
        return f'<div class="name">{name}</div>'
    label = escape(text.EXPLAIN.format(name=measurement.label))
    attributes = f'data-measurement="{measurement.name}" aria-expanded="false" aria-label="{label}"'
    return f'<button type="button" class="name" {attributes}>{name}</button>'


def meaning(measurement: Measurement) -> str:
    """A sentence that says what a measurement measures."""
    unit = text.UNITS.get(measurement.unit, measurement.unit)
    form = text.MEANING_UNIT if unit and measurement.meaning else "{meaning}"
    return _sentence(form.format(meaning=measurement.meaning, unit=unit))


def _sentence(words: str) -> str:
    return words and words[0].upper() + words[1:].removesuffix(".") + "."


# ---- the answer


def answer_panel(context: PageContext) -> str:
    """The answer, which stays visible, and below it the case, warnings, nuclei, reasons and the interval."""
    model = context.classifier
    low, high = (100 * charts.logit_position(cut) for cut in (model.malignant_from, model.benign_to))
    ticks = "".join(f'<b style="left:{100 * at:.2f}%">{label}</b>' for at, label in charts.PROBABILITIES)
    along = ("benign", "inconclusive", "malignant")
    kinds = "".join(f"<span>{text.VERDICT[kind].lower()}</span>" for kind in along)
    coverage = context.evidence.interval.coverage.values() if context.evidence else ()
    covered = text.MORE_COVERAGE.format(covered=round(100 * min(coverage))) if coverage else ""
    return (
        f'<div id="answer"><section class="answer" aria-label="{text.ANSWER}" data-link="">'
        '<div class="reading"><p class="word"><i class="shape"></i><span data-out="word"></span></p>'
        f'<p class="probability" data-out="probability"></p><p class="what">{text.PROBABILITY}</p>'
        '<p class="warned" data-out="warned"></p></div>'
        f'<div class="scale" aria-hidden="true" style="--from:{low:.2f}%;--to:{high:.2f}%">'
        f"{kinds}<i></i><u></u>{ticks}</div>"
        f'<nav class="near" aria-label="{text.NEAREST}"></nav>'
        '<p class="outcomes" data-out="outcomes"></p><p class="brief" aria-hidden="true"></p>'
        '<p class="problem" role="alert" hidden></p><div class="state" role="alert" hidden></div>'
        '<p class="unseen" role="status" data-out="spoken"></p></section></div>'
        '<div id="reasons"><div class="case"><p><span data-out="case"></span> '
        f"<a data-load data-undo hidden>{text.UNDO}</a></p>"
        f'<details class="truth"><summary>{text.TRUTH_ASK}</summary><p data-out="truth"></p></details></div>'
        '<div class="warnings" id="warnings"></div>'
        f'<figure id="nuclei" hidden><canvas role="img" aria-label="{text.NUCLEI}"></canvas>'
        f'<figcaption>{text.NUCLEI} <span data-out="nuclei"></span></figcaption></figure>'
        f'<section class="reasons" aria-label="{text.WHY}"><p class="sentence" data-out="sentence"></p>'
        f'<div class="axis"><span>{text.WHY_AXIS_BENIGN}</span><span>{text.WHY_AXIS_MALIGNANT}</span></div>'
        f'<div class="bars"></div><p class="note">{text.WHY_NOTE}</p>'
        f'<button type="button" class="quiet" data-do="all-reasons"></button></section>'
        f'<details class="more"><summary>{text.MORE}</summary><p data-out="meaning"></p>'
        f'<p data-out="interval"></p><p>{covered} {text.MORE_NEAREST}</p></details></div>'
    )


def foot(context: PageContext) -> str:
    """The limits with a link for programmers; on paper, with the model and the address instead."""
    info = context.classifier.info
    model = text.PRINTED.format(version=info.version, sha256=info.sha256[:12])
    return (
        f'<footer class="foot">{escape(text.LIMITS)} <a href="programs">{text.API}</a>'
        f'<span class="printed">{model}<br>{text.PRINTED_FROM} <span data-here></span></span></footer>'
    )
