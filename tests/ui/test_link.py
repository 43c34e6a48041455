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
from ui.explorer import Explorer
from ui.link import BrokenLink, digits

VALUES = st.tuples(*(st.decimals(0, str(f.high), places=f.decimals).map(float) for f in FEATURES))


@given(values=VALUES)
def test_any_case_survives_its_link(explorer: Explorer, values: tuple[float, ...]) -> None:
    link = explorer.links.encode(Specimen(values))
    assert explorer.links.decode(link).values == values
    assert explorer.links.decode("?" + link).values == values
    assert quote(link, safe="=&") == link
    assert len(link) < 300


@pytest.mark.parametrize("value", [0.0, 1e-7, 1e6, 1e16, 1.5e300])
def test_numbers_far_off_the_track_survive_too(explorer: Explorer, value: float) -> None:
    specimen = Specimen.parse(explorer.median.to_dict() | {"area_worst": value})
    assert explorer.links.decode(explorer.links.encode(specimen)) == specimen


def test_no_query_is_the_case_that_the_page_opens_with(explorer: Explorer) -> None:
    assert explorer.links.decode("") == explorer.links.decode("?utm_source=x") == explorer.opening


def test_a_query_without_a_start_changes_the_median(explorer: Explorer) -> None:
    specimen = explorer.links.decode("area_worst=700")
    assert specimen.to_dict() == explorer.median.to_dict() | {"area_worst": 700}
    assert explorer.links.encode(specimen) == "case=median&area_worst=700"


def test_every_real_specimen_is_named_by_its_row_or_its_key(explorer: Explorer, reference: Reference) -> None:
    for row, values in enumerate(reference.values.tolist()):
        link = explorer.links.encode(Specimen(tuple(values)))
        assert link == f"row={row}" or re.fullmatch("case=case-[0-9]+", link)


def test_a_link_tells_what_differs(explorer: Explorer, cases: list[dict[str, Any]]) -> None:
    specimen = Specimen.parse(cases[2]["features"] | {"area_worst": 700, "texture_se": 1.25})
    link = f"case={cases[2]['key']}&texture_se=1.25&area_worst=700"
    assert explorer.links.encode(specimen) == link
    assert explorer.links.decode(link) == specimen
    assert explorer.links.origin(specimen).changed == ("texture_se", "area_worst")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("case=nobody", "There is no case 'nobody'"),
        ("row=569", "There is no row '569'"),
        ("row=x", "There is no row 'x'"),
        ("x=1_2_3", "3 numbers, not 30"),
        ("area_worst=big", "area_worst is 'big'"),
        ("area_worst=", "area_worst is empty"),
        ("area_worst=nan", "area_worst is nan"),
        ("area_worst=-1", "area_worst is -1"),
        ("area_wrost=700", "did you mean area_worst?"),
        ("x=" + "_".join(["1"] * 29 + ["inf"]), "fractal_dimension_worst is inf"),
    ],
)
def test_a_broken_link_says_what_is_wrong(explorer: Explorer, query: str, said: str) -> None:
    with pytest.raises(BrokenLink, match=re.escape(said)):
        explorer.links.decode(query)


def test_a_broken_link_names_everything_at_once(explorer: Explorer) -> None:
    with pytest.raises(BrokenLink) as broken:
        explorer.links.decode("case=nobody&radius_mean=-1&area_wrost=3")
    assert len(broken.value.problems) == 3


def test_what_other_sites_add_is_passed_over(explorer: Explorer) -> None:
    assert explorer.links.decode("utm_source=x&fbclid=y&__theme=dark&row=3") == explorer.links.decode("row=3")


@given(text=st.text())
def test_any_query_is_a_case_or_a_broken_link(explorer: Explorer, text: str) -> None:
    with contextlib.suppress(BrokenLink):
        assert len(explorer.links.decode(text).values) == len(NAMES)


@given(value=st.floats(0, 1e9))
def test_digits_lose_nothing(value: float) -> None:
    assert float(digits(value)) == value
