"""What scoring a table came to: counts, notices about the whole, faults by line, and how it fits the truth.

Every door gives the same: as an object here, as JSON by ``to_dict``, in words by ``sentences``.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from model import messages

Severity = Literal["meaningless", "suspicious", "note"]
"""Of notices: a meaningless table is refused unless any scale is meant; a suspicious one is scored."""

_TOLD = 10  # rows and errors that the summary in words names

REASONS = ("inconclusive", "wrong", "warned", "other")
"""Why a row is shown, in the order of being worth a look: too close to call, against the truth, warned."""


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
    severity: Severity
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

    def sentence(self) -> str:
        figures = [(messages.METRICS[name], value) for name, value in self._metrics().items()]
        told = ", ".join(f"{name} {value:.4f}" for name, value in figures if value is not None)
        return messages.TABLE_EVALUATED.format(rows=messages.rows(self.rows), figures=told)

    def _metrics(self) -> dict[str, float | None]:
        names = ("sensitivity", "specificity", "auc", "log_loss", "brier")
        return {name: getattr(self, name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        words = ("malignant", "benign")
        return {
            "rows": self.rows,
            "confusion": {t: {p: self.confusion[t, p] for p in words} for t in words},
            **self._metrics(),
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
        """As JSON-ready values: ``counts`` of rows, and ``rows`` to look at, the most doubtful first.

        ``text`` has all that in sentences, as the command line prints it.
        """
        counts = ("rows", "scored", "faulty", "verdicts", "diagnoses", "warned", "warnings")
        return {
            "text": self.sentences(),
            "counts": {name: getattr(self, name) for name in counts},
            "notices": [asdict(notice) for notice in self.notices],
            "differs": asdict(self.differs) if self.differs else None,
            "truth": asdict(self.truth) if self.truth else None,
            "faults": {"count": self.fault_count, "shown": [asdict(fault) for fault in self.faults]},
            "histogram": list(self.histogram),
            "rows": [asdict(row) for row in self.shown],
            "evaluation": self.evaluation.to_dict() if self.evaluation else None,
        }

    def sentences(self) -> list[str]:
        """The summary in words, what matters most first."""
        told = [notice.message for notice in self.notices]
        counts = {name: f"{count:,}" for name, count in self.verdicts.items()}
        told.append(
            messages.TABLE_COUNTS.format(rows=messages.rows(self.rows), scored=f"{self.scored:,}", **counts)
        )
        if self.faulty:
            told.append(messages.TABLE_FAULTY.format(rows=messages.rows(self.faulty)))
        if self.warned:
            told.append(messages.TABLE_WARNED.format(rows=messages.rows(self.warned)))
        told += [self.truth.message] if self.truth else []
        told += [self.evaluation.sentence()] if self.evaluation else []
        told += [self.differs.message] if self.differs else []
        if look := [row for row in self.shown if row.reason != "other"][:_TOLD]:
            rows = ", ".join(
                messages.TABLE_ROW.format(line=row.line, reason=messages.REASONS[row.reason]) for row in look
            )
            told.append(messages.TABLE_LOOK.format(rows=rows))
        told += [messages.TABLE_FAULT.format(line=f.line, message=f.message) for f in self.faults[:_TOLD]]
        more = self.fault_count - _TOLD
        return told + ([messages.TABLE_MORE_FAULTS.format(count=more)] if more > 0 else [])


def _share(confusion: dict[tuple[str, str], int], diagnosis: str) -> float | None:
    """The share of the specimens truly so that are predicted so."""
    total = sum(count for (truly, _), count in confusion.items() if truly == diagnosis)
    return confusion[diagnosis, diagnosis] / total if total else None
