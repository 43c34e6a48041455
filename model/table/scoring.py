"""Scores a table from bytes to bytes, or from file to file, block by block in constant memory.

Each line goes out as it came, with the results behind it. A file appears whole or not at all.
"""

import contextlib
import gzip
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from csv import QUOTE_NONE
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Fault
from model.table.frame import Scored, checks_of, refuse_meaningless, score_frame_with, score_values
from model.table.layout import RESULTS, Layout, Options, find_truth, notes_on, read_layout
from model.table.rows import (
    PIECE,
    Row,
    TooLarge,
    WrongTable,
    decode,
    escape_formula,
    in_blocks,
    join,
    may_run,
    split_lines,
)
from model.table.summary import Summary
from model.table.tally import Tally

AS_IT_SAYS = Options()
"""How a table is meant that says all of itself."""

_ROWS = 4096  # scored at once; thirty errors in each take ten megabytes
_SWELL = 4  # times the limit of a table that its results may take; thirty errors in a row swell forty times
_LEAST = 2 * len(NAMES)  # bytes of a row: each number has a digit and an end; shorter lines only cost time
_WRONG = 1 << 20  # rows of a table that has a limit and is mostly wrong; a sheet of Excel has no more
_FAULTS = 1 << 22  # errors in these
_FEW = 64  # rows that are read cell by cell if one of them holds no number


class Progress(Protocol):
    """Is told the bytes read so far, and how many there are, or None if that is unknown."""

    def __call__(self, done: int, size: int | None, /) -> None: ...


