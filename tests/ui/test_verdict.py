"""The answer and its reasons as HTML: in the order of their weight, and marked where there is a warning."""

import re
from html import escape

import pytest

from model.features import FEATURES, MEASUREMENTS
from model.specimen import Specimen
from ui import charts, text
from ui.explorer import Explorer
from ui.verdict import bars, verdict


def test_the_heaviest_measurement_comes_first_with_its_sum(explorer: Explorer) -> None:
    prediction = explorer.classifier.predict(explorer.opening)
    shares = list(zip(FEATURES, prediction.shares, strict=True))
    sums = {m.label: sum(share for f, share in shares if f.measurement is m) for m in MEASUREMENTS}
    ordered = sorted(sums, key=lambda label: -abs(sums[label]))
    shown = re.findall(
        r'<summary><span class="line"><span class="label">(.*?)</span>.*?"share">(.*?)<', bars(prediction)
    )
    assert shown == [(label, charts.signed(sums[label])) for label in ordered]


@pytest.mark.parametrize("key", ["case-1", "case-3", "case-2"])
def test_the_word_and_what_it_means_are_those_of_the_verdict(explorer: Explorer, key: str) -> None:
    specimen = explorer.links.decode(f"case={key}")
    prediction = explorer.classifier.predict(specimen)
    answer, reasons = verdict(explorer, specimen)
    assert f"</svg>{text.VERDICT[prediction.verdict]}</p>" in answer
    assert charts.percent(prediction.probability) in answer
    assert (
        text.VERDICT_MEANING[prediction.verdict].format(level=f"{prediction.level:.0%}".replace("%", " %"))
        in reasons
    )


def test_every_warning_is_told_and_marks_its_sliders(explorer: Explorer) -> None:
    specimen = Specimen.parse(explorer.median.to_dict() | {"area_worst": 5000, "radius_worst": 10})
    warnings = explorer.classifier.predict(specimen).warnings
    answer, reasons = verdict(explorer, specimen)
    assert len(warnings) > 1
    for warning in warnings:
        assert f"<li>{escape(warning.message)}</li>" in reasons
    (marks,) = re.findall(r'data-marks="(.*?)"', answer)
    assert set(marks.split()) == {name for warning in warnings for name in warning.features}
