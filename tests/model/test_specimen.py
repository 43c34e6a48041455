"""The one validation of all inputs reports all faults at once, each with feature, value and expectation."""

import math
from typing import Any

import numpy as np
import pytest

from model.features import NAMES
from model.specimen import InvalidSpecimen, Specimen, read_number
from training.data import Specimens

WRONG: dict[str, list[object]] = {
    "not_a_number": [
        "12.5 mm", "1,001", "", " ", "1_0", "٣", "NaN", None, True, False, [], {}, [1.0], b"1", 1 + 2j,
        np.bool_(True),
    ],
    "not_finite": [math.nan, math.inf, -math.inf, np.float64("nan"), 10**400],
    "negative": [-1, -1e-300, np.float32(-2)],
}  # fmt: skip


@pytest.fixture
def good(rows: Specimens) -> dict[str, Any]:
    return dict(zip(NAMES, rows.values[0].tolist(), strict=True))


def faults(features: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidSpecimen) as caught:
        Specimen.parse(features)
    for fault in caught.value.faults:
        assert fault.feature in fault.message
        assert fault.expected in fault.message
        assert fault.message in str(caught.value)
    return [(fault.code, fault.feature) for fault in caught.value.faults]


def test_names_order_and_any_kind_of_number_give_the_same_specimen(good: dict[str, Any]) -> None:
    backwards = dict(reversed(good.items()))
    assert Specimen.parse(good) == Specimen.parse(list(good.values())) == Specimen.parse(backwards)
    assert Specimen.parse(good).to_dict() == good
    good |= {"area_mean": 1001, "radius_mean": np.float64(17.99), "texture_mean": np.int32(10)}
    assert all(type(value) is float for value in Specimen.parse(good).values)


def test_a_wrong_value_or_a_missing_feature_is_named(good: dict[str, Any]) -> None:
    for name in NAMES:
        for code, values in WRONG.items():
            for value in values:
                assert faults(good | {name: value}) == [(code, name)]
        others = {other: value for other, value in good.items() if other != name}
        assert faults(others) == [("missing", name)]


def test_all_faults_come_at_once(good: dict[str, Any]) -> None:
    del good["area_se"]
    good |= {"radius_mean": -1, "texture_mean": "a", "symmetry_worst": math.nan, "blood_pressure": 1}
    assert set(faults(good)) == {
        ("negative", "radius_mean"),
        ("not_a_number", "texture_mean"),
        ("not_finite", "symmetry_worst"),
        ("unknown", "blood_pressure"),
        ("missing", "area_se"),
    }


def test_a_name_twice_or_misspelt_is_answered_with_the_feature_that_it_means(good: dict[str, Any]) -> None:
    for again in ("mean radius", "radius_avg"):
        assert faults(good | {again: 3.0}) == [("duplicate", "radius_mean")]
    for odd, meant in (("radius_meen", "radius_mean"), ("radius_median", "radius_mean, radius_se or")):
        with pytest.raises(InvalidSpecimen, match=f"perhaps {meant}"):
            Specimen.parse(good | {odd: 1})


TEXTS = {
    "12.5": 12.5, " 12.50 ": 12.5, "+1e1": 10.0, ".5": 0.5, "7.": 7.0, "0": 0.0, "12,5": 12.5, "0,118": 0.118,
    ",118": 0.118, "0,1184": 0.1184, "1,001.5": 1001.5, "1,001,000": 1001000.0, "1,001": None,
    "1.001,5": None, "12,5,5": None, "01,001.5": None, "NaN": None, "inf": None, "1e999": None, "5 mm": None,
    "5%": None, "0x1f": None, "": None, "1" * 100_000: None, "1" * 100_000 + "x": None,
}  # fmt: skip


def test_a_text_is_a_number_where_it_can_be_read_in_one_way(good: dict[str, Any]) -> None:
    for text, number in TEXTS.items():
        assert read_number(text) == number, text[:9]
        if number is None:
            assert faults(good | {"area_mean": text}) == [("not_a_number", "area_mean")]
        else:
            assert Specimen.parse(good | {"area_mean": text}).to_dict()["area_mean"] == number


def test_thousands_of_unknown_names_cost_little_and_the_first_are_answered_with_what_was_meant() -> None:
    with pytest.raises(InvalidSpecimen) as caught:
        Specimen.parse({f"radius_meen{i}": 1 for i in range(5000)})
    unknown = [fault for fault in caught.value.faults if fault.code == "unknown"]
    assert len(unknown) == 5000
    assert sum("perhaps radius_" in fault.expected for fault in unknown) == 10


def test_other_things_than_thirty_values_are_refused() -> None:
    for length in (0, 1, len(NAMES) - 1, len(NAMES) + 1, 569):
        assert faults([1.0] * length) == [("wrong_length", "features")]
    for thing in (None, 1, "1,2,3", True, 3.5, b"30"):
        assert faults(thing) == [("wrong_type", "features")]


SHOWN: list[tuple[object, str]] = [
    ("", "empty"), (None, "empty"), ("x", "'x'"), (True, "true"), ([1.0], "a list of 1"),
    ({}, "a mapping of 0"), (math.nan, "nan"), (10**400, "an integer of more than 60 digits"),
    ("9" * 100_000, f"'{'9' * 58}…"),
]  # fmt: skip


def test_a_fault_says_in_few_words_what_was_found(good: dict[str, Any]) -> None:
    for value, words in SHOWN:
        with pytest.raises(InvalidSpecimen, match=f"^area_se is {words}: expected a number of 0 or more"):
            Specimen.parse(good | {"area_se": value})
