"""The evidence is drawn as evaluation.json has it."""

import json
import re
from html import unescape

import numpy as np
import pytest

from model.classifier import ARTIFACT
from model.evidence import Evidence
from ui import evidence, text
from ui.context import PageContext
from ui.threshold import corner, decisions, threshold


@pytest.fixture(scope="module")
def evaluation() -> Evidence:
    return Evidence.load()


@pytest.fixture(scope="module")
def drawn(context: PageContext, evaluation: Evidence) -> str:
    return evidence.draw(context, evaluation)


def test_every_figure_stands_with_its_interval(drawn: str, evaluation: Evidence) -> None:
    shown = re.findall(r"<dd><b>(.*?)</b><span>(.*?) to (.*?)</span></dd><dd>(.*?)</dd>", drawn)
    assert [meaning for *_, meaning in shown] == list(text.FIGURES.values())
    for key, (*figures, _) in zip(text.FIGURES, shown, strict=True):
        metric = evaluation.metrics[key]
        form = "{:.1%}" if key in ("sensitivity", "specificity") else "{:.3f}"
        expected = [form.format(value).replace("%", " %") for value in (metric.mean, metric.low, metric.high)]
        assert figures == ["> 0.999" if figure == "1.000" else figure for figure in expected]


def test_what_is_counted_is_drawn(drawn: str, evaluation: Evidence) -> None:
    sensitivity, specificity = evaluation.metrics["sensitivity"].mean, evaluation.metrics["specificity"].mean
    alarms = round(100 - 100 * specificity)
    said = (
        f"It finds {round(100 * sensitivity)} of 100 cancers and raises {alarms} false alarms in 100 benign"
    )
    assert drawn.startswith(f"<section><h2>{said}")
    compared = drawn.partition('class="plain stack comparison"')[2].partition("</table>")[0]
    labels = re.findall(r'<th scope="row"[^>]*>([^<]*)</th>', compared)
    assert list(map(unescape, labels)) == [model.label for model in evaluation.comparison]
    assert compared.count('class="difference"') == len(evaluation.comparison) - 1
    for case in evaluation.hard[:5]:
        assert f'href="?row={case.row}" data-load data-tab="explore"' in drawn
    for split in evaluation.through_time:
        for share in (split.specificity, split.specificity_followed, split.sensitivity):
            assert f"{round(share.hits)} of {share.of}" in drawn
    assert evaluation.later_patients
    strip = drawn.partition('class="strip-plot"')[2].partition("</figure>")[0]
    assert strip.count('class="dot malignant"') == len(evaluation.later_patients.probabilities)


def test_the_threshold_carries_the_table_of_counts(evaluation: Evidence) -> None:
    counts = re.search('data-counts="(.*?)"', threshold(evaluation, 0.3))
    assert counts
    given, found = json.loads(unescape(counts[1])), evaluation.threshold
    shown = {"threshold": found.grid, "missed": found.missed, "alarms": found.false_alarms}
    assert {name: tuple(given[name]) for name in shown} == shown


def test_what_was_not_gathered_is_left_out(context: PageContext, evaluation: Evidence) -> None:
    bare = {"through_time": (), "later_patients": None, "repeatability": None, "texture_drift": None}
    assert "strip-plot" not in evidence.draw(context, Evidence(**(vars(evaluation) | bare)))


def test_the_card_is_shown_without_what_is_for_machines() -> None:
    card = evidence.readable((ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8"))
    assert card.lstrip().startswith("## Breast FNA Explorer")
    assert "pipeline_tag" not in card
    assert not re.search("^# ", card, flags=re.MULTILINE)


def test_the_decision_curve_stands_where_the_numbers_beside_it_say(evaluation: Evidence) -> None:
    drawn = decisions(evaluation)
    marks = dict(re.findall(r'<span style="top:([\d.]+)%">([\d.]+)</span>', drawn))
    tops, benefits = zip(*((float(top), float(said)) for top, said in marks.items()), strict=True)
    dotted, dashed, line = (
        [float(point.split()[1]) for point in path.split("L")]
        for path in re.findall(r'<path class="\w+" d="M(.*?)" fill="none"', drawn)
    )
    slope, start = np.polyfit(tops, benefits, 1)
    shown = evaluation.threshold
    inside = np.array(shown.grid) <= 0.6
    np.testing.assert_allclose(start + slope * np.array(line), np.array(shown.net_benefit)[inside], atol=2e-4)
    np.testing.assert_allclose(start + slope * np.array(dotted), 0, atol=2e-4)
    expected = np.maximum(np.array(shown.treat_all)[inside], -0.05)
    np.testing.assert_allclose(start + slope * np.array(dashed), expected, atol=2e-4)


@pytest.mark.parametrize(("sensitivity", "width"), [([0, 0.9, 0.95, 1], 0.2), ([0, 0.3, 0.6, 1], 1.0)])
def test_a_weak_model_has_its_whole_roc_drawn(sensitivity: list[float], width: float) -> None:
    assert corner([0, 0.05, 0.2, 1], sensitivity) == (width, 1 - width)
