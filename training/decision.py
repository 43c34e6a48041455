"""Where probability becomes a verdict, which covers each class, and a diagnosis, by the cheapest threshold.

The check of the verdict also tells whether a specimen turns out as those do whose probability is nearest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from model.evidence import AtThreshold, Bin, Coverage, Share, Threshold, VerdictCount
from training.data import Specimens
from training.metrics import interval, likelihood_ratio, logits, reliability, resamples, wilson
from training.protocol import Protocol, out_of_fold

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

LEVEL = 0.98  # of the served verdict: about one specimen in twenty is inconclusive
LEVELS = (0.95, LEVEL, 0.99)
NEAREST = 20
_NEAREST_EDGES = np.array([0, 0.5, 4.5, 9.5, 15.5, 19.5, 20]) / NEAREST

COST_RATIO = 10.0  # one missed cancer weighs as much as this many false alarms
GRID: Floats = np.round(np.arange(0.01, 1.0, 0.01), 2)
_SHOWN = (0.02, 0.09, 0.5)  # beside the chosen one


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


def judged_as_new(data: Specimens, estimator: Pipeline, seed: int, folds: int) -> Floats:
    """What a new specimen would be told, (1 + 3 levels, n): the share of malignant ones among its nearest.

    Then by level whether its set holds malignant, holds benign, and was empty before it was widened. Cut
    points and neighbours come from out-of-fold predictions inside the outer training part, the specimen's
    probability from a fit on all of that part.
    """
    told = np.zeros((1 + 3 * len(LEVELS), len(data)))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fit, judged in splitter.split(data.values, data.malignant):
        part = Specimens(data.values[fit], data.malignant[fit])
        known = out_of_fold(part, estimator, seed, folds)
        fitted = clone(estimator).fit(part.values, part.malignant)
        probability = fitted.predict_proba(data.values[judged])[:, 1]
        apart = np.abs(logits(probability, 1e-5)[:, None] - logits(known, 1e-5))
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
        told[0, judged] = part.malignant[nearest].mean(axis=1)
        for index, level in enumerate(LEVELS):
            raw = conformal_cut_points(known, part.malignant, level)
            wide, row = raw.widened(), 1 + 3 * index
            told[row, judged] = wide.covers_malignant(probability)
            told[row + 1, judged] = wide.covers_benign(probability)
            told[row + 2, judged] = ~raw.covers_malignant(probability) & ~raw.covers_benign(probability)
    return told


def verdict_checks(
    protocol: Protocol, estimator: Pipeline
) -> tuple[tuple[Coverage, ...], tuple[Bin, ...], Floats]:
    """Coverage by level; whether the nearest tell the truth; coverage by repeat at ``LEVEL``, (2, r)."""
    tasks = {seed: (estimator, seed, protocol.folds) for seed in protocol.seeds}
    done = protocol.map(judged_as_new, tasks)
    told = np.array([done[seed] for seed in protocol.seeds])  # (repeats, 1 + 3 levels, n)
    malignant = protocol.data.malignant
    sets = told[:, 1:].reshape(len(told), len(LEVELS), 3, -1) == 1
    coverage = tuple(_coverage(level, sets[:, i], malignant) for i, level in enumerate(LEVELS))
    served = sets[:, LEVELS.index(LEVEL)]
    by_repeat = [served[:, 0][:, malignant == 1].mean(axis=1), served[:, 1][:, malignant == 0].mean(axis=1)]
    return coverage, reliability(told[:, 0], malignant, _NEAREST_EDGES), np.array(by_repeat)


def _coverage(level: float, sets: NDArray[np.bool_], malignant: Labels) -> Coverage:
    """``sets`` (repeats, 3, n); specimens are what is independent, not repeats."""
    has_malignant, has_benign, empty = sets.swapaxes(0, 1)

    def count(chosen: NDArray[np.bool_], label: int) -> float:
        return float(chosen[:, malignant == label].sum(axis=1).mean())

    def covered(chosen: NDArray[np.bool_], label: int) -> Share:
        return wilson(count(chosen, label), int((malignant == label).sum()))

    both = has_malignant & has_benign
    of = [int((malignant == label).sum()) for label in (1, 0)]
    verdicts = []
    for verdict, chosen in (("malignant", ~has_benign), ("inconclusive", both), ("benign", ~has_malignant)):
        m, b = count(chosen, 1), count(chosen, 0)
        verdicts.append(VerdictCount(verdict, m, b, likelihood_ratio(m, of[0], b, of[1])))
    return Coverage(
        level=level,
        malignant=covered(has_malignant, 1),
        benign=covered(has_benign, 0),
        inconclusive=float(both.mean()),
        empty=float(empty.mean()),
        verdicts=tuple(verdicts),
    )


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


def describe_threshold(
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
