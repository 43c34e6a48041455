"""Cells that a spreadsheet would run come back disarmed, wherever they stand; all others as they came."""

import pytest

from tests.model.conftest import UCI, Cells, Score, as_table

RUN = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "-x",
    "=",
    "＝1+1",
    "－",
    "＋1",
    "＠SUM(A1)",
    '"=1,2"',
    '"=""a"""',
    '"\r=1"',
]


@pytest.mark.parametrize("cell", RUN, ids=repr)
@pytest.mark.parametrize("place", [0, 1, 32])
def test_cells_that_a_spreadsheet_would_run_are_disarmed(
    answer: Score, cells: Cells, expected: list[str], cell: str, place: int
) -> None:
    table = [[*row, "note"] for row in cells]
    table[4] = [*table[4][:place], cell, *table[4][place + 1 :]]
    found = answer(as_table(table, [*UCI, "note"]))
    assert found.probabilities == expected
    meant = cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
    assert list(found.rows[4].values())[place] == "'" + meant


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_empty_cells_beside_a_formula_stay_empty(
    answer: Score, cells: Cells, expected: list[str], delimiter: str, quote: str
) -> None:
    table = [["", "", *row, "", quote + quote] for row in cells]
    table[4][0] = "=1+1"
    found = answer(as_table(table, ["a", "b", *UCI, "c", "d"], delimiter), delimiter=delimiter)
    assert found.probabilities == expected
    assert [row["a"] for row in found.rows] == [row[0] and "'=1+1" for row in table]
    assert not any(row[name] for row in found.rows for name in "bcd")


def test_a_header_that_a_spreadsheet_would_run_is_disarmed(answer: Score, cells: Cells) -> None:
    found = answer(as_table([["1", *row] for row in cells], ["=1+1", *UCI]))
    assert next(iter(found.rows[0])) == "'=1+1"


def test_disarmed_bad_cells_do_not_hide_in_the_errors(answer: Score, cells: Cells) -> None:
    found = answer(as_table([cells[0], ["=cmd()", "M", "=1+1", *cells[1][3:]]]))
    assert list(found.rows[1].values())[:3] == ["'=cmd()", "M", "'=1+1"]
    assert found.rows[1]["error"].startswith("radius_mean is '=1+1'")
