"""How a probability becomes a verdict, by conformal prediction, and a diagnosis, by the cheapest threshold.

The check of the verdict also shows whether specimens turn out like those with the nearest probability.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from model.evidence import AtThreshold, Bin, Coverage, Threshold, VerdictCount
from model.explain import NEAREST, clipped_logit
from training.data import Floats, Labels, Specimens
from training.metrics import interval, likelihood_ratio, mean_share, reliability, resamples
from training.protocol import Protocol, out_of_fold, splits

LEVEL = 0.98  # coverage of the served verdict; about one specimen in twenty is inconclusive
LEVELS = (0.95, LEVEL, 0.99)
_NEAREST_EDGES = np.array([0, 0.5, 4.5, 9.5, 15.5, 19.5, 20]) / NEAREST

COST_RATIO = 10.0  # one missed cancer costs as much as this many false alarms
GRID: Floats = np.round(np.arange(0.01, 1.0, 0.01), 2)
_SHOWN_THRESHOLDS = (0.02, 0.09, 0.5)  # shown in addition to the chosen one


class CutPoints(NamedTuple):
    """Malignant is in the prediction set from ``malignant_from`` on, benign is below ``benign_to``."""

    malignant_from: float
    benign_to: float

    def widened(self) -> "CutPoints":
        """The cut points, moved to 0.5 where they are on the wrong side of it.

        This only makes sets larger, so each class stays covered. No set is empty after that, and a set of
        one class never contradicts its probability.
        """
        return CutPoints(min(self.malignant_from, 0.5), max(self.benign_to, 0.5))

    def sets(self, probability: Floats) -> NDArray[np.bool_]:
        """Whether malignant, and whether benign, is in the set of each: (n,) to (2, n)."""
        return np.array([probability >= self.malignant_from, probability < self.benign_to])


def conformal_cut_points(probability: Floats, malignant: Labels, level: float = LEVEL) -> CutPoints:
    """Class-conditional cut points at ``level``, from out-of-fold probabilities (n,).

    A class is in the set where its p-value (one more than the calibration specimens of that class at least as
    strange, over one more than all of them) exceeds 1 - level: V. Vovk, "Conditional validity of inductive
    conformal predictors", Machine Learning 92 (2013).
    """

    def cut(ranked: Floats, limit: float) -> float:
        rank = int(np.floor((1 - level) * (len(ranked) + 1) + 1e-9))
        # With too few specimens for the level, the set has to include every probability.
        return float(ranked[rank - 1]) if rank else limit

    malignant_from = cut(np.sort(probability[malignant == 1]), 0.0)
    benign_to = cut(np.sort(probability[malignant == 0])[::-1], 1.0)
    # The cut point is exclusive, so it is the next larger number.
    return CutPoints(malignant_from, float(np.nextafter(benign_to, 1.0)))


def verdicts_out_of_fold(
    data: Specimens, estimator: Pipeline, seed: int, folds: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """For each specimen as a new one: the share of malignant ones among its nearest, (n,), and its sets.

    The sets are (levels, 3, n): whether malignant is in the set, whether benign is, and whether it was empty
    before it was widened. Cut points and neighbours come from out-of-fold predictions inside the outer
    training part, the probability of the specimen from a fit on all of that part.
    """
    share, sets = np.zeros(len(data)), np.zeros((len(LEVELS), 3, len(data)), dtype=np.bool_)
    for fit, held_out in splits(data, seed, folds):
        part = data[fit]
        known = out_of_fold(part, estimator, seed, folds)
        fitted = clone(estimator).fit(part.values, part.malignant)
        probability = fitted.predict_proba(data.values[held_out])[:, 1]
        distance = np.abs(clipped_logit(probability)[:, None] - clipped_logit(known))
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :NEAREST]
        share[held_out] = part.malignant[nearest].mean(axis=1)
        for index, level in enumerate(LEVELS):
            cut = conformal_cut_points(known, part.malignant, level)
            empty = ~cut.sets(probability).any(axis=0)
            sets[index][:, held_out] = *cut.widened().sets(probability), empty
    return share, sets


def verdict_checks(
    protocol: Protocol, estimator: Pipeline
) -> tuple[tuple[Coverage, ...], tuple[Bin, ...], dict[str, tuple[float, ...]]]:
    """Coverage by level, outcomes by the share among the nearest, coverage at ``LEVEL`` by repeat."""
    shares, sets = map(np.array, zip(*protocol.by_seed(verdicts_out_of_fold, estimator), strict=True))
    malignant = protocol.data.malignant
    served = sets[:, LEVELS.index(LEVEL)]  # (repeats, 3, n)
    by_repeat = {
        "covered_malignant": tuple(served[:, 0, malignant == 1].mean(axis=1).tolist()),
        "covered_benign": tuple(served[:, 1, malignant == 0].mean(axis=1).tolist()),
    }
    coverage = tuple(_coverage(level, sets[:, index], malignant) for index, level in enumerate(LEVELS))
    return coverage, reliability(shares, malignant, _NEAREST_EDGES), by_repeat


def _coverage(level: float, sets: NDArray[np.bool_], malignant: Labels) -> Coverage:
    """``sets`` (repeats, 3, n); intervals are over specimens, because repeats are not independent."""
    has_malignant, has_benign, empty = sets.swapaxes(0, 1)
    both, verdicts = has_malignant & has_benign, []
    for verdict, chosen in (("malignant", ~has_benign), ("inconclusive", both), ("benign", ~has_malignant)):
        m, b = (mean_share(chosen[:, malignant == label]) for label in (1, 0))
        verdicts.append(VerdictCount(verdict, m.hits, b.hits, likelihood_ratio(m, b)))
    return Coverage(
        level=level,
        malignant=mean_share(has_malignant[:, malignant == 1]),
        benign=mean_share(has_benign[:, malignant == 0]),
        inconclusive=float(both.mean()),
        empty=float(empty.mean()),
        verdicts=tuple(verdicts),
    )


def counts(repeats: Floats, malignant: Labels) -> tuple[Floats, Floats]:
    """Missed cancers and false alarms at each threshold of ``GRID``: means over the repeats (repeats, n)."""
    below = repeats[:, :, None] < GRID
    missed, alarms = below[:, malignant == 1], ~below[:, malignant == 0]
    return missed.sum(axis=1).mean(axis=0), alarms.sum(axis=1).mean(axis=0)


def choose(repeats: Floats, malignant: Labels, zone: CutPoints, ratio: float = COST_RATIO) -> float:
    """The threshold of ``GRID`` between the cut points that has the lowest cost out of fold.

    A missed cancer costs as much as ``ratio`` false alarms.
    """
    inside = (min(zone) <= GRID) & (max(zone) >= GRID)
    missed, alarms = counts(repeats, malignant)
    cost = np.where(inside | ~inside.any(), ratio * missed + alarms, np.inf)
    return float(GRID[cost.argmin()])


def chosen_range(repeats: Floats, malignant: Labels, draws: int) -> tuple[float, float]:
    """The central 95 % of the thresholds that the rule chooses on resampled specimens."""
    chosen = []
    for rows in resamples(malignant, draws):
        drawn, truth = repeats[:, rows], malignant[rows]
        chosen.append(choose(drawn, truth, conformal_cut_points(drawn.mean(axis=0), truth)))
    return interval(np.array(chosen))


def describe_threshold(
    threshold: float, chosen_on: Floats, repeats: Floats, malignant: Labels, draws: int
) -> Threshold:
    """The effect of ``threshold``, chosen on ``chosen_on``, and of others in ``repeats``, both (repeats, n).

    Net benefit: A. J. Vickers, E. B. Elkin, Medical Decision Making 26 (2006).
    """
    missed, alarms = counts(repeats, malignant)
    n, cancers = len(malignant), int(malignant.sum())
    odds = GRID / (1 - GRID)
    low, high = chosen_range(chosen_on, malignant, draws)
    return Threshold(
        chosen=threshold,
        cost_ratio=COST_RATIO,
        low=low,
        high=high,
        at=tuple(_at(t, repeats, malignant) for t in sorted({threshold, *_SHOWN_THRESHOLDS})),
        grid=tuple(GRID.tolist()),
        missed=tuple(missed.tolist()),
        false_alarms=tuple(alarms.tolist()),
        net_benefit=tuple(((cancers - missed) / n - alarms / n * odds).tolist()),
        treat_all=tuple((cancers / n - (n - cancers) / n * odds).tolist()),
    )


def _at(threshold: float, repeats: Floats, malignant: Labels) -> AtThreshold:
    called = repeats >= threshold
    found, alarms = (mean_share(called[:, malignant == label]) for label in (1, 0))
    missed, cleared = (mean_share(~called[:, malignant == label]) for label in (1, 0))
    positive, negative = likelihood_ratio(found, alarms), likelihood_ratio(missed, cleared)
    return AtThreshold(threshold, found, cleared, positive, negative)
