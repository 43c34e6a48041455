"""Where probability becomes a diagnosis: chosen by a stated cost rule, and what each threshold does."""

import numpy as np
from numpy.typing import NDArray

from model.evidence import AtThreshold, Threshold
from training.conformal import LEVEL, CutPoints, conformal_cut_points
from training.metrics import interval, likelihood_ratio, resamples, wilson

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

COST_RATIO = 10.0  # one missed cancer weighs as much as this many false alarms
GRID: Floats = np.round(np.arange(0.01, 1.0, 0.01), 2)
_SHOWN = (0.02, 0.09, 0.5)  # beside the chosen one


def counts(repeats: Floats, malignant: Labels) -> tuple[Floats, Floats]:
    """Missed cancers and false alarms at each threshold of ``GRID``: means over the repeats (repeats, n)."""
    missed, alarms = np.zeros(len(GRID)), np.zeros(len(GRID))
    for probability in repeats:
        missed += np.searchsorted(np.sort(probability[malignant == 1]), GRID, side="left")
        alarms += (malignant == 0).sum() - np.searchsorted(
            np.sort(probability[malignant == 0]), GRID, side="left"
        )
    return missed / len(repeats), alarms / len(repeats)


def choose(repeats: Floats, malignant: Labels, zone: CutPoints, ratio: float = COST_RATIO) -> float:
    """Of the thresholds of ``GRID`` between the cut points the one with the lowest cost, out of fold.

    A missed cancer costs as much as ``ratio`` false alarms.
    """
    low, high = sorted((zone.malignant_from, zone.benign_to))
    inside = (low <= GRID) & (high >= GRID)
    missed, alarms = counts(repeats, malignant)
    cost = np.where(inside | ~inside.any(), ratio * missed + alarms, np.inf)
    return float(GRID[cost.argmin()])


def chosen_range(repeats: Floats, malignant: Labels, draws: int) -> tuple[float, float]:
    """What the rule chooses on redrawn specimens: the central 95 %."""
    chosen = []
    for rows in resamples(malignant, draws):
        drawn, truth = repeats[:, rows], malignant[rows]
        chosen.append(choose(drawn, truth, conformal_cut_points(drawn.mean(axis=0), truth, LEVEL)))
    return interval(np.array(chosen))


def describe(
    threshold: float, chosen_on: Floats, repeats: Floats, malignant: Labels, draws: int
) -> Threshold:
    """What ``threshold``, chosen on ``chosen_on``, and others do in ``repeats``, both (repeats, n).

    Net benefit: A. J. Vickers, E. B. Elkin, Medical Decision Making 26 (2006).
    """
    missed, alarms = counts(repeats, malignant)
    n, cancers = len(malignant), int(malignant.sum())
    odds = GRID / (1 - GRID)
    low, high = chosen_range(chosen_on, malignant, draws)
    shown = sorted({threshold, *_SHOWN})
    return Threshold(
        chosen=threshold,
        cost_ratio=COST_RATIO,
        low=low,
        high=high,
        at=tuple(_at(t, repeats, malignant) for t in shown),
        grid=tuple(GRID.tolist()),
        missed=tuple(missed.tolist()),
        false_alarms=tuple(alarms.tolist()),
        net_benefit=tuple(((cancers - missed) / n - alarms / n * odds).tolist()),
        treat_all=tuple((cancers / n - (n - cancers) / n * odds).tolist()),
    )


def _at(threshold: float, repeats: Floats, malignant: Labels) -> AtThreshold:
    found = float((repeats[:, malignant == 1] >= threshold).sum(axis=1).mean())
    cleared = float((repeats[:, malignant == 0] < threshold).sum(axis=1).mean())
    cancers, benign = int(malignant.sum()), int((1 - malignant).sum())
    return AtThreshold(
        threshold=threshold,
        sensitivity=wilson(found, cancers),
        specificity=wilson(cleared, benign),
        positive_ratio=likelihood_ratio(found, cancers, benign - cleared, benign),
        negative_ratio=likelihood_ratio(cancers - found, cancers, cleared, benign),
    )
