"""Warnings stand beside the answer: out of range, contradicting itself, unlike all others."""

import numpy as np
import pytest

from model.classifier import Classifier
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from model.warnings import InputWarning
from training.data import Specimens

TYPICAL = 96


def warned(classifier: Classifier, values: np.ndarray) -> tuple[InputWarning, ...]:
    return classifier.predict(Specimen(tuple(values.tolist()))).warnings


def test_real_specimens_are_in_range_and_contradict_nothing(classifier: Classifier, rows: Specimens) -> None:
    codes = {warning.code for values in rows.values for warning in warned(classifier, values)}
    assert codes <= {"novel"}


def test_about_one_real_specimen_in_a_hundred_is_novel(classifier: Classifier, rows: Specimens) -> None:
    assert 0 < classifier.warning_rules.marks(rows.values).any(axis=1).mean() < 0.02


@pytest.mark.parametrize("side", ["below", "above"])
def test_past_the_observed_range_is_said(classifier: Classifier, rows: Specimens, side: str) -> None:
    for feature in FEATURES:
        values = rows.values[TYPICAL].copy()
        values[NAMES.index(feature.name)] = feature.high * 1.01 if side == "above" else feature.low * 0.99
        warnings = [c for c in warned(classifier, values) if c.code == "out_of_range"]
        if side == "below" and feature.low == 0:
            assert warnings == []  # nothing is below that
        else:
            assert [warning.features for warning in warnings] == [(feature.name,)]
            assert f"{feature.spoken[1:]} is " in warnings[0].message
            assert f", {side} every value in the data" in warnings[0].message


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"radius_worst": 10.0}, {"radius_mean", "radius_worst"}),
        ({"area_mean": 1400.0}, {"area_mean", "radius_mean"}),
        ({"perimeter_mean": 60.0}, {"perimeter_mean", "radius_mean"}),
        ({"concavity_mean": 0.0}, {"concavity_mean", "concave_points_mean"}),
        ({"area_se": 200.0}, {"area_se", "radius_se"}),
        ({"texture_se": 0.4, "texture_worst": 45.0}, {"texture_worst", "texture_se"}),
    ],
)
def test_a_contradiction_names_both_sides(
    classifier: Classifier, rows: Specimens, changes: dict[str, float], named: set[str]
) -> None:
    values = rows.values[TYPICAL].copy()
    for name, value in changes.items():
        values[NAMES.index(name)] = value
    found = [set(c.features) for c in warned(classifier, values) if c.code == "contradiction"]
    assert any(named <= features for features in found)


def test_permuted_columns_are_novel(classifier: Classifier, rows: Specimens) -> None:
    order = np.random.default_rng(0).permutation(30)
    novel = [
        any(c.code == "novel" for c in warned(classifier, values[order])) for values in rows.values[:100]
    ]
    assert all(novel)
