"""Adds up what scoring comes to, block by block in constant memory, until it is a ``Summary``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.features import NAMES
from model.table.checks import TableChecks, drift, valid_rows
from model.table.frame import Scored
from model.table.summary import (
    REASONS,
    Evaluation,
    RowFault,
    Severity,
    ShownRow,
    Summary,
    TableNotice,
    TruthColumn,
)
from model.warnings import KINDS

BINS = 20
"""Bars of the histogram of probabilities, each 0.05 wide."""

SHOWN = 100
"""Faults that a summary repeats; it counts all."""

EXAMPLES = 8
"""Rows of each kind that a summary shows."""

_SAMPLE = 8192  # rows, at most, that a table is judged by as a whole
_RANKS = 4096  # bins of the logit that AUC is computed on; specimens in one bin count as tied
_REACH = 16.0  # the logit that the outermost bins begin at
_WORDS = ("malignant", "benign")
_VERDICTS = (*_WORDS, "inconclusive")
_CODES = {code: [i for i, kind in enumerate(KINDS) if kind[0] == code] for code, _ in KINDS}


def _zeros(*shape: int) -> NDArray[np.int64]:
    return np.zeros(shape, dtype=np.int64)


@dataclass
class Tally:
    """What becomes a ``Summary`` while the blocks of a table pass by.

    ``sample`` are the values of every ``step``-th row, so many that a table is judged by them as a whole.
    """

    truth: TruthColumn | None = None
    notes: tuple[TableNotice, ...] = ()
    rows: int = 0
    faulty: int = 0
    faults: list[RowFault] = field(default_factory=list)
    fault_count: int = 0
    with_thousands: int = 0
    diagnoses: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_WORDS, 0)))
    verdicts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_VERDICTS, 0)))
    histogram: NDArray[np.int64] = field(default_factory=lambda: _zeros(BINS))
    warned: int = 0
    warnings: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_CODES, 0)))
    ranks: NDArray[np.int64] = field(default_factory=lambda: _zeros(2, 2, _RANKS))
    expected: float = 0.0
    log_loss: float = 0.0
    brier: float = 0.0
    sample: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, len(NAMES))))
    step: int = 1
    shown: dict[str, list[ShownRow]] = field(default_factory=lambda: {reason: [] for reason in REASONS})

    def add(self, scored: Scored, lines: Sequence[int], truth: Sequence[int]) -> None:
        """Count a block of scored rows.

        Args:
            scored: the rows.
            lines: the number of each in the file.
            truth: 1 malignant, 0 benign, -1 unknown; nothing if no column says it.
        """
        made = scored.predictions
        self._sample(scored.values)
        self.rows += len(lines)
        for row, faults in scored.faults.items():
            self.faulty += 1
            self.fault_count += len(faults)
            self.with_thousands += any(fault.expected == messages.NO_THOUSANDS for fault in faults)
            for fault in faults[: SHOWN - len(self.faults)]:
                self.faults.append(RowFault(lines[row], fault.feature, fault.value, fault.message))
        self.diagnoses.update(made.diagnosis.tolist())
        self.verdicts.update(made.verdict.tolist())
        bars = (made.probability * BINS).astype(np.int64).clip(0, BINS - 1)
        self.histogram += np.bincount(bars, minlength=BINS)
        self.expected += float(made.probability.sum())
        self.warned += int(made.marks.any(axis=1).sum())
        marked = {code: int(made.marks[:, kinds].any(axis=1).sum()) for code, kinds in _CODES.items()}
        self.warnings.update(marked)
        known = np.array(truth, dtype=np.int64)[scored.good] if len(truth) else np.full(len(made.logit), -1)
        self._evaluate(known, made.logit, made.diagnosis == "malignant")
        self._show(scored, lines, known)

    def _sample(self, values: NDArray[np.float64]) -> None:
        wanted = (self.rows + np.arange(len(values))) % self.step == 0
        self.sample = np.vstack([self.sample, values[wanted]])
        while len(self.sample) > _SAMPLE:
            self.sample, self.step = self.sample[::2], 2 * self.step

    def _evaluate(
        self, truth: NDArray[np.int64], logits: NDArray[np.float64], malignant: NDArray[np.bool_]
    ) -> None:
        known = truth >= 0
        truth, logits, malignant = truth[known], logits[known], malignant[known]
        bins = ((logits + _REACH) * (_RANKS / (2 * _REACH))).clip(0, _RANKS - 1).astype(np.int64)
        np.add.at(self.ranks, (truth, malignant.astype(np.int64), bins), 1)
        against = np.where(truth == 1, -logits, logits)  # log-odds of being wrong
        self.log_loss += float(np.logaddexp(0.0, against).sum())
        self.brier += float(np.square(np.exp(-np.logaddexp(0.0, -against))).sum())

    def _show(self, scored: Scored, lines: Sequence[int], truth: NDArray[np.int64]) -> None:
        """Keep the first rows of each kind that a reader will want to look at."""
        made = scored.predictions
        kinds = {
            "inconclusive": made.verdict == "inconclusive",
            "wrong": (truth >= 0) & (truth != (made.diagnosis == "malignant")),
            "warned": made.marks.any(axis=1),
            "other": np.ones(len(truth), dtype=bool),
        }
        rows, seen = np.flatnonzero(scored.good), np.zeros(len(truth), dtype=bool)
        labels: list[str] | None = None
        for reason, found in kinds.items():
            wanted = np.flatnonzero(found & ~seen)[: EXAMPLES - len(self.shown[reason])]
            seen |= found
            for i in wanted.tolist():
                labels = labels or scored.labels()
                self.shown[reason].append(
                    ShownRow(
                        line=lines[rows[i]],
                        reason=reason,
                        probability=float(made.probability[i]),
                        interval=(float(made.low[i]), float(made.high[i])),
                        diagnosis=str(made.diagnosis[i]),
                        verdict=str(made.verdict[i]),
                        truth=_WORDS[1 - truth[i]] if truth[i] >= 0 else None,
                        warnings=labels[i],
                        features=dict(zip(NAMES, scored.values[rows[i]].tolist(), strict=True)),
                    )
                )

    def summary(self, checks: TableChecks) -> Summary:
        """All so far, judged as a whole."""
        scored = self.rows - self.faulty
        differs = checks.difference(valid_rows(self.sample), self.expected / scored) if scored else None
        notices = [*checks.notices(self.sample), *self.notes]
        if self.with_thousands:
            message = messages.THOUSANDS.format(rows=messages.rows(self.with_thousands))
            notices.append(TableNotice("thousands_separator", "suspicious", (), message))
        if all(notice.severity == "note" for notice in notices):  # else it is part of that
            notices += drift(differs)
        return Summary(
            rows=self.rows,
            scored=scored,
            faulty=self.faulty,
            faults=tuple(self.faults),
            fault_count=self.fault_count,
            diagnoses=dict(self.diagnoses),
            verdicts=dict(self.verdicts),
            histogram=tuple(self.histogram.tolist()),
            warned=self.warned,
            warnings=dict(self.warnings),
            notices=tuple(sorted(notices, key=lambda notice: get_args(Severity).index(notice.severity))),
            differs=differs,
            truth=self.truth,
            shown=tuple(row for reason in REASONS for row in self.shown[reason]),
            evaluation=self._evaluation(),
        )

    def _evaluation(self) -> Evaluation | None:
        rows = int(self.ranks.sum())
        if not rows:
            return None
        counts = self.ranks.sum(axis=2)
        confusion = {
            (t, p): int(counts[1 - i, 1 - j]) for i, t in enumerate(_WORDS) for j, p in enumerate(_WORDS)
        }
        benign, malignant = self.ranks.sum(axis=1)
        pairs = int(benign.sum()) * int(malignant.sum())
        below = np.cumsum(benign) - benign / 2  # benign specimens below, half of those tied
        auc = float(malignant @ below) / pairs if pairs else None
        return Evaluation(rows, confusion, self.log_loss / rows, self.brier / rows, auc)
