"""The tab of evidence: how well the model does on specimens that it had not seen, and where it does not.

Draws ``evaluation.json``; computes nothing.
"""

import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from model.classifier import ARTIFACT
from ui import charts, text
from ui import evidence_plots as plots
from ui.explorer import Explorer
from ui.markup import AT_ONCE, panel, section, table
from ui.threshold import threshold

_SCRIPT = (Path(__file__).parent / "evidence.js").read_text(encoding="utf-8")
_HARD_SHOWN = 10


def build(explorer: Explorer) -> gr.HTML:
    """The tab is read and drawn when it is first opened, not with the page."""
    evaluation = json.loads((ARTIFACT / "evaluation.json").read_text(encoding="utf-8"))
    card = (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    shown = panel("evidence", _SCRIPT)
    with gr.Accordion(text.MODEL_CARD, open=False, visible=False, elem_id="card") as fold:
        papers = gr.Markdown(visible=False)
    fold.expand(lambda: gr.update(value=readable(card), visible=True), None, papers, **AT_ONCE)
    own = evaluation["model"]["sha256"] == explorer.classifier.info.sha256

    def opened() -> tuple[str, Any]:
        drawn = draw(explorer, evaluation) if own else f'<p class="lead">{text.EVIDENCE_OTHER}</p>'
        return drawn, gr.update(visible=own)

    shown.open(opened, None, [shown, fold], **AT_ONCE)
    return shown


def draw(explorer: Explorer, evaluation: Mapping[str, Any]) -> str:
    """The figures first, then the threshold to move, then what they rest on, and the limits last."""
    line = threshold(evaluation, explorer.classifier.threshold)
    return (
        f"{_figures(evaluation)}"
        f'<div class="pair">{line}<div>{_roc(evaluation)}{_reliability(evaluation)}</div></div>'
        f"{_comparison(evaluation)}{_hard(evaluation)}"
        f'<div class="pair"><div>{_promise(evaluation)}{_subgroups(evaluation)}</div>'
        f"{_limits(evaluation)}</div>"
    )


def _figures(evaluation: Mapping[str, Any]) -> str:
    items = "".join(
        _figure(evaluation["metrics"][key], label, form, meaning)
        for key, label, form, meaning in text.FIGURES
    )
    lead = f"{escape(evaluation['protocol']['sentence'])}. {text.EVIDENCE_INTERVALS}"
    return section(text.EVIDENCE_TITLE, lead, f'<dl class="figures">{items}</dl>')


def _figure(metric: Mapping[str, float], label: str, form: str, meaning: str) -> str:
    mean, low, high = (_short_of_one(form.format(metric[key])) for key in ("mean", "low", "high"))
    value = f"<dd><b>{mean}</b><span>{low} – {high}</span></dd>"
    return f"<div><dt>{label}</dt>{value}<dd>{meaning}</dd></div>"


def _short_of_one(figure: str) -> str:
    """Nothing measured on 569 specimens is 1, though it may round to it."""
    return "> 0.999" if figure == "1.000" else figure.replace("%", " %")


def _roc(evaluation: Mapping[str, Any]) -> str:
    found = evaluation["roc"]
    curves = [found[key] for key in ("sensitivity", "low", "high")]
    corner = plots.in_the_corner(found["false_alarms"], found["sensitivity"])
    figure = plots.roc(found["false_alarms"], curves, corner, text.ROC_LABEL, text.ROC_ACROSS)
    return section(text.ROC_TITLE, text.ROC_LEAD.format(curve=text.ROC_CURVE[corner]), figure)


def _reliability(evaluation: Mapping[str, Any]) -> str:
    groups = evaluation["reliability"]
    bins = [(g["predicted"], g["observed"], g["low"], g["high"]) for g in groups]
    sizes = [group["specimens"] for group in groups]
    lead = text.RELIABILITY_LEAD.format(certain=sizes[0] + sizes[-1], all=sum(sizes))
    figure = plots.reliability(bins, text.RELIABILITY_LABEL, text.RELIABILITY_ACROSS)
    return section(text.RELIABILITY_TITLE, lead, figure)


def _comparison(evaluation: Mapping[str, Any]) -> str:
    models = evaluation["comparison"]
    apart = [model["difference"] for model in models if model["difference"]]
    first, last = min(0, *(d["low"] for d in apart)), max(d["high"] for d in apart)
    rows = (_model(model, first, last) for model in models)
    return section(
        text.COMPARISON_TITLE, text.COMPARISON_LEAD, table(text.COMPARISON_HEADS, rows, "comparison")
    )


def _model(model: Mapping[str, Any], first: float, last: float) -> str:
    metrics, apart = model["metrics"], model["difference"]
    drawn, said = text.COMPARISON_THIS, ""
    if apart:
        mean, low, high = (apart[key] for key in ("mean", "low", "high"))
        drawn = plots.difference(mean, low, high, first, last)
        signed = [f"{round(value, 3) + 0:+.3f}" for value in (mean, low, high)]  # + 0 makes of −0 a 0
        said = "{} ({} to {})".format(*signed).replace("-", "\N{MINUS SIGN}")
    rates = "".join(f"<td>{metrics[key]['mean']:.3f}</td>" for key in ("auc", "sensitivity", "specificity"))
    return (
        f'<tr{" class=served" * bool(model["served"])}><th scope="row">{escape(model["label"])}</th>'
        f"<td>{metrics['log_loss']['mean']:.3f}</td><td>{drawn}</td><td>{said}</td>{rates}</tr>"
    )


def _hard(evaluation: Mapping[str, Any]) -> str:
    hard = evaluation["hard"]
    rows = map(_hard_row, hard["specimens"][:_HARD_SHOWN])
    return section(text.HARD_TITLE, escape(hard["sentence"]), table(text.HARD_HEADS, rows, "hard"))


def _hard_row(case: Mapping[str, Any]) -> str:
    load = f'<a class="button" href="?row={case["row"]}" data-load data-tab="explore">{text.LOAD}</a>'
    return (
        f'<tr><th scope="row">{case["row"]}</th><td>{charts.mark(case["diagnosis"])} {case["diagnosis"]}</td>'
        f"<td>{charts.percent(case['probability'])}</td><td>{_share(case['wrong_in'])}</td>"
        f"<td>{escape(case['why'])}</td><td>{load}</td></tr>"
    )


def _promise(evaluation: Mapping[str, Any]) -> str:
    rows = (
        f'<tr><th scope="row">{_share(level["level"])}</th>'
        + "".join(f"<td>{_share(level[kind]['coverage'], 1)}</td>" for kind in ("malignant", "benign"))
        + f"<td>{_share(level['inconclusive'], 1)}</td></tr>"
        for level in evaluation["conformal"]
    )
    return section(text.PROMISE_TITLE, text.PROMISE_LEAD, table(text.PROMISE_HEADS, rows, "promise"))


def _subgroups(evaluation: Mapping[str, Any]) -> str:
    rows = (
        f'<tr><th scope="row">{escape(group["label"])}</th>'
        f"<td>{group['malignant']} / {group['specimens']}</td>"
        f"<td>{_share(group['sensitivity'])}</td><td>{_share(group['specificity'])}</td></tr>"
        for group in evaluation["subgroups"]
    )
    return section(text.SUBGROUPS_TITLE, text.SUBGROUPS_LEAD, table(text.SUBGROUPS_HEADS, rows))


def _limits(evaluation: Mapping[str, Any]) -> str:
    limits = (*text.EVIDENCE_LIMITS, escape(evaluation["optimism"]["sentence"]))
    items = "".join(f"<li>{limit}</li>" for limit in limits)
    return f'<section><h2>{text.LIMITS_TITLE}</h2><ul class="limits">{items}</ul></section>'


def readable(card: str) -> str:
    """The model card without what is for machines, its headings below the page's own."""
    return re.sub("^#", "##", card.split("\n---\n", 1)[-1], flags=re.MULTILINE)


def _share(share: float | None, decimals: int = 0) -> str:
    return "–" if share is None else f"{100 * share:.{decimals}f} %"
