"""Warnings accompany an answer: out of range, contradictions, and specimens unlike all others."""

from itertools import product

import numpy as np

from model.classifier import Classifier
from model.features import BY_NAME, FEATURES, NAMES
from model.specimen import Specimen
from model.warnings import InputWarning
from training.data import Specimens

TYPICAL = 96


def warned(classifier: Classifier, values: np.ndarray) -> tuple[InputWarning, ...]:
    return classifier.predict(Specimen(tuple(values.tolist()))).warnings


def test_real_specimens_are_at_most_novel_and_about_one_in_a_hundred_is(
    classifier: Classifier, rows: Specimens
) -> None:
    codes = {warning.code for values in rows.values for warning in warned(classifier, values)}
    assert codes == {"novel"}
    assert 0 < classifier.warning_rules.warning_flags(rows.values).any(axis=1).mean() < 0.02
    order = np.random.default_rng(0).permutation(len(NAMES))
    for values in rows.values[:100, order]:
        assert "novel" in {warning.code for warning in warned(classifier, values)}


def test_a_value_outside_the_observed_range_gets_a_warning(classifier: Classifier, rows: Specimens) -> None:
    for feature, side in product(FEATURES, ("below", "above")):
        values = rows.values[TYPICAL].copy()
        values[NAMES.index(feature.name)] = feature.high * 1.01 if side == "above" else feature.low * 0.99
        warnings = [c for c in warned(classifier, values) if c.code == "out_of_range"]
        if side == "below" and feature.low == 0:
            assert warnings == []  # nothing is below that
        else:
            assert [warning.features for warning in warnings] == [(feature.name,)]
            assert f"{feature.spoken[1:]} is " in warnings[0].message
            assert f", {side} every value in the data" in warnings[0].message


CONTRADICTIONS = (
    # the change, the features that then contradict each other, and whether no specimen can be like that
    ({"radius_worst": 10.0}, {"radius_mean", "radius_worst"}, True),
    ({"radius_se": 40.0}, {"radius_mean", "radius_se"}, True),
    ({"concavity_mean": 0.0}, {"concavity_mean", "concave_points_mean"}, True),
    ({"concavity_se": 0.0}, {"concavity_se", "concave_points_se"}, False),
    ({"area_mean": 1400.0}, {"area_mean", "radius_mean"}, False),
    ({"perimeter_mean": 60.0}, {"perimeter_mean", "radius_mean"}, False),
    ({"perimeter_worst": 60.0}, {"perimeter_worst", "area_worst"}, False),
    ({"area_se": 200.0}, {"area_se", "radius_mean", "radius_se"}, False),
    ({"texture_se": 0.4, "texture_worst": 45.0}, {"texture_mean", "texture_worst", "texture_se"}, False),
)


def test_a_contradiction_names_the_values_and_whether_any_specimen_can_have_them(
    classifier: Classifier, rows: Specimens
) -> None:
    for changes, features, impossible in CONTRADICTIONS:
        values = rows.values[TYPICAL].copy()
        for name, value in changes.items():
            values[NAMES.index(name)] = value
        (said,) = (w.message for w in warned(classifier, values) if set(w.features) == features)
        assert (" be true: " if impossible else " are unusual together: ") in said
        for name in features:
            assert f"{BY_NAME[name].spoken} {values[NAMES.index(name)]:g}" in said
