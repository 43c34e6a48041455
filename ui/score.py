"""The tab for a table of specimens: the page's script (score.js) posts it to REST, and draws the summary.

This module makes the layout and passes the script its sentences, which are all in ui/text.py.
"""

import json
from html import escape
from urllib.parse import quote

import gradio as gr

from model.features import FEATURES, NAMES
from ui import charts, text
from ui.context import PageContext, digits
from ui.markup import panel, plain, source

_KINDS = ".csv,.tsv,.txt,.data,.gz"
_SAMPLE_EVERY = 57  # rows; that makes ten, in addition to the showcase cases


def build(context: PageContext) -> gr.HTML:
    return panel("score", lambda _: draw(context), source("score.js"))


def draw(context: PageContext) -> str:
    """A field for a table, a sample to try, and empty elements that the script fills."""
    table = sample(context)
    values = {
        "labels": {feature.name: feature.label for feature in FEATURES},
        "marks": {kind: charts.mark(kind) for kind in text.VERDICT},
        "verdicts": text.VERDICT,
        "metrics": {name: plain(text.METRICS[name]) for name in text.FIGURES},
        "malignant_from": context.classifier.malignant_from,
        "benign_to": context.classifier.benign_to,
        "sample": table,
    }
    words = escape(json.dumps(text.SCORE_WORDS | values, ensure_ascii=False))
    download = f'download="sample.csv" href="data:text/csv;charset=utf-8,{quote(table, safe=",")}"'
    return (
        f'<div data-words="{words}"><h2>{text.SCORE_TITLE}</h2><p class="lead">{text.SCORE_LEAD}</p>'
        f'<label class="drop"><b>{text.SCORE_CHOOSE}</b><span>{text.SCORE_KINDS}</span>'
        f'<input type="file" accept="{_KINDS}"></label>'
        f'<p class="offers"><button type="button" class="button" data-sample>{text.SCORE_SAMPLE}</button>'
        f'<a class="button" {download}>{text.SCORE_SAMPLE_FILE}</a></p></div>'
        '<div data-part="progress" aria-live="polite"></div><div data-part="report"></div>'
    )


def sample(context: PageContext) -> str:
    """The showcase cases and other real specimens as CSV, with M and B as in Kaggle's and UCI's files."""
    reference = context.reference
    showcase = {case["row"] for case in context.cases}
    rows = (
        f"{row},{'BM'[int(reference.malignant[row])]},{','.join(map(digits, reference.values[row].tolist()))}"
        for row in sorted(showcase.union(range(0, len(reference.malignant), _SAMPLE_EVERY)))
    )
    return "\n".join([f"id,diagnosis,{','.join(NAMES)}", *rows, ""])
