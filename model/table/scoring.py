"""Scores a table from stream to stream, or from file to file, block by block in constant memory.

Each line is written as it was read, followed by the results. A file is written completely or not at all.
"""

import contextlib
import gzip
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from csv import QUOTE_NONE
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

DEFAULT_OPTIONS = Options()
"""The options of a table that needs none."""

_BLOCK_ROWS = 4096  # scored at once; thirty errors in each of them take ten megabytes
_MAX_GROWTH = 4  # the results may be so many times as long as the limit; errors can be forty times as long
_MIN_ROW_BYTES = 2 * len(NAMES)  # each number has a digit and an end; shorter lines only cost time
_MAX_FAULTY_ROWS = 1 << 20  # of a table that has a limit and is mostly wrong; an Excel sheet has no more rows
_MAX_FAULTS = 1 << 22  # in these rows
_MAX_SUSPECT_ROWS = 64  # if one of so few rows has a cell that is not a number, all are read cell by cell


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
        temporary = stack.enter_context(atomic_write(sink)) if isinstance(sink, Path) else None
        if isinstance(source, Path) and source.suffix == ".parquet":
            return _score_parquet(source, temporary, classifier, options)
        size = source.stat().st_size if isinstance(source, Path) else None
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        out: Any = stack.enter_context(temporary.open("wb")) if temporary else sink
        if temporary and temporary.suffix == ".gz":
            out = stack.enter_context(gzip.GzipFile("", "wb", 6, out, mtime=0))
        write = out.write if out else lambda _: None
        return _score_text(_chunks(file, progress, size), write, classifier, options, limit)


