"""The evidence is drawn as evaluation.json has it."""

import json
import re
from typing import Any

import pytest

from model.classifier import ARTIFACT
from ui import evidence, evidence_plots, text
from ui.explorer import Explorer
from ui.threshold import threshold


@pytest.fixture(scope="module")
def evaluation() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ARTIFACT / "evaluation.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def drawn(explorer: Explorer, evaluation: dict[str, Any]) -> str:
    return evidence.draw(explorer, evaluation)


def test_every_figure_stands_with_its_interval(drawn: str, evaluation: dict[str, Any]) -> None:
    shown = re.findall(r"<dt>([\w ]+)</dt><dd><b>(.*?)</b><span>(.*?) – (.*?)</span>", drawn)
    assert [label for label, *_ in shown] == [label for _, label, _, _ in text.FIGURES]
    for (key, _, form, _), (_, *figures) in zip(text.FIGURES, shown, strict=True):
        metric = evaluation["metrics"][key]
        expected = [form.format(metric[name]).replace("%", " %") for name in ("mean", "low", "high")]
        assert figures == ["> 0.999" if figure == "1.000" else figure for figure in expected]


def test_every_model_that_was_compared_is_listed(drawn: str, evaluation: dict[str, Any]) -> None:
    labels = re.findall(r'<tr[^>]*><th scope="row">([^<]*)</th><td>0\.\d{3}</td>', drawn)
    assert labels == [model["label"] for model in evaluation["comparison"]]


def test_the_hardest_specimens_come_with_a_way_to_see_them(drawn: str, evaluation: dict[str, Any]) -> None:
    for case in evaluation["hard"]["specimens"][:5]:
        assert f'href="?row={case["row"]}" data-load data-tab="explore"' in drawn


def test_the_threshold_carries_the_table_of_counts(evaluation: dict[str, Any]) -> None:
    drawn = threshold(evaluation, 0.3)
    for name, counts in evaluation["threshold"]["table"].items():
        found = re.search(f'data-{name}="(.*?)"', drawn)
        assert found
        assert list(map(float, found[1].split())) == pytest.approx(counts)


def test_the_card_is_shown_without_what_is_for_machines() -> None:
    card = evidence.readable((ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8"))
    assert card.lstrip().startswith("## Breast FNA Explorer")
    assert "pipeline_tag" not in card
    assert not re.search("^# ", card, flags=re.MULTILINE)


def test_a_difference_lies_right_of_zero_where_a_model_is_worse() -> None:
    drawn = evidence_plots.difference(0.5, 0.25, 0.75, -1.0, 1.0)
    assert '<line class="zero" x1="50.0%"' in drawn
    assert '<line class="reach" x1="62.5%" x2="87.5%"' in drawn
    assert '<circle cx="75.0%"' in drawn


def test_the_bars_of_a_histogram_reach_as_high_as_their_counts() -> None:
    drawn = evidence_plots.histogram([4, 1, 2], [], 0.5, "label")
    assert re.findall(r'height="([\d.]+)"', drawn) == ["100.00", "25.00", "50.00"]
    assert re.findall(r'rect class="(\w+)"', drawn) == ["benign", "malignant", "malignant"]
