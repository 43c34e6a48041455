"""The answer beside the grid as HTML: verdict, probability, scale, reasons, warnings; computes nothing."""

from html import escape

from model.classifier import Classifier
from model.features import BY_NAME, FEATURES, MEASUREMENTS, NAMES, Measurement
from model.prediction import Prediction
from model.specimen import Specimen
from ui import charts, text
from ui.explorer import Explorer, Truth
from ui.link import Origin
from ui.sentence import sentence

_LEAST_LIMIT = 2.0  # log-odds at a bar's full length at least, so that small reasons look small


def verdict(explorer: Explorer, specimen: Specimen, problem: str = "") -> tuple[str, str]:
    """The answer, which stays in sight, and the reasons below it; ``problem`` is what a broken link says."""
    prediction = explorer.classifier.predict(specimen)
    origin = explorer.links.origin(specimen)
    truth = explorer.truth(origin)
    return (
        _answer(prediction, explorer.classifier, explorer.links.encode(specimen)),
        _reasons(prediction, explorer.classifier, origin, truth, problem),
    )


def _answer(prediction: Prediction, classifier: Classifier, link: str) -> str:
    """The word, the probability with its interval, the scale."""
    ends = (prediction.interval.low, prediction.interval.high)
    low, high = map(charts.percent, ends)
    interval = text.INTERVAL.format(level=_whole(prediction.interval.level), low=low, high=high)
    scale = charts.probability_scale(
        prediction.probability,
        ends,
        prediction.threshold,
        _zone(classifier),
    )
    marks = " ".join(sorted({name for warning in prediction.warnings for name in warning.features}))
    return (
        f'<section class="answer" aria-label="{text.ANSWER}" data-link="{escape(link)}" data-marks="{marks}">'
        f'<div class="reading" role="status"><p class="word">{charts.mark(prediction.verdict)}'
        f"{text.VERDICT[prediction.verdict]}</p>"
        f'<p class="probability">{charts.percent(prediction.probability)}</p>'
        f'<p class="interval">{text.PROBABILITY}<span>{interval}</span></p></div>{scale}</section>'
    )


def _reasons(
    prediction: Prediction, classifier: Classifier, origin: Origin, truth: Truth | None, problem: str
) -> str:
    """What the verdict means, which case this is, a sentence, ten bars that open to three, warnings last."""
    return (
        f'<section class="reasons" aria-label="{text.WHY}">'
        f'<div role="alert">{_problem(problem)}</div>'
        f"{_meaning(prediction, classifier)}{_case(origin, truth)}"
        f'<p class="sentence">{escape(sentence(prediction, classifier))}</p>{bars(prediction)}'
        f'<p class="note">{text.WHY_NOTE}</p>{_warnings(prediction)}{_printed(prediction)}</section>'
    )


def _problem(problem: str) -> str:
    if not problem:
        return ""
    return f'<p class="problem">{text.BROKEN_LINK.format(problems=escape(problem))}</p>'


def _meaning(prediction: Prediction, classifier: Classifier) -> str:
    low, high = map(charts.percent, _zone(classifier))
    threshold = charts.percent(prediction.threshold)
    hatch = charts.mark("inconclusive")
    legend = text.SCALE_LEGEND.format(hatch=hatch, low=low, high=high, threshold=threshold)
    meaning = text.VERDICT_MEANING[prediction.verdict].format(level=_whole(prediction.level))
    count = len(prediction.warnings)
    care = f" {(text.WARNED_ONE if count == 1 else text.WARNED_MANY).format(count=count)}" if count else ""
    return f'<p class="legend">{legend}</p><p class="meaning">{meaning}{care}</p>'


def _zone(classifier: Classifier) -> tuple[float, float]:
    """The probabilities between which the verdict is inconclusive, be it for two classes or for none."""
    low, high = sorted((classifier.malignant_from, classifier.benign_to))
    return low, high


def _case(origin: Origin, truth: Truth | None) -> str:
    """Which known case this is or started from, and its diagnosis for those who ask."""
    name = text.FROM_MEDIAN if truth is None else truth.title or text.FROM_ROW.format(row=origin.row)
    said, undo, told = [escape(name)], "", ""
    if len(origin.changed) == 1:
        said.append(text.CHANGED_ONE.format(feature=escape(BY_NAME[origin.changed[0]].label)))
    elif origin.changed:
        said.append(text.CHANGED_MANY.format(count=len(origin.changed)))
    if origin.changed:
        undo = f' <a href="?{origin.start}" data-load>{text.UNDO}</a>'
    elif truth:
        was = f"{charts.mark(truth.diagnosis)} {text.TRUTH[truth.diagnosis]} {escape(truth.why)}"
        told = (
            f'<details class="truth" data-keep="truth {escape(origin.start)}">'
            f"<summary>{text.TRUTH_ASK}</summary><p>{was}</p></details>"
        )
    return f'<div class="case"><p>{", ".join(said)}.{undo}</p>{told}</div>'


def bars(prediction: Prediction) -> str:
    """The contributions, one bar a measurement, the largest first."""
    shares = dict(zip(NAMES, prediction.shares, strict=True))
    sums = {m.name: sum(shares[f.name] for f in FEATURES if f.measurement is m) for m in MEASUREMENTS}
    limit = max(_LEAST_LIMIT, *map(abs, sums.values()), *map(abs, prediction.shares))
    ordered = sorted(MEASUREMENTS, key=lambda m: -abs(sums[m.name]))
    rows = "".join(_measurement(m, sums[m.name], shares, limit) for m in ordered)
    axis = f"<span>{text.WHY_AXIS_BENIGN}</span><span>{text.WHY_AXIS_MALIGNANT}</span>"
    return f'<div class="axis">{axis}</div>{rows}'


def _measurement(measurement: Measurement, total: float, shares: dict[str, float], limit: float) -> str:
    parts = "".join(
        _bar(feature.statistic.label, shares[feature.name], limit)
        for feature in FEATURES
        if feature.measurement is measurement
    )
    return (
        f'<details class="reason" data-keep="{measurement.name}">'
        f"<summary>{_bar(measurement.label, total, limit)}</summary>{parts}</details>"
    )


def _bar(label: str, share: float, limit: float) -> str:
    return (
        f'<span class="line"><span class="label">{escape(label)}</span>'
        f'{charts.diverging_bar(share, limit)}<span class="share">{charts.signed(share)}</span></span>'
    )


def _warnings(prediction: Prediction) -> str:
    if not prediction.warnings:
        return '<div class="warnings"></div>'
    items = "".join(f"<li>{escape(warning.message)}</li>" for warning in prediction.warnings)
    return f'<div class="warnings"><h2>{text.WARNINGS}</h2><ul>{items}</ul></div>'


def _printed(prediction: Prediction) -> str:
    """What only paper needs: the limits, the model, and the address of the case (filled in when printing)."""
    model = text.PRINTED.format(
        limits=text.LIMITS, version=prediction.model.version, sha256=prediction.model.sha256[:12]
    )
    return f'<p class="printed">{model}<br>{text.PRINTED_FROM} <span data-here></span></p>'


def _whole(share: float) -> str:
    return f"{100 * share:.0f} %"
