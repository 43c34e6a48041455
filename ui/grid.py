"""The grid of thirty sliders as HTML: ten measurements by three statistics; knows nothing about the model."""

from collections.abc import Mapping, Sequence
from html import escape

from model.features import FEATURES, MEASUREMENTS, STATISTICS, Feature, Measurement
from ui import charts, text
from ui.link import digits
from ui.scales import SCALES, STEPS, ClassDensities


def grid(values: Mapping[str, float], spread: Mapping[str, ClassDensities]) -> str:
    """Ten rows, three sliders each, at the given values."""
    heads = "".join(_explained("head", escape(s.label), _sentence(s.meaning)) for s in STATISTICS)
    rows = "".join(
        _row(measurement, [f for f in FEATURES if f.measurement is measurement], values, spread)
        for measurement in MEASUREMENTS
    )
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


def _row(
    measurement: Measurement,
    features: Sequence[Feature],
    values: Mapping[str, float],
    spread: Mapping[str, ClassDensities],
) -> str:
    name = _explained("name", named(measurement), _meaning(measurement))
    cells = "".join(cell(feature, values[feature.name], spread[feature.name]) for feature in features)
    return f'<div class="row" role="group" aria-label="{escape(measurement.label)}">{name}{cells}</div>'


def _explained(kind: str, label: str, meaning: str) -> str:
    """A word whose meaning shows on hover, and stays when it is clicked, tapped or entered."""
    if not meaning:
        return f'<div class="{kind}">{label}</div>'
    return (
        f'<details class="{kind}"><summary title="{escape(meaning)}">{label}</summary>'
        f"<p>{escape(meaning)}</p></details>"
    )


def _meaning(measurement: Measurement) -> str:
    unit = text.UNITS.get(measurement.unit, measurement.unit)
    form = text.MEANING_UNIT if unit and measurement.meaning else "{meaning}"
    return _sentence(form.format(meaning=measurement.meaning, unit=unit))


def _sentence(meaning: str) -> str:
    return meaning and meaning[0].upper() + meaning[1:].removesuffix(".") + "."


def cell(feature: Feature, value: float, spread: ClassDensities) -> str:
    """One slider over its two densities, and its number."""
    track = SCALES[feature.name]
    label = escape(feature.label)
    low, high = (round(track.position(bound), 3) for bound in (feature.low, feature.high))
    least = "" if feature.minimum < 0 else f' min="{feature.minimum:g}"'
    scale = f'data-shift="{track.shift:.9g}" data-start="{track.start:.9g}" data-span="{track.span:.9g}"'
    return (
        f'<div class="cell {feature.statistic.suffix}" data-feature="{feature.name}" '
        f'data-decimals="{feature.decimals}" {scale}>'
        f'<span class="column">{escape(feature.statistic.label)}</span>'
        f'<span class="track" style="--low:{low};--high:{high}">'
        f"{charts.densities(spread.benign, spread.malignant)}"
        f'<input type="range" min="0" max="{STEPS}" value="{round(STEPS * track.position(value))}" '
        f'aria-label="{label}"></span>'
        f'<input type="number"{least} step="any" value="{digits(value)}" '
        f'aria-label="{text.NUMBER.format(label=label)}"></div>'
    )
