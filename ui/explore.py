"""The first screen as HTML, and the data from which its script computes every answer.

It stands in the page from its first byte and is not built by Gradio, which comes later and fills the place of
the other tabs: nothing that is seen moves, and the sliders answer before the rest has loaded.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from model.features import FEATURES, MEASUREMENTS
from model.specimen import Specimen
from ui import charts, text
from ui.explorer import Explorer
from ui.grid import grid, meaning
from ui.link import BrokenLink
from ui.scales import SCALES
from ui.verdict import answer, reasons

_HERE = Path(__file__).parent
_STARTING_CASES = 6
_DIGITS = (
    12  # of the curves, a thousandth of what may part the two arithmetics: each digit is half a kilobyte
)
_CLIP = 1e-5  # out-of-fold probabilities beyond it count as equally certain


def starting_cases(explorer: Explorer) -> list[dict[str, Any]]:
    """The cases to start from, of which the page opens with the first; where there are none, the median."""
    cases = explorer.cases[:_STARTING_CASES]
    return [_start(f"case={case['key']}", case["title"], case) for case in cases] or [
        {"link": "case=median", "title": text.MEDIAN, "values": explorer.median.values}
    ]


def _start(link: str, title: str, case: dict[str, Any]) -> dict[str, Any]:
    values = Specimen.parse(case["features"]).values
    return {
        "link": link,
        "title": title,
        "diagnosis": case["diagnosis"],
        "why": case["why"],
        "values": values,
    }


def case_of(explorer: Explorer, query: str) -> dict[str, Any]:
    """The case that an address means: its values, where it starts from, what is wrong with the address."""
    specimen, problem = explorer.opening, ""
    try:
        specimen = explorer.links.decode(query)
    except BrokenLink as broken:
        problem = text.BROKEN_LINK.format(problems=" ".join(broken.problems))
    origin = explorer.links.origin(specimen)
    truth = explorer.truth(origin)
    start: dict[str, Any] = {
        "link": origin.start,
        "title": truth.title if truth and truth.title else text.FROM_ROW.format(row=origin.row),
        "values": explorer.links.decode(origin.start).values,
    }
    if truth is None:
        start["title"] = text.FROM_MEDIAN
    else:
        start |= {"diagnosis": truth.diagnosis, "why": truth.why}
    return {"values": specimen.values, "start": start, "problem": problem}


def page_data(explorer: Explorer) -> dict[str, Any]:
    """What ui/model.js computes with: the curves, the cut points, the out-of-fold list, the words."""
    classifier, reference = explorer.classifier, explorer.reference
    order = np.argsort(reference.probability, kind="stable")
    inside = np.clip(reference.probability[order], _CLIP, 1 - _CLIP)
    logits = np.log(inside / (1 - inside))
    return {
        "model": {"version": classifier.info.version, "sha256": classifier.info.sha256},
        "logit": classifier.reference_logit,
        "median": classifier.verdict(classifier.predict(explorer.median).probability),
        "malignant_from": classifier.malignant_from,
        "benign_to": classifier.benign_to,
        "in_hundred": round(100 * (1 - classifier.level)),
        "interval": classifier.document["interval"],
        "edge": charts.EDGE,
        "farthest": float(np.log((1 - _CLIP) / _CLIP)),
        "features": [_feature(explorer, i) for i in range(len(FEATURES))],
        "measurements": [
            {
                "name": m.name,
                "label": m.label,
                "meaning": meaning(m),
                **dict(zip(("small", "large"), text.PLAIN.get(m.name, ("", "")), strict=True)),
            }
            for m in MEASUREMENTS
        ],
        "nearest": {
            "rows": order.tolist(),
            "logits": np.round(logits, 9).tolist(),
            "malignant": "".join("01"[int(malignant)] for malignant in reference.malignant[order]),
        },
        "cases": starting_cases(explorer),
        "words": _words(len(reference.malignant)),
    }


def _feature(explorer: Explorer, index: int) -> dict[str, Any]:
    feature, curve = FEATURES[index], explorer.classifier.document["curves"][index]
    scale = SCALES[feature.name]
    return {
        "name": feature.name,
        "label": feature.label,
        "spoken": feature.spoken,
        "measurement": feature.measurement.name,
        "statistic": feature.statistic.suffix,
        "column": feature.statistic.label,
        "unit": feature.unit,
        "decimals": feature.decimals,
        "minimum": feature.minimum if feature.minimum == 0 else None,
        "reference": explorer.median.values[index],
        "scale": [scale.shift, scale.start, scale.span],
        "offset": curve["offset"],
        "knots": [round(knot, _DIGITS) for knot in curve["knots"]],
        "values": [round(value, _DIGITS) for value in curve["values"]],
    }


def _words(specimens: int) -> dict[str, Any]:
    names = (
        "NEAR_NONE NEAR_ONE NEAR_SOME NEAR_ALL NEAR_MARK WARNED_ONE WARNED_MANY WARNINGS CHANGED_NONE "
        "CHANGED_ONE CHANGED_MANY TRUTH MORE_MEANING MORE_INTERVAL WAITING UNCONFIRMED NOT_LOADED WHY_LIMIT "
        "WHY_BUSY WHY_LATE WHY_LOST WHY_REFUSED RETRY RETRY_IN NEWER_MODEL RELOAD NUCLEI_OFF WHY_ALL "
        "WHY_FEWER SENTENCE_BOTH SENTENCE_PRO SENTENCE_CONTRA SENTENCE_NOTHING SIZE SPREAD AND NOT_A_NUMBER "
        "NO_NUMBER TWO_NUMBERS TOO_SMALL TABS_MISSING PROBABILITY VERDICT"
    )
    words: dict[str, Any] = {name.lower(): getattr(text, name) for name in names.split()}
    return words | {"specimens": specimens}


def explore(explorer: Explorer) -> str:
    """The tab itself: where to start from, which case this is, the grid."""
    return (
        f'<section id="explore" aria-label="{text.EXPLORE}">{_cases(explorer)}'
        f'<p class="invitation">{text.INVITATION}</p><div id="grid">{grid(explorer.spread)}</div></section>'
    )


def answer_panel(explorer: Explorer) -> str:
    """The answer, which stays in sight, and the reasons below it."""
    return f'<div id="answer">{answer(explorer)}</div><div id="reasons">{reasons(explorer)}</div>'


def _cases(explorer: Explorer) -> str:
    """Links that load a case each; its diagnosis is told to those who ask."""
    links = "".join(
        f'<a href="?{case["link"]}" data-load>{escape(case["title"])}</a>'
        for case in starting_cases(explorer)
    )
    return f'<nav class="cases" aria-label="{text.START_FROM}"><span>{text.START_FROM}</span>{links}</nav>'


class Scripts:
    """The data, the case of an address, and the code, which runs where it stands, before the first paint."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._data = _inline(page_data(explorer)).removesuffix("}")
        self._code = "".join(
            lean((_HERE / name).read_text(encoding="utf-8")) for name in ("model.js", "nuclei.js", "page.js")
        )

    def html(self, query: str) -> str:
        case = _inline(case_of(self._explorer, query))
        return (
            f'<script type="application/json" id="fna-data">{self._data},"case":{case}}}</script>'
            f"<script>(() => {{{self._code}}})();</script>"
        )


def _inline(data: dict[str, Any]) -> str:
    """JSON that may stand in a page: nothing in it ends a script."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", r"\u003c")


def lean(script: str) -> str:
    """A script without what only its readers need: whole lines of comment, and the space at their start."""
    return re.sub(r"(?m)^\s*(//.*)?\n|^\s+", "", script)
