"""Charts: what is drawn is where the numbers are, for these data and for any others."""

import itertools
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import gaussian_kde

from model.features import FEATURES
from ui import charts
from ui.context import PageContext
from ui.scales import SCALES, LogScale, _density

PROBABILITIES = st.floats(0, 1)
RADIUS = FEATURES[0]
SIGNED = replace(RADIUS, measurement=replace(RADIUS.measurement, signed=True))
ODD = [
    replace(RADIUS, low=5.0, high=5.0),
    replace(RADIUS, low=0.0, high=0.0),
    replace(RADIUS, low=0.0, high=3.0, decimals=0),
    replace(RADIUS, low=1e-6, high=8e-6, decimals=9),
    replace(RADIUS, low=2e6, high=9e8, decimals=0),
    replace(SIGNED, low=-5.0, high=-5.0),
    replace(SIGNED, low=-9e-7, high=-1e-7, decimals=9),
    replace(SIGNED, low=0.0, high=0.0),
]


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
    assert 0 <= charts.logit_position(low) <= charts.logit_position(high) <= 1


def test_a_share_has_a_sign_unless_it_is_none() -> None:
    shares = (0.04, -0.01, 2.06, -0.3)
    assert list(map(charts.signed, shares)) == ["0.0", "0.0", "+2.1", "\N{MINUS SIGN}0.3"]


def test_benign_densities_are_above_and_malignant_ones_below(context: PageContext) -> None:
    flat = [0.0] * 33, [1.0] * 33  # a class too flat to be seen beside the other
    for spread in (*context.spread.values(), flat):
        assert max(*spread[0], *spread[1]) == pytest.approx(1)
        drawn = ET.fromstring(charts.densities(spread))  # noqa: S314  # our own text
        for path, heights, base, tallest in zip(drawn.iter("path"), spread, (38, 42), (-36, 36), strict=True):
            found = re.fullmatch(rf"M0 {base}v(-?\d+)l(.*)V{base}Z", path.attrib["d"])
            assert found
            steps = [int(step) for step in found[2].split()]
            assert set(steps[::2]) == {1}
            levels = [*itertools.accumulate(steps[1::2], initial=int(found[1]))]
            assert levels == [round(tallest * height) for height in heights]


@pytest.mark.parametrize("spread", ["wide tails", "two peaks", "mostly one value", "narrow"])
def test_a_density_has_silvermans_width(spread: str) -> None:
    random = np.random.default_rng(0)
    places = {
        "wide tails": 0.5 + 0.1 * random.standard_t(2, 200),
        "two peaks": np.r_[random.normal(0.3, 0.01, 100), random.normal(0.7, 0.01, 100)],
        "narrow": random.normal(0.5, 0.005, 200),
        "mostly one value": np.r_[np.full(160, 0.5), random.normal(0.5, 0.2, 40)],
    }[spread]
    low, high = np.quantile(places, (0.25, 0.75))
    width = 0.9 * min(filter(None, (places.std(), (high - low) / 1.34))) * len(places) ** -0.2
    width = max(width, 0.5 / 32)  # half of what lies between two points
    expected = gaussian_kde(places, width / places.std(ddof=1))(np.linspace(0, 1, 33))
    np.testing.assert_allclose(_density(places), expected * np.sqrt(2 * np.pi), rtol=1e-9)


def test_densities_lie_along_the_tracks(context: PageContext) -> None:
    values, malignant = context.reference.values, context.reference.malignant
    for column, feature in enumerate(FEATURES):
        places = np.array([SCALES[feature.name].position(value) for value in values[:, column].tolist()])
        benign, other = _density(places[~malignant]), _density(places[malignant])
        peak = max(benign.max(), other.max())
        assert context.spread[feature.name][0] == pytest.approx(benign / peak)
        assert context.spread[feature.name][1] == pytest.approx(other / peak)
    for place in np.linspace(0, 1, 100):  # a class in one place is seen wherever that is
        assert _density(np.full(50, place)).max() > 1


def test_any_range_has_a_track_with_room_at_its_ends() -> None:
    for feature in (*FEATURES, *ODD):
        track = LogScale.of(feature)
        low, high = (track.position(bound) for bound in (feature.low, feature.high))
        assert 0 <= low <= high < 1
        assert track.value(0) <= feature.low + 1e-12
        for value in (feature.low, feature.high):
            assert track.value(track.position(value)) == pytest.approx(value, rel=1e-6, abs=1e-12)
        assert track.values(3) == [track.value(0), track.value(0.5), track.value(1)]
        for share in (0.1, 0.5, 0.9):
            assert track.position(track.value(share)) == pytest.approx(share, abs=1e-6)
        ticks = track.ticks()
        assert list(ticks) == sorted(set(ticks))
        assert 3 <= len(ticks) <= 9 or feature in ODD
    counts = LogScale.of(replace(RADIUS, low=0.0, high=5.0, decimals=0))
    assert counts.position(1) < 0.5  # small counts with zeros are not squeezed into the end


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.007882, 0.07895, (0.01, 0.02, 0.05)),
        (0.0, 0.4268, (0.005, 0.02, 0.05, 0.1, 0.2)),  # so small, 0.01 would touch its neighbours
        (3.9, 9.1, (4, 6, 8)),
        (5.0, 9.0, (6, 8)),
        (6.0, 6.0, (5.5, 6, 6.6)),  # the only round number is no scale
        (1000.1, 1000.2, (1000.1, 1000.15, 1000.2)),
        (-3e6, 2e6, (-3.1e6, -1.8e6, -4e5, 9e5, 2.3e6)),
    ],
)
def test_ticks_are_round_where_there_are_round_numbers(
    low: float, high: float, ticks: tuple[float, ...]
) -> None:
    assert LogScale.of(replace(SIGNED if low < 0 else RADIUS, low=low, high=high)).ticks() == ticks


def test_an_interval_lies_right_of_zero_where_a_model_is_worse() -> None:
    shown = charts.interval(0.5, 0.25, 2, (-1.0, 1.0), "difference", 20)
    assert '<line class="zero" x1="50.0%"' in shown
    assert '<line class="reach" x1="62.5%" x2="100.0%"' in shown
    assert '<circle cx="75.0%"' in shown
    assert "zero" not in charts.interval(0.9, 0.85, 0.95, (0.8, 1), "reach", 12)
