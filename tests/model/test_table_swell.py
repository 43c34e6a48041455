"""Tables made to keep a server busy: what costs far more than its bytes is refused, honest ones not."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from model.classifier import Classifier
from model.features import NAMES
from model.specimen import InvalidSpecimen, Specimen
from model.table import TooLarge, WrongTable, block, scoring, stream
from model.table.cells import records
from tests.model.conftest import GOOD, Score, as_table

LIMIT = 2_400_000


@pytest.fixture
def few_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "_WRONG", 50)
    monkeypatch.setattr(scoring, "_FAULTS", 300)
    monkeypatch.setattr(scoring, "_SWELL", 1000)


@pytest.mark.parametrize(
    "lines", ["\n", "\r\n", "\r\r\n", '"a"\n' + "\n" * 99_999, '"' + "\n" * 99_999 + '"\n']
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_that_cannot_be_rows_are_not_read_to_their_end(
    classifier: Classifier, lines: str, encoding: str
) -> None:
    table = as_table([GOOD]) + lines * (1_100_000 // len(lines))
    bomb = gzip.compress(table.encode(encoding))
    with pytest.raises(TooLarge, match="more than 40,000 lines, most of them blank or short"):
        list(stream([bomb], classifier, limit=LIMIT))
    assert b"".join(stream([bomb], classifier))


def test_the_shortest_rows_that_there_are_fit_below_the_limit(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "_SWELL", 1000)
    table = as_table([["1"] * 30] * 9_000, NAMES).encode()
    out = stream([table], classifier, limit=len(table))
    assert sum(1 for _ in out) > 1
    assert out.summary.scored == 9_000


@pytest.mark.parametrize("line", [" ", "x", "," * 31, ",".join(["x"] * 32), 'a","x', '"'])
@pytest.mark.usefixtures("few_errors")
def test_a_table_that_is_mostly_wrong_is_read_until_that_is_plain(classifier: Classifier, line: str) -> None:
    table = as_table([GOOD, *[[line]] * 400]).encode()
    with pytest.raises(WrongTable, match=r"errors in .* of .* rows and read no further; line 3: ") as caught:
        list(stream([table], classifier, limit=LIMIT))
    assert not isinstance(caught.value, TooLarge)  # a smaller part of it would be as wrong
    out = stream([table], classifier)
    assert b"".join(out)
    assert out.summary.faulty >= 200


@pytest.mark.usefixtures("few_errors")
def test_a_table_that_is_right_in_most_rows_may_have_any_number_of_errors(classifier: Classifier) -> None:
    out = stream([as_table([GOOD, GOOD, [" "]] * 400).encode()], classifier, limit=LIMIT)
    assert b"".join(out)
    assert out.summary.faulty == 400


class _Counted(list[bytes]):
    """Lines that count how often they are read."""

    reads = 0

    def __getitem__(self, at: Any) -> Any:
        self.reads += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("line", [b'a","x', b'a","1,1,1'])
def test_quotes_that_never_close_are_not_looked_for_again_and_again(line: bytes) -> None:
    lines = _Counted([line] * 2_000)
    assert [record.first for record in records(lines, ",")] == list(range(2_000))
    assert lines.reads < 10 * len(lines)


def test_cells_of_several_lines_are_read_below_a_quote_that_does_not_close() -> None:
    lines = [b'"' + b"y" * 140_000, *[b'1,"two', b'lines"'] * 9]
    found = [(record.first, record.cells) for record in records(lines, ",")]
    assert found == [(0, []), *((first, ["1", "two\nlines"]) for first in range(1, 19, 2))]


@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_far_shorter_than_the_header_are_not_filled_up(classifier: Classifier, quote: str) -> None:
    table = as_table([[f"{quote}1{quote}", *["1"] * 29]] * 5_000, [*NAMES, *[""] * 16_000])
    with pytest.raises(WrongTable, match="lack 80,000,000 cells below a header of 16,030"):
        list(stream([table.encode()], classifier))


def test_a_header_of_more_columns_than_a_sheet_has_is_refused(classifier: Classifier) -> None:
    def table(columns: int) -> bytes:
        return as_table([["1"] * columns] * 2, [*NAMES, *["note"] * (columns - 30)]).encode()

    assert b"".join(stream([table(16_384)], classifier))
    with pytest.raises(WrongTable, match="a first line of 16,385 cells: expected 16,384 at most"):
        list(stream([table(16_385)], classifier))


def test_a_feature_that_comes_many_times_is_named_briefly(classifier: Classifier) -> None:
    with pytest.raises(WrongTable, match=r"column 1 \('radius_mean'\) and column 31") as caught:
        list(stream([as_table([], [*NAMES, *["radius_mean"] * 9_000]).encode()], classifier))
    assert len(str(caught.value)) < 300


def test_blocks_of_short_lines_are_small_as_each_line_takes_memory(classifier: Classifier) -> None:
    found: list[int] = []

    def engine(score: Callable[[Any], Any], blocks: Iterable[Any]) -> Iterator[Any]:
        for each in blocks:
            found.append(each.text.count(b"\n"))
            yield score(each)

    list(stream([as_table([GOOD]).encode() + b"\n" * 2_000_000], classifier, engine=engine))
    assert max(found) < 300_000


@pytest.mark.parametrize("known", [0, 7, 4096])
def test_a_wrong_cell_that_comes_again_is_named_in_each_of_its_places(
    answer: Score, monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    monkeypatch.setattr(block, "_KNOWN", known)
    words = ["x", "?", "-1", "1"]
    rows = [[words[(i + j // 5) % 4] for j in range(30)] for i in range(8)]
    found = answer(as_table([["1", "M", *row] for row in rows] * 2))
    for row, scored in zip(rows * 2, found.rows, strict=True):
        with pytest.raises(InvalidSpecimen) as caught:
            Specimen.from_sequence([float(cell) if cell[-1] == "1" else cell for cell in row])
        assert scored["error"] == str(caught.value)
