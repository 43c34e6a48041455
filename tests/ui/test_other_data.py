"""Drawings of other data than these: a feature with one value only, a class in one place, a weak model."""

from dataclasses import replace

import numpy as np
import pytest

from model.features import FEATURES, Feature
from ui import charts
from ui.scales import LogScale, _density

RADIUS = FEATURES[0]
SIGNED = replace(RADIUS, measurement=replace(RADIUS.measurement, signed=True))

ODD = [
    replace(RADIUS, low=5.0, high=5.0),
    replace(RADIUS, low=0.0, high=0.0),
    replace(RADIUS, low=0.0, high=3.0, decimals=0),
    replace(RADIUS, low=1000.1, high=1000.2, decimals=2),
    replace(RADIUS, low=1e-6, high=8e-6, decimals=9),
    replace(RADIUS, low=2e6, high=9e8, decimals=0),
    replace(SIGNED, low=-5.0, high=-5.0),
    replace(SIGNED, low=-9e-7, high=-1e-7, decimals=9),
    replace(SIGNED, low=-3e6, high=2e6, decimals=0),
    replace(SIGNED, low=0.0, high=0.0),
]


@pytest.mark.parametrize("feature", ODD, ids=lambda f: f"{f.low:g} to {f.high:g}")
def test_any_range_has_a_track_with_room_at_its_ends(feature: Feature) -> None:
    track = LogScale.of(feature)
    low, high = (track.position(bound) for bound in (feature.low, feature.high))
    assert 0 <= low <= high < 1
    for value in (feature.low, feature.high):
        assert track.value(track.position(value)) == pytest.approx(value, rel=1e-6, abs=1e-12)
    ticks = track.ticks()
    assert len(set(ticks)) == len(ticks) > 1
    assert list(ticks) == sorted(ticks)


def test_small_counts_with_zeros_are_not_squeezed_into_the_end_of_a_track() -> None:
    counts = replace(RADIUS, low=0.0, high=5.0, decimals=0)
    assert LogScale.of(counts).position(1) < 0.5


def test_a_class_in_one_place_is_seen_wherever_that_is() -> None:
    for place in np.linspace(0, 1, 100):
        assert _density(np.full(50, place)).max() > 1


def test_a_class_too_flat_to_draw_beside_the_other_is_no_error() -> None:
    assert 'd="M0 38' in charts.densities([0.0] * 33, [1.0] * 33)


@pytest.mark.parametrize(("sensitivity", "width"), [([0, 0.9, 0.95, 1], 0.2), ([0, 0.3, 0.6, 1], 1.0)])
def test_a_weak_model_has_its_whole_roc_drawn(sensitivity: list[float], width: float) -> None:
    alarms = [0, 0.05, 0.2, 1]
    assert charts.corner(alarms, sensitivity) == (width, 1 - width)
