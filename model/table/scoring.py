"""Scores a table from bytes to bytes, or from file to file, block by block in constant memory.

Each line goes out as it came, with the results behind it. A file appears whole or not at all.
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

AS_IT_SAYS = Options()
"""How a table is meant that says all of itself."""

_ROWS = 4096  # scored at once; thirty errors in each take ten megabytes
_SWELL = 4  # times the limit of a table that its results may take; thirty errors in a row swell forty times
_LEAST = 2 * len(NAMES)  # bytes of a row: each number has a digit and an end; shorter lines only cost time
_WRONG = 1 << 20  # rows of a table that has a limit and is mostly wrong; a sheet of Excel has no more
_FAULTS = 1 << 22  # errors in these
_FEW = 64  # rows that are read cell by cell if one of them holds no number


Progress = Callable[[int, int | None], None]
"""Is told the bytes read so far, and how many there are, or None if that is unknown."""


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
        out: Any = stack.enter_context(part.open("wb")) if part else sink
        if part and part.suffix == ".gz":
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
    layout, rows = read_layout(split_lines(pieces, limit and limit // _LEAST), options)
    summary, checks = Summary(layout.diagnoses), checks_of(classifier)
    place = layout.diagnoses.place if layout.diagnoses else None
    out, size = encoding.mark + encoding.encode(layout.heading), 0
    for block in in_blocks(rows, _ROWS, lambda row: max(len(row.text), len(layout.names))):
        scored = _score_rows(layout, block, classifier)
        if not summary.rows and not options.any_scale:
            checks.refuse_meaningless(scored.values)
        words = [] if place is None else ["".join(row.cells[place : place + 1]) for row in block]
        summary.add(scored, [row.line for row in block], words)
        out += encoding.encode("".join(_written(layout, block, scored)))
        size += len(out)
        if limit is not None:
            _check_size(size, limit, summary)
        write(out)
        out = b""
    write(out)
    summary.add_notices(checks, layout.names)
    return summary


def _check_size(size: int, limit: int, so_far: Summary) -> None:
    """Refuse a table whose results are far longer than itself, or that is wrong a million times over."""
    if size > _SWELL * limit:
        raise TooLarge(messages.TOO_MANY_ERRORS.format(limit=_SWELL * limit))
    if (so_far.faulty > _WRONG or so_far.fault_count > _FAULTS) and 2 * so_far.faulty > so_far.rows:
        counts = {"errors": so_far.fault_count, "faulty": so_far.faulty, "rows": so_far.rows}
        first = so_far.faults[0]
        raise WrongTable(messages.MOSTLY_WRONG.format(**counts, line=first.line, why=first.message))


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
    truth = find_diagnoses(names, frame.head(1000).to_numpy(object).tolist(), options.malignant)
    summary, place = Summary(truth), truth.place if truth else None
    summary.add(scored, range(1, len(frame) + 1), [] if place is None else frame.iloc[:, place].tolist())
    summary.add_notices(checks_of(classifier), names)
    return summary


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


def _written(layout: Layout, rows: Sequence[Row], scored: Scored) -> Iterator[str]:
    """The lines of the rows as they came, each of as many cells as the header, and the results behind them.

    Formulas are escaped; a broken line becomes one quoted cell and spoils nothing below.
    """
    mark, most = layout.delimiter, len(layout.names)
    others = [i for i in range(most) if i not in set(layout.columns)]  # what is a number is no formula
    quote = '"' if mark == layout.decimal else ""
    for row, results in zip(rows, zip(*scored.results(), strict=True), strict=True):
        probability, low, high, diagnosis, verdict, warned, error = results
        cells = [row.text] if row.why else row.cells
        shown = cells if error else [cells[i] for i in others if i < len(cells)]
        text = row.text
        if row.why or len(cells) > most or any(map(may_run, shown)):
            safe = [escape_formula(cell) for cell in cells]
            # the last cell takes in what is too much
            text = join([*safe[: most - 1], mark.join(safe[most - 1 :])] if len(safe) > most else safe, mark)
        text += mark * (most - len(cells))
        if error:
            quoted = str(error).replace('"', '""')
            yield f'{text}{mark * len(RESULTS)}"{quoted}"{layout.newline}'
            continue
        numbers = f"{quote}{probability!r}{quote}{mark}{quote}{low!r}{quote}{mark}{quote}{high!r}{quote}"
        if layout.decimal != ".":
            numbers = numbers.replace(".", layout.decimal)
        yield f"{text}{mark}{numbers}{mark}{diagnosis}{mark}{verdict}{mark}{warned}{mark}{layout.newline}"
