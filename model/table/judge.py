"""What the model says of many rows, whatever they came from: predictions, errors and their tally.

Every fault of a row comes from ``model.specimen``. Knows nothing about text, files and formats.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.features import DIAGNOSES
from model.prediction import Predictions
from model.specimen import InvalidSpecimen, Specimen
from model.table.summary import BINS, RowFault, Tally
from model.warnings import KINDS

_LABELS = tuple(":".join(filter(None, (code, "+".join(features)))) for code, features in KINDS)
_CODES = {code: [i for i, kind in enumerate(KINDS) if kind[0] == code] for code, _ in KINDS}


class WrongRow(ValueError):
    """The row as a whole is wrong; ``value`` is what was found."""

    def __init__(self, value: str, message: str) -> None:
        super().__init__(message)
        self.value = value


@dataclass(frozen=True, slots=True)
class Judged:
    """``predictions`` are those of the rows that have no entry in ``errors``, in their order."""

    predictions: Predictions
    errors: dict[int, str]
    tally: Tally


def judge(
    classifier: Classifier,
    values: NDArray[np.float64],
    numbers: Sequence[int],
    truth: Sequence[str],
    specimen: Callable[[int], Specimen],
) -> Judged:
    """Score rows.

    Args:
        classifier: answers.
        values: (n, 30); any row with a value that is negative or not finite is looked at again.
        numbers: of the rows in the file, for people to find them.
        truth: the diagnosis of each row as the file has it, or nothing.
        specimen: looks at one row again; raises ``InvalidSpecimen`` or ``WrongRow`` if it is wrong.
    """
    tally = Tally(rows=len(values))
    errors = {}
    plain = ((values >= 0) & (values < math.inf)).all(axis=1)
    for i in np.flatnonzero(~plain).tolist():
        try:
            values[i] = specimen(i).values
        except InvalidSpecimen as error:
            errors[i] = str(error)
            named = (RowFault(numbers[i], f.feature, f.value, f.message) for f in error.faults)
            tally.fault(len(error.faults), named)
        except WrongRow as error:
            errors[i] = str(error)
            tally.fault(1, [RowFault(numbers[i], "", error.value, str(error))])
    good = np.ones(len(values), dtype=bool)
    good[list(errors)] = False
    predictions = classifier.predict_many(values[good])
    _count(tally, predictions)
    if len(truth):
        meant = {word: DIAGNOSES.get(word.strip().casefold(), -1) for word in set(truth)}
        known = np.array([meant[word] for word in truth])
        tally.judge(known[good], predictions.logit, predictions.diagnosis == "malignant")
    return Judged(predictions, errors, tally)


def _count(tally: Tally, predictions: Predictions) -> None:
    for word in tally.diagnoses:
        tally.diagnoses[word] += int((predictions.diagnosis == word).sum())
    for word in tally.verdicts:
        tally.verdicts[word] += int((predictions.verdict == word).sum())
    bars = (predictions.probability * BINS).astype(np.int64).clip(0, BINS - 1)
    tally.histogram += np.bincount(bars, minlength=BINS)
    tally.warned += int(predictions.marks.any(axis=1).sum())
    for code, columns in _CODES.items():
        tally.warnings[code] += int(predictions.marks[:, columns].any(axis=1).sum())


def warnings(predictions: Predictions) -> list[str]:
    """Per row, its warnings as ``code:feature+feature``, blanks between."""
    words = [""] * len(predictions.marks)
    for row, kind in zip(*(places.tolist() for places in np.nonzero(predictions.marks)), strict=True):
        words[row] += f" {_LABELS[kind]}" if words[row] else _LABELS[kind]
    return words
