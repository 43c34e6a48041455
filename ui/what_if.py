"""The tab of what-if questions: the smallest changes that turn the answer, and one feature's curve."""

from html import escape

import gradio as gr

from model.explain import Flip
from model.features import BY_NAME, FEATURES, NAMES
from model.prediction import Prediction
from model.specimen import Specimen
from ui import charts, plots, text
from ui.explorer import Explorer
from ui.link import digits
from ui.markup import AT_ONCE, panel, table
from ui.scales import SCALES

_SCRIPT = """
const chosen = () => ({ curve: fnaTabs.recall("curve") ?? "" });
element.addEventListener("change", ({ target }) => {
  fnaTabs.remember("curve", target.value);
  ask();
});
"""
_SHOWN = 6
_POINTS = 121  # of a feature's curve


def build(explorer: Explorer) -> gr.HTML:
    def show(event: gr.EventData) -> str:
        return draw(explorer, explorer.case(event.link), event.curve)

    shown = panel("what_if", _SCRIPT)
    shown.open(show, None, shown, **AT_ONCE)
    return shown


def draw(explorer: Explorer, specimen: Specimen, chosen: str = "") -> str:
    """The flips as a table, then the curve of the chosen feature, or of the one that most easily turns it."""
    prediction = explorer.classifier.predict(specimen)
    flips = explorer.explainer.flips(specimen)
    largest = max(zip(NAMES, prediction.shares, strict=True), key=lambda item: abs(item[1]))[0]
    feature = chosen if chosen in BY_NAME else flips[0].feature if flips else largest
    return (
        f"{_flips(explorer, specimen, prediction, flips[:_SHOWN])}"
        f"{_curve(explorer, specimen, prediction, feature)}"
        f'<p class="note">{text.WHAT_IF_NOTE}</p>'
    )


def _flips(explorer: Explorer, specimen: Specimen, prediction: Prediction, flips: tuple[Flip, ...]) -> str:
    other = {"malignant": "benign", "benign": "malignant"}.get(prediction.verdict, "inconclusive")
    title = f"<h2>{text.FLIPS_TITLE[other]}</h2>"
    if not flips:
        return f"{title}<p>{text.FLIPS_NONE}</p>"
    rows = (_flip(explorer, specimen, flip) for flip in flips)
    return title + table((*text.FLIPS_HEADS, ""), rows, "flips")


def _flip(explorer: Explorer, specimen: Specimen, flip: Flip) -> str:
    changed = Specimen.parse(specimen.to_dict() | {flip.feature: flip.to})
    feature, track = BY_NAME[flip.feature], SCALES[flip.feature]
    spread = explorer.spread[flip.feature]
    way = charts.move(track.position(flip.value), track.position(flip.to), spread.benign, spread.malignant)
    link = escape(explorer.links.encode(changed))
    return (
        f'<tr><th scope="row">{escape(feature.label)}</th><td>{digits(flip.value)}</td>'
        f"<td>{digits(flip.to)}</td><td>{way}</td><td>{charts.percent(flip.probability)}</td>"
        f'<td><a class="button" href="?{link}" data-load>{text.TRY_IT}</a></td></tr>'
    )


def _curve(explorer: Explorer, specimen: Specimen, prediction: Prediction, name: str) -> str:
    feature, track = BY_NAME[name], SCALES[name]
    value = specimen.to_dict()[name]
    response = explorer.explainer.response(specimen, name, track.values(_POINTS))
    line = [
        (track.position(x), charts.logit_position(p) / 100)
        for x, p in zip(response.values.tolist(), response.probability.tolist(), strict=True)
    ]
    options = "".join(
        f'<option value="{f.name}"{" selected" if f.name == name else ""}>{escape(f.label)}</option>'
        for f in FEATURES
    )
    here = text.CURVE_HERE.format(value=digits(value), probability=charts.percent(prediction.probability))
    figure = plots.response(
        line,
        (track.position(value), charts.logit_position(prediction.probability) / 100),
        here,
        explorer.spread[name],
        [(track.position(tick), digits(tick)) for tick in track.ticks()],
        charts.logit_position(prediction.threshold) / 100,
        text.CURVE_LABEL.format(feature=feature.label),
        text.CURVE_TITLE_ACROSS.format(feature=feature.label, threshold=charts.percent(prediction.threshold)),
    )
    return (
        f'<div class="titled"><h2>{text.CURVE_TITLE}</h2><label>{text.CURVE_CHOOSE} '
        f"<select data-curve>{options}</select></label></div>{figure}"
    )
