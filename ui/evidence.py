"""The evidence tab: how good the model is on specimens that it had never seen, and where it fails.

It draws ``model.evidence``; the page's script (evidence.js) moves the threshold and the prevalence.
"""

import math
import re
from collections.abc import Iterator, Sequence
from html import escape

import gradio as gr

from model.classifier import read_artifact
from model.evidence import Bin, ComparedModel, Evidence, HardSpecimen, Share, Subgroup, TimeSplit
from model.features import BY_NAME
from ui import charts, text
from ui.context import PageContext
from ui.markup import AT_ONCE, explained, load_button, panel, section, source, table, verdict
from ui.threshold import calibration, decisions, roc, threshold

_MAX_HARD = 10
_MISSED_BY_ALL = 0.9  # the share of models and repeats that counts as "nearly every model"


def build(context: PageContext) -> None:
    """The tab, which is drawn when it is first opened."""

    def show(_: gr.EventData) -> str:
        found = context.evidence
        return draw(context, found) if found else f'<p class="lead">{text.EVIDENCE_OTHER}</p>'

    def read_card() -> object:
        card = read_artifact("MODEL_CARD.md").decode()
        return gr.update(value=readable(card), visible=True)

    shown = panel("evidence", show, source("evidence.js"))
    with gr.Accordion(text.MODEL_CARD, open=False, visible=False, elem_id="card") as fold:
        papers = gr.Markdown(visible=False)
    fold.expand(read_card, None, papers, **AT_ONCE)
    # It becomes visible only now, because Gradio loads the code for visible components with the page.
    shown.change(lambda: gr.update(visible=context.evidence is not None), None, fold, **AT_ONCE)


def draw(context: PageContext, evidence: Evidence) -> str:
    """All parts of the tab: figures, threshold, later years, other models, and limits."""
    return (
        f"{_figures(evidence)}"
        f'<div class="pair">{threshold(evidence, context.classifier.threshold)}'
        f"<div>{roc(evidence)}{calibration(evidence)}{decisions(evidence)}</div></div>"
        f'<div class="pair">{_through_time(evidence.through_time)}'
        f"<div>{_later(evidence)}{_repeatability(evidence)}{_drift(evidence)}</div></div>"
        f"{_comparison(evidence.comparison)}{_hard(evidence.hard)}"
        f'<div class="pair"><div>{_promise(evidence, context.classifier.level)}'
        f"{_neighbours(evidence.neighbours)}</div>"
        f"<div>{_subgroups(evidence.subgroups)}{_limits(evidence)}</div></div>"
    )


def readable(card: str) -> str:
    """The model card without its front matter, with headings one level lower."""
    return re.sub("^#", "##", card.split("\n---\n", 1)[-1], flags=re.MULTILINE)


# ---- numbers as they are said


def _share(share: float, decimals: int = 0) -> str:
    return f"{100 * share:.{decimals}f} %"


def _whole(share: float) -> int:
    """A share as a whole number out of a hundred."""
    return round(100 * share)


def _count(share: Share) -> str:
    return text.OF.format(hits=round(share.hits), of=share.of)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _certain(figure: str) -> str:
    """The figure, or a bound if its rounding would suggest certainty."""
    return {"1.000": "> 0.999", "100.0 %": "> 99.9 %"}.get(figure, figure)


# ---- the level, and what became of it with time


def _figures(evidence: Evidence) -> str:
    metrics = evidence.metrics
    items = ""
    for key, meaning in text.FIGURES.items():
        shares = key in ("sensitivity", "specificity")
        found = (metrics[key].mean, metrics[key].low, metrics[key].high)
        mean, low, high = (_certain(_share(value, 1) if shares else f"{value:.3f}") for value in found)
        value = f"<dd><b>{mean}</b><span>{text.FROM_TO.format(low=low, high=high)}</span></dd>"
        items += f"<div><dt>{explained(text.METRICS[key])}</dt>{value}<dd>{meaning}</dd></div>"
    return section(
        text.EVIDENCE_TITLE,
        text.EVIDENCE_LEAD,
        f'<dl class="figures">{items}</dl>',
        found=_whole(metrics["sensitivity"].mean),
        alarms=_whole(1 - metrics["specificity"].mean),
        **vars(evidence.protocol),
    )


