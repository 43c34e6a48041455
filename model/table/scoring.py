"""Scores a table from bytes to bytes, block by block in constant memory.

Knows nothing about files, and about what stands in a block.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from model.classifier import Classifier
from model.features import NAMES
from model.table.block import Block, score_block
from model.table.encoding import decode
from model.table.layout import Layout, TooLarge, WrongTable, read_layout
from model.table.summary import Summary, Tally

BLOCK = 1 << 20
"""Bytes of text that are scored at once, about."""

_ROWS = 4096  # of a block; thirty errors in each take ten megabytes
_LONGEST = 1 << 21  # bytes of one record; beyond that it is no table
_SWELL = 4  # times the limit of a table that its results may take; thirty errors in a row swell forty times
_LEAST = 2 * len(NAMES)  # bytes of a row: each number has a digit and an end; shorter lines only cost time
_WRONG = 1 << 20  # rows of a table that has a limit and is mostly wrong; a sheet of Excel has no more
_FAULTS = 1 << 22  # errors in these

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is meant, where it does not say so itself; every door has the same.

    ``any_scale``: answer a table whose columns do not look like measurements of this kind. ``malignant``:
    the code of a malignant specimen in the column of diagnoses, such as "1". ``header``: "standard" for a
    table without one that has the thirty features in their usual order.
    """

    any_scale: bool = False
    malignant: str | None = None
    header: str | None = None


class Engine(Protocol):
    """Applies a function to blocks and gives the results in their order, as ``map`` does."""

    def __call__(self, function: Callable[[Given], Made], blocks: Iterable[Given], /) -> Iterable[Made]: ...


class Stream:
    """The scored table, to be iterated over once: pieces of bytes, each of whole lines.

    The first piece comes when the header has been judged, so a server can wait for it before it answers 200.
    """

    def __init__(self, pieces: Iterator[bytes], tally: Tally) -> None:
        self._pieces, self._tally = pieces, tally

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    @property
    def summary(self) -> Summary:
        """Of the rows so far."""
        return self._tally.summary()


def stream(
    chunks: Iterable[bytes],
    classifier: Classifier,
    options: Options = Options(),
    *,
    limit: int | None = None,
    engine: Engine = map,
) -> Stream:
    """Score a table that comes in chunks of bytes of any size.

    Args:
        chunks: the file's bytes.
        classifier: answers.
        options: how the table is meant.
        limit: bytes of unpacked text allowed; a guard against archives that swell, be it only in lines and
            errors.
        engine: where the blocks are scored.

    Raises (while the stream is iterated over):
        WrongTable: if it is no table of specimens, or damaged as a whole, or has a limit and a million rows
            most of which are wrong.
        TooLarge: if it is longer than the limit, or its results are by far, or has more lines than rows fit.
    """

    tally = Tally()
    return Stream(score_text(chunks, classifier, options, limit, engine, tally), tally)


def score_text(
    chunks: Iterable[bytes],
    classifier: Classifier,
    options: Options,  # noqa: ARG001  # the judgement that reads them comes next
    limit: int | None,
    engine: Engine,
    tally: Tally,
) -> Iterator[bytes]:
    """What ``stream`` iterates over; the rows are counted in ``tally``."""
    encoding, text = decode(chunks, limit)
    blocks = _blocks(text)
    layout, rest = _open(blocks)
    yield encoding.mark + encoding.encode(layout.heading)
    if limit is not None:
        rest = _within(rest, limit // _LEAST)
    size = 0
    for out, counted in engine(partial(score_block, layout, classifier), rest):
        tally += counted
        size += len(out)
        if limit is not None:
            _check_results(size, limit, tally)
        yield encoding.encode(out)


def _within(blocks: Iterable[Block], lines: int) -> Iterator[Block]:
    """The blocks, as long as they do not begin beyond so many lines."""
    for block in blocks:
        if block.line > lines:
            raise TooLarge(f"found more than {lines:,} lines, most of them blank or short: expected fewer")
        yield block


def _check_results(size: int, limit: int, tally: Tally) -> None:
    if size > _SWELL * limit:
        raise TooLarge(f"found more than {_SWELL * limit:,} bytes of results, most of them errors")
    if (tally.faulty > _WRONG or tally.fault_count > _FAULTS) and 2 * tally.faulty > tally.rows:
        first = tally.faults[0]
        found = f"{tally.fault_count:,} errors in {tally.faulty:,} of {tally.rows:,} rows"
        raise WrongTable(f"found {found} and read no further; line {first.line}: {first.message}")


def _open(blocks: Iterator[bytes]) -> tuple[Layout, Iterator[Block]]:
    """The layout, and the blocks of rows."""
    first = next(blocks, b"")
    layout, start = read_layout(first)

    def rest() -> Iterator[Block]:
        line = 1 + first.count(b"\n", 0, start)
        text: bytes | None = first[start:]
        while text is not None:
            if text:
                yield Block(text, line)
            line += text.count(b"\n")
            text = next(blocks, None)

    return layout, rest()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text cut at ends of records, about ``BLOCK`` bytes each, or less where lines are short."""
    held: list[bytes] = []
    size, wanted, lines = 0, BLOCK, 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        lines += piece.count(b"\n")
        if size < wanted and lines < _ROWS:
            continue
        text = b"".join(held)
        cut = _last_end(text)
        if not cut and size > _LONGEST:
            raise WrongTable(f"found a line of more than {_LONGEST:,} bytes: expected a table")
        if cut:
            yield text[:cut]
        held = [text[cut:]]
        size = len(held[0])
        wanted, lines = max(BLOCK, 2 * size), 0
    if rest := b"".join(held):
        yield rest


def _last_end(text: bytes) -> int:
    """Behind the last record that ends in the text: at a line end with an even number of quotes before it.

    If a stray quote leaves none such, any line end does: the stray quote then spoils its own record.
    """
    end = last = text.rfind(b"\n") + 1
    odd = text.count(b'"', 0, end) % 2
    while odd and end:
        before = text.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + text.count(b'"', before, end)) % 2
        end = before
    return end or last
