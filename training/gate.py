"""Compares a new evaluation with an old one: is it better, the same or worse, beyond noise?

The noise is that of splitting, estimated from the repeats: the same model with other seeds must pass. A
measure that matters and got worse fails, whatever else got better.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from model.evidence import Evidence
from training.data import PROMISED, TOO_GOOD
from training.metrics import mean_interval


class MeasureKind(NamedTuple):
    """A measure: its label, its digits, and the smallest change that counts even if the noise is smaller.

    A measure without ``min_change`` cannot fail. Larger is better, unless ``lower`` is, or unless there is an
    ``ideal`` value.
    """

    label: str
    digits: int
    min_change: float | None = None
    lower: bool = False
    ideal: float | None = None


MEASURES = {
    "log_loss": MeasureKind("log loss", 4, 0.0015, lower=True),
    "brier": MeasureKind("Brier score", 4, 0.0005, lower=True),
    "auc": MeasureKind("ROC AUC", 4, 0.0005),
    "accuracy": MeasureKind("accuracy at 0.5", 3),
    "sensitivity": MeasureKind("sensitivity at the threshold", 3, 0.005),  # one cancer of the 212
    "specificity": MeasureKind("specificity at the threshold", 3, 0.006),  # two benign specimens of the 357
    "sensitivity_at_95_specificity": MeasureKind("sensitivity at 95 % specificity", 3),
    "specificity_at_99_sensitivity": MeasureKind("specificity at 99 % sensitivity", 3),
    "calibration_slope": MeasureKind("calibration slope", 2, 0.1, ideal=1.0),
    "calibration_intercept": MeasureKind("calibration intercept", 2, 0.2, ideal=0.0),
    "covered_malignant": MeasureKind("coverage of malignant specimens by the verdict", 3, 0.005),
    "covered_benign": MeasureKind("coverage of benign specimens by the verdict", 3, 0.006),
}
_FALSE_ALARM_RATE = 0.001  # probability that a measure of an unchanged model exceeds its noise
_INTERVAL_TOLERANCE = 0.05  # for the coverage of the interval, which is rough


@dataclass(frozen=True)
class Change:
    """One measure, old and new; a change counts if it is larger than ``noise``."""

    kind: MeasureKind
    old: float
    new: float
    noise: float

    @property
    def verdict(self) -> str:
        change = self.new - self.old
        if abs(change) <= self.noise:
            return "same"
        if self.kind.ideal is None:
            return "better" if (change < 0) == self.kind.lower else "worse"
        # Closer to the ideal is better; overshooting is worse, as threshold and verdict no longer fit.
        before, after = self.old - self.kind.ideal, self.new - self.kind.ideal
        excess = abs(after) - abs(before) if before * after >= 0 else abs(after)
        return "worse" if excess > self.noise / 2 else "better"


@dataclass(frozen=True)
class Comparison:
    """``interval`` is that of the change of log loss over specimens; None if rows cannot be paired."""

    changes: tuple[Change, ...]
    interval: tuple[float, float] | None
    failures: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The verdict of the report; it is "better" only if no measure that counts got worse."""
        if self.failures:
            return "worse than noise"
        losses = (change for change in self.changes if change.kind is MEASURES["log_loss"])
        return "better" if any(change.verdict == "better" for change in losses) else "the same within noise"


def compare(new: Evidence, old: Evidence | None = None, new_data: bool = False) -> Comparison:
    """Check ``new`` on its own, and compare it with ``old``; ``new_data`` if the data may differ.

    The two are paired by repeat and by specimen if data and protocols are the same.
    """
    failures, warnings = _faults(new), []
    for name, (low, high) in PROMISED.items():
        if not low <= (mean := new.metrics[name].mean) <= high:
            warnings.append(f"{MEASURES[name].label} is {mean:.4f}, promised {low:g} to {high:g}")
    if old is None:
        return Comparison((), None, tuple(failures), tuple(warnings))
    if old.protocol != new.protocol:
        warnings.append("the protocols differ, so repeats cannot be paired")
    if old.data != new.data:
        message = "the data differ: a change may be theirs, not the model's"
        (warnings if new_data else failures).append(
            message + ("" if new_data else "; --new-data if that is meant")
        )
    paired = (old.protocol, old.data) == (new.protocol, new.data)
    names = [name for name in MEASURES if name in old.by_repeat and name in new.by_repeat]
    changes = tuple(_change(name, old, new, paired) for name in names)
    failures += [
        f"{change.kind.label} went from {change.old:.4f} to {change.new:.4f}, "
        f"more than the noise of splitting ({change.noise:.4f})"
        for change in changes
        if change.kind.min_change is not None and change.verdict == "worse"
    ]
    chosen, low, high = new.threshold.chosen, old.threshold.low, old.threshold.high
    if not low <= chosen <= high:
        failures.append(f"the threshold is {chosen:g}, and other specimens would choose {low:g} to {high:g}")
    if [entry.level for entry in old.conformal] != [entry.level for entry in new.conformal]:
        failures.append("the levels of the verdict differ")
    before, after = np.array(old.row_log_loss), np.array(new.row_log_loss)
    everyone = np.zeros(len(before), dtype=np.int64)
    interval = mean_interval(after - before, everyone) if len(before) == len(after) else None
    return Comparison(changes, interval, tuple(failures), tuple(warnings))


def _change(name: str, old: Evidence, new: Evidence, paired: bool) -> Change:
    before, after = (np.array(evidence.by_repeat[name]) for evidence in (old, new))
    if paired:
        degrees_of_freedom, error = len(after) - 1, (after - before).std(ddof=1) / np.sqrt(len(after))
    else:
        degrees_of_freedom = len(before) + len(after) - 2
        error = np.hypot(*(values.std(ddof=1) / np.sqrt(len(values)) for values in (before, after)))
    noise, kind = float(student.isf(_FALSE_ALARM_RATE, degrees_of_freedom) * error), MEASURES[name]
    return Change(kind, float(before.mean()), float(after.mean()), max(noise, kind.min_change or 0.0))


def _faults(new: Evidence) -> list[str]:
    """What is wrong with any evaluation: a leak, figures that were edited, coverage below the promise."""
    faults = []
    for name, limit in TOO_GOOD.items():
        mean, kind = new.metrics[name].mean, MEASURES[name]
        if mean < limit if kind.lower else mean > limit:
            side = "below" if kind.lower else "above"
            faults.append(f"{kind.label} {mean:.4f} is {side} {limit}: too good to be true, look for a leak")
    for name, metric in new.metrics.items():
        mean, by_repeats = metric.mean, np.mean(new.by_repeat[name])
        if abs(mean - by_repeats) > 1e-4:
            faults.append(f"{MEASURES[name].label} is {mean:.4f}, and {by_repeats:.4f} by its repeats")
    for entry in new.conformal:
        for group, covered in (("malignant", entry.malignant), ("benign", entry.benign)):
            if covered.high < entry.level:
                faults.append(f"{group} specimens are covered at {covered.share:.3f}, promised {entry.level}")
    level = new.interval.level
    for truth, coverage in new.interval.coverage.items():
        if coverage < level - _INTERVAL_TOLERANCE:
            faults.append(f"the interval covers {coverage:.3f} where {truth} are true, promised {level}")
    return faults
