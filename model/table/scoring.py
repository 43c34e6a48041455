"""Scores a table from stream to stream, or from file to file, block by block in constant memory.

Each line is written as it was read, followed by the results. A file is written completely or not at all.
"""

import contextlib
import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from csv import QUOTE_NONE
from itertools import compress
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Fault
from model.table.frame import Scored, checks_of, score_frame_with, score_values
from model.table.layout import RESULTS, Layout, Options, find_diagnoses, read_layout
from model.table.rows import (
    PIECE_BYTES,
    Row,
    WrongTable,
    decode,
    escape_formula,
    in_blocks,
    join,
    may_have_formulas,
    number,
    split_lines,
)
from model.table.summary import Summary

DEFAULT_OPTIONS = Options()
"""The options of a table that needs none."""

_BLOCK_ROWS = 4096  # scored at once; thirty errors in each of them take ten megabytes
_MAX_GROWTH = 4  # the results may be so many times as long as the limit; errors can be forty times as long
_MIN_ROW_BYTES = 2 * len(NAMES)  # each number has a digit and an end; shorter lines only cost time
_MAX_FAULTY_ROWS = 1 << 20  # of a table that has a limit and is mostly wrong; an Excel sheet has no more rows
_MAX_FAULTS = 1 << 22  # in these rows


Progress = Callable[[int, int | None], None]
"""Is called with the bytes read so far, and the bytes in total or None if that is unknown."""


def score(
    source: BinaryIO | Path,
    sink: BinaryIO | Path | None,
    classifier: Classifier,
    options: Options = DEFAULT_OPTIONS,
    *,
    progress: Progress | None = None,
    limit: int | None = None,
) -> Summary:
    """Score a file into another.

    Args:
        source: text, compressed by gzip or not; or a path to ``.parquet``, which is read as a whole.
        sink: like the source; a path to ``.gz`` is compressed. None if only the summary is wanted.
        classifier: makes the predictions.
        options: how the table is to be read.
        progress: is called after every piece.
        limit: the most bytes of uncompressed text that are read.

    Raises:
        WrongTable: if the file is not a table of specimens, or damaged; a path ``sink`` is not written then.
        OSError: if a file cannot be read or written.
    """
    with contextlib.ExitStack() as stack:
        temporary = stack.enter_context(_atomic_write(sink)) if isinstance(sink, Path) else None
        if isinstance(source, Path) and source.suffix == ".parquet":
            return _score_parquet(source, temporary, classifier, options)
        size = source.stat().st_size if isinstance(source, Path) else None
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        out: Any = stack.enter_context(temporary.open("wb")) if temporary else sink
        if temporary and temporary.suffix == ".gz":
            out = stack.enter_context(gzip.GzipFile("", "wb", 6, out, mtime=0))
        write = out.write if out else lambda _: None
        try:
            return _score_text(_chunks(file, progress, size), write, classifier, options, limit)
        except (UnicodeDecodeError, zlib.error) as error:
            what = error.encoding.upper() if isinstance(error, UnicodeDecodeError) else "gzip"
            raise WrongTable(messages.DAMAGED.format(what=what, problem=error), "damaged") from error


