"""Is a new evaluation better, the same or worse than an old one, beyond noise? Fits no model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import mean_interval
from training.data import PROMISED, TOO_GOOD
from training.tables import MEASURES

Evaluation = dict[str, Any]
Floats = NDArray[np.float64]

_SMALLEST = 0.001  # of log loss: nothing less is called a change
_LOWER_IS_BETTER = {"log_loss", "brier", "ece"}
_JUDGED = ("log_loss", "brier", "auc")


@dataclass(frozen=True)
class Change:
    """One measure, old and new, paired by repeat: ``noise`` is what the change must exceed to count."""

    name: str
    old: float
    new: float
    noise: float

    @property
    def verdict(self) -> str:
        change = self.new - self.old
        if abs(change) <= self.noise:
            return "same"
        return "better" if (change < 0) == (self.name in _LOWER_IS_BETTER) else "worse"


@dataclass(frozen=True)
class Comparison:
    """``interval`` is of the change of log loss over specimens; None where the rows cannot be paired."""

    changes: tuple[Change, ...]
    interval: tuple[float, float] | None
    failures: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """In the words of the report's first line."""
        if self.failures:
            return "worse than noise"
        log_loss = self.changes[0].verdict if self.changes else "same"
        return {"better": "better", "same": "the same within noise"}.get(log_loss, "worse than noise")


def alone(new: Evaluation) -> Comparison:
    """What can be said of an evaluation without an older one."""
    return Comparison((), None, tuple(_leaks(new)), tuple(_broken_bounds(new)))


def compare(old: Evaluation, new: Evaluation) -> Comparison:
    """Paired by repeat and by specimen where protocol and data agree, and as well as possible where not."""
    failures, warnings = _leaks(new), _broken_bounds(new)
    same_protocol = old["protocol"] == new["protocol"]
    if not same_protocol:
        warnings.append("the protocols differ, so repeats cannot be paired")
    if old["data"]["sha256"] != new["data"]["sha256"]:
        warnings.append("the data differ: a change may be theirs, not the model's")
    changes = tuple(_change(name, old, new, same_protocol) for name in MEASURES)
    for change in changes:
        if change.name in _JUDGED and change.verdict == "worse":
            failures.append(
                f"{MEASURES[change.name][0]} went from {change.old:.4f} to {change.new:.4f}, "
                f"more than the noise of splitting ({change.noise:.4f})"
            )
    interval = _over_specimens(old, new)
    if interval and interval[0] > 0:
        failures.append(
            f"log loss is worse by {interval[0]:.4f} to {interval[1]:.4f} (95 % over specimens): "
            "other specimens would show it, too"
        )
    return Comparison(changes, interval, tuple(failures), tuple(warnings))


def _change(name: str, old: Evaluation, new: Evaluation, paired: bool) -> Change:
    before, after = (np.array(e["by_repeat"][name]) for e in (old, new))
    if paired:
        spread = float((after - before).std(ddof=1) / np.sqrt(len(after)))
    else:
        spread = float(np.hypot(before.std(ddof=1), after.std(ddof=1)))
    # three standard errors: with a dozen measures two would cry wolf every other time
    smallest = _SMALLEST if name == "log_loss" else _SMALLEST / 2
    was, is_now = (float(e["metrics"][name]["mean"]) for e in (old, new))
    return Change(name, was, is_now, max(3 * spread, smallest))


def _over_specimens(old: Evaluation, new: Evaluation) -> tuple[float, float] | None:
    before, after = (np.array(e["rows"]["log_loss"]) for e in (old, new))
    if len(before) != len(after):
        return None
    everyone = np.zeros(len(before), dtype=np.int64)
    return mean_interval(after - before, everyone)


def _leaks(new: Evaluation) -> list[str]:
    found = []
    for name, limit in TOO_GOOD.items():
        value, lower = new["metrics"][name]["mean"], name in _LOWER_IS_BETTER
        if (value < limit) if lower else (value > limit):
            side = "below" if lower else "above"
            found.append(
                f"{MEASURES[name][0]} {value:.4f} is {side} {limit}: too good to be true, look for a leak"
            )
    return found


def _broken_bounds(new: Evaluation) -> list[str]:
    broken = []
    for name, (low, high) in PROMISED.items():
        value = new["metrics"][name]["mean"]
        if not low <= value <= high:
            broken.append(f"{MEASURES[name][0]} is {value:.4f}, promised {low:g} to {high:g}")
    for entry in new["conformal"]:
        for group in ("malignant", "benign"):
            if entry[group]["high"] < entry["level"]:
                covered, level = entry[group]["coverage"], entry["level"]
                broken.append(f"{group} specimens are covered at {covered:.3f}, promised {level}")
    return broken
