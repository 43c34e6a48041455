"""A case as a query string, and back."""

import contextlib
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.explain import Reference
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from ui.context import BrokenLink, PageContext, digits

VALUES = st.tuples(*(st.decimals(0, str(f.high), places=f.decimals).map(float) for f in FEATURES))


@given(values=VALUES)
def test_any_case_survives_its_link(context: PageContext, values: tuple[float, ...]) -> None:
    link = context.encode(Specimen(values))
    assert context.decode(link).values == values
    assert context.decode("?" + link).values == values
    assert quote(link, safe="=&") == link
    assert len(link) < 300


@given(value=st.floats(0, 1e9))
def test_digits_lose_nothing(value: float) -> None:
    assert float(digits(value)) == value


@pytest.mark.parametrize("value", [0.0, 1e-7, 1e6, 1e16, 1.5e300])
def test_numbers_far_off_the_track_survive_too(context: PageContext, value: float) -> None:
    specimen = Specimen.parse(context.median.to_dict() | {"area_worst": value})
    assert context.decode(context.encode(specimen)) == specimen


def test_what_other_sites_add_is_passed_over(context: PageContext) -> None:
    assert context.decode("") == context.decode("?utm_source=x") == context.opening
    assert context.decode("utm_source=x&fbclid=y&__theme=dark&row=3") == context.decode("row=3")


def test_every_real_specimen_is_named_by_its_row_or_its_key(
    context: PageContext, reference: Reference, cases: list[dict[str, Any]]
) -> None:
    keys = {case["row"]: case["key"] for case in cases}
    for row, values in enumerate(reference.values.tolist()):
        start, changed = context.origin(Specimen(tuple(values)))
        assert start.link == context.encode(Specimen(tuple(values)))
        assert start.link == (f"case={keys[row]}" if row in keys else f"row={row}")
        assert start.diagnosis == ("malignant" if reference.malignant[row] else "benign")
        assert not changed
    for case in cases:
        values = tuple(reference.values[case["row"]].tolist())
        for key in case["aliases"]:  # links that are older than the keys
            assert context.decode(f"case={key}").values == values


def test_a_link_tells_what_differs_from_its_start(context: PageContext, cases: list[dict[str, Any]]) -> None:
    specimen = Specimen.parse(cases[2]["features"] | {"area_worst": 700, "texture_se": 1.25})
    link = f"case={cases[2]['key']}&texture_se=1.25&area_worst=700"
    assert context.encode(specimen) == link
    assert context.decode(link) == specimen
    assert context.origin(specimen)[1] == ("texture_se", "area_worst")
    median = context.decode("area_worst=700")  # without a start
    assert median.to_dict() == context.median.to_dict() | {"area_worst": 700}
    assert context.encode(median) == "case=median&area_worst=700"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("case=nobody", ["There is no case 'nobody'."]),
        ("row=569", ["There is no row '569'."]),
        ("row=x", ["There is no row 'x'."]),
        ("x=1_2_3", [f"x holds 3 numbers, not {len(NAMES)}."]),
        ("area_worst=big", ["area_worst is 'big'"]),
        ("area_worst=", ["area_worst is empty"]),
        ("area_worst=nan", ["area_worst is 'nan'"]),
        ("x=" + "_".join(["1"] * (len(NAMES) - 1) + ["inf"]), [f"{NAMES[-1]} is 'inf'"]),
        ("area_wrost=700", ["'area_wrost' is not a feature; did you mean area_worst?"]),
        ("case=nobody&radius_mean=-1&area_wrost=3", ["nobody", "did you mean", "radius_mean is '-1'"]),
    ],
)
def test_a_broken_link_says_everything_that_is_wrong(
    context: PageContext, query: str, said: list[str]
) -> None:
    with pytest.raises(BrokenLink) as broken:
        context.decode(query)
    for problem, part in zip(broken.value.args, said, strict=True):
        assert part in problem
        assert re.fullmatch(r".+[.?]", problem)


@given(text=st.text())
def test_any_query_is_a_case_or_a_broken_link(context: PageContext, text: str) -> None:
    with contextlib.suppress(BrokenLink):
        assert len(context.decode(text).values) == len(NAMES)