def _score_text(
    chunks: Iterable[bytes],
    write: Callable[[bytes], object],
    classifier: Classifier,
    options: Options,
    limit: int | None,
) -> Summary:
    encode, pieces = decode(chunks, limit)
    layout, rows = read_layout(split_lines(pieces, limit and limit // _MIN_ROW_BYTES), options)
    summary, checks = Summary(layout.diagnoses), checks_of(classifier)
    index = layout.diagnoses.index if layout.diagnoses else None
    out, size = encode(layout.heading), 0
    for block in in_blocks(rows, _BLOCK_ROWS, lambda row: max(len(row.text), len(layout.names))):
        scored = _score_rows(layout, block, classifier)
        if not summary.rows and not options.any_scale:
            checks.refuse_meaningless(scored.values)
        words = [] if index is None else ["".join(row.cells[index : index + 1]) for row in block]
        summary.add(scored, [row.line for row in block], words)
        out += encode("".join(_output_lines(layout, block, scored)))
        size += len(out)
        if limit is not None:
            _check_size(size, limit, summary)
        write(out)
        out = b""
    write(out)
    summary.add_notices(checks, layout.names)
    return summary


def _check_size(size: int, limit: int, so_far: Summary) -> None:
    """Refuse a table whose results are far longer than itself, or that has millions of errors."""
    rows, faulty, errors = so_far.rows, so_far.faulty, so_far.fault_count
    if size > _MAX_GROWTH * limit:
        raise WrongTable(messages.TOO_MANY_ERRORS.format(limit=_MAX_GROWTH * limit), "too_large")
    if (faulty > _MAX_FAULTY_ROWS or errors > _MAX_FAULTS) and 2 * faulty > rows:
        line, problem = so_far.faults[0].line, so_far.faults[0].message
        message = messages.MOSTLY_WRONG.format(
            errors=errors, faulty=faulty, rows=rows, line=line, problem=problem
        )
        raise WrongTable(message)


def _score_parquet(source: Path, sink: Path | None, classifier: Classifier, options: Options) -> Summary:
    """The same for Parquet, by pandas; rows are numbered from 1."""
    import pandas as pd  # noqa: PLC0415  # see _numbers

    try:
        frame = pd.read_parquet(source)
    except ValueError as error:
        raise WrongTable(messages.DAMAGED.format(what="Parquet", problem=error), "damaged") from error
    scored, out = score_frame_with(frame, classifier, options.any_scale)
    if sink:
        out.to_parquet(sink)
    names = [str(name) for name in frame.columns]
    truth = find_diagnoses(names, frame.head(1000).to_numpy(object).tolist(), options.malignant)
    summary, index = Summary(truth), truth.index if truth else None
    summary.add(scored, range(1, len(frame) + 1), [] if index is None else frame.iloc[:, index].tolist())
    summary.add_notices(checks_of(classifier), names)
    return summary


@contextlib.contextmanager
def _atomic_write(path: Path) -> Iterator[Path]:
    """A path to write to; the file replaces ``path`` at the end, unless there is an error."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path  # a pipe or a device cannot be replaced
        return
    temporary = path.with_name(f".{os.getpid()}.{path.name}")  # the ending says which format to write
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _chunks(file: BinaryIO, progress: Progress | None, size: int | None) -> Iterator[bytes]:
    done = 0
    while chunk := file.read(PIECE_BYTES):
        yield chunk
        done += len(chunk)
        if progress:
            progress(done, size)


def _score_rows(layout: Layout, rows: Sequence[Row], classifier: Classifier) -> Scored:
    pick, widths = itemgetter(*layout.columns), range(layout.min_cells, len(layout.names) + 1)
    has_width = [not row.problem and len(row.cells) in widths for row in rows]
    values = np.full((len(rows), len(NAMES)), np.nan)
    values[has_width] = _numbers([pick(row.cells) for row in compress(rows, has_width)], layout.decimal)

    def cells(i: int) -> Sequence[object] | Fault:
        return _row_fault(layout, rows[i]) or pick(rows[i].cells)

    return score_values(values, classifier, cells, layout.decimal)


def _numbers(rows: Sequence[tuple[str, ...]], decimal: str) -> NDArray[np.float64]:
    """Rows of thirty cells as (n, 30) numbers, NaN where a cell may be none; pandas is the fastest at it."""
    import pandas as pd  # noqa: PLC0415  # takes half a second, which only tables should cost

    values = np.full((len(rows), len(NAMES)), np.nan)
    text = "\n".join(map("\t".join, rows))
    marks = text.count("\t"), text.count("\n"), text.count("\r")
    # A tab or a line end inside a cell would shift the others.
    if marks == ((len(NAMES) - 1) * len(rows), len(rows) - 1, 0):
        frame = pd.read_csv(
            io.StringIO(text), sep="\t", decimal=decimal, header=None, quoting=QUOTE_NONE,
            skip_blank_lines=False, low_memory=False, encoding_errors="replace",
        )  # fmt: skip
        for i, (_, column) in enumerate(frame.items()):
            if column.dtype.kind in "iuf":
                values[:, i] = column
            else:
                cells = [row[i] for row in rows]
                read = {cell: number(cell, decimal) for cell in {*cells}}
                known = {cell: value for cell, value in read.items() if isinstance(value, float)}
                values[:, i] = [known.get(cell, np.nan) for cell in cells]
    return values


def _row_fault(layout: Layout, row: Row) -> Fault | None:
    """What is wrong with the row as a whole, if anything is."""
    low, high = layout.min_cells, len(layout.names)
    expected = str(high) if low == high else messages.FROM_TO.format(low=low, high=high)
    found = messages.CELLS.format(count=len(row.cells))
    if row.problem:
        found, message = "", messages.BROKEN_LINE.format(problem=row.problem)
    elif not "".join(row.cells).strip():
        message = messages.EMPTY_ROW
    elif low <= len(row.cells) <= high:
        return None
    else:
        message = messages.WRONG_WIDTH.format(found=found, expected=expected)
    return Fault("wrong_length", "", found, expected, message)


def _output_lines(layout: Layout, rows: Sequence[Row], scored: Scored) -> Iterator[str]:
    """The lines of the rows as they were read, filled up to the width of the header, and their results.

    Formulas are escaped; a broken line becomes one quoted cell, so that it does not spoil those below it.
    """
    sep, width = layout.delimiter, len(layout.names)
    quote = '"' if sep == layout.decimal else ""
    for row, (*interval, diagnosis, verdict, warned, error) in zip(rows, scored.results(), strict=True):
        text, cells = row.text, [row.text] if row.problem else row.cells
        if row.problem or len(cells) > width or may_have_formulas(text, sep):
            safe = [escape_formula(cell) for cell in cells]
            if len(safe) > width:  # the last cell takes in the cells that are too many
                safe[width - 1 :] = [sep.join(safe[width - 1 :])]
            if row.problem or safe != cells:
                text = join(safe, sep)
        text += sep * (width - len(cells))
        if error:
            quoted = str(error).replace('"', '""')
            yield f'{text}{sep * len(RESULTS)}"{quoted}"{layout.newline}'
            continue
        decimals = f"{quote}{sep}{quote}".join(map(repr, interval))
        if layout.decimal != ".":
            decimals = decimals.replace(".", layout.decimal)
        yield sep.join((text, f"{quote}{decimals}{quote}", diagnosis, verdict, warned, layout.newline))
