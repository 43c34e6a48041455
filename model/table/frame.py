"""Scores rows of numbers, as files, REST and a pandas DataFrame have them.

A row with a fault stays where it is; its results are empty and ``error`` says why.
"""

import math
from collections.abc import Callable, Sequence
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
from model.table.rows import THOUSANDS, number
from model.warnings import KINDS

if TYPE_CHECKING:
    import pandas as pd

_LABELS = tuple(":".join(filter(None, (code, "+".join(features)))) for code, features in KINDS)
_MAX_REMEMBERED = 4096  # wrong cells whose fault is cached, because many rows have the same ones


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows and their predictions: ``values`` (n, 30) with NaN where there is no number, ``good`` (n,).

    ``predictions`` has the good rows, in order; ``faults`` has the others by their index.
    """

    values: NDArray[np.float64]
    good: NDArray[np.bool_]
    predictions: Predictions
    faults: dict[int, list[Fault]]

    def labels(self) -> list[str]:
        """The warnings of each good row as ``code:feature+feature``, separated by blanks."""
        flags = self.predictions.warning_flags
        labels = [""] * len(flags)
        for row, kind in zip(*(indices.tolist() for indices in np.nonzero(flags)), strict=True):
            labels[row] += f" {_LABELS[kind]}" if labels[row] else _LABELS[kind]
        return labels

    def results(self) -> list[tuple[Any, ...]]:
        """What each row has in the columns of ``RESULTS``; None where it has a fault."""
        p = self.predictions
        columns = (column.tolist() for column in (p.probability, p.low, p.high, p.diagnosis, p.verdict))
        good = zip(*columns, self.labels(), strict=True)
        errors = {row: "; ".join(f.message for f in faults) for row, faults in self.faults.items()}
        return [
            (*[None] * 6, errors[row]) if row in errors else (*next(good), "")
            for row in range(len(self.good))
        ]


def score_frame(frame: "pd.DataFrame", classifier: Classifier, *, any_scale: bool = False) -> "pd.DataFrame":
    """The frame with the columns of ``RESULTS`` after its own.

    It also works on a cluster: ``frames.map_partitions(score_frame, classifier, meta=meta)`` scores a Dask
    DataFrame, where ``meta`` is ``score_frame(frames._meta, classifier)``.

    Args:
        frame: has the thirty features in any order and spelling; other columns stay as they are.
        classifier: makes the predictions.
        any_scale: answer even if the columns do not look like measurements of this kind.

    Raises:
        WrongTable: if features are missing or occur twice, or the values are not measurements of this kind.
    """
    return score_frame_with(frame, classifier, any_scale)[1]


def score_frame_with(
    frame: "pd.DataFrame", classifier: Classifier, any_scale: bool
) -> tuple[Scored, "pd.DataFrame"]:
    import pandas as pd  # noqa: PLC0415  # takes half a second, which only frames should cost

    names = [str(name) for name in frame.columns]
    features = frame.iloc[:, list(find_columns(names))]
    values = np.full(features.shape, np.nan)
    for i, (_, column) in enumerate(features.items()):
        if column.dtype.kind in "iuf":
            values[:, i] = column.to_numpy(np.float64, na_value=np.nan)

    def cells(row: int) -> list[object]:
        parts = [column.iloc[row : row + 1] for _, column in features.items()]
        return [None if part.isna().all() else part.tolist()[0] for part in parts]

    scored = score_values(values, classifier, cells)
    if not any_scale:
        checks_of(classifier).refuse_meaningless(scored.values)
    added = free_names(names)
    results = pd.DataFrame(scored.results(), frame.index, added, dtype=object)
    return scored, pd.concat([frame, results.astype(dict.fromkeys(added[:3], float))], axis=1)


def score_values(
    values: NDArray[np.float64],
    classifier: Classifier,
    cells: Callable[[int], Sequence[object] | Fault],
    decimal: str = ".",
) -> Scored:
    """Score rows of numbers, (n, 30).

    Args:
        values: NaN where there is no number, or where ``cells`` is still to be read for it.
        classifier: makes the predictions.
        cells: returns the thirty cells of a row, or what is wrong with the row as a whole; it is called for
            rows with a value that is negative or not finite.
        decimal: the decimal mark of numbers that are given as text.
    """
    faults: dict[int, list[Fault]] = {}
    read = lru_cache(_MAX_REMEMBERED)(partial(_read, decimal=decimal))
    for row in np.flatnonzero(~((values >= 0) & (values < math.inf)).all(axis=1)).tolist():
        row_cells = cells(row)
        if isinstance(row_cells, Fault):
            faults[row] = [row_cells]
            continue
        row_faults = []
        for i, (name, cell) in enumerate(zip(NAMES, row_cells, strict=True)):
            value: Any
            value, fault = read(name, cell) if isinstance(cell, str) else (cell, fault_of(name, cell))
            values[row, i] = math.nan if fault and fault.code != "negative" else value
            row_faults += [fault] if fault else []
        if row_faults:
            faults[row] = row_faults
    good = np.ones(len(values), np.bool_)
    good[list(faults)] = False
    return Scored(values, good, classifier.predict_many(values[good]), faults)


def _read(name: str, cell: str, decimal: str) -> tuple[Any, Fault | None]:
    """The value of a cell, and what is wrong with it as a value of the feature, if anything is."""
    value = number(cell, decimal)
    fault = fault_of(name, value)
    if fault and isinstance(value, str) and THOUSANDS[decimal].fullmatch(value):
        fault = Fault.of(fault.code, name, fault.value, messages.NO_THOUSANDS)
    return value, fault


@lru_cache(maxsize=4)
def checks_of(classifier: Classifier) -> TableChecks:
    """The checks of whole tables for this classifier, against the published specimens."""
    return TableChecks(classifier, Reference.load())
