"""What scoring a table came to: counts, a histogram, faults by line, and, where the truth is known, how well.

Everything here adds up block by block in constant memory. Knows nothing about files.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

BINS = 20
"""Bars of the histogram of probabilities, each 0.05 wide."""

SHOWN = 100
"""Faults that a summary repeats; it counts all."""

_RANKS = 4096  # bins of the logit that AUC is computed on; specimens in one bin count as tied
_REACH = 16.0  # the logit that the outermost bins begin at


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong with a row.

    ``line`` counts from 1 in the file, header included; in Parquet, rows. ``feature`` is empty where the row
    as a whole is wrong, ``part`` names the file if there are several.
    """

    line: int
    feature: str
    value: str
    why: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well the predictions fit the table's own diagnoses, where it has them.

    ``confusion`` counts (truly, predicted) pairs at the threshold. ``auc`` is computed on 4096 bins of the
    logit, so that it streams: it is exact but for specimens closer than 0.008 on that scale, and None if a
    class is missing.
    """

    rows: int
    confusion: dict[tuple[str, str], int]
    log_loss: float
    brier: float
    auc: float | None

    @property
    def sensitivity(self) -> float | None:
        return _share(self.confusion, "malignant")

    @property
    def specificity(self) -> float | None:
        return _share(self.confusion, "benign")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scored table came to.

    ``rows`` = ``scored`` + ``faulty``. ``faults`` are the first of ``fault_count``; a row may have several.
    ``histogram`` counts probabilities in bars of 0.05. ``warned`` rows have warnings, ``warnings`` counts
    the rows by code. ``evaluation`` is there if the table has a column "diagnosis" of M and B (or the
    words).
    """

    rows: int
    scored: int
    faulty: int
    faults: tuple[RowFault, ...]
    fault_count: int
    diagnoses: dict[str, int]
    verdicts: dict[str, int]
    histogram: tuple[int, ...]
    warned: int
    warnings: dict[str, int]
    evaluation: Evaluation | None


def _zeros(*shape: int) -> NDArray[np.int64]:
    return np.zeros(shape, dtype=np.int64)


@dataclass
class Tally:
    """What becomes a ``Summary``; tallies of blocks add up in the order of the blocks."""

    rows: int = 0
    faulty: int = 0
    faults: list[RowFault] = field(default_factory=list)
    fault_count: int = 0
    diagnoses: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("malignant", "benign"), 0))
    verdicts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("malignant", "benign", "inconclusive"), 0)
    )
    histogram: NDArray[np.int64] = field(default_factory=lambda: _zeros(BINS))
    warned: int = 0
    warnings: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("out_of_range", "contradiction", "novel"), 0)
    )
    ranks: NDArray[np.int64] = field(default_factory=lambda: _zeros(2, 2, _RANKS))
    log_loss: float = 0.0
    brier: float = 0.0

    def __iadd__(self, other: "Tally") -> "Tally":
        self.rows += other.rows
        self.faulty += other.faulty
        self.faults += other.faults[: SHOWN - len(self.faults)]
        self.fault_count += other.fault_count
        self.warned += other.warned
        self.histogram += other.histogram
        self.ranks += other.ranks
        self.log_loss += other.log_loss
        self.brier += other.brier
        for mine, theirs in (
            (self.diagnoses, other.diagnoses),
            (self.verdicts, other.verdicts),
            (self.warnings, other.warnings),
        ):
            for key, count in theirs.items():
                mine[key] += count
        return self

    def fault(self, count: int, faults: Iterable[RowFault]) -> None:
        """Count one faulty row; of its faults no more are made than are repeated."""
        self.faulty += 1
        self.fault_count += count
        self.faults += islice(faults, SHOWN - len(self.faults))

    def judge(
        self, truth: NDArray[np.int64], logits: NDArray[np.float64], malignant: NDArray[np.bool_]
    ) -> None:
        """Count predictions against the truth: 1 malignant, 0 benign, -1 unknown; (n,) each."""
        known = truth >= 0
        truth, logits, malignant = truth[known], logits[known], malignant[known]
        bins = ((logits + _REACH) * (_RANKS / (2 * _REACH))).clip(0, _RANKS - 1).astype(np.int64)
        np.add.at(self.ranks, (truth, malignant.astype(np.int64), bins), 1)
        against = np.where(truth == 1, -logits, logits)  # log-odds of being wrong
        self.log_loss += float(np.logaddexp(0.0, against).sum())
        self.brier += float(np.square(np.exp(-np.logaddexp(0.0, -against))).sum())

    def summary(self) -> Summary:
        return Summary(
            rows=self.rows,
            scored=self.rows - self.faulty,
            faulty=self.faulty,
            faults=tuple(self.faults),
            fault_count=self.fault_count,
            diagnoses=dict(self.diagnoses),
            verdicts=dict(self.verdicts),
            histogram=tuple(self.histogram.tolist()),
            warned=self.warned,
            warnings=dict(self.warnings),
            evaluation=self._evaluation(),
        )

    def _evaluation(self) -> Evaluation | None:
        rows = int(self.ranks.sum())
        if not rows:
            return None
        words = ("benign", "malignant")
        counts = self.ranks.sum(axis=2)
        confusion = {(words[t], words[p]): int(counts[t, p]) for t in (1, 0) for p in (1, 0)}
        benign, malignant = self.ranks.sum(axis=1)
        pairs = int(benign.sum()) * int(malignant.sum())
        below = np.cumsum(benign) - benign / 2  # benign specimens below, half of those tied
        auc = float(malignant @ below) / pairs if pairs else None
        return Evaluation(rows, confusion, self.log_loss / rows, self.brier / rows, auc)


def _share(confusion: dict[tuple[str, str], int], diagnosis: str) -> float | None:
    """The share of the specimens truly so that are predicted so."""
    total = sum(count for (truly, _), count in confusion.items() if truly == diagnosis)
    return confusion[diagnosis, diagnosis] / total if total else None
