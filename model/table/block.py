"""Scores one block of a table: its text in, the same lines with results behind them and their tally out.

The one place that parses numbers of a table. Every fault of a row comes from ``model.specimen``. Knows
nothing about files and of the rest of the table.
"""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from model.caution import KINDS
from model.classifier import Classifier, Predictions
from model.features import NAMES
from model.specimen import InvalidSpecimen, Specimen
from model.table.cells import DELIMITERS, disarm, disarm_all, join, may_run, records
from model.table.layout import DIAGNOSES, RESULTS, Layout
from model.table.summary import BINS, RowFault, Tally

_BESIDES = {mark: bytes(set(range(256)) - set(f"{mark}\n".encode())) for mark in DELIMITERS}
_LABELS = tuple(":".join(filter(None, (code, "+".join(features)))) for code, features in KINDS)
_CODES = {code: [i for i, kind in enumerate(KINDS) if kind[0] == code] for code, _ in KINDS}


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a table; ``line`` is the number of the first line in the file, from 1."""

    text: bytes
    line: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a block.

    ``lines`` are ready to go out, but for their ends; ``numbers`` count lines in the file; ``values`` (n,
    30) hold NaN where there is no number. ``cells`` gives those of one row, and what is wrong with it as a
    whole, or "".
    """

    lines: list[bytes]
    numbers: Sequence[int]
    values: NDArray[np.float64]
    truth: list[str]
    cells: Callable[[int], tuple[list[str], str]]


def score_block(layout: Layout, classifier: Classifier, block: Block) -> tuple[bytes, Tally]:
    """The text of the block with the results behind each line, and its tally."""
    plain = b'"' not in block.text and b"\0" not in block.text
    if plain and block.text.count(b"\r") == block.text.count(b"\r\n"):
        rows = _plain_rows(layout, block)
    else:
        rows = _quoted_rows(layout, block)
    tally = Tally(rows=len(rows.lines))
    errors = _check(layout, rows, tally)
    good = np.array([i for i in range(len(rows.lines)) if i not in errors], dtype=np.intp)
    predictions = classifier.predict_many(rows.values[good])
    _count(tally, predictions, rows, good)
    tails = iter(_tails(layout, predictions))
    empty = layout.delimiter * len(RESULTS)
    out: list[bytes] = []
    for i, line in enumerate(rows.lines):
        tail = next(tails) if i not in errors else f"{empty}{_quote(errors[i])}".encode()
        out += (line, tail, layout.newline)
    return b"".join(out), tally


def _plain_rows(layout: Layout, block: Block) -> _Rows:
    """Rows without a quote, where every delimiter is one: no cell is looked at on its own."""
    lines = block.text.replace(b"\r\n", b"\n").split(b"\n")
    numbers: Sequence[int] = range(block.line, block.line + len(lines))
    if not all(lines):
        numbers = [number for number, line in zip(numbers, lines, strict=True) if line]
        lines = [line for line in lines if line]
    text = b"\n".join(lines)
    widths = _widths(text, layout, len(lines))
    delimiter = layout.delimiter.encode()
    most = len(layout.names)
    fits = [layout.least <= width <= most for width in widths]
    values = np.full((len(lines), len(NAMES)), np.nan)
    fitting = text if all(fits) else b"\n".join(line for line, fit in zip(lines, fits, strict=True) if fit)
    values[fits] = _numbers(layout, fitting, layout.delimiter, layout.columns, most, sum(fits))
    truth = []
    if layout.truth is not None:
        split = layout.truth + 1
        truth = [line.split(delimiter, split)[split - 1 : split] for line in lines]
    going = (
        disarm_all(text, layout.delimiter).split(b"\n") if may_run(text, layout.delimiter) else list(lines)
    )
    for i, width in enumerate(widths):
        if width < most:
            going[i] += delimiter * (most - width)
        elif width > most:
            going[i] = _squeeze(going[i].decode("latin-1").split(layout.delimiter), layout)

    def cells(i: int) -> tuple[list[str], str]:
        return lines[i].decode("latin-1").split(layout.delimiter), ""

    words = [cell[0].decode("latin-1") if cell else "" for cell in truth]
    return _Rows(going if lines else [], numbers, values, words, cells)


