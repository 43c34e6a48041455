"""The tab of evidence: how well the model does on specimens that it had never seen, and where it does not.

Draws ``model.evidence``; the page's script (evidence.js) moves the threshold and the prevalence.
"""

import math
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import gradio as gr

from model.classifier import read_artifact
from model.evidence import (
    Bin,
    ComparedModel,
    Coverage,
    Evidence,
    HardSpecimen,
    LaterPatients,
    Measure,
    Share,
    Subgroup,
    TimeSplit,
)
from model.features import BY_NAME
from ui import charts, text
from ui.explorer import Explorer
from ui.markup import AT_ONCE, explained, panel, section, table, term
from ui.threshold import calibration, decisions, roc, threshold

_SCRIPT = (Path(__file__).parent / "evidence.js").read_text(encoding="utf-8")
_HARD_SHOWN = 10
_MISSED_BY_ALL = 0.9  # of all models and repeats, from which on nearly every model is wrong


def build(explorer: Explorer) -> gr.HTML:
    """The tab is read and drawn when it is first opened, not with the page."""

    def show() -> tuple[str, dict[str, object]]:
        try:
            evidence = Evidence.load()
        except ValueError:
            return _missing(), gr.update(visible=False)
        own = evidence.model.sha256 == explorer.classifier.info.sha256
        return draw(explorer, evidence) if own else _missing(), gr.update(visible=own)

    def read_card() -> object:
        card = read_artifact("MODEL_CARD.md").decode()
        return gr.update(value=readable(card), visible=True)

    shown = panel("evidence", _SCRIPT)
    with gr.Accordion(text.MODEL_CARD, open=False, visible=False, elem_id="card") as fold:
        papers = gr.Markdown(visible=False)
    fold.expand(read_card, None, papers, **AT_ONCE)
    shown.open(show, None, [shown, fold], **AT_ONCE)
    return shown


def draw(explorer: Explorer, evidence: Evidence) -> str:
    """The figures first, then the threshold to move, then time and other models, and the limits last."""
    return (
        f"{_figures(evidence)}"
        f'<div class="pair">{threshold(evidence, explorer.classifier.threshold)}'
        f"<div>{roc(evidence)}{calibration(evidence)}{decisions(evidence)}</div></div>"
        f'<div class="pair">{_through_time(evidence.through_time)}{_later(evidence)}</div>'
        f"{_comparison(evidence.comparison)}{_hard(evidence.hard)}"
        f'<div class="pair"><div>{_promise(evidence.conformal, explorer.classifier.level)}'
        f"{_neighbours(evidence.neighbours)}</div>"
        f"<div>{_subgroups(evidence.subgroups)}{_limits(evidence)}</div></div>"
    )


def readable(card: str) -> str:
    """The model card without what is for machines, its headings below the page's own."""
    return re.sub("^#", "##", card.split("\n---\n", 1)[-1], flags=re.MULTILINE)


def _missing() -> str:
    return f'<p class="lead">{text.EVIDENCE_OTHER}</p>'


# ---- the level


def _figures(evidence: Evidence) -> str:
    found, alarms = evidence.metrics["sensitivity"].mean, 1 - evidence.metrics["specificity"].mean
    title = text.EVIDENCE_TITLE.format(found=round(100 * found), alarms=round(100 * alarms))
    lead = text.EVIDENCE_LEAD.format(repeats=evidence.protocol.repeats, folds=evidence.protocol.folds)
    items = "".join(_figure(key, evidence.metrics[key]) for key in text.FIGURES)
    return section(title, lead, f'<dl class="figures">{items}</dl>')


def _figure(key: str, metric: Measure) -> str:
    form = "{:.1%}" if key in ("sensitivity", "specificity") else "{:.3f}"
    mean, low, high = (_inside_one(form.format(value)) for value in (metric.mean, metric.low, metric.high))
    value = f"<dd><b>{mean}</b><span>{text.FROM_TO.format(low=low, high=high)}</span></dd>"
    return f"<div><dt>{term(key)}</dt>{value}<dd>{text.FIGURES[key]}</dd></div>"


def _inside_one(figure: str) -> str:
    """Nothing measured on so few specimens is certain, though it may round to it."""
    known = {"1.000": "> 0.999", "100.0%": "> 99.9 %"}
    return known.get(figure, figure.replace("%", " %"))


# ---- through time


def _through_time(splits: Sequence[TimeSplit]) -> str:
    if not splits:
        return ""
    alarms = [1 - split.specificity.share for split in splits]
    missed = max(split.sensitivity.of - split.sensitivity.hits for split in splits)
    title = text.TIME_TITLE.format(
        low=round(100 * min(alarms)), high=round(100 * max(alarms)), missed=round(missed)
    )
    rows = (
        f'<tr><th scope="row">{split.until}</th><td>{split.judged - split.malignant} + {split.malignant}</td>'
        f"<td>{_reach(split.specificity, 'benign')}{_count(split.specificity)}</td>"
        f"<td>{_count(split.specificity_followed)}</td>"
        f"<td>{_reach(split.sensitivity, 'malignant')}{_count(split.sensitivity)}</td>"
        f"<td>{_inside_one(f'{split.auc:.3f}')}</td></tr>"
        for split in splits
    )
    return section(title, text.TIME_LEAD, table(text.TIME_HEADS, rows, "stack time"))


