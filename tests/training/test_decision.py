"""The verdict keeps its promise for each class, and the threshold its rule."""

import numpy as np
import pytest

from model.explain import NEAREST
from training.data import Specimens
from training.decision import (
    GRID,
    LEVEL,
    LEVELS,
    CutPoints,
    choose,
    chosen_range,
    conformal_cut_points,
    counts,
    verdicts_out_of_fold,
)
from training.estimator import make_quick_estimator


def exchangeable(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    malignant = (random.uniform(size=n) < 0.37).astype(np.int64)
    logit = random.normal(3.0 * (2 * malignant - 1), 2.0)
    return 1 / (1 + np.exp(-logit)), malignant


def test_each_class_of_new_specimens_is_covered_as_promised() -> None:
    known = [exchangeable(569, seed) for seed in range(200)]
    new = [exchangeable(2000, seed + 1000) for seed in range(200)]
    for level in LEVELS:
        covered = []
        for fitted, (probability, malignant) in zip(known, new, strict=True):
            cut = conformal_cut_points(*fitted, level)
            has_malignant, has_benign = cut.sets(probability)
            covered.append((has_malignant[malignant == 1].mean(), has_benign[malignant == 0].mean()))
            # a set of one class never contradicts its probability
            assert cut.widened().malignant_from <= 0.5 <= cut.widened().benign_to
        mean = np.mean(covered, axis=0)
        assert (mean > level - 0.003).all()
        assert (mean < level + 0.008).all()


def test_a_cut_point_itself_is_malignant_and_not_benign() -> None:
    assert CutPoints(0.3, 0.7).sets(np.array([0.3, 0.7])).tolist() == [[True, True], [True, False]]


def test_too_few_specimens_for_a_level_rule_nothing_out() -> None:
    assert conformal_cut_points(*exchangeable(30, 0), 0.99) == (0.0, 1.0)


@pytest.mark.parametrize("ratio", [1.0, 10.0, 30.0])
def test_the_threshold_costs_least_inside_the_inconclusive_zone(ratio: float) -> None:
    probability, malignant = exchangeable(569, 4)
    zone = conformal_cut_points(probability, malignant, 0.98)
    chosen = choose(probability[None], malignant, zone, ratio)
    assert min(zone) <= chosen <= max(zone)
    inside = (min(zone) <= GRID) & (max(zone) >= GRID)
    costs = [
        ratio * (probability[malignant == 1] < t).sum() + (probability[malignant == 0] >= t).sum()
        for t in GRID[inside]
    ]
    assert costs[GRID[inside].tolist().index(chosen)] == min(costs)


def test_counts_are_of_specimens() -> None:
    missed, alarms = counts(np.array([[0.2, 0.6, 0.7, 0.4]]), np.array([1, 1, 0, 0]))
    at = GRID.tolist().index(0.5)
    assert (missed[at], alarms[at]) == (1, 1)
    at = GRID.tolist().index(0.6)  # at the threshold is malignant
    assert (missed[at], alarms[at]) == (1, 1)


def test_thresholds_of_resampled_specimens_surround_the_chosen_one() -> None:
    probability, malignant = exchangeable(569, 4)
    zone = conformal_cut_points(probability, malignant, LEVEL)
    low, high = chosen_range(probability[None], malignant, draws=40)
    assert low <= choose(probability[None], malignant, zone) <= high
    assert low < high


def test_a_specimens_verdict_comes_from_fits_without_it(rows: Specimens) -> None:
    share, sets = verdicts_out_of_fold(rows, make_quick_estimator(), seed=0, folds=2)
    assert set((share * NEAREST).round(6)) <= set(range(NEAREST + 1))
    assert share[rows.malignant == 1].mean() > 0.9
    assert share[rows.malignant == 0].mean() < 0.1
    in_malignant, in_benign, empty = sets[LEVELS.index(LEVEL)]
    assert (in_malignant | in_benign).all()
    assert not (in_malignant & in_benign)[empty].any()
