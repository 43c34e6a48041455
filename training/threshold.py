"""Where probability becomes a diagnosis: chosen by a stated cost rule, shown as a table in counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.conformal import CutPoints

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

COST_RATIO = 10.0  # one missed cancer weighs as much as this many false alarms
GRID: Floats = np.round(np.arange(0.01, 1.0, 0.01), 2)
RULE = (
    f"of the thresholds {GRID[0]}, {GRID[1]} … {GRID[-1]} between the conformal cut points the one with the "
    "lowest cost on out-of-fold predictions, a missed cancer weighing as much as "
    f"{COST_RATIO:g} false alarms; so diagnosis and verdict never contradict each other"
)


@dataclass(frozen=True)
class Counts:
    """Mean counts over the repeats, at each threshold of ``GRID``."""

    missed: Floats
    false_alarms: Floats

    @classmethod
    def of(cls, repeats: Floats, malignant: Labels) -> "Counts":
        """repeats: out-of-fold probabilities (repeats, n)."""
        called = repeats[:, :, None] >= GRID
        missed = (~called[:, malignant == 1]).sum(axis=1).mean(axis=0)
        return cls(missed, called[:, malignant == 0].sum(axis=1).mean(axis=0))

    def cost(self, ratio: float = COST_RATIO) -> Floats:
        return ratio * self.missed + self.false_alarms

    def cheapest(self, ratio: float) -> float:
        """The threshold of lowest cost anywhere on the grid."""
        return float(GRID[self.cost(ratio).argmin()])


def choose(repeats: Floats, malignant: Labels, zone: CutPoints, ratio: float = COST_RATIO) -> float:
    """The threshold of ``RULE``."""
    low, high = sorted((zone.malignant_from, zone.benign_to))
    inside = (low <= GRID) & (high >= GRID)
    cost = np.where(inside | ~inside.any(), Counts.of(repeats, malignant).cost(ratio), np.inf)
    return float(GRID[cost.argmin()])
