"""Similar cases: the nearest real specimens but the one on screen, each with its way to be loaded."""

import re

import pytest

from model.explain import Reference
from model.specimen import Specimen
from ui import similar
from ui.explorer import Explorer


def test_the_five_nearest_are_shown_and_not_the_one_on_screen(
    explorer: Explorer, reference: Reference
) -> None:
    specimen = Specimen(tuple(reference.values[40].tolist()))
    drawn = similar.draw(explorer, specimen)
    nearest = [case.row for case in explorer.explainer.similar(specimen, 6)][1:]
    assert [int(row) for row in re.findall(r'<tr><th scope="row"[^>]*>(\d+)</th>', drawn)] == nearest
    assert [int(row) for row in re.findall(r'href="\?row=(\d+)" data-load', drawn)] == nearest


@pytest.mark.parametrize(
    ("row", "said"),
    [(452, "None of these 5 was malignant."), (26, "All 5 were malignant.")],
)
def test_it_is_said_how_many_were_malignant(
    explorer: Explorer, reference: Reference, row: int, said: str
) -> None:
    assert said in similar.draw(explorer, Specimen(tuple(reference.values[row].tolist())))


def test_a_specimen_of_nobody_has_five_neighbours_too(explorer: Explorer) -> None:
    specimen = Specimen.parse(explorer.median.to_dict() | {"area_worst": 4000})
    assert similar.draw(explorer, specimen).count('<tr><th scope="row"') == 5
