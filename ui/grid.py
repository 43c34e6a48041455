"""The grid of thirty sliders as HTML, ten measurements by three statistics; page.js sets their values."""

from collections.abc import Mapping
from html import escape

from model.features import FEATURES, MEASUREMENTS, STATISTICS, Feature, Measurement
from ui import charts, text
from ui.scales import SCALES, STEPS, ClassDensities


def grid(spread: Mapping[str, ClassDensities]) -> str:
    """Ten rows, three sliders each."""
    heads = "".join(
        f'<div class="head" title="{escape(_sentence(s.meaning))}">{_term(s.label, s.meaning)}</div>'
        for s in STATISTICS
    )
    rows = "".join(_row(measurement, spread) for measurement in MEASUREMENTS)
    return (
        f'<div class="grid" style="--statistics:{len(STATISTICS)}"><div class="row">'
        f"{legend()}{heads}</div>{rows}</div>"
    )


def legend() -> str:
    """Which of the two densities is which."""
    return (
        f'<div class="legend"><span>{charts.mark("benign")} {text.LEGEND_BENIGN}</span>'
        f"<span>{charts.mark('malignant')} {text.LEGEND_MALIGNANT}</span></div>"
    )


def named(measurement: Measurement) -> str:
    """A measurement's label with its unit."""
    unit = f'<span class="unit">{escape(measurement.unit)}</span>' if measurement.unit else ""
    return f"{escape(measurement.label)}{unit}"


def meaning(measurement: Measurement) -> str:
    """What a measurement measures, in a sentence."""
    unit = text.UNITS.get(measurement.unit, measurement.unit)
    form = text.MEANING_UNIT if unit and measurement.meaning else "{meaning}"
    return _sentence(form.format(meaning=measurement.meaning, unit=unit))


def _term(label: str, explained: str) -> str:
    """A word; a dotted line below it where it can be explained."""
    return f'<span class="asks" tabindex="0">{escape(label)}</span>' if explained else escape(label)


def _row(measurement: Measurement, spread: Mapping[str, ClassDensities]) -> str:
    """The name is a button: what it measures shows on hover, focus or tap, drawn on one nucleus."""
    name = f'<div class="name">{named(measurement)}</div>'
    if measurement.meaning:
        name = (
            f'<button type="button" class="name" data-measurement="{measurement.name}" aria-expanded="false" '
            f'aria-label="{escape(text.EXPLAIN.format(name=measurement.label))}">'
            f'<span class="asks">{escape(measurement.label)}</span>'
            + (f'<span class="unit">{escape(measurement.unit)}</span>' if measurement.unit else "")
            + "</button>"
        )
    cells = "".join(cell(f, spread[f.name]) for f in FEATURES if f.measurement is measurement)
    return f'<div class="row" role="group" aria-label="{escape(measurement.label)}">{name}{cells}</div>'


def _sentence(words: str) -> str:
    return words and words[0].upper() + words[1:].removesuffix(".") + "."


def cell(feature: Feature, spread: ClassDensities) -> str:
    """One slider over its two densities, and its number."""
    scale = SCALES[feature.name]
    label = escape(feature.label)
    low, high = (round(scale.position(bound), 3) for bound in (feature.low, feature.high))
    return (
        f'<div class="cell {feature.statistic.suffix}" data-feature="{feature.name}" '
        f'data-column="{escape(feature.statistic.label)}" style="--low:{low};--high:{high}">'
        f"{charts.densities(spread.benign, spread.malignant)}"
        f'<input type="range" min="0" max="{STEPS}" aria-label="{label}">'
        f'<input type="text" inputmode="decimal" autocomplete="off" spellcheck="false" '
        f'aria-label="{text.NUMBER.format(label=label)}"></div>'
    )