def _reach(share: Share, kind: str) -> str:
    """A share with its interval on a scale from 80 % to 100 %."""

    def at(value: float) -> str:
        return f"{500 * min(max(value - 0.8, 0), 0.2):.1f}%"

    return (
        f'<svg class="reach {kind}" width="100%" height="12" aria-hidden="true">'
        f'<line x1="{at(share.low)}" x2="{at(share.high)}" y1="6" y2="6"/>'
        f'<circle cx="{at(share.share)}" cy="6" r="4"/></svg>'
    )


def _count(share: Share) -> str:
    return text.OF.format(hits=round(share.hits), of=share.of)


def _later(evidence: Evidence) -> str:
    """Cancers that came after the data, patients who were measured twice, and the instrument's drift."""
    parts = []
    if later := evidence.later_patients:
        parts.append(_later_patients(later, evidence.threshold.chosen))
    if again := evidence.repeatability:
        widest = max(again.variation, key=again.variation.__getitem__)
        said = text.AGAIN_LEAD.format(
            found=_count(again.found),
            low=f"{100 * min(again.variation.values()):.0f} %",
            high=f"{100 * again.variation[widest]:.0f} %",
            widest=widest.replace("_", " "),
            turned=_share(again.turned.share, 1),
            opposed=_share(again.opposed.share, 1),
        )
        parts.append(section(text.AGAIN_TITLE.format(turned=round(100 * again.turned.share)), said, ""))
    if drift := evidence.texture_drift:
        said = text.DRIFT_LEAD.format(
            before=round(drift.alarms_before.hits),
            after=round(drift.alarms_after.hits),
            of=drift.alarms_after.of,
        )
        parts.append(
            section(text.DRIFT_TITLE.format(rise=round(100 * (drift.factors["texture_mean"] - 1))), said, "")
        )
    return f"<div>{''.join(parts)}</div>"


def _later_patients(later: LaterPatients, threshold: float) -> str:
    found = later.found
    title = text.LATER_TITLE[found.hits == found.of].format(found=round(found.hits), of=found.of)
    dots = "".join(charts.dot(point, "malignant") for point in _side_by_side(later.probabilities))
    level = charts.logit_position(threshold) / 100
    figure = charts.plot(
        charts.line([(level, 0), (level, 1)], "dotted"),
        charts.PROBABILITIES,
        [],
        text.LATER_LABEL,
        over=dots,
        title=text.LATER_ACROSS.format(threshold=charts.percent(threshold)),
    )
    low = _share(found.low, 1)
    half = round(later.found_at_half.hits)
    lead = text.LATER_LEAD.format(
        low=low, half=half, of=found.of, close=later.verdicts.get(("inconclusive"), 0)
    )
    return f'<div class="strip-plot">{section(title, lead, figure)}</div>'


def _side_by_side(probabilities: Sequence[float]) -> Iterator[charts.Point]:
    """One point for each probability, in five rows; those that would hide another one move to the left."""
    ends = [math.inf] * 5
    for i, p in enumerate(sorted(probabilities, reverse=True)):
        row = i % len(ends)
        ends[row] = min(charts.logit_position(p) / 100, ends[row] - 0.03)
        yield ends[row], (row + 1) / (len(ends) + 1)


# ---- other models, hard specimens, promises, limits


def _comparison(models: Sequence[ComparedModel]) -> str:
    apart = [model.difference for model in models if model.difference]
    first, last = min(0.0, *(each.low for each in apart)), max(each.high for each in apart)
    best = all(each.mean >= 0 for each in apart)
    rows = (_model(model, first, last) for model in models)
    return section(
        text.COMPARISON_TITLE[best].format(count=len(models)),
        text.COMPARISON_LEAD,
        table(text.COMPARISON_HEADS, rows, "stack comparison"),
    )


def _model(model: ComparedModel, first: float, last: float) -> str:
    drawn, said = text.COMPARISON_THIS, ""
    if apart := model.difference:
        drawn = charts.difference(apart.mean, apart.low, apart.high, first, last)
        signed = [f"{round(value, 3) + 0:+.3f}" for value in (apart.mean, apart.low, apart.high)]  # no −0
        said = "{} ({} to {})".format(*signed).replace("-", "\N{MINUS SIGN}")
    rates = ("").join(
        f"<td>{model.metrics[key].mean:.3f}</td>" for key in (("auc"), ("sensitivity"), ("specificity"))
    )
    return (
        f'<tr{" class=served" * model.served}><th scope="row">{escape(model.label)}</th>'
        f"<td>{model.metrics['log_loss'].mean:.3f}</td><td>{drawn}</td><td>{said}</td>{rates}</tr>"
    )


