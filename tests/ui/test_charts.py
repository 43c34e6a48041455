"""Numbers to SVG: what is drawn stands where the numbers are."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.features import FEATURES
from ui import charts
from ui.explorer import Explorer
from ui.scales import SCALES

PROBABILITIES = st.floats(0, 1)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own text


@given(probability=PROBABILITIES)
@example(probability=0.0004)
@example(probability=0.9996)
@example(probability=0.9951)
def test_nothing_is_certain(probability: float) -> None:
    number = float(charts.percent(probability).strip("<> %")) / 100
    assert 0 < number < 1
    assert number == pytest.approx(probability, abs=0.005)


@given(a=PROBABILITIES, b=PROBABILITIES)
def test_a_larger_probability_never_lies_further_left(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= charts.logit_position(low) <= charts.logit_position(high) <= 100


def test_benign_hills_stand_and_malignant_ones_hang(explorer: Explorer) -> None:
    for feature in FEATURES:
        spread = explorer.spread[feature.name]
        assert max(*spread.benign, *spread.malignant) == pytest.approx(1)
        benign, malignant = parsed(charts.densities(spread.benign, spread.malignant)).iter("path")
        assert min(levels(benign.attrib["d"], 38)) == 38 - round(36 * max(spread.benign))
        assert max(levels(benign.attrib["d"], 38)) == 38
        assert max(levels(malignant.attrib["d"], 42)) == 42 + round(36 * max(spread.malignant))
        assert min(levels(malignant.attrib["d"], 42)) == 42


def levels(path: str, base: int) -> list[int]:
    """The heights that a path of charts.densities passes through."""
    found = re.fullmatch(rf"M\d+ {base}v(-?\d+)l(.*)V{base}Z", path)
    assert found
    steps = [int(step) for step in re.findall(r"-?\d+", found[2])]
    assert set(steps[::2]) == {1}
    return [base, *itertools.accumulate(steps[1::2], initial=base + int(found[1]))]


def test_a_track_holds_all_that_the_data_show_and_a_little_more() -> None:
    for feature in FEATURES:
        track = SCALES[feature.name]
        assert track.position(feature.high) < 1
        assert track.value(1) > feature.high
        assert track.position(feature.low) >= 0
        assert track.value(0) <= feature.low + 1e-12
        for share in (0.1, 0.5, 0.9):
            assert track.position(track.value(share)) == pytest.approx(share)
        assert 3 <= len(track.ticks()) <= 9


@pytest.mark.parametrize(("share", "said"), [(0.04, "0.0"), (2.06, "+2.1"), (-0.3, "\N{MINUS SIGN}0.3")])
def test_a_share_has_a_sign_unless_it_is_none(share: float, said: str) -> None:
    assert charts.signed(share) == said
    assert charts.signed(-0.01) == "0.0"
