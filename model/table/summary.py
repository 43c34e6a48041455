"""The summary of a scored table: counts, notices about the whole, faults by line, and how good it was.

It adds up block by block, in constant memory, and is the same everywhere: as JSON, or as sentences.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.features import NAMES
from model.table.checks import Difference, Severity, TableChecks, TableNotice, drift, notices_of, valid_rows
from model.table.frame import Scored
from model.table.layout import DiagnosisColumn
from model.warnings import KINDS

BINS = 20
"""Bins of the histogram of probabilities, each 0.05 wide."""

_MAX_FAULTS = 100  # faults that a summary lists; it counts all
_MAX_EXAMPLES = 8  # rows of each kind that it lists
_MAX_NAMED = 10  # rows and errors that its sentences name
_MAX_SAMPLE = 8192  # rows that the checks of the whole table look at
_LOGIT_BINS = 4096  # bins of the logit that AUC is computed on; specimens in one bin count as tied
_MAX_LOGIT = 16.0  # larger logits belong to the outermost bins
_WORDS = ("malignant", "benign")
_CODES = {code: [i for i, kind in enumerate(KINDS) if kind[0] == code] for code, _ in KINDS}


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong with a row.

    ``line`` counts the lines of the file from 1, header included, or the rows of Parquet. ``feature`` is
    empty if the row as a whole is wrong.
    """

    line: int
    feature: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row worth looking at; ``reason`` is one of ``messages.REASONS``, ``truth`` a diagnosis or None."""

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
    """How well the predictions fit the table's own diagnoses, if it has any.

    ``confusion`` counts by the true class, then by the class predicted at the threshold. ``auc`` is computed
    block by block on 4096 bins of the logit, so it is exact except for specimens closer than 0.008 on that
    scale. A measure is None if it needs a class that is missing.
    """

    rows: int
    confusion: dict[str, dict[str, int]]
    sensitivity: float | None
    specificity: float | None
    auc: float | None
    log_loss: float
    brier: float

    def sentence(self) -> str:
        values = {name: getattr(self, key) for key, name in messages.METRICS.items()}
        figures = ", ".join(
            f"{name} {value:.2g}" if 0 < value < 0.001 else f"{name} {value:.4f}"
            for name, value in values.items()
            if value is not None
        )
        return messages.TABLE_EVALUATED.format(rows=messages.rows(self.rows), figures=figures)


class Summary:
    """The summary of a scored table.

    ``rows`` = ``scored`` + ``faulty``; ``verdicts`` and ``diagnoses`` each add up to ``scored``. ``faults``
    are the first of ``fault_count``; a row may have several. ``histogram`` counts probabilities in bins of
    0.05. ``warned`` rows have warnings, and ``warnings`` counts them by code. ``shown`` has rows worth
    looking at, by reason. ``add_notices`` sets the ``notices``, most serious first, and how the table
    ``differs`` from the data.

    Args:
        truth: the column of the diagnoses, if there is one.
    """

    def __init__(self, truth: DiagnosisColumn | None = None) -> None:
        self.truth = truth
        self.rows = self.faulty = self.fault_count = self.warned = 0
        self.faults: list[RowFault] = []
        self.diagnoses = Counter(dict.fromkeys(_WORDS, 0))
        self.verdicts = Counter(dict.fromkeys((*_WORDS, "inconclusive"), 0))
        self.histogram = np.zeros(BINS, np.int64)
        self.warnings = Counter(dict.fromkeys(_CODES, 0))
        self.shown: dict[str, list[ShownRow]] = {reason: [] for reason in messages.REASONS}
        self.notices: list[TableNotice] = []
        self.differs: Difference | None = None
        self._with_thousands = 0
        self._bins = np.zeros((2, 2, _LOGIT_BINS), np.int64)  # by truth, by diagnosis, by logit
        self._expected = self._log_loss = self._brier = 0.0
        self._sample, self._step = np.empty((0, len(NAMES))), 1  # the values of every ``_step``-th row

    @property
    def scored(self) -> int:
        return self.rows - self.faulty

    def add(self, scored: Scored, lines: Sequence[int], diagnoses: Sequence[object]) -> None:
        """Count a block of scored rows.

        Args:
            scored: the rows.
            lines: the number of each in the file.
            diagnoses: the cell of each in the column of diagnoses; empty if there is no such column.
        """
        predictions = scored.predictions
        wanted = (self.rows + np.arange(len(lines))) % self._step == 0
        self._sample = np.vstack([self._sample, scored.values[wanted]])
        while len(self._sample) > _MAX_SAMPLE:
            self._sample, self._step = self._sample[::2], 2 * self._step
        self.rows += len(lines)
        for row, faults in scored.faults.items():
            self.faulty += 1
            self.fault_count += len(faults)
            self._with_thousands += any(fault.expected == messages.NO_THOUSANDS for fault in faults)
            for fault in faults[: _MAX_FAULTS - len(self.faults)]:
                self.faults.append(RowFault(lines[row], fault.feature, fault.value, fault.message))
        self.diagnoses.update(predictions.diagnosis.tolist())
        self.verdicts.update(predictions.verdict.tolist())
        bins = (predictions.probability * BINS).astype(np.int64).clip(0, BINS - 1)
        self.histogram += np.bincount(bins, minlength=BINS)
        self._expected += float(predictions.probability.sum())
        flags = predictions.warning_flags
        warned = np.logical_or.reduce(flags, axis=1)
        self.warned += int(warned.sum())
        self.warnings.update({code: int(flags[:, kinds].any(axis=1).sum()) for code, kinds in _CODES.items()})
        known = self.truth.read(diagnoses) if self.truth and diagnoses else np.full(len(lines), -1)
        known = known[scored.good]
        malignant: NDArray[np.bool_] = predictions.diagnosis == "malignant"
        self._compare(known, predictions.logit, malignant.astype(np.int64))
        wrong = (known >= 0) & (known != malignant)
        self._show(scored, lines, known, (predictions.verdict == "inconclusive", wrong, warned, known > -2))

    def _compare(
        self, truth: NDArray[np.int64], logits: NDArray[np.float64], malignant: NDArray[np.int64]
    ) -> None:
        known = truth >= 0
        truth, logits, malignant = truth[known], logits[known], malignant[known]
        scaled = (logits + _MAX_LOGIT) * (_LOGIT_BINS / (2 * _MAX_LOGIT))
        bins = scaled.clip(0, _LOGIT_BINS - 1).astype(np.int64)
        np.add.at(self._bins, (truth, malignant, bins), 1)
        against = np.where(truth == 1, -logits, logits)  # log-odds of being wrong
        self._log_loss += float(np.logaddexp(0.0, against).sum())
        self._brier += float(np.square(np.exp(-np.logaddexp(0.0, -against))).sum())

    def _show(
        self,
        scored: Scored,
        lines: Sequence[int],
        truth: NDArray[np.int64],
        kinds: Sequence[NDArray[np.bool_]],
    ) -> None:
        """Keep the first rows of each kind that a reader may want to look at."""
        predictions, rows = scored.predictions, np.flatnonzero(scored.good)
        seen, labels = np.zeros(len(truth), np.bool_), None
        for (reason, shown), of_kind in zip(self.shown.items(), kinds, strict=True):
            for i in np.flatnonzero(of_kind & ~seen)[: _MAX_EXAMPLES - len(shown)].tolist():
                labels = labels or scored.labels()
                shown.append(
                    ShownRow(
                        line=lines[rows[i]],
                        reason=reason,
                        probability=float(predictions.probability[i]),
                        interval=(float(predictions.low[i]), float(predictions.high[i])),
                        diagnosis=str(predictions.diagnosis[i]),
                        verdict=str(predictions.verdict[i]),
                        truth=_WORDS[1 - truth[i]] if truth[i] >= 0 else None,
                        warnings=labels[i],
                        features=dict(zip(NAMES, scored.values[rows[i]].tolist(), strict=True)),
                    )
                )
            seen |= of_kind

    def add_notices(self, checks: TableChecks, names: Sequence[str]) -> None:
        """Add what the checks find in all rows so far, and in the names of the columns."""
        if self.scored:
            self.differs = checks.difference(valid_rows(self._sample), self._expected / self.scored)
        notices = [*checks.notices(self._sample), *notices_of(names)]
        if self._with_thousands:
            rows = messages.rows(self._with_thousands)
            notices.append(TableNotice.of("thousands_separator", "suspicious", rows=rows))
        if all(notice.severity == "note" for notice in notices):  # graver notices imply a drift
            notices += drift(self.differs)
        self.notices = sorted(notices, key=lambda notice: get_args(Severity).index(notice.severity))

    @property
    def evaluation(self) -> Evaluation | None:
        """How the predictions fit the diagnoses of the table; None without diagnoses that are understood."""
        counts = self._bins.sum(axis=2)
        rows = int(counts.sum())
        if not rows:
            return None
        matrix = counts[::-1, ::-1]  # malignant first
        recalls = [float(matrix[i, i] / total) if (total := matrix[i].sum()) else None for i in (0, 1)]
        benign, malignant = self._bins.sum(axis=1)
        pairs = int(benign.sum()) * int(malignant.sum())
        below = np.cumsum(benign) - benign / 2  # benign specimens with lower logits, and half of those tied
        return Evaluation(
            rows=rows,
            confusion={
                word: dict(zip(_WORDS, row, strict=True))
                for word, row in zip(_WORDS, matrix.tolist(), strict=True)
            },
            sensitivity=recalls[0],
            specificity=recalls[1],
            auc=float(malignant @ below) / pairs if pairs else None,
            log_loss=self._log_loss / rows,
            brier=self._brier / rows,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values: ``counts`` of rows, and ``rows`` worth looking at, most doubtful first.

        ``text`` has the same in sentences, as the command line prints them.
        """
        counts = ("rows", "scored", "faulty", "verdicts", "diagnoses", "warned", "warnings")
        evaluation = self.evaluation
        return {
            "text": self.sentences(),
            "counts": {name: getattr(self, name) for name in counts},
            "notices": [asdict(notice) for notice in self.notices],
            "differs": asdict(self.differs) if self.differs else None,
            "truth": self.truth.to_dict() if self.truth else None,
            "faults": {"count": self.fault_count, "shown": [asdict(fault) for fault in self.faults]},
            "histogram": self.histogram.tolist(),
            "rows": [asdict(row) for shown in self.shown.values() for row in shown],
            "evaluation": asdict(evaluation) if evaluation else None,
        }

    def sentences(self) -> list[str]:
        """The summary in sentences, most important first."""
        rows, evaluation = messages.rows, self.evaluation
        counts = {name: f"{count:,}" for name, count in self.verdicts.items()}
        counts |= {"rows": rows(self.rows), "scored": f"{self.scored:,}"}
        sentences = [notice.message for notice in self.notices]
        sentences.append(messages.TABLE_COUNTS.format(**counts))
        sentences += [messages.TABLE_FAULTY.format(rows=rows(self.faulty))] if self.faulty else []
        sentences += [messages.TABLE_WARNED.format(rows=rows(self.warned))] if self.warned else []
        sentences += [self.truth.message] if self.truth else []
        sentences += [evaluation.sentence()] if evaluation else []
        sentences += [self.differs.message] if self.differs else []
        named = [row for shown in self.shown.values() for row in shown if row.reason != "other"][:_MAX_NAMED]
        look = [messages.TABLE_ROW.format(line=r.line, reason=messages.REASONS[r.reason]) for r in named]
        sentences += [messages.TABLE_LOOK.format(rows=", ".join(look))] if look else []
        faults = self.faults[:_MAX_NAMED]
        sentences += [messages.TABLE_FAULT.format(line=f.line, message=f.message) for f in faults]
        if (more := self.fault_count - _MAX_NAMED) > 0:
            sentences.append(messages.TABLE_MORE_FAULTS.format(count=more))
        return sentences
