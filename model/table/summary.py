"""What scoring a table came to: counts, notices about the whole, faults by line, and how it fits the truth.

Everything here adds up block by block in constant memory.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 20
"""Bars of the histogram of probabilities, each 0.05 wide."""

SHOWN = 100
"""Faults that a summary repeats; it counts all."""

EXAMPLES = 8
"""Rows of each kind that a summary shows."""

REASONS = ("inconclusive", "wrong", "warned", "other")
"""Why a row is shown, in the order of being worth a look: too close to call, against the truth, warned."""

_RANKS = 4096  # bins of the logit that AUC is computed on; specimens in one bin count as tied
_REACH = 16.0  # the logit that the outermost bins begin at


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong with a row.

    ``line`` counts from 1 in the file, header included; in Parquet, rows. ``feature`` is empty where the row
    as a whole is wrong.
    """

    line: int
    feature: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class TableNotice:
    """Something about the whole table that its reader has to know before the answers.

    ``severity`` is "meaningless" (the table is refused unless the caller says that any scale is meant),
    "suspicious" (scored, but the notice leads the summary) or "note".
    """

    code: str
    severity: str
    features: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class FeatureShift:
    """How far one feature lies off: ``shift`` in standard deviations of the data, towards larger values.

    ``median_data`` is that of the published specimens in the mix of classes that the model predicts here;
    ``p_value`` is corrected for thirty features.
    """

    feature: str
    median: float
    median_data: float
    shift: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table of ten rows or more differs from the data: the features that lie furthest off, in order."""

    rows: int
    malignant_share: float
    features: tuple[FeatureShift, ...]
    message: str


@dataclass(frozen=True, slots=True)
class TruthColumn:
    """The column that says what the specimens were: used, or why not; ``codes`` are the words it holds."""

    column: str
    used: bool
    codes: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row to look at; ``reason`` is one of ``REASONS``, ``truth`` a diagnosis or None."""

    line: int
    reason: str
    probability: float
    interval: tuple[float, float]
    diagnosis: str
    verdict: str
    truth: str | None
    warnings: str
    features: dict[str, float]


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

    def to_dict(self) -> dict[str, Any]:
        words = ("malignant", "benign")
        return {
            "rows": self.rows,
            "confusion": {t: {p: self.confusion[t, p] for p in words} for t in words},
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
            "auc": self.auc,
            "log_loss": self.log_loss,
            "brier": self.brier,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scored table came to.

    ``rows`` = ``scored`` + ``faulty``; ``verdicts`` and ``diagnoses`` each add up to ``scored``. ``faults``
    are the first of ``fault_count``; a row may have several. ``histogram`` counts probabilities in bars of
    0.05. ``warned`` rows have warnings, ``warnings`` counts the rows by code. ``notices`` come gravest first.
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
    notices: tuple[TableNotice, ...]
    differs: Difference | None
    truth: TruthColumn | None
    shown: tuple[ShownRow, ...]
    evaluation: Evaluation | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values: ``counts`` of rows, and ``rows`` to look at, the most doubtful first."""
        counts = ("rows", "scored", "faulty", "verdicts", "diagnoses", "warned", "warnings")
        return {
            "counts": {name: getattr(self, name) for name in counts},
            "notices": [asdict(notice) for notice in self.notices],
            "differs": asdict(self.differs) if self.differs else None,
            "truth": asdict(self.truth) if self.truth else None,
            "faults": {"count": self.fault_count, "shown": [asdict(fault) for fault in self.faults]},
            "histogram": list(self.histogram),
            "rows": [asdict(row) for row in self.shown],
            "evaluation": self.evaluation.to_dict() if self.evaluation else None,
        }


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
            notices=(),
            differs=None,
            truth=None,
            shown=(),
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
