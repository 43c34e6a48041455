"""Scores one block of a table: its text in, the same lines with results behind them and their tally out.

Every fault of a row comes from ``model.specimen``. Knows nothing about files and the rest of the table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.caution import KINDS
from model.classifier import Classifier, Predictions
from model.specimen import InvalidSpecimen, Specimen
from model.table.layout import DIAGNOSES, RESULTS, Layout
from model.table.rows import Rows, read_rows
from model.table.summary import BINS, RowFault, Tally

_LABELS = tuple(":".join(filter(None, (code, "+".join(features)))) for code, features in KINDS)
_CODES = {code: [i for i, kind in enumerate(KINDS) if kind[0] == code] for code, _ in KINDS}


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a table; ``line`` is the number of the first line in the file, from 1."""

    text: bytes
    line: int


def score_block(layout: Layout, classifier: Classifier, block: Block) -> tuple[bytes, Tally]:
    """The text of the block with the results behind each line, and its tally."""
    rows = read_rows(layout, block.text, block.line)
    tally = Tally(rows=len(rows))
    errors = _check(layout, rows, tally)
    good = np.array([i for i in range(len(rows)) if i not in errors], dtype=np.intp)
    predictions = classifier.predict_many(rows.values[good])
    _count(tally, predictions, rows, good)
    tails = iter(_tails(layout, predictions))
    empty = layout.delimiter * len(RESULTS)
    out: list[bytes] = []
    for i, line in enumerate(rows.lines):
        tail = next(tails) if i not in errors else f"{empty}{_quote(errors[i])}".encode()
        out += (line, tail, layout.newline)
    return b"".join(out), tally


def _check(layout: Layout, rows: Rows, tally: Tally) -> dict[int, str]:
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


def _count(tally: Tally, predictions: Predictions, rows: Rows, good: NDArray[np.intp]) -> None:
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
        meant = {word: DIAGNOSES.get(word.strip().casefold(), -1) for word in set(rows.truth)}
        truth = np.array([meant[word] for word in rows.truth])[good]
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