def _quoted_rows(layout: Layout, block: Block) -> _Rows:
    """Rows of which some have quotes, stray CRs or NULs: taken apart cell by cell."""
    lines = block.text.split(b"\n")
    found = [
        record
        for record in records(lines, layout.delimiter)
        if record.cells not in ([""], ["\0"]) or record.why
    ]
    risky = may_run(block.text, layout.delimiter)
    most = len(layout.names)
    going = []
    fits = []
    for record in found:
        width = len(record.cells)
        fits.append(layout.least <= width <= most)
        if record.why:
            raw = b"\n".join(lines[record.first : record.after]).rstrip(b"\r").decode("latin-1")
            line = _squeeze([disarm(raw)], layout)
        elif width > most or (risky and any(disarm(cell) != cell for cell in record.cells)):
            line = _squeeze([disarm(cell) for cell in record.cells], layout)
        else:
            line = b"\n".join(lines[record.first : record.after]).removesuffix(b"\r")
            line += layout.delimiter.encode() * (most - width)
        going.append(line)
    pick = itemgetter(*layout.columns)
    texts = ["\t".join(pick(record.cells)) for record, fit in zip(found, fits, strict=True) if fit]
    values = np.full((len(found), len(NAMES)), np.nan)
    text = "\n".join(texts).encode("latin-1")
    values[fits] = _numbers(layout, text, "\t", range(len(NAMES)), len(NAMES), len(texts))
    place = layout.truth
    truth = [] if place is None else [r.cells[place] if place < len(r.cells) else "" for r in found]
    numbers = [block.line + record.first for record in found]
    return _Rows(going, numbers, values, truth, lambda i: (found[i].cells, found[i].why))


def _squeeze(cells: list[str], layout: Layout) -> bytes:
    """A line of as many cells as the header: the last takes in what is too much, empty ones fill up."""
    most = len(layout.names)
    if len(cells) > most:
        cells = [*cells[: most - 1], layout.delimiter.join(cells[most - 1 :])]
    return join(cells + [""] * (most - len(cells)), layout.delimiter)


def _widths(text: bytes, layout: Layout, rows: int) -> list[int]:
    """The number of cells of every line; in the common case that all fit, without looking at each."""
    skeleton = text.translate(None, _BESIDES[layout.delimiter])  # delimiters and line ends alone
    for width in {len(layout.names), layout.least}:
        line = layout.delimiter.encode() * (width - 1)
        if skeleton == b"\n".join([line] * rows):
            return [width] * rows
    return [len(line) + 1 for line in skeleton.split(b"\n")]


def _numbers(
    layout: Layout, text: bytes, delimiter: str, columns: Sequence[int], width: int, rows: int
) -> NDArray[np.float64]:
    """The thirty numbers of each line, (n, 30); NaN where there is none."""
    if not rows:
        return np.empty((0, len(NAMES)))
    import pandas as pd  # noqa: PLC0415  # half a second that only those pay who have a table

    try:
        frame = pd.read_csv(
            io.BytesIO(text),
            sep=delimiter,
            decimal=layout.decimal,
            header=None,
            names=range(width),
            usecols=sorted(columns),
            dtype=np.float64,
            quoting=3,
            skip_blank_lines=False,
            encoding="latin-1",
        )
        if len(frame) == rows and b"\0" not in text:
            return frame[list(columns)].to_numpy()
    except ValueError:
        pass  # some cell is no number: find out which
    lines = text.decode("latin-1").split("\n")
    return np.array([[_or_nan(layout.number(line.split(delimiter)[c])) for c in columns] for line in lines])


