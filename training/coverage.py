"""Checks the conformal promise on specimens that took no part in setting the cut points."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from training.conformal import LEVELS, conformal_cut_points
from training.data import Specimens
from training.metrics import wilson
from training.protocol import Protocol, out_of_fold

Floats = NDArray[np.float64]


def outer_repeat(data: Specimens, estimator: Pipeline, seed: int, folds: int) -> Floats:
    """Which classes each specimen's set holds, by level: (levels, 2, n), malignant first.

    Cut points come from out-of-fold predictions inside the outer training part, the specimen's probability
    from a fit on all of it: what happens to a new specimen.
    """
    sets = np.zeros((len(LEVELS), 2, len(data)))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fit, judge in splitter.split(data.values, data.malignant):
        part = Specimens(data.values[fit], data.malignant[fit])
        calibration = out_of_fold(part, estimator, seed, folds)
        fitted = clone(estimator).fit(part.values, part.malignant)
        probability = fitted.predict_proba(data.values[judge])[:, 1]
        for index, level in enumerate(LEVELS):
            cut = conformal_cut_points(calibration, part.malignant, level).widened()
            sets[index, 0, judge] = cut.covers_malignant(probability)
            sets[index, 1, judge] = cut.covers_benign(probability)
    return sets


def coverage(protocol: Protocol, estimator: Pipeline) -> list[dict[str, Any]]:
    """Per level: the covered share of each class with its binomial interval, and the share inconclusive."""
    tasks = {seed: (estimator, seed, protocol.folds) for seed in range(protocol.repeats)}
    sets = np.array(list(protocol.map(outer_repeat, tasks).values()))  # (repeats, levels, 2, n)
    malignant = protocol.data.malignant == 1
    report = []
    for index, level in enumerate(LEVELS):
        has_malignant, has_benign = sets[:, index, 0], sets[:, index, 1]
        report.append(
            {
                "level": level,
                "malignant": _share(has_malignant[:, malignant]),
                "benign": _share(has_benign[:, ~malignant]),
                "inconclusive": float((has_malignant == has_benign).mean()),
                "empty": float((has_malignant + has_benign == 0).mean()),
            }
        )
    return report


def _share(covered: Floats) -> dict[str, float]:
    """covered: (repeats, n of the class); specimens are what is independent, not repeats."""
    share = float(covered.mean())
    low, high = wilson(share * covered.shape[1], covered.shape[1])
    return {"coverage": share, "low": low, "high": high}
