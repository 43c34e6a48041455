"""Scores one block of a table of text: the same lines with results behind them, and their tally.

Knows nothing about files and about the rest of the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.features import NAMES
from model.prediction import Predictions
from model.specimen import Fault, InvalidSpecimen, Specimen, fault_of
from model.table.judge import WrongRow, judge, warnings
from model.table.layout import RESULTS, Layout
from model.table.rows import Rows, read_rows
from model.table.summary import Tally

_KNOWN = 4096  # wrong cells that are remembered


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a table; ``line`` is the number of the first line in the file, from 1."""

    text: bytes
    line: int


def score_block(layout: Layout, classifier: Classifier, block: Block) -> tuple[bytes, Tally]:
    """The text of the block with the results behind each line, and its tally."""
    rows = read_rows(layout, block.text, block.line)
    specimen = partial(_specimen, layout, rows, _Cells(layout))
    judged = judge(classifier, rows.values, rows.numbers, rows.truth, specimen)
    tails = iter(_tails(layout, judged.predictions))
    empty = layout.delimiter * len(RESULTS)
    out: list[bytes] = []
    for i, line in enumerate(rows.lines):
        error = judged.errors.get(i)
        tail = next(tails) if error is None else f"{empty}{_quote(error)}".encode()
        out += (line, tail, layout.newline)
    return b"".join(out), judged.tally


class _Cells:
    """Checks cells of one block; remembers wrong ones, which tend to be the same in row after row."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._wrong: dict[tuple[str, str], Fault] = {}

    def specimen(self, cells: Sequence[str]) -> Specimen:
        """The thirty cells as numbers, or every fault of them."""
        wrong = self._wrong
        found = [wrong.get(named) or self._check(named) for named in zip(NAMES, cells, strict=True)]
        if faults := [fault for fault in found if isinstance(fault, Fault)]:
            raise InvalidSpecimen(faults)
        return Specimen.from_sequence(found)

    def _check(self, named: tuple[str, str]) -> object:
        name, cell = named
        number = self._layout.number(cell)
        fault = fault_of(name, number)
        if fault and len(self._wrong) < _KNOWN:
            self._wrong[named] = fault
        return fault or number


def _specimen(layout: Layout, rows: Rows, checked: _Cells, row: int) -> Specimen:
    """One row, looked at cell by cell."""
    cells, why = rows.cells(row)
    found = f"{len(cells)} cells"
    if why:
        raise WrongRow("", f"the line is broken: {why}")
    if not any(cell.strip() for cell in cells):
        raise WrongRow(found, "the row is empty")
    most = len(layout.names)
    if not layout.least <= len(cells) <= most:
        expected = str(most) if layout.least == most else f"{layout.least} to {most}"
        raise WrongRow(found, f"the row has {found}: expected {expected}, as the header has")
    return checked.specimen([cells[column] for column in layout.columns])


def _tails(layout: Layout, predictions: Predictions) -> list[bytes]:
    """The result cells of every scored row, each with a delimiter before it."""
    columns: Sequence[list[str]] = (
        _texts(layout, predictions.probability),
        _texts(layout, predictions.low),
        _texts(layout, predictions.high),
        predictions.diagnosis.tolist(),
        predictions.verdict.tolist(),
        warnings(predictions),
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


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
