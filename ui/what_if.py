"""The tab of what-if questions: the smallest changes that lead to the other verdict, and the whole model.

The model is thirty curves that add up, so all of it can be drawn, with the specimen as a dot on each curve.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from html import escape

import gradio as gr
import numpy as np

from model.explain import Flip
from model.features import BY_NAME, FEATURES, NAMES
from model.prediction import Prediction
from model.specimen import Specimen
from ui import charts, text
from ui.context import PageContext, digits
from ui.markup import explained, load_button, panel, section, source, table, verdict
from ui.scales import SCALES

_MAX_FLIPS = 6
_DIGITS = 4  # of a new value; nearly all data have as many
_POINTS = 121  # of the large curve
_SMALL_POINTS = 41  # of a small curve


def build(context: PageContext) -> gr.HTML:
    return panel(
        "what_if", lambda event: draw(context, context.case(event.link), event.curve), source("what_if.js")
    )


def draw(context: PageContext, specimen: Specimen, chosen: str = "") -> str:
    """The flips, one large curve (of the chosen feature, or of the easiest flip), and all curves."""
    prediction = context.classifier.predict(specimen)
    flips = context.explainer.flips(specimen)
    shares = {share.feature: share.contribution for share in prediction.contributions}
    feature = (
        chosen if chosen in BY_NAME else flips[0].feature if flips else max(shares, key=shares.__getitem__)
    )
    return (
        f"{_flips(context, specimen, prediction, flips[:_MAX_FLIPS])}"
        f"{_chosen(context, specimen, prediction, feature)}{_curves(context, specimen, shares, feature)}"
    )


def _flips(context: PageContext, specimen: Specimen, prediction: Prediction, flips: Sequence[Flip]) -> str:
    title = text.FLIPS_TITLE[prediction.verdict]
    if not flips:
        return section(title, text.FLIPS_NONE)
    either = prediction.verdict == "inconclusive"  # only then the rows can lead to different verdicts
    heads = (*text.FLIPS_HEADS, *([text.FLIPS_VERDICT] if either else []), "")
    rows = (_flip(context, specimen, flip, either) for flip in flips)
    return section(title, text.FLIPS_LEAD, table(heads, rows, "stack flips"))


def _flip(context: PageContext, specimen: Specimen, flip: Flip, either: bool) -> list[str]:
    feature, scale = BY_NAME[flip.feature], SCALES[flip.feature]
    to = _beyond(flip)
    changed = Specimen.parse(specimen.to_dict() | {flip.feature: to})
    warned = f'<span class="warned">{text.FLIP_WARNED}</span>' if flip.new_warnings else ""
    return [
        f"{escape(feature.label)}{warned}",
        digits(flip.value),
        digits(to),
        charts.arrow_between(scale.position(flip.value), scale.position(to), context.spread[flip.feature]),
        text.FLIP_EFFORT.format(effort=flip.effort),
        *([verdict(flip.verdict)] if either else []),
        load_button(context.encode(changed), text.TRY_IT),
    ]


def _beyond(flip: Flip) -> float:
    """The new value with few digits, rounded away from the old one, so that it still flips."""
    rounding = ROUND_CEILING if flip.to > flip.value else ROUND_FLOOR
    return float(Context(_DIGITS, rounding).create_decimal(repr(flip.to)))


def _chosen(context: PageContext, specimen: Specimen, prediction: Prediction, name: str) -> str:
    """The large chart of one feature: the probability over its values, and both densities."""
    feature, scale = BY_NAME[name], SCALES[name]
    value = specimen.to_dict()[name]
    over, probability = context.explainer.response(specimen, name, scale.values(_POINTS))
    x, y = scale.position(value), charts.logit_position(prediction.probability)
    points = list(
        zip(map(scale.position, over.tolist()), map(charts.logit_position, probability), strict=True)
    )
    model = context.classifier
    low, high = (charts.logit_position(cut) for cut in (model.malignant_from, model.benign_to))
    here = text.CURVE_HERE.format(value=digits(value), probability=charts.percent(prediction.probability))
    figure = charts.plot(
        charts.band([(0, low), (1, low)], [(0, high), (1, high)])
        + charts.line([(x, 0), (x, 1)], "drop")
        + charts.line(points),
        [(scale.position(tick), digits(tick)) for tick in scale.ticks()],
        charts.PROBABILITIES,
        over=charts.dot((x, y)) + charts.caption((x, 1), here),
        across=feature.label + (f" ({feature.unit})" if feature.unit else ""),
        up=text.PROBABILITY,
        under=f'<div class="strip">{charts.densities(context.spread[name])}</div>',
    )
    part = section(text.CURVE_TITLE, text.CURVE_LEAD, figure, feature=escape(feature.spoken))
    return f'<div class="chosen">{part}</div>'


def _curves(context: PageContext, specimen: Specimen, shares: dict[str, float], chosen: str) -> str:
    """All thirty curves, small; those whose contributions vary most among the real specimens come first."""
    importance = context.classifier.contributions(context.reference.values).std(axis=0)
    grid = np.array([SCALES[name].values(_SMALL_POINTS) for name in NAMES]).T
    heights = context.classifier.contributions(grid)
    low, high = float(heights.min()), float(heights.max())
    values = specimen.to_dict()

    def up(share: float) -> float:
        return min(max((share - low) / (high - low), 0), 1)

    def curve(index: int) -> str:
        feature, scale = FEATURES[index], SCALES[NAMES[index]]
        points = [(i / (_SMALL_POINTS - 1), up(share)) for i, share in enumerate(heights[:, index].tolist())]
        now = (scale.position(values[feature.name]), up(shares[feature.name]))
        pressed = str(feature.name == chosen).lower()
        return (
            f'<button type="button" data-curve="{feature.name}" aria-pressed="{pressed}">'
            f"<span>{escape(feature.label)}<b>{charts.signed(shares[feature.name])}</b></span>"
            f"{charts.small_curve(points, now, up(0))}</button>"
        )

    order = np.argsort(-importance, kind="stable").tolist()
    content = f'<div class="curves">{"".join(map(curve, order))}</div>'
    note = f'<p class="note">{explained(text.WHAT_IF_NOTE)}</p>'
    return section(text.CURVES_TITLE, text.CURVES_LEAD, content + note)