def _score_text(
    chunks: Iterable[bytes],
    write: Callable[[bytes], object],
    classifier: Classifier,
    options: Options,
    limit: int | None,
) -> Summary:
    encoding, pieces = decode(chunks, limit)
    layout, rows = read_layout(split_lines(pieces, limit and limit // _MIN_ROW_BYTES), options)
    summary, checks = Summary(layout.diagnoses), checks_of(classifier)
    index = layout.diagnoses.index if layout.diagnoses else None
    out, size = encoding.byte_order_mark + encoding.encode(layout.heading), 0
    for block in in_blocks(rows, _BLOCK_ROWS, lambda row: max(len(row.text), len(layout.names))):
        scored = _score_rows(layout, block, classifier)
        if not summary.rows and not options.any_scale:
            checks.refuse_meaningless(scored.values)
        words = [] if index is None else ["".join(row.cells[index : index + 1]) for row in block]
        summary.add(scored, [row.line for row in block], words)
        out += encoding.encode("".join(_output_lines(layout, block, scored)))
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
    if size > _MAX_GROWTH * limit:
        raise TooLarge(messages.TOO_MANY_ERRORS.format(limit=_MAX_GROWTH * limit))
    if (
        so_far.faulty > _MAX_FAULTY_ROWS or so_far.fault_count > _MAX_FAULTS
    ) and 2 * so_far.faulty > so_far.rows:
        counts = {"errors": so_far.fault_count, "faulty": so_far.faulty, "rows": so_far.rows}
        first = so_far.faults[0]
        raise WrongTable(messages.MOSTLY_WRONG.format(**counts, line=first.line, problem=first.message))


def _score_parquet(source: Path, sink: Path | None, classifier: Classifier, options: Options) -> Summary:
    """The same for Parquet, by pandas; rows are numbered from 1."""
    import pandas as pd  # noqa: PLC0415  # takes half a second, which only tables should cost

    try:
        frame = pd.read_parquet(source)
    except ValueError as error:
        raise WrongTable(messages.DAMAGED.format(what="Parquet", problem=error), "damaged") from error
    scored, out = score_frame_with(frame, classifier, any_scale=options.any_scale)
    if sink:
        out.to_parquet(sink)
    names = [str(name) for name in frame.columns]
    truth = find_diagnoses(names, frame.head(1000).to_numpy(object).tolist(), options.malignant)
    summary, index = Summary(truth), truth.index if truth else None
    summary.add(scored, range(1, len(frame) + 1), [] if index is None else frame.iloc[:, index].tolist())
    summary.add_notices(checks_of(classifier), names)
    return summary


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A path to write to; the file replaces ``path`` at the end, unless there is an error."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path  # a pipe or a device cannot be replaced
        return
    temporary = path.with_name(
        f".{os.getpid()}.{path.name}"
    )  # the ending stays, because it says which format to write
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
    pick = itemgetter(*layout.columns)
    has_width = [not row.problem and layout.min_cells <= len(row.cells) <= len(layout.names) for row in rows]
    values = np.full((len(rows), len(NAMES)), np.nan)
    values[has_width] = _numbers(
        [pick(row.cells) for row, fit in zip(rows, has_width, strict=True) if fit], layout.decimal
    )

    def cells(i: int) -> Sequence[object] | Fault:
        fault = None if has_width[i] and any(map(str.strip, rows[i].cells)) else _row_fault(layout, rows[i])
        return fault or pick(rows[i].cells)

    return score_values(values, classifier, cells, layout.decimal)


def _row_fault(layout: Layout, row: Row) -> Fault:
    low, width = layout.min_cells, len(layout.names)
    found = "" if row.problem else messages.CELLS.format(count=len(row.cells))
    expected = str(width) if low == width else messages.FROM_TO.format(low=low, high=width)
    message = messages.WRONG_WIDTH.format(found=found, expected=expected)
    if row.problem:
        message = messages.BROKEN_LINE.format(problem=row.problem)
    elif not any(map(str.strip, row.cells)):
        message = messages.EMPTY_ROW
    return Fault("wrong_length", "", found, expected, message)


def _numbers(rows: Sequence[tuple[str, ...]], decimal: str) -> NDArray[np.float64]:
    """Rows of thirty cells as (n, 30) numbers; a row with a cell that is not a number may be all NaN."""
    import pandas as pd  # noqa: PLC0415

    text = "\n".join(map("\t".join, rows))
    # A tab or a line end inside a cell would shift the others.
    if rows and text.count("\t") == (len(NAMES) - 1) * len(rows) and text.count("\n") == len(rows) - 1:
        with contextlib.suppress(ValueError):  # the error does not say which rows are wrong
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
    if len(rows) <= _MAX_SUSPECT_ROWS:
        return np.full((len(rows), len(NAMES)), np.nan)
    half = len(rows) // 2
    return np.vstack([_numbers(rows[:half], decimal), _numbers(rows[half:], decimal)])


def _output_lines(layout: Layout, rows: Sequence[Row], scored: Scored) -> Iterator[str]:
    """The lines of the rows as they were read, filled up to the width of the header, and their results.

    Formulas are escaped; a broken line becomes one quoted cell, so that it does not spoil those below it.
    """
    sep, width = layout.delimiter, len(layout.names)
    others = [i for i in range(width) if i not in set(layout.columns)]  # numbers are not formulas
    quote = '"' if sep == layout.decimal else ""
    for row, results in zip(rows, zip(*scored.results(), strict=True), strict=True):
        probability, low, high, diagnosis, verdict, warned, error = results
        cells = [row.text] if row.problem else row.cells
        shown = cells if error else [cells[i] for i in others if i < len(cells)]
        text = row.text
        if row.problem or len(cells) > width or any(map(may_run, shown)):
            safe = [escape_formula(cell) for cell in cells]
            if len(safe) > width:  # the last cell takes in the cells that are too many
                safe[width - 1 :] = [sep.join(safe[width - 1 :])]
            text = join(safe, sep)
        text += sep * (width - len(cells))
        if error:
            quoted = str(error).replace('"', '""')
            yield f'{text}{sep * len(RESULTS)}"{quoted}"{layout.newline}'
            continue
        numbers = f"{quote}{probability!r}{quote}{sep}{quote}{low!r}{quote}{sep}{quote}{high!r}{quote}"
        if layout.decimal != ".":
            numbers = numbers.replace(".", layout.decimal)
        yield f"{text}{sep}{numbers}{sep}{diagnosis}{sep}{verdict}{sep}{warned}{sep}{layout.newline}"
