"""Damaged tables: a wrong file is refused with what was found, a wrong row keeps its line and says why."""

import gzip

import pytest

from model.classifier import Classifier
from model.specimen import Specimen, fault_of
from model.table import RESULTS, TooLarge, WrongTable, stream
from tests.model.conftest import GOOD, UCI, Cells, Score, as_table


def wrong_tables() -> dict[str, tuple[bytes, str]]:
    """What is wrong with a file as a whole, and words of the message that is expected."""
    good = as_table([GOOD] * 5)
    packed = gzip.compress(good.encode())
    lost = [name for name in UCI if name not in {"area_se", "texture_worst"}]
    wide = [cell.replace(".", ",") for cell in GOOD]
    return {
        "empty": (b"", "found nothing"),
        "blank": (b"\n\n \n", "expected a header"),
        "a text": (b"Dear Sir or Madam,\nplease find enclosed\n", "'Dear Sir or Madam'"),
        "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9, "expected a header"),
        "zeros": (bytes(5000), "expected"),
        "a workbook": (b"PK\x03\x04" + bytes(100), "Excel workbook"),
        "parquet": (b"PAR1" + bytes(100), "Parquet"),
        "features missing": (as_table([GOOD[2:]] * 3, lost).encode(), "no column for area_se, texture_worst"),
        "a feature twice": (
            as_table([[*GOOD, "1"]] * 3, [*UCI, "mean radius"]).encode(),
            "radius_mean more than once: column 3 ('radius_mean') and column 33 ('mean radius')",
        ),
        "numbers only": (as_table([GOOD[2:]] * 3, None).encode(), "'0.1'"),
        "not quite UCI's": (as_table([["1", *GOOD[1:]]], None)[:-9].encode(), "'M'"),
        "row names, no header": (as_table([["1", *GOOD]] * 3).encode(), "33 cells below a header of 32"),
        "one cell short": (as_table([GOOD[:-1]] * 3).encode(), "31 cells below a header of 32"),
        "decimal commas among commas": (as_table([wide] * 3).encode(), "perhaps decimal commas"),
        "another delimiter": (as_table([GOOD] * 3, UCI, "|").encode(), "expected a header"),
        "gzip in gzip": (gzip.compress(packed), "a gzip file inside another"),
        "gzip cut off": (packed[:-20], "gzip"),
        "gzip spoilt": (packed[:30] + b"\xff" * 10 + packed[40:], "gzip"),
        "UTF-16 cut off": (good.encode("utf-16")[:-1], "damaged"),
        "UTF-32": (good.encode("utf-32"), "UTF-32"),
        "an open quote": (b'"' + good.encode(), "a quote opens that does not close"),
        "a cell without end": (b'"' + b"x" * 200_000, "more than 131,072 characters"),
        "a line without end": (b"x" * (1 << 25), "a line of more than"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", wrong_tables())
def test_a_wrong_table_is_refused_with_what_was_found(classifier: Classifier, kind: str) -> None:
    table, words = wrong_tables()[kind]
    with pytest.raises(WrongTable) as caught:
        list(stream([table], classifier))
    assert words in str(caught.value)
    assert len(str(caught.value)) < 800


def test_all_that_is_wrong_with_a_header_comes_at_once(classifier: Classifier) -> None:
    header = [*UCI[:-2], "mean radius", "error of radius"]
    with pytest.raises(WrongTable, match=r"no column for symmetry_worst, .*; radius_mean more"):
        list(stream([as_table([GOOD], header).encode()], classifier))


WRONG = [
    "abc", "", "-1", "-0.001", "NaN", "inf", "-inf", "1e999", "1_000", "0x10", "1,5", "1.5.5", "1 5", "١",
    "?", "TRUE", "=1+1", "--1", "1e", "\0", "1\0", "12:30", "x" * 5000, "é", "'1", "\xa01.5\xa0",
]  # fmt: skip


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("cell", WRONG, ids=lambda cell: repr(cell[:9]))
def test_a_wrong_cell_spoils_its_row_alone_with_the_words_of_its_specimen(
    answer: Score, cells: Cells, expected: list[str], cell: str, quoted: bool
) -> None:
    wrong = [*cells[1][:7], cell, *cells[1][8:]]
    last = [f'"{text}"' if quoted else text for text in cells[-1]]
    table = as_table([cells[0], wrong, *cells[2:-1], last], delimiter="\t")
    found = answer(table, delimiter="\t")
    assert found.probabilities == [expected[0], "", *expected[2:]]
    assert not any(found.rows[1][name] for name in RESULTS[:-1])
    (fault,) = found.summary.faults
    assert (fault.line, fault.feature) == (3, UCI[7])
    assert found.rows[1]["error"] == fault.message
    value = float(cell) if cell in {"-1", "-0.001", "1e999"} else cell
    alone = fault_of(UCI[7], value)
    assert alone
    assert fault.message == alone.message


@pytest.mark.parametrize(
    "cell", ["1", "1.", ".5", "+1.5", "1e-3", "1E5", " 1.5 ", "1.5\t", "00012.5", "-0", "5e-324"]
)
@pytest.mark.parametrize("spoilt", [False, True])
def test_numbers_are_read_alike_on_the_fast_and_the_careful_way(
    answer: Score, cells: Cells, cell: str, spoilt: bool, classifier: Classifier
) -> None:
    row = [*cells[0][:2], cell, *cells[0][3:]]
    table = [row, [*cells[0][:2], "x", *cells[0][3:]]] if spoilt else [row]
    found = answer(as_table(table, delimiter=";"), delimiter=";")
    one = classifier.predict(Specimen.from_sequence([float(c) for c in row[2:]]))
    assert float(found.probabilities[0]) == pytest.approx(one.probability, rel=1e-12)


@pytest.mark.parametrize("width", [0, 1, 2, 31, 33, 40])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_of_another_length_is_not_shifted(
    answer: Score, cells: Cells, expected: list[str], width: int, quoted: bool
) -> None:
    odd = (cells[1] + ["9"] * 8)[:width] or ["x"]
    if quoted:
        odd = [f'"{odd[0]}"', *odd[1:]]
    found = answer(as_table([cells[0], odd, *cells[2:]]))
    assert found.probabilities == [expected[0], "", *expected[2:]]
    assert f"the row has {len(odd)} cells: expected 32" in found.rows[1]["error"]
    assert found.summary.faults[0].line == 3
    assert [row["id"] for row in found.rows] == [
        row[0] for row in [cells[0], [odd[0].strip('"')], *cells[2:]]
    ]
    assert None not in found.rows[1]


def test_a_row_of_empty_cells_is_said_to_be_empty(answer: Score, cells: Cells) -> None:
    found = answer(as_table([cells[0], [""] * 32, [" "] * 32]))
    assert [row["error"] for row in found.rows] == ["", "the row is empty", "the row is empty"]
    assert found.summary.fault_count == 2


def test_a_cut_off_last_line_is_a_fault_of_that_line(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    found = answer(as_table(cells)[:-60])
    assert found.probabilities == [*expected[:-1], ""]
    assert found.summary.faults[0].line == len(cells) + 1


@pytest.mark.parametrize("stray", ['"open', 'a"b', '"a"b', 'x""', '"', "a\rb", "a\0b", '"a""'])
@pytest.mark.parametrize("place", [0, 1, 32])
def test_a_stray_quote_spoils_its_own_row_at_most(
    answer: Score, cells: Cells, expected: list[str], stray: str, place: int
) -> None:
    table = [[*row, "note"] for row in cells]
    table[4] = [*table[4][:place], stray, *table[4][place + 1 :]]
    found = answer(as_table(table, [*UCI, "note"]))
    assert found.summary.rows == len(cells)
    assert found.summary.scored >= len(cells) - 1
    others = [p for i, p in enumerate(found.probabilities) if i != 4]
    assert others == [p for i, p in enumerate(expected) if i != 4]


def test_what_swells_beyond_the_limit_is_refused(classifier: Classifier) -> None:
    bomb = gzip.compress(as_table([GOOD] * 20_000).encode())
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match=r"[14],000,000 bytes"):
        list(stream([bomb], classifier, limit=1_000_000))


def test_errors_that_swell_beyond_the_limit_are_refused(classifier: Classifier) -> None:
    table = as_table([GOOD, *[["x"] * 32] * 900]).encode()
    with pytest.raises(TooLarge, match="bytes of results, most of them errors"):
        list(stream([table], classifier, limit=len(table)))