class Stream:
    """The scored table, to be iterated over once: pieces of bytes, each of whole lines.

    The first piece comes when header and first rows have been judged, so a server can wait for it before it
    answers 200.

    Args:
        chunks: the file's bytes, in pieces of any size.
        classifier: answers.
        options: how the table is meant.
        limit: bytes of unpacked text allowed; a guard against archives that swell, be it only in lines and
            errors.

    Raises (while it is iterated over):
        WrongTable: if it is no table of specimens, or damaged as a whole, or has a limit and a million rows
            most of which are wrong.
        TooLarge: if it is longer than the limit, or its results are by far, or has more lines than rows fit.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        classifier: Classifier,
        options: Options = AS_IT_SAYS,
        *,
        limit: int | None = None,
    ) -> None:
        self._classifier, self._options, self._limit = classifier, options, limit
        self._tally = Tally()
        self._pieces = self._score(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    @property
    def summary(self) -> Summary:
        """Of the rows so far."""
        return self._tally.summary(checks_of(self._classifier))

    def _score(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        encoding, pieces = decode(chunks, self._limit)
        most = None if self._limit is None else self._limit // _LEAST
        layout, rows = read_layout(split_lines(pieces, most), self._options)
        self._tally.truth, self._tally.notes = layout.truth.told, tuple(notes_on(layout.names))
        out, size = encoding.mark + encoding.encode(layout.heading), 0
        for found in in_blocks(rows, _ROWS, len(layout.names)):
            scored = _score_rows(layout, found, self._classifier)
            if not self._tally.rows and not self._options.any_scale:
                refuse_meaningless(checks_of(self._classifier).notices(scored.values))
            place = layout.truth.column
            words = [] if place is None else ["".join(row.cells[place : place + 1]) for row in found]
            self._tally.add(scored, [row.line for row in found], layout.truth.of(words))
            tails = _tails(layout, scored)
            text = "".join(
                chain.from_iterable(zip(_outgoing(layout, found, scored.good.tolist()), tails, strict=True))
            )
            out += encoding.encode(text)
            size += len(out)
            self._check(size)
            yield out
            out = b""
        yield out

    def _check(self, size: int) -> None:
        tally = self._tally
        if self._limit is None:
            return
        if size > _SWELL * self._limit:
            raise TooLarge(messages.TOO_MANY_ERRORS.format(limit=_SWELL * self._limit))
        if (tally.faulty > _WRONG or tally.fault_count > _FAULTS) and 2 * tally.faulty > tally.rows:
            counts = {"errors": tally.fault_count, "faulty": tally.faulty, "rows": tally.rows}
            first = tally.faults[0]
            raise WrongTable(messages.MOSTLY_WRONG.format(**counts, line=first.line, why=first.message))


def score(
    source: BinaryIO | Path,
    sink: BinaryIO | Path | None,
    classifier: Classifier,
    options: Options = AS_IT_SAYS,
    *,
    progress: Progress | None = None,
    limit: int | None = None,
) -> Summary:
    """Score a file into another.

    Args:
        source: text, packed by gzip or not; with ``.parquet`` at its end, Parquet, which is read as a whole.
        sink: like the source; ``.gz`` at its end packs it. None if the summary alone is wanted.
        classifier: answers.
        options: how the table is meant.
        progress: is told how far it has come.
        limit: bytes of unpacked text allowed in a file.

    Raises:
        WrongTable: if the file is no table of specimens, or damaged as a whole; nothing is written then.
        OSError: if a file cannot be read or written.
    """
    with contextlib.ExitStack() as stack:
        part = stack.enter_context(atomic_write(sink)) if isinstance(sink, Path) else None
        if isinstance(source, Path) and source.suffix == ".parquet":
            return _score_parquet(source, part, classifier, options)
        size = source.stat().st_size if isinstance(source, Path) else None
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        out = stack.enter_context(_opened(part)) if part else cast("BinaryIO | None", sink)
        scored = Stream(_chunks(file, progress, size), classifier, options, limit=limit)
        for piece in scored:
            if out:
                out.write(piece)
        return scored.summary


def _score_parquet(source: Path, sink: Path | None, classifier: Classifier, options: Options) -> Summary:
    """The same for Parquet, by pandas; rows are numbered from 1."""
    import pandas as pd  # noqa: PLC0415  # half a second that only those pay who have a table

    try:
        frame = pd.read_parquet(source)
    except ValueError as error:
        raise WrongTable(messages.DAMAGED.format(what="Parquet", why=error), "damaged") from error
    scored, out = score_frame_with(frame, classifier, any_scale=options.any_scale)
    if sink:
        out.to_parquet(sink)
    names = [str(name) for name in frame.columns]
    truth = find_truth(names, frame.head(1000).to_numpy(object).tolist(), options.malignant)
    tally = Tally(truth=truth.told, notes=tuple(notes_on(names)))
    words = [] if truth.column is None else frame.iloc[:, truth.column].tolist()
    tally.add(scored, range(1, len(frame) + 1), truth.of(words))
    return tally.summary(checks_of(classifier))


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Where to write a file that takes the place of ``path`` unless there is an error."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path  # a pipe or a device is written to, not replaced
        return
    part = path.with_name(f".{os.getpid()}.{path.name}")  # the ending stays: it says how to write
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as out:
        if path.suffix != ".gz":
            yield out
            return
        with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
            yield cast("BinaryIO", packed)


def _chunks(file: BinaryIO, progress: Progress | None, size: int | None) -> Iterator[bytes]:
    done = 0
    while chunk := file.read(PIECE):
        yield chunk
        done += len(chunk)
        if progress:
            progress(done, size)


def _score_rows(layout: Layout, rows: Sequence[Row], classifier: Classifier) -> Scored:
    pick = itemgetter(*layout.columns)
    fits = [not row.why and layout.least <= len(row.cells) <= len(layout.names) for row in rows]
    values = np.full((len(rows), len(NAMES)), np.nan)
    values[fits] = _numbers(
        [pick(row.cells) for row, fit in zip(rows, fits, strict=True) if fit], layout.decimal
    )

    def cells(i: int) -> Sequence[object] | Fault:
        fault = None if fits[i] and any(map(str.strip, rows[i].cells)) else _row_fault(layout, rows[i])
        return fault or pick(rows[i].cells)

    return score_values(values, classifier, cells, layout.decimal)


def _row_fault(layout: Layout, row: Row) -> Fault:
    most = len(layout.names)
    found = "" if row.why else messages.CELLS.format(count=len(row.cells))
    expected = str(most) if layout.least == most else messages.FROM_TO.format(low=layout.least, high=most)
    message = messages.WRONG_WIDTH.format(found=found, expected=expected)
    if row.why:
        message = messages.BROKEN_LINE.format(why=row.why)
    elif not any(map(str.strip, row.cells)):
        message = messages.EMPTY_ROW
    return Fault("wrong_length", "", found, expected, message)


def _numbers(rows: Sequence[tuple[str, ...]], decimal: str) -> NDArray[np.float64]:
    """Thirty cells each as (n, 30) numbers; a row in which one is none may be NaN as a whole."""
    import pandas as pd  # noqa: PLC0415

    text = "\n".join(map("\t".join, rows))
    # a mark of the text inside a cell would shift the others
    if rows and text.count("\t") == (len(NAMES) - 1) * len(rows) and text.count("\n") == len(rows) - 1:
        with contextlib.suppress(ValueError):  # it does not say which rows are to blame
            frame = pd.read_csv(
                io.StringIO(text),
                sep="\t",
                decimal=decimal,
                header=None,
                dtype=np.float64,
                quoting=QUOTE_NONE,
                skip_blank_lines=False,
            )
            if frame.shape == (len(rows), len(NAMES)):
                return frame.to_numpy(np.float64)
    if len(rows) <= _FEW:
        return np.full((len(rows), len(NAMES)), np.nan)
    half = len(rows) // 2
    return np.vstack([_numbers(rows[:half], decimal), _numbers(rows[half:], decimal)])


def _outgoing(layout: Layout, rows: Sequence[Row], good: Sequence[bool]) -> Iterator[str]:
    """The lines of the rows as they came, each of as many cells as the header; formulas are escaped."""
    most = len(layout.names)
    others = [i for i in range(most) if i not in set(layout.columns)]  # a number is no formula
    for row, valid in zip(rows, good, strict=True):
        cells = (
            [row.text] if row.why else row.cells
        )  # a broken line is one quoted cell and spoils nothing below
        shown = [cells[i] for i in others if i < len(cells)] if valid else cells
        if row.why or len(cells) > most or any(map(may_run, shown)):
            safe = [escape_formula(cell) for cell in cells]
            if len(safe) > most:  # the last cell takes in what is too much
                safe = [*safe[: most - 1], layout.delimiter.join(safe[most - 1 :])]
            yield join(safe, layout.delimiter) + layout.delimiter * (most - len(cells))
        else:
            yield row.text + layout.delimiter * (most - len(cells))


def _tails(layout: Layout, scored: Scored) -> Iterator[str]:
    """What stands behind each line: the cells of the results, each with a delimiter before it."""
    mark, end = layout.delimiter, layout.newline
    made, errors = scored.predictions, scored.errors
    columns = [_texts(layout, column) for column in (made.probability, made.low, made.high)]
    columns += [made.diagnosis.tolist(), made.verdict.tolist(), scored.labels()]
    results = map(mark.join, zip(*columns, strict=True))
    empty = mark * len(RESULTS)
    for row, good in enumerate(scored.good.tolist()):
        if good:
            yield f"{mark}{next(results)}{mark}{end}"
        else:
            error = errors[row].replace('"', '""')
            yield f'{empty}"{error}"{end}'


def _texts(layout: Layout, values: NDArray[np.float64]) -> list[str]:
    texts = list(map(repr, values.tolist()))
    if layout.decimal == ".":
        return texts
    quote = '"' if layout.delimiter == layout.decimal else ""
    return [quote + text.replace(".", layout.decimal) + quote for text in texts]
