"""What choosing on cross-validation flatters, and what more specimens would buy."""

import math

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from model.evidence import Curve
from training.data import Specimens
from training.estimator import make_quick_estimator
from training.metrics import interval, row_losses
from training.protocol import Protocol

Floats = NDArray[np.float64]

_SETTINGS = {
    f"{pieces} pieces, scale {scale:g}, C {C:g}": make_quick_estimator(pieces, scale, C)
    for pieces in (4, 8, 16)
    for scale in (0.25, 0.5, 1.0)
    for C in (1.0, 3.0, 10.0)
}
_SIZES = (50, 100, 200, 300, 400)  # and all that a fold leaves


def optimism(protocol: Protocol, halvings: int = 500) -> dict[str, float]:
    """Choose among the settings on one half of the specimens, judge the choice on the other.

    ``apparent`` is the gain over the average setting where it was chosen, ``honest`` where it was not.
    """
    malignant = protocol.data.malignant
    runs = protocol.run(_SETTINGS)
    loss = np.array([row_losses(repeats, malignant).mean(axis=0) for repeats in runs.values()])
    gain = loss.mean(axis=0) - loss  # (settings, n), over the average setting
    random, apparent, honest = np.random.default_rng(0), [], []
    for _ in range(halvings):
        chosen_on = random.permutation(len(malignant)) < len(malignant) // 2
        best = gain[:, chosen_on].mean(axis=1).argmax()
        apparent.append(gain[best, chosen_on].mean())
        honest.append(gain[best, ~chosen_on].mean())
    seems, proves = float(np.mean(apparent)), float(np.mean(honest))
    return {"settings": len(_SETTINGS), "apparent": seems, "honest": proves}


def sizes(specimens: int, folds: int) -> list[int]:
    """How many specimens the fits of the learning curve see."""
    most = specimens - math.ceil(specimens / folds)
    return [*(size for size in _SIZES if size < most), most]


def sized_losses(data: Specimens, estimator: Pipeline, seed: int, folds: int) -> Floats:
    """Log loss on a judged fold after fits on growing parts of the rest: (sizes, folds).

    NaN where a part holds one class only, from which nothing can be learnt.
    """
    steps = sizes(len(data), folds)
    losses = np.full((len(steps), folds), np.nan)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    random = np.random.default_rng(seed)
    for fold, (fit, judged) in enumerate(splitter.split(data.values, data.malignant)):
        order = random.permutation(fit)
        for index, size in enumerate(steps):
            part = order[:size]
            if np.ptp(data.malignant[part]) == 0:
                continue
            fitted = clone(estimator).fit(data.values[part], data.malignant[part])
            probability = fitted.predict_proba(data.values[judged])[:, 1]
            losses[index, fold] = row_losses(probability, data.malignant[judged]).mean()
    return losses


def learning_curve(protocol: Protocol, estimator: Pipeline) -> Curve:
    """Log loss by number of specimens trained on, with the central 95 % of repeats."""
    tasks = {seed: (estimator, seed, protocol.folds) for seed in protocol.seeds}
    losses = np.array(list(protocol.map(sized_losses, tasks).values()))  # (repeats, sizes, folds)
    points = []
    for size, each in zip(sizes(len(protocol.data), protocol.folds), losses.swapaxes(0, 1), strict=True):
        if not np.isnan(each).all(axis=1).any():
            column = np.nanmean(each, axis=1)
            points.append((float(size), float(column.mean()), *interval(column)))
    return Curve(*zip(*points, strict=True))