def _hard(hard: Sequence[HardSpecimen]) -> str:
    missed = [each for each in hard if each.wrong_in >= _MISSED_BY_ALL and each.diagnosis == "malignant"]
    share = sum(each.share_of_loss for each in missed)
    lead = text.HARD_LEAD.format(count=len(missed), share=_share(share))
    rows = map(_hard_row, hard[:_HARD_SHOWN])
    shown = table((*text.HARD_HEADS, ""), rows, "stack hard")
    return section(text.HARD_TITLE.format(count=len(missed)), lead, shown)


def _hard_row(case: HardSpecimen) -> str:
    why = text.HARD_AND.join(_unusual(name, share, case.diagnosis) for name, share in case.unusual.items())
    load = f'<a class="button" href="?row={case.row}" data-load data-tab="explore">{text.LOAD}</a>'
    return (
        f'<tr><th scope="row">{case.row}</th>'
        f"<td>{charts.mark(case.diagnosis)} {text.VERDICT[case.diagnosis]}</td>"
        f"<td>{charts.percent(case.probability)}</td><td>{_share(case.wrong_in)}</td>"
        f"<td>{escape(why[:1].upper() + why[1:])}</td><td>{load}</td></tr>"
    )


def _unusual(name: str, share: float, diagnosis: str) -> str:
    """``worst radius smaller than in 98 of 100 malignant specimens``; below 0 are shares of larger ones."""
    form = text.HARD_SMALLER if share < 0 else text.HARD_LARGER
    count = round(100 * abs(share))
    among = text.HARD_ALL if count == 100 else text.HARD_SOME.format(count=count)
    return form.format(feature=BY_NAME[name].spoken, among=f"{among} {diagnosis}")


def _promise(levels: Sequence[Coverage], served: float) -> str:
    rows = (
        f'<tr><th scope="row">{_share(level.level)}</th><td>{_share(level.malignant.share, 1)}</td>'
        f"<td>{_share(level.benign.share, 1)}</td><td>{_share(level.inconclusive, 1)}</td></tr>"
        for level in levels
    )
    own = next((level for level in levels if level.level == served), None)
    verdicts = (
        f'<tr><th scope="row">{charts.mark(each.verdict)} {text.VERDICT[each.verdict]}</th>'
        f"<td>{each.malignant:.1f}</td><td>{each.benign:.1f}</td><td>{each.ratio[0]:.3g}</td></tr>"
        for each in (own.verdicts if own else ())
    )
    content = table(text.VERDICT_HEADS, verdicts, "verdicts") + table(text.PROMISE_HEADS, rows, "promise")
    return section(text.PROMISE_TITLE, text.PROMISE_LEAD.format(level=_share(served)), content)


def _neighbours(bins: Sequence[Bin]) -> str:
    if not bins:
        return ""
    reaches = ("").join(
        charts.line([(each.predicted, each.low), (each.predicted, each.high)], ("reach")) for each in bins
    )
    dots = "".join(charts.dot((each.predicted, each.observed)) for each in bins)
    figure = charts.plot(
        charts.line([(0, 0), (1, 1)], "dotted") + reaches,
        charts.QUARTERS,
        charts.QUARTERS,
        text.NEIGHBOURS_LABEL,
        over=dots,
        title=text.NEIGHBOURS_ACROSS,
        title_up=text.CALIBRATION_UP,
    )
    return section(text.NEIGHBOURS_TITLE, text.NEIGHBOURS_LEAD, figure)


def _subgroups(groups: Sequence[Subgroup]) -> str:
    rows = (
        f'<tr><th scope="row">{_group(group)}</th><td>{group.malignant} of {group.specimens}</td>'
        f"<td>{_rate_of(group.sensitivity)}</td><td>{_rate_of(group.specificity)}</td></tr>"
        for group in groups
    )
    fewest = min(groups, key=lambda group: group.malignant)
    lead = text.SUBGROUPS_LEAD.format(count=fewest.malignant, group=_group(fewest))
    return section(text.SUBGROUPS_TITLE, lead, table(text.SUBGROUPS_HEADS, rows))


def _group(group: Subgroup) -> str:
    feature = BY_NAME[group.feature]
    form = text.GROUP_FIRST if group.above is None else text.GROUP_LAST if group.to is None else text.GROUP
    return form.format(feature=feature.spoken, above=group.above, to=group.to, unit=feature.unit).strip()


def _rate_of(share: Share | None) -> str:
    return "–" if share is None else _share(share.share)


def _limits(evidence: Evidence) -> str:
    optimism = evidence.optimism
    said = [
        *text.EVIDENCE_LIMITS,
        text.LIMIT_WARNINGS.format(
            seen=_share(evidence.warnings_in_sample[("any")], 1),
            unseen=_share(evidence.warnings_out_of_fold[("any")], 1),
        ),
        text.LIMIT_OPTIMISM.format(
            count=round(optimism["settings"]), gain=f"{optimism['apparent'] - optimism['honest']:.3f}"
        ),
    ]
    items = "".join(f"<li>{explained(limit)}</li>" for limit in said)
    return f'<section><h2>{text.LIMITS_TITLE}</h2><ul class="limits">{items}</ul></section>'


def _share(share: float, decimals: int = 0) -> str:
    return f"{100 * share:.{decimals}f} %"
