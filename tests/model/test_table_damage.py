"""Damaged and hostile tables: a wrong file is refused, a wrong row keeps its line, and neither takes long."""

import csv
import gzip
from collections.abc import Iterator
from itertools import product

import pytest

from model.classifier import Classifier
from model.features import NAMES
from model.specimen import InvalidSpecimen, Specimen
from model.table import RESULTS, WrongTable, scoring
from model.table import rows as table_rows
from model.table.rows import read_rows
from tests.model.conftest import UCI, Cells, Score, as_table, scored_bytes

WIDTH = len(UCI)
LIMIT = 2_400_000


def wrong_tables(good: list[str]) -> dict[str, tuple[bytes, str]]:
    """What is wrong with a file as a whole, and words of the message that is expected."""
    table = as_table([good] * 5)
    packed = gzip.compress(table.encode())
    lost = [name for name in UCI if name not in {"area_se", "texture_worst"}]
    wide, odd = [cell.replace(".", ",") for cell in good], {"radius_se": "adius2", "area_mean": "surface"}
    behind, header = f"and column {WIDTH + 1}", f"cells below a header of {WIDTH}"
    return {
        "empty": (b"", "The table is empty"),
        "a text": (b"Dear Sir or Madam,\nplease find enclosed\n", "'Dear Sir or Madam'"),
        "zeros": (bytes(5000), f"None of the {len(NAMES)} features"),
        "features missing": (as_table([good[2:]] * 3, lost).encode(), "no column for area_se, texture_worst"),
        "a feature misspelt": (
            as_table([good] * 3, [odd.get(name, name) for name in UCI]).encode(),
            "'surface', 'adius2' (perhaps radius_se)",
        ),
        "the mean alone": (
            as_table([], [name.removesuffix("_mean") for name in UCI[:12]]).encode(),
            "Found no column for radius_se",
        ),
        "names further down": (b"# a\n# b\n# c\n" + table.encode(), "a line below it does"),
        "a feature twice": (
            as_table([[*good, "1"]] * 3, [*UCI, "mean radius"]).encode(),
            f"radius_mean more than once: column 3 ('radius_mean') {behind} ('mean radius')",
        ),
        "a feature too often": (as_table([], [*UCI, *["radius_mean"] * 9_000]).encode(), behind),
        "too many columns": (as_table([], [*UCI, *["note"] * 16_353]).encode(), "cells; 16,384 at most"),
        "row names, no header": (as_table([["1", *good]] * 3).encode(), f"{WIDTH + 1} {header}"),
        "one cell short": (as_table([good[:-1]] * 3).encode(), f"{WIDTH - 1} {header}"),
        "decimal commas among commas": (as_table([wide] * 3).encode(), "perhaps decimal commas"),
        "another delimiter": (as_table([good] * 3, UCI, "|").encode(), f"None of the {len(NAMES)} features"),
        "gzip in gzip": (gzip.compress(packed), "a gzip file inside another"),
        "gzip cut off": (packed[:-20], "gzip"),
        "gzip spoilt": (packed[:30] + b"\xff" * 10 + packed[40:], "gzip"),
        "UTF-16 cut off": (table.encode("utf-16")[:-1], "damaged"),
        "UTF-32": (table.encode("utf-32"), "UTF-32"),
        "an open quote": (b'"' + table.encode(), "a quote is opened but not closed"),
        "a cell without end": (b'"' + b"x" * 200_000, "more than 131,072 characters"),
        "a line without end": (b"x" * (1 << 23), "a line of more than"),
    }  # fmt: skip


def test_a_wrong_table_is_refused_with_what_was_found(classifier: Classifier, good: list[str]) -> None:
    for kind, (table, words) in wrong_tables(good).items():
        with pytest.raises(WrongTable) as caught:
            scored_bytes(table, classifier)
        assert words in str(caught.value), kind
        assert len(str(caught.value)) < 800


WRONG = [
    "abc", "", "-1", "-0.001", "NaN", "inf", "-inf", "1e999", "1_000", "0x10", "1.5.5", "1 5", "١",
    "?", "TRUE", "=1+1", "--1", "1e", "\0", "1\0", "12:30", "x" * 5000, "é", "'1",
]  # fmt: skip


