"""Prediction sets with a promise: each class is covered at the stated level; knows probabilities only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEVELS = (0.95, 0.98, 0.99)


@dataclass(frozen=True)
class CutPoints:
    """From ``malignant_from`` upwards malignant is in the prediction set, below ``benign_to`` benign is."""

    level: float
    malignant_from: float
    benign_to: float

    def widened(self) -> "CutPoints":
        """With cut points on the wrong side of 0.5 moved there.

        The sets only grow by that, so each class stays covered; no set is empty any more, and a set of one
        class never contradicts its probability.
        """
        return CutPoints(self.level, min(self.malignant_from, 0.5), max(self.benign_to, 0.5))

    def covers_malignant(self, probability: Floats) -> NDArray[np.bool_]:
        return probability >= self.malignant_from

    def covers_benign(self, probability: Floats) -> NDArray[np.bool_]:
        return probability < self.benign_to


def conformal_cut_points(probability: Floats, malignant: Labels, level: float) -> CutPoints:
    """Class-conditional cut points at ``level``, from out-of-fold probabilities (n,).

    A class is in the set where its p-value (one more than the calibration specimens of that class at least as
    strange, over one more than all of them) exceeds 1 - level: V. Vovk, "Conditional validity of inductive
    conformal predictors", Machine Learning 92 (2013).
    """
    of_malignant = np.sort(probability[malignant == 1])
    of_benign = np.sort(probability[malignant == 0])[::-1]

    def cut(ranked: Floats, everything: float) -> float:
        strange = int(np.floor((1 - level) * (len(ranked) + 1) + 1e-9))
        # with too few specimens for the level, no probability may be ruled out
        return float(ranked[strange - 1]) if strange else everything

    # the next number above the last that is covered is the first that is not
    benign_to = float(np.nextafter(cut(of_benign, 1.0), 1.0))
    return CutPoints(level, cut(of_malignant, 0.0), benign_to)
