"""Is a new evaluation better, the same or worse than an old one, beyond noise? Fits no model.

Noise is that of splitting, taken from the repeats themselves: the same model on other seeds must pass. What
matters and got worse fails, whatever else got better.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from model.evidence import Evidence
from training.data import PROMISED, TOO_GOOD
from training.metrics import mean_interval

Floats = NDArray[np.float64]

# what is called a measure, and with how many digits
MEASURES = {
    "log_loss": ("log loss", 4),
    "brier": ("Brier score", 4),
    "auc": ("ROC AUC", 4),
    "accuracy": ("accuracy at 0.5", 3),
    "sensitivity": ("sensitivity at the threshold", 3),
    "specificity": ("specificity at the threshold", 3),
    "sensitivity_at_95_specificity": ("sensitivity at 95 % specificity", 3),
    "specificity_at_99_sensitivity": ("specificity at 99 % sensitivity", 3),
    "calibration_slope": ("calibration slope", 2),
    "calibration_intercept": ("calibration intercept", 2),
    "covered_malignant": ("coverage of malignant specimens by the verdict", 3),
    "covered_benign": ("coverage of benign specimens by the verdict", 3),
}
_LOWER_IS_BETTER = {"log_loss", "brier"}
_IDEAL = {"calibration_slope": 1.0, "calibration_intercept": 0.0}
# what is judged, and the least change that counts however small the noise
_JUDGED = {
    "log_loss": 0.0015,
    "brier": 0.0005,
    "auc": 0.0005,
    "sensitivity": 0.005,  # one cancer of the 212
    "specificity": 0.006,  # two benign specimens of the 357
    "calibration_slope": 0.1,
    "calibration_intercept": 0.2,
    "covered_malignant": 0.005,
    "covered_benign": 0.006,
}
_CHANCE = 0.001  # that one measure of an unchanged model exceeds its noise
_INTERVAL_SLACK = 0.05  # of the coverage of the rough interval


@dataclass(frozen=True)
class Change:
    """One measure, old and new: ``noise`` is what the change must exceed to count."""

    name: str
    old: float
    new: float
    noise: float

    @property
    def verdict(self) -> str:
        change = self.new - self.old
        if self.name in _IDEAL:
            return self._calibrated(_IDEAL[self.name])
        if abs(change) <= self.noise:
            return "same"
        return "better" if (change < 0) == (self.name in _LOWER_IS_BETTER) else "worse"

    def _calibrated(self, ideal: float) -> str:
        """Closer to the ideal is better; to overshoot it is worse: threshold and verdict no longer fit."""
        before, after = self.old - ideal, self.new - ideal
        if abs(after - before) <= self.noise:
            return "same"
        beyond = abs(after) - abs(before) if before * after >= 0 else abs(after)
        return "worse" if beyond > self.noise / 2 else "better"


@dataclass(frozen=True)
class Comparison:
    """``interval`` is of the change of log loss over specimens; None where the rows cannot be paired."""

    changes: tuple[Change, ...]
    interval: tuple[float, float] | None
    failures: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """In the words of the report's first line: better only where nothing that is judged got worse."""
        if self.failures:
            return "worse than noise"
        better = any(change.name == "log_loss" and change.verdict == "better" for change in self.changes)
        return "better" if better else "the same within noise"


def compare_with_limits(new: Evidence) -> Comparison:
    """What can be said of an evaluation without an older one."""
    return Comparison((), None, (*_leaks(new), *_contradictions(new), *_uncovered(new)), tuple(_broken(new)))


def compare(old: Evidence, new: Evidence, new_data: bool = False) -> Comparison:
    """Paired by repeat and by specimen where the protocols agree; ``new_data`` if the data may differ."""
    found = compare_with_limits(new)
    failures, warnings = list(found.failures), list(found.warnings)
    paired = old.protocol == new.protocol and old.data == new.data
    if old.protocol != new.protocol:
        warnings.append("the protocols differ, so repeats cannot be paired")
    if old.data != new.data:
        words = "the data differ: a change may be theirs, not the model's"
        (warnings if new_data else failures).append(
            words + ("" if new_data else "; --new-data if that is meant")
        )
    names = [name for name in MEASURES if name in old.by_repeat and name in new.by_repeat]
    changes = tuple(_change(name, old, new, paired) for name in names)
    failures += [
        f"{MEASURES[change.name][0]} went from {change.old:.4f} to {change.new:.4f}, "
        f"more than the noise of splitting ({change.noise:.4f})"
        for change in changes
        if change.name in _JUDGED and change.verdict == "worse"
    ]
    chosen, (low, high) = new.threshold.chosen, (old.threshold.low, old.threshold.high)
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
        freedom, error = len(after) - 1, (after - before).std(ddof=1) / np.sqrt(len(after))
    else:
        freedom = len(before) + len(after) - 2
        error = np.hypot(*(values.std(ddof=1) / np.sqrt(len(values)) for values in (before, after)))
    noise = float(student.isf(_CHANCE, freedom) * error)
    return Change(name, float(before.mean()), float(after.mean()), max(noise, _JUDGED.get(name, 0.0)))


def _leaks(new: Evidence) -> list[str]:
    found = []
    for name, limit in TOO_GOOD.items():
        value, lower = new.metrics[name].mean, name in _LOWER_IS_BETTER
        if (value < limit) if lower else (value > limit):
            side = "below" if lower else "above"
            found.append(
                f"{MEASURES[name][0]} {value:.4f} is {side} {limit}: too good to be true, look for a leak"
            )
    return found


def _contradictions(new: Evidence) -> list[str]:
    """A mean that is not that of the repeats was written by hand."""
    return [
        f"{MEASURES[name][0]} is {metric.mean:.4f}, and {np.mean(new.by_repeat[name]):.4f} by its repeats"
        for name, metric in new.metrics.items()
        if abs(metric.mean - np.mean(new.by_repeat[name])) > 1e-4
    ]


def _uncovered(new: Evidence) -> list[str]:
    broken = []
    for entry in new.conformal:
        for group, covered in (("malignant", entry.malignant), ("benign", entry.benign)):
            if covered.high < entry.level:
                broken.append(f"{group} specimens are covered at {covered.share:.3f}, promised {entry.level}")
    for truth, coverage in new.interval.coverage.items():
        if coverage < new.interval.level - _INTERVAL_SLACK:
            level = new.interval.level
            broken.append(f"the interval covers {coverage:.3f} where {truth} are true, promised {level}")
    return broken


def _broken(new: Evidence) -> list[str]:
    return [
        f"{MEASURES[name][0]} is {new.metrics[name].mean:.4f}, promised {low:g} to {high:g}"
        for name, (low, high) in PROMISED.items()
        if not low <= new.metrics[name].mean <= high
    ]
