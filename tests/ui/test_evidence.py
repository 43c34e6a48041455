"""The evidence is drawn as evaluation.json has it."""

import re

import pytest

from model.classifier import ARTIFACT
from model.evidence import Evidence
from ui import charts, evidence, text
from ui.explorer import Explorer
from ui.threshold import threshold


@pytest.fixture(scope="module")
def found() -> Evidence:
    return Evidence.load()


@pytest.fixture(scope="module")
def drawn(explorer: Explorer, found: Evidence) -> str:
    return evidence.draw(explorer, found)


def test_every_figure_stands_with_its_interval(drawn: str, found: Evidence) -> None:
    shown = re.findall(r"<dd><b>(.*?)</b><span>(.*?) to (.*?)</span></dd><dd>(.*?)</dd>", drawn)
    assert [meaning for *_, meaning in shown] == list(text.FIGURES.values())
    for key, (*figures, _) in zip(text.FIGURES, shown, strict=True):
        metric = found.metrics[key]
        form = "{:.1%}" if key in ("sensitivity", "specificity") else "{:.3f}"
        expected = [form.format(value).replace("%", " %") for value in (metric.mean, metric.low, metric.high)]
        assert figures == ["> 0.999" if figure == "1.000" else figure for figure in expected]


def test_the_title_says_what_the_model_finds_and_alarms(drawn: str, found: Evidence) -> None:
    sensitivity, specificity = found.metrics["sensitivity"].mean, found.metrics["specificity"].mean
    alarms = round(100 - 100 * specificity)
    said = f"It finds {round(100 * sensitivity)} of 100 cancers and raises {alarms} in 100 false alarms"
    assert drawn.startswith(f"<section><h2>{said}")


def test_every_model_that_was_compared_is_listed(drawn: str, found: Evidence) -> None:
    table = drawn.partition('class="plain stack comparison"')[2].partition("</table>")[0]
    labels = re.findall(r'<th scope="row"[^>]*>([^<]*)</th>', table)
    assert [label.replace("&#x27;", "'") for label in labels] == [model.label for model in found.comparison]
    assert table.count('class="difference"') == len(found.comparison) - 1


def test_the_hardest_specimens_come_with_a_way_to_see_them(drawn: str, found: Evidence) -> None:
    for case in found.hard[:5]:
        assert f'href="?row={case.row}" data-load data-tab="explore"' in drawn


def test_later_years_and_later_patients_are_drawn_as_counted(drawn: str, found: Evidence) -> None:
    for split in found.through_time:
        for share in (split.specificity, split.specificity_followed, split.sensitivity):
            assert f"{round(share.hits)} of {share.of}" in drawn
    assert found.later_patients
    strip = drawn.partition('class="strip-plot"')[2].partition("</figure>")[0]
    assert strip.count('class="dot malignant"') == len(found.later_patients.probabilities)


def test_the_threshold_carries_the_table_of_counts(found: Evidence) -> None:
    section = threshold(found, 0.3)
    for name in ("threshold", "missed", "alarms"):
        numbers = re.search(f'data-{name}="(.*?)"', section)
        assert numbers
        counts = {"threshold": found.threshold.grid, "alarms": found.threshold.false_alarms}
        assert list(map(float, numbers[1].split())) == pytest.approx(
            counts.get(name, found.threshold.missed), rel=1e-5
        )  # written to six digits


def test_what_was_not_gathered_is_left_out(explorer: Explorer, found: Evidence) -> None:
    bare = {"through_time": (), "later_patients": None, "repeatability": None, "texture_drift": None}
    assert "strip-plot" not in evidence.draw(explorer, Evidence(**(vars(found) | bare)))


def test_the_card_is_shown_without_what_is_for_machines() -> None:
    card = evidence.readable((ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8"))
    assert card.lstrip().startswith("## Breast FNA Explorer")
    assert "pipeline_tag" not in card
    assert not re.search("^# ", card, flags=re.MULTILINE)


def test_a_difference_lies_right_of_zero_where_a_model_is_worse() -> None:
    shown = charts.difference(0.5, 0.25, 0.75, -1.0, 1.0)
    assert '<line class="zero" x1="50.0%"' in shown
    assert '<line class="reach" x1="62.5%" x2="87.5%"' in shown
    assert '<circle cx="75.0%"' in shown