def _through_time(splits: Sequence[TimeSplit]) -> str:
    if not splits:
        return ""
    alarms = [1 - split.specificity.share for split in splits]
    missed = max(split.sensitivity.of - split.sensitivity.hits for split in splits)
    rows = (
        (
            str(split.until),
            f"{split.judged - split.malignant} + {split.malignant}",
            _share_with_interval(split.specificity, "benign"),
            _count(split.specificity_followed),
            _share_with_interval(split.sensitivity, "malignant"),
            _certain(f"{split.auc:.3f}"),
        )
        for split in splits
    )
    content = table(text.TIME_HEADS, rows, "stack time")
    said = {"low": _whole(min(alarms)), "high": _whole(max(alarms)), "missed": round(missed)}
    return section(text.TIME_TITLE, text.TIME_LEAD, content, **said)


def _share_with_interval(share: Share, kind: str) -> str:
    """A share as a count, and with its interval on a scale from 80 % to 100 %."""
    chart = charts.interval(share.share, share.low, share.high, (0.8, 1), f"reach {kind}", 12)
    return f'<div class="counted">{chart}<span>{_count(share)}</span></div>'


def _later(evidence: Evidence) -> str:
    later = evidence.later_patients
    if later is None:
        return ""
    found, chosen = later.found, evidence.threshold.chosen
    level = charts.logit_position(chosen)
    figure = charts.plot(
        charts.line([(level, 0), (level, 1)], "dotted"),
        charts.PROBABILITIES,
        [],
        over="".join(charts.dot(point, "malignant") for point in _side_by_side(later.probabilities)),
        across=text.LATER_ACROSS.format(threshold=charts.percent(chosen)),
    )
    part = section(
        text.LATER_TITLE[found.hits == found.of],
        text.LATER_LEAD,
        figure,
        found=round(found.hits),
        of=found.of,
        low=_share(found.low, 1),
        half=round(later.found_at_half.hits),
        close=later.verdicts.get("inconclusive", 0),
    )
    return f'<div class="strip-plot">{part}</div>'


def _side_by_side(probabilities: Sequence[float]) -> Iterator[charts.Point]:
    """A point for each probability, in five rows; a point that would cover another one moves to the left."""
    ends = [math.inf] * 5
    for i, p in enumerate(sorted(probabilities, reverse=True)):
        row = i % len(ends)
        ends[row] = min(charts.logit_position(p), ends[row] - 0.03)
        yield ends[row], (row + 1) / (len(ends) + 1)


def _repeatability(evidence: Evidence) -> str:
    repeatability = evidence.repeatability
    if repeatability is None:
        return ""
    widest = max(repeatability.variation, key=repeatability.variation.__getitem__)
    return section(
        text.AGAIN_TITLE,
        text.AGAIN_LEAD,
        about=_whole(repeatability.turned.share),
        found=_count(repeatability.found),
        low=_share(min(repeatability.variation.values())),
        high=_share(repeatability.variation[widest]),
        widest=widest.replace("_", " "),
        turned=_share(repeatability.turned.share, 1),
        opposed=_share(repeatability.opposed.share, 1),
    )


def _drift(evidence: Evidence) -> str:
    drift = evidence.texture_drift
    if drift is None:
        return ""
    return section(
        text.DRIFT_TITLE,
        text.DRIFT_LEAD,
        rise=_whole(drift.factors["texture_mean"] - 1),
        before=round(drift.alarms_before.hits),
        after=round(drift.alarms_after.hits),
        of=drift.alarms_after.of,
    )


# ---- other models, hard specimens


def _comparison(models: Sequence[ComparedModel]) -> str:
    differences = [model.difference for model in models if model.difference]
    ends = min(0.0, *(each.low for each in differences)), max(each.high for each in differences)
    best = all(each.mean >= 0 for each in differences)
    content = table(text.COMPARISON_HEADS, (_model(model, ends) for model in models), "stack comparison")
    return section(text.COMPARISON_TITLE[best], text.COMPARISON_LEAD, content, count=len(models))


def _model(model: ComparedModel, ends: tuple[float, float]) -> list[str]:
    chart, figures = f'<span class="served">{text.COMPARISON_THIS}</span>', ""
    if difference := model.difference:
        chart = charts.interval(difference.mean, difference.low, difference.high, ends, "difference", 20)
        mean_and_ends = (difference.mean, difference.low, difference.high)
        signed = [f"{round(value, 3) + 0:+.3f}" for value in mean_and_ends]  # without −0
        figures = "{} ({} to {})".format(*signed).replace("-", "\N{MINUS SIGN}")
    loss, *rates = (
        f"{model.metrics[key].mean:.3f}" for key in ("log_loss", "auc", "sensitivity", "specificity")
    )
    return [escape(model.label), loss, chart, figures, *rates]