def _or_nan(value: float | str) -> float:
    return value if isinstance(value, float) else math.nan


def _check(layout: Layout, rows: _Rows, tally: Tally) -> dict[int, str]:
    """What is wrong with each faulty row, by its place in the block; faults go to the tally."""
    errors = {}
    valid = ((rows.values >= 0) & (rows.values < math.inf)).all(axis=1)
    for i in np.flatnonzero(~valid).tolist():
        cells, why = rows.cells(i)
        line = rows.numbers[i]
        try:
            rows.values[i] = _specimen(layout, cells, why).values
        except InvalidSpecimen as error:
            errors[i] = str(error)
            tally.fault(RowFault(line, f.feature, f.value, f.message) for f in error.faults)
        except _WrongRow as error:
            errors[i] = str(error)
            tally.fault([RowFault(line, "", f"{len(cells)} cells", str(error))])
    return errors


class _WrongRow(ValueError):
    """The row as a whole is wrong."""


def _specimen(layout: Layout, cells: Sequence[str], why: str) -> Specimen:
    if why:
        raise _WrongRow(f"the line is broken: {why}")
    if not any(cell.strip() for cell in cells):
        raise _WrongRow("the row is empty")
    most = len(layout.names)
    if not layout.least <= len(cells) <= most:
        expected = str(most) if layout.least == most else f"{layout.least} to {most}"
        raise _WrongRow(f"the row has {len(cells)} cells: expected {expected}, as the header has")
    values = [layout.number(cells[column]) for column in layout.columns]
    return Specimen.from_sequence(values)


def _count(tally: Tally, predictions: Predictions, rows: _Rows, good: NDArray[np.intp]) -> None:
    for word in tally.diagnoses:
        tally.diagnoses[word] += int((predictions.diagnosis == word).sum())
    for word in tally.verdicts:
        tally.verdicts[word] += int((predictions.verdict == word).sum())
    tally.histogram += np.bincount(
        (predictions.probability * BINS).astype(np.int64).clip(0, BINS - 1), minlength=BINS
    )
    tally.warned += int(predictions.marks.any(axis=1).sum())
    for code, columns in _CODES.items():
        tally.warnings[code] += int(predictions.marks[:, columns].any(axis=1).sum())
    if rows.truth:
        truth = np.array([DIAGNOSES.get(rows.truth[i].strip().casefold(), -1) for i in good], dtype=np.int64)
        tally.judge(truth, predictions.logit, predictions.diagnosis == "malignant")


def _tails(layout: Layout, predictions: Predictions) -> list[bytes]:
    """The result cells of every scored row, each with a delimiter before it."""
    columns = (
        _texts(layout, predictions.probability),
        _texts(layout, predictions.low),
        _texts(layout, predictions.high),
        predictions.diagnosis.tolist(),
        predictions.verdict.tolist(),
        _warnings(predictions.marks),
    )
    mark = layout.delimiter
    rows = zip(*columns, strict=True)
    tails = [
        f"{mark}{p}{mark}{low}{mark}{high}{mark}{d}{mark}{v}{mark}{w}{mark}" for p, low, high, d, v, w in rows
    ]
    return "\n".join(tails).encode().split(b"\n")


def _texts(layout: Layout, values: NDArray[np.float64]) -> list[str]:
    texts = list(map(repr, values.tolist()))
    if layout.decimal == ".":
        return texts
    quote = '"' if layout.delimiter == layout.decimal else ""
    return [quote + text.replace(".", layout.decimal) + quote for text in texts]


def _warnings(marks: NDArray[np.bool_]) -> list[str]:
    """Per specimen, its cautions as ``code:feature+feature``, blanks between."""
    words = [""] * len(marks)
    for row, kind in zip(*(places.tolist() for places in np.nonzero(marks)), strict=True):
        words[row] += f" {_LABELS[kind]}" if words[row] else _LABELS[kind]
    return words


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