def test_a_wrong_cell_spoils_its_row_alone_with_the_words_of_its_specimen(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    for cell, quoted in product(WRONG, (False, True)):
        wrong = [*cells[1][:7], cell, *cells[1][8:]]
        last = [f'"{text}"' if quoted else text for text in cells[-1]]
        found = answer(as_table([cells[0], wrong, *cells[2:-1], last], delimiter="\t"), delimiter="\t")
        assert found.probabilities == [expected[0], "", *expected[2:]]
        assert not any(found.rows[1][name] for name in RESULTS[:-1])
        (fault,) = found.summary.faults
        assert (fault.line, fault.feature) == (3, UCI[7])
        assert found.rows[1]["error"] == fault.message
        value = float(cell) if cell in {"-1", "-0.001", "1e999"} else cell
        with pytest.raises(InvalidSpecimen) as caught:
            Specimen.from_sequence([*map(float, cells[1][2:7]), value, *map(float, cells[1][8:])])
        assert fault.message == str(caught.value)


def test_numbers_are_read_alike_on_the_fast_and_the_careful_way(answer: Score, cells: Cells) -> None:
    for spoilt in (["x"], []):
        for cell in ("17.99", "17.990", "+17.99", "1799e-2", "1.799E1", " 17.99 ", "17.99\t", "00017.99"):
            row, other = (
                [*cells[0][:2], cell, *cells[0][3:]],
                [*cells[1][:2], *spoilt, *cells[1][2:]][:WIDTH],
            )
            found = answer(as_table([row, other, cells[2]], delimiter=";"), delimiter=";")
            assert found.probabilities[0] == answer(as_table([cells[0]])).probabilities[0]


def test_a_row_of_another_length_is_not_shifted_and_an_empty_one_is_said_to_be_empty(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    for width, quoted in product((0, 1, 2, WIDTH - 1, WIDTH + 1, 40), (False, True)):
        odd = (cells[1] + ["9"] * 8)[:width] or ["x"]
        odd[0] = f'"{odd[0]}"' if quoted else odd[0]
        found = answer(as_table([cells[0], odd, *cells[2:]]))
        assert found.probabilities == [expected[0], "", *expected[2:]]
        assert f"the row has {len(odd)} cells: expected {WIDTH}" in found.rows[1]["error"]
        assert found.summary.faults[0].line == 3
        assert found.rows[1]["id"] == odd[0].strip('"')
        assert None not in found.rows[1]
    assert answer(as_table([cells[0][:-1]])).summary.faulty == 1  # alone it is no way to write a table
    empty = answer(as_table([cells[0], [""] * WIDTH, [" "] * WIDTH]))
    assert [row["error"] for row in empty.rows] == ["", "the row is empty", "the row is empty"]


def test_a_stray_quote_spoils_its_own_row_at_most(answer: Score, cells: Cells, expected: list[str]) -> None:
    strays = ('"open', 'a"b', '"a"b', 'x""', '"', "a\rb", "a\0b", '"a""')
    for stray, place in product(strays, (0, 1, WIDTH)):
        table = [[*row, "note"] for row in cells]
        table[4][place] = stray
        found = answer(as_table(table, [*UCI, "note"]))
        assert found.summary.rows == len(cells)
        assert [*found.probabilities[:4], *found.probabilities[5:]] == [*expected[:4], *expected[5:]]


RUN = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "-x", "=", "＝1+1", "－", "＋1", "＠SUM(A1)",
    '"=1,2"', '"=""a"""', '"\r=1"',
]  # fmt: skip


def test_cells_that_a_spreadsheet_would_run_are_escaped(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    for cell in RUN:
        meant = cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
        for place in (0, WIDTH):
            table = [[*row, "note"] for row in cells]
            table[4][place] = cell
            found = answer(as_table(table, [*UCI, "note"]))
            assert found.probabilities == expected
            assert list(found.rows[4].values())[place] == "'" + meant
        header = answer(as_table([["1", *row] for row in cells], [cell, *UCI]))
        assert next(iter(header.rows[0])) == "'" + meant
        wrong = answer(as_table([cells[0], [*cells[1][:2], cell, *cells[1][3:]]]))
        assert wrong.rows[1]["radius_mean"] == "'" + meant


def test_compression_bombs_are_refused_in_time(classifier: Classifier, good: list[str]) -> None:
    table = as_table([good] * 20_000)
    with pytest.raises(WrongTable, match="more than 1,000,000 bytes of text"):
        scored_bytes(gzip.compress(table.encode()), classifier, limit=1_000_000)
    errors = as_table([good, *[["x"] * WIDTH] * 900]).encode()
    with pytest.raises(WrongTable, match="bytes of results, most of them errors"):
        scored_bytes(errors, classifier, limit=len(errors))
    for lines in ("\n", "\r\n", '"a"\n' + "\n" * 9_999, '"' + "\n" * 99_999 + '"\n'):
        bomb = gzip.compress((as_table([good]) + lines * (1_100_000 // len(lines))).encode())
        with pytest.raises(
            WrongTable, match=f"more than {LIMIT // (2 * len(NAMES)):,} lines, most of them blank or short"
        ):
            scored_bytes(bomb, classifier, limit=LIMIT)
    wide = as_table([good] * 5_000, [*UCI, *[""] * 16_000]).encode()
    with pytest.raises(WrongTable, match="bytes of results"):  # filled up to the header's width: 80 MB
        scored_bytes(wide, classifier, limit=LIMIT)


def test_a_table_that_is_mostly_wrong_is_not_read_to_its_end(
    classifier: Classifier, good: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_MAX_FAULTY_ROWS", 50), ("_MAX_FAULTS", 300), ("_MAX_GROWTH", 1000)):
        monkeypatch.setattr(scoring, name, value)
    message = r"errors in .* of .* rows and read no further; .* line 3, is: "
    for line in (" ", "x", "," * 31, ",".join(["x"] * 32), 'a","x'):
        with pytest.raises(WrongTable, match=message) as caught:
            scored_bytes(as_table([good, *[[line]] * 400]).encode(), classifier, limit=LIMIT)
        assert caught.value.code != "too_large"  # a smaller part of it would be as wrong
        assert scored_bytes(as_table([good, good, [line]] * 200).encode(), classifier, limit=LIMIT)


def test_quotes_that_never_close_do_not_cost_quadratic_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "_MAX_QUOTED", 1000)
    fed = 0
    reader = csv.reader

    def counted(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
        def feed() -> Iterator[str]:
            nonlocal fed
            for each in lines:
                fed += 1
                yield each

        return reader(feed(), delimiter=delimiter)

    monkeypatch.setattr("csv.reader", counted)
    for line in ('a","x', 'a","1,1,1'):
        fed = 0
        assert [row.line for row in read_rows(iter([line] * 2_000), ",")] == list(range(1, 2_001))
        assert fed < 5 * 2_000


def test_cells_of_several_lines_are_read_below_a_quote_that_does_not_close() -> None:
    lines = ['"' + "y" * 140_000, *['1,"two', 'lines"'] * 9]
    found = [(row.line, row.cells) for row in read_rows(iter(lines), ",")]
    assert found == [(1, []), *((line, ["1", "two\nlines"]) for line in range(2, 20, 2))]


def test_digits_without_end_take_no_time(answer: Score, good: list[str]) -> None:
    """A pattern that went back over them would take a minute."""
    for cell in ("+" + "1" * 100_000 + "x", "1," * 40_000 + "x", " " * 100_000 + "x", "1" * 100_000):
        assert answer(
            as_table([[cell, *good[1:]], ["1", "M", cell, *good[3:]]], delimiter=";"), delimiter=";"
        ).rows


def test_wrong_cells_are_named_in_each_of_their_places(answer: Score, cells: Cells) -> None:
    words = ["x", "?", "-1", "1"]
    rows = [[words[(i + j // 5) % 4] for j in range(len(NAMES))] for i in range(8)]
    found = answer(as_table(rows * 2, NAMES), any_scale=True)
    for row, scored in zip(rows * 2, found.rows, strict=True):
        with pytest.raises(InvalidSpecimen) as caught:
            Specimen.from_sequence([float(cell) if cell[-1] == "1" else cell for cell in row])
        assert scored["error"] == str(caught.value)
    for word in ("True", "FALSE"):  # no numbers, even where a column has nothing else
        assert answer(as_table([[*cells[0][:9], word, *cells[0][10:]]])).summary.faulty == 1
