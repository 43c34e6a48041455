"""Reads the rows of a block: their numbers for the model, their lines for the output.

Text without quotes is read as a whole, by pandas; anything odder is taken apart cell by cell. Knows nothing
about what makes a number valid.
"""

import contextlib
import io
from collections.abc import Callable, Sequence
from csv import QUOTE_NONE
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from model.features import NAMES
from model.table.cells import DELIMITERS, disarm, disarm_all, join, may_run, records
from model.table.layout import Layout, WrongTable

_MISSING = 1 << 26  # cells that the rows of a block may lack, all told; each is a byte in the output
_BESIDES = {mark: bytes(set(range(256)) - set(f"{mark}\n".encode())) for mark in DELIMITERS}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a block.

    ``lines`` go out as they are, but for the results and their ends; ``numbers`` count lines in the file.
    ``values`` (n, 30) are NaN where a cell is no number, and where it was not worth finding out: ``cells``
    gives the cells of one row and what is wrong with it as a whole, or "". ``truth`` is the diagnosis as
    text, empty if there is none.
    """

    lines: list[bytes]
    numbers: Sequence[int]
    values: NDArray[np.float64]
    truth: list[str]
    cells: Callable[[int], tuple[list[str], str]]

    def __len__(self) -> int:
        return len(self.lines)


def read_rows(layout: Layout, text: bytes, number: int) -> Rows:
    """The rows of a text that begins in line ``number`` of the file."""
    text = text.removesuffix(b"\n")
    if b'"' in text or b"\0" in text or text.count(b"\r") != text.count(b"\r\n") + text.endswith(b"\r"):
        return _quoted(layout, text, number)
    return _plain(layout, text, number)


def _plain(layout: Layout, text: bytes, number: int) -> Rows:
    lines = text.replace(b"\r\n", b"\n").removesuffix(b"\r").split(b"\n")
    numbers: Sequence[int] = range(number, number + len(lines))
    if not all(lines):
        numbers = [at for at, line in zip(numbers, lines, strict=True) if line]
        lines = [line for line in lines if line]
    text = b"\n".join(lines)
    widths = _widths(text, layout, len(lines))
    most = len(layout.names)
    _check_filling(widths, most)
    fits = [layout.least <= width <= most for width in widths]
    values = np.full((len(lines), len(NAMES)), np.nan)
    fitting = [line for line, fit in zip(lines, fits, strict=True) if fit]
    values[fits] = _numbers(fitting, layout.delimiter, layout.decimal, most, layout.columns)

    going = lines
    if may_run(text, layout.delimiter):
        going = disarm_all(text, layout.delimiter).split(b"\n")
    if widths.count(most) < len(lines):
        going = [_fill(line, width, layout) for line, width in zip(going, widths, strict=True)]

    def cells(i: int) -> tuple[list[str], str]:
        return lines[i].decode("latin-1").split(layout.delimiter), ""

    return Rows(going, numbers, values, _truth(layout, lines), cells)


def _widths(text: bytes, layout: Layout, rows: int) -> list[int]:
    """The number of cells of every line; in the common case that all are equal, without looking at each."""
    if not rows:
        return []
    skeleton = text.translate(None, _BESIDES[layout.delimiter])  # delimiters and line ends alone
    for width in {len(layout.names), layout.least}:
        line = layout.delimiter.encode() * (width - 1)
        if skeleton == b"\n".join([line] * rows):
            return [width] * rows
    return [len(line) + 1 for line in skeleton.split(b"\n")]


def _check_filling(widths: Sequence[int], most: int) -> None:
    """Refuse if filling up the rows would take far more memory than they do."""
    missing = most * len(widths) - sum(widths)
    if missing > _MISSING:
        raise WrongTable(
            f"found rows that lack {missing:,} cells below a header of {most:,}: expected as many"
        )


def _fill(line: bytes, width: int, layout: Layout) -> bytes:
    most = len(layout.names)
    if width <= most:
        return line + layout.delimiter.encode() * (most - width)
    return join(line.decode("latin-1").split(layout.delimiter, most - 1), layout.delimiter)


def _squeeze(cells: list[str], layout: Layout) -> bytes:
    """A line of as many cells as the header: the last takes in what is too much, empty ones fill up."""
    most = len(layout.names)
    if len(cells) > most:
        cells = [*cells[: most - 1], layout.delimiter.join(cells[most - 1 :])]
    return join(cells + [""] * (most - len(cells)), layout.delimiter)


def _truth(layout: Layout, lines: Sequence[bytes]) -> list[str]:
    if layout.truth is None:
        return []
    place = layout.truth
    mark = layout.delimiter.encode()
    split = [line.split(mark, place + 1)[place : place + 1] for line in lines]
    return [cell[0].decode("latin-1") if cell else "" for cell in split]


def _quoted(layout: Layout, text: bytes, number: int) -> Rows:
    lines = text.split(b"\n")
    found = list(records(lines, layout.delimiter))
    risky = may_run(text, layout.delimiter)
    most = len(layout.names)
    widths = [len(record.cells) for record in found]
    _check_filling(widths, most)

    def line(first: int, after: int, cells: list[str], why: str) -> bytes:
        raw = b"\n".join(lines[first:after]).removesuffix(b"\r")
        if why:  # one quoted cell, so that it spoils nothing that stands below
            return _squeeze([disarm(raw.decode("latin-1"))], layout)
        if len(cells) > most or (risky and any(disarm(cell) != cell for cell in cells)):
            return _squeeze([disarm(cell) for cell in cells], layout)
        return raw + layout.delimiter.encode() * (most - len(cells))

    fits = [layout.least <= width <= most for width in widths]
    values = np.full((len(found), len(NAMES)), np.nan)
    pick = itemgetter(*layout.columns)
    texts = ["\t".join(pick(record.cells)) for record, fit in zip(found, fits, strict=True) if fit]
    simple = [row.encode("latin-1") for row in texts]
    values[fits] = _numbers(simple, "\t", layout.decimal, len(NAMES), range(len(NAMES)))
    place = layout.truth
    return Rows(
        [line(*record) for record in found],
        [number + record.first for record in found],
        values,
        [] if place is None else ["".join(record.cells[place : place + 1]) for record in found],
        lambda i: (found[i].cells, found[i].why),
    )


def _numbers(
    lines: Sequence[bytes], delimiter: str, decimal: str, width: int, columns: Sequence[int]
) -> NDArray[np.float64]:
    """The thirty numbers of each line, (n, 30); a line in which one is none has NaN alone."""
    if not lines:
        return np.empty((0, len(NAMES)))
    import pandas as pd  # noqa: PLC0415  # half a second that only those pay who have a table

    try:
        frame = pd.read_csv(
            io.BytesIO(b"\n".join(lines)),
            sep=delimiter,
            decimal=decimal,
            header=None,
            names=range(width),
            usecols=sorted(columns),
            dtype=np.float64,
            quoting=QUOTE_NONE,
            skip_blank_lines=False,
            encoding="latin-1",
        )
        if len(frame) == len(lines):
            return frame[list(columns)].to_numpy()
    except ValueError:
        pass  # it does not say which lines are to blame
    values = np.full((len(lines), len(NAMES)), np.nan)
    pick = itemgetter(*columns)
    for i, line in enumerate(lines):
        with contextlib.suppress(ValueError):
            values[i] = _floats(pick(line.split(delimiter.encode())), decimal)
    return values


def _floats(cells: Sequence[bytes], decimal: str) -> list[float]:
    """Numbers as Python reads them, but for 1_000 and for points among decimal commas."""
    text = b"\t".join(cells)
    if b"_" in text or (decimal == "," and b"." in text):
        raise ValueError
    return [float(cell.replace(decimal.encode(), b".")) for cell in cells]