def _hard(hard: Sequence[HardSpecimen]) -> str:
    missed = [each for each in hard if each.wrong_in >= _MISSED_BY_ALL and each.diagnosis == "malignant"]
    share = sum(each.share_of_loss for each in missed)
    rows = (
        (
            str(case.row),
            verdict(case.diagnosis),
            charts.percent(case.probability),
            _share(case.wrong_in),
            escape(_unusual(case)),
            load_button(f"row={case.row}", tab="explore"),
        )
        for case in hard[:_MAX_HARD]
    )
    content = table((*text.HARD_HEADS, ""), rows, "stack hard")
    return section(text.HARD_TITLE, text.HARD_LEAD, content, count=len(missed), share=_share(share))


def _unusual(case: HardSpecimen) -> str:
    """``Worst radius smaller than in 98 of 100 malignant specimens``; below 0 are shares of larger ones."""
    parts = []
    for name, share in case.unusual.items():
        count = _whole(abs(share))
        among = text.HARD_ALL if count == 100 else text.HARD_SOME.format(count=count)
        form = text.HARD_SMALLER if share < 0 else text.HARD_LARGER
        parts.append(form.format(feature=BY_NAME[name].spoken, among=f"{among} {case.diagnosis}"))
    return _capital(text.HARD_AND.join(parts))


# ---- promises, and limits


def _promise(evidence: Evidence, served: float) -> str:
    levels = evidence.conformal
    rows = (
        [_share(level.level)]
        + [_share(kept, 1) for kept in (level.malignant.share, level.benign.share, level.inconclusive)]
        for level in levels
    )
    verdicts = (
        (verdict(each.verdict), f"{each.malignant:.1f}", f"{each.benign:.1f}", f"{each.ratio[0]:.3g}")
        for level in levels
        if level.level == served
        for each in level.verdicts
    )
    content = table(text.VERDICT_HEADS, verdicts, "verdicts") + table(text.PROMISE_HEADS, rows, "promise")
    said = {"level": _share(served), "repeats": evidence.protocol.repeats}
    return section(text.PROMISE_TITLE, text.PROMISE_LEAD, content, **said)


def _neighbours(bins: Sequence[Bin]) -> str:
    if not bins:
        return ""
    intervals = (
        charts.line([(each.predicted, each.low), (each.predicted, each.high)], "reach") for each in bins
    )
    figure = charts.plot(
        charts.line([(0, 0), (1, 1)], "dotted") + "".join(intervals),
        charts.even_ticks(0, 1),
        charts.even_ticks(0, 1),
        over="".join(charts.dot((each.predicted, each.observed)) for each in bins),
        across=text.NEIGHBOURS_ACROSS,
        up=text.CALIBRATION_UP,
    )
    return section(text.NEIGHBOURS_TITLE, text.NEIGHBOURS_LEAD, figure)


def _subgroups(groups: Sequence[Subgroup]) -> str:
    rows = (
        (
            _capital(_group(group)),
            text.OF.format(hits=group.malignant, of=group.specimens),
            *(_share(rate.share) if rate else "–" for rate in (group.sensitivity, group.specificity)),
        )
        for group in groups
    )
    fewest = min(groups, key=lambda group: group.malignant)
    content = table(text.SUBGROUPS_HEADS, rows)
    count, group = fewest.malignant, _group(fewest)
    return section(text.SUBGROUPS_TITLE, text.SUBGROUPS_LEAD, content, count=count, group=group)


def _group(group: Subgroup) -> str:
    feature = BY_NAME[group.feature]
    form = text.GROUP_FIRST if group.above is None else text.GROUP_LAST if group.to is None else text.GROUP
    return form.format(feature=feature.spoken, above=group.above, to=group.to, unit=feature.unit).strip()


def _limits(evidence: Evidence) -> str:
    optimism = evidence.optimism
    gain = f"{optimism['apparent'] - optimism['honest']:.3f}"
    limits = [
        *text.EVIDENCE_LIMITS,
        text.LIMIT_WARNINGS.format(
            seen=_share(evidence.warnings_in_sample["any"], 1),
            unseen=_share(evidence.warnings_out_of_fold["any"], 1),
        ),
        text.LIMIT_OPTIMISM.format(count=round(optimism["settings"]), gain=gain),
    ]
    items = "".join(f"<li>{explained(limit)}</li>" for limit in limits)
    return section(text.LIMITS_TITLE, "", f'<ul class="limits">{items}</ul>')
