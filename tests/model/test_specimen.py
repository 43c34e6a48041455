"""One validation for every door: all faults at once, each with feature, value and expectation."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from model.features import NAMES
from model.specimen import InvalidSpecimen, Specimen, read_number
from training.data import Specimens

WRONG: dict[str, list[object]] = {
    "not_a_number": [
        "12.5 mm",
        "1,001",
        "",
        " ",
        "1_0",
        "٣",
        None,
        True,
        False,
        [],
        {},
        [1.0],
        "NaN",
        b"1",
        1 + 2j,
        np.bool_(True),
    ],
    "not_finite": [math.nan, math.inf, -math.inf, np.float64("nan"), 10**400],
    "negative": [-1, -1e-300, np.float32(-2)],
}


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


def test_names_and_order_give_the_same_specimen(good: dict[str, Any]) -> None:
    backwards = dict(reversed(good.items()))
    assert Specimen.parse(good) == Specimen.parse(list(good.values())) == Specimen.parse(backwards)
    assert Specimen.parse(good).to_dict() == good


def test_integers_and_numpys_numbers_are_numbers(good: dict[str, Any]) -> None:
    good |= {"area_mean": 1001, "radius_mean": np.float64(17.99), "texture_mean": np.int32(10)}
    assert all(type(value) is float for value in Specimen.parse(good).values)


def test_a_wrong_value_is_named(good: dict[str, Any]) -> None:
    for name, (code, values) in product(NAMES, WRONG.items()):
        for value in values:
            assert faults(good | {name: value}) == [(code, name)]


def test_a_missing_feature_is_named(good: dict[str, Any]) -> None:
    for name in NAMES:
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


def test_a_feature_under_two_spellings_is_a_duplicate(good: dict[str, Any]) -> None:
    assert faults(good | {"mean radius": 3.0}) == [("duplicate", "radius_mean")]
    assert faults(good | {"radius_avg": 3.0}) == [("duplicate", "radius_mean")]


def test_a_misspelt_name_is_answered_with_the_nearest(good: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecimen, match="perhaps radius_mean"):
        Specimen.parse(good | {"radius_meen": 1})
    with pytest.raises(InvalidSpecimen, match="perhaps radius_mean, radius_se or"):
        Specimen.parse(good | {"radius_median": 1})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", 12.5), (" 12.50 ", 12.5), ("+1e1", 10.0), (".5", 0.5), ("7.", 7.0), ("0", 0.0),
        ("12,5", 12.5), ("0,118", 0.118), (",118", 0.118), ("0,1184", 0.1184), ("1,001.5", 1001.5),
        ("1,001,000", 1001000.0), ("1,001", None), ("1.001,5", None), ("12,5,5", None), ("01,001.5", None),
        ("NaN", None), ("inf", None), ("1e999", None), ("5 mm", None), ("5%", None), ("0x1f", None),
        ("", None), ("1" * 100_000, None), ("1" * 100_000 + "x", None),
    ],
)  # fmt: skip
def test_a_text_is_a_number_where_it_can_be_read_in_one_way(
    good: dict[str, Any], text: str, number: float | None
) -> None:
    assert read_number(text) == number
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


@pytest.mark.parametrize("length", [0, 1, 29, 31, 569])
def test_a_list_of_another_length_is_refused(length: int) -> None:
    assert faults([1.0] * length) == [("wrong_length", "features")]


@pytest.mark.parametrize("thing", [None, 1, "1,2,3", True, 3.5, b"30"])
def test_other_things_are_refused(thing: object) -> None:
    assert faults(thing) == [("wrong_type", "features")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty"),
        (None, "empty"),
        ("x", "'x'"),
        (True, "true"),
        ([1.0], "a list of 1"),
        ({}, "a mapping of 0"),
        (math.nan, "nan"),
        (10**400, "an integer of more than 60 digits"),
    ],
)
def test_a_fault_says_what_was_found(good: dict[str, Any], value: object, words: str) -> None:
    with pytest.raises(InvalidSpecimen, match=f"^area_se is {words}: expected a number of 0 or more"):
        Specimen.parse(good | {"area_se": value})


def test_a_huge_value_makes_a_short_message(good: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecimen) as caught:
        Specimen.parse(good | {"radius_mean": "9" * 100_000})
    assert len(str(caught.value)) < 300
