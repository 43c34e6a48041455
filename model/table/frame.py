"""Scores the rows of a pandas DataFrame: ``score_frame``, the engine of every way in which tables come.

A row with a fault keeps its place; its results are empty and ``error`` says why. One process or many make no
difference: ``frames.map_partitions(score_frame, classifier, meta=score_frame(frames._meta, classifier))``
scores a Dask DataFrame on a cluster.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.classifier import Classifier
from model.explain import Reference
from model.features import NAMES
from model.prediction import Predictions
from model.specimen import Fault, fault_of
from model.table.checks import TableChecks
from model.table.layout import find_columns, free_names
from model.table.rows import has_thousands, number
from model.warnings import KINDS

if TYPE_CHECKING:
    import pandas as pd

_LABELS = tuple(":".join(filter(None, (code, "+".join(features)))) for code, features in KINDS)
_KNOWN = 4096  # wrong cells whose fault is remembered: they tend to be the same in row after row


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows and what the model says: ``values`` (n, 30) with NaN where there is no number, ``good`` (n,).

    ``predictions`` are those of the good rows, in their order; the others have their ``faults``.
    """

    values: NDArray[np.float64]
    good: NDArray[np.bool_]
    predictions: Predictions
    faults: dict[int, list[Fault]]

    def labels(self) -> list[str]:
        """The warnings of each good row as ``code:feature+feature``, blanks between."""
        warning_flags = self.predictions.warning_flags
        words = [""] * len(warning_flags)
        for row, kind in zip(*(places.tolist() for places in np.nonzero(warning_flags)), strict=True):
            words[row] += f" {_LABELS[kind]}" if words[row] else _LABELS[kind]
        return words

    def results(self) -> list[list[object]]:
        """The columns that ``RESULTS`` names, one list each; None where a row has a fault."""
        made, good = self.predictions, self.good.tolist()
        arrays = (made.probability, made.low, made.high, made.diagnosis, made.verdict)
        filled: list[Iterator[object]] = [*(iter(array.tolist()) for array in arrays), iter(self.labels())]
        results: list[list[object]] = [[next(v) if known else None for known in good] for v in filled]
        faults = [self.faults.get(row, ()) for row in range(len(good))]
        return [*results, ["; ".join(fault.message for fault in found) for found in faults]]


def score_frame(frame: "pd.DataFrame", classifier: Classifier, *, any_scale: bool = False) -> "pd.DataFrame":
    """The frame with the columns of ``RESULTS`` behind its own.

    Args:
        frame: has the thirty features in any order and spelling; other columns stay as they are.
        classifier: answers.
        any_scale: answer also where the columns do not look like measurements of this kind.

    Raises:
        WrongTable: if features are missing or doubled, or the values are not measurements of this kind.
    """
    return score_frame_with(frame, classifier, any_scale=any_scale)[1]


def score_frame_with(
    frame: "pd.DataFrame", classifier: Classifier, *, any_scale: bool
) -> tuple[Scored, "pd.DataFrame"]:
    """The same, with what it comes from."""
    import pandas as pd  # noqa: PLC0415  # half a second that only those pay who have a table

    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, column] for column in find_columns(names)]
    values = np.full((len(frame), len(columns)), np.nan)
    for i, column in enumerate(columns):
        if column.dtype.kind in "iuf":
            values[:, i] = column.to_numpy(np.float64, na_value=np.nan)

    def cells(row: int) -> list[object]:
        """What is missing is None."""
        parts = [column.iloc[row : row + 1] for column in columns]
        return [None if part.isna().all() else part.tolist()[0] for part in parts]

    scored = score_values(values, classifier, cells)
    if not any_scale:
        checks_of(classifier).refuse_meaningless(scored.values)
    kinds = ["float64"] * 3 + ["object"] * 4
    results = {
        name: pd.Series(column, index=frame.index, dtype=kind)
        for name, column, kind in zip(free_names(names), scored.results(), kinds, strict=True)
    }
    return scored, pd.concat([frame, pd.DataFrame(results, index=frame.index)], axis=1)


def score_values(
    values: NDArray[np.float64],
    classifier: Classifier,
    cells: Callable[[int], Sequence[object] | Fault],
    decimal: str = ".",
) -> Scored:
    """Score rows of numbers, (n, 30).

    Args:
        values: NaN where there is no number, or where it was not worth finding out.
        classifier: answers.
        cells: gives the thirty cells of one row, which is looked at again if a value is negative or not
            finite, or what is wrong with the row as a whole.
        decimal: mark of numbers that come as text.
    """
    faults: dict[int, list[Fault]] = {}
    read = lru_cache(_KNOWN)(partial(_read, decimal=decimal))
    for row in np.flatnonzero(~((values >= 0) & (values < math.inf)).all(axis=1)).tolist():
        found = cells(row)
        if isinstance(found, Fault):
            faults[row] = [found]
            continue
        wrong = []
        for i, (name, cell) in enumerate(zip(NAMES, found, strict=True)):
            value: Any
            value, fault = read(name, cell) if isinstance(cell, str) else (cell, fault_of(name, cell))
            values[row, i] = math.nan if fault and fault.code != "negative" else value
            wrong += [fault] if fault else []
        if wrong:
            faults[row] = wrong
    good = np.ones(len(values), np.bool_)
    good[list(faults)] = False
    return Scored(values, good, classifier.predict_many(values[good]), faults)


def _read(name: str, cell: str, decimal: str) -> tuple[Any, Fault | None]:
    """What a cell holds, and what is wrong with it as a value of the feature, if anything is."""
    value = number(cell, decimal)
    fault = fault_of(name, value)
    if fault and isinstance(value, str) and has_thousands(value, decimal):
        told = messages.FAULT.format(name=name, found=fault.value, expected=messages.NO_THOUSANDS)
        fault = Fault(fault.code, name, fault.value, messages.NO_THOUSANDS, told)
    return value, fault


@lru_cache(maxsize=4)
def checks_of(classifier: Classifier) -> TableChecks:
    """What judges tables as a whole for this classifier, against the published specimens."""
    return TableChecks(classifier, Reference.load())
