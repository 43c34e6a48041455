"""Where the model fails, and what it warns of: hard specimens, groups by size, warnings out of fold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from model.evidence import HardSpecimen, Share, Subgroup
from model.features import FEATURES, NAMES, STATISTICS
from model.warnings import KINDS, Novelty, WarningRules
from training.data import SIZE, Specimens
from training.estimator import log_offset, offsets
from training.export import relation_bounds
from training.metrics import mean_interval, row_losses, wilson
from training.protocol import Protocol
from training.uncertainty import NoveltyFit, floored, novelty_limit

Floats = NDArray[np.float64]

_SHOWN = 12


def hard_specimens(
    data: Specimens, runs: dict[str, Floats], served: str
) -> tuple[tuple[HardSpecimen, ...], int]:
    """Those wrong most often, over all (model, repeat) pairs, at 0.5; and how many are never wrong."""
    truth = data.malignant == 1
    wrong = np.array([((repeats >= 0.5) != truth).mean(axis=0) for repeats in runs.values()]).mean(axis=0)
    loss = row_losses(runs[served], data.malignant).mean(axis=0)
    rows = np.lexsort((-loss, -wrong.round(6)))[:_SHOWN].tolist()
    specimens = tuple(
        HardSpecimen(
            row=row,
            diagnosis="malignant" if truth[row] else "benign",
            probability=float(runs[served][:, row].mean()),
            wrong_in=float(wrong[row]),
            share_of_loss=float(loss[row] / loss.sum()),
            unusual=_unusual(data, row),
        )
        for row in rows
    )
    return specimens, int((wrong == 0).sum())


def _unusual(data: Specimens, row: int) -> dict[str, float]:
    """The three features of the last statistic that are most out of place in the specimen's own class.

    Out of place is a value towards the other class: cancers have the larger worst values, so a hard one has
    small ones. The number is the share of its class beyond it, negative where those are larger.
    """
    diagnosis = data.malignant[row]
    own, other = data.values[data.malignant == diagnosis], data.values[data.malignant != diagnosis]
    larger = np.median(own, axis=0) > np.median(other, axis=0)
    beyond = np.where(larger, own > data.values[row], own < data.values[row]).mean(axis=0)
    last = [j for j in np.argsort(-beyond, kind="stable") if FEATURES[j].statistic is STATISTICS[-1]][:3]
    return {NAMES[j]: float(-beyond[j] if larger[j] else beyond[j]) for j in last}


def subgroups(data: Specimens, repeats: Floats, threshold: float) -> tuple[Subgroup, ...]:
    """Thirds by ``SIZE``: is the model worse for small or large nuclei? ``repeats`` (repeats, n)."""
    size = data.values[:, NAMES.index(SIZE)]
    small, large = np.quantile(size, [1 / 3, 2 / 3]).tolist()
    groups = []
    for above, to in ((None, small), (small, large), (large, None)):
        rows = (size > (-np.inf if above is None else above)) & (size <= (np.inf if to is None else to))
        malignant = data.malignant[rows]
        loss = row_losses(repeats[:, rows], malignant).mean(axis=0)
        low, high = mean_interval(loss, malignant)
        called = repeats[:, rows] >= threshold
        groups.append(
            Subgroup(
                feature=SIZE,
                above=above,
                to=to,
                specimens=len(malignant),
                malignant=int(malignant.sum()),
                log_loss=float(loss.mean()),
                low=low,
                high=high,
                sensitivity=_share(called[:, malignant == 1]),
                specificity=_share(~called[:, malignant == 0]),
            )
        )
    return tuple(groups)


def _share(right: NDArray[np.bool_]) -> Share | None:
    """Of (repeats, n of the class); None where the group has none of it."""
    return wilson(float(right.sum(axis=1).mean()), right.shape[1]) if right.size else None


def warned(data: Specimens, seed: int, folds: int) -> Floats:
    """Which specimens rules warn of that did not see them, (codes, n), by all specimens and unseen ones."""
    marks = np.zeros((len(FEATURES) + len(KINDS), len(data)))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fit, judged in splitter.split(data.values, data.malignant):
        marks[:, judged] = _marks(data.values[fit], data.malignant[fit], data.values[judged]).T
    return marks


def _marks(known: Floats, malignant: NDArray[np.int64], judged: Floats) -> Floats:
    """Out of the range of ``known`` by feature, then what rules made from ``known`` mark."""
    logs = log_offset(floored(known))
    fit, limit = NoveltyFit.fit(logs), novelty_limit(logs, malignant)
    novelty = Novelty(offsets(), fit.mean, fit.spread, fit.whitening, limit)
    bounds = {b["name"]: (b["low"], b["high"] or np.inf) for b in relation_bounds(known)}
    outside = (judged < known.min(axis=0)) | (judged > known.max(axis=0))
    return np.hstack([outside, WarningRules(bounds, novelty).marks(judged)]).astype(np.float64)


def warning_rates(protocol: Protocol, rules: WarningRules) -> tuple[dict[str, float], dict[str, float]]:
    """The share of specimens with a warning, any and by code: by the served rules, and out of fold."""
    data = protocol.data
    unseen = np.array(list(protocol.map(warned, {s: (s, protocol.folds) for s in protocol.seeds}).values()))
    codes = [code for code, _ in KINDS]
    in_sample = _rates(rules.marks(data.values).T[None], codes)
    return in_sample, _rates(unseen, ["out_of_range"] * len(FEATURES) + codes)


def _rates(marks: NDArray[Any], codes: list[str]) -> dict[str, float]:
    """marks: (repeats, codes, n)."""
    found = {"any": float(marks.any(axis=1).mean())}
    for code in dict.fromkeys(codes):
        chosen = [index for index, other in enumerate(codes) if other == code]
        found[code] = float(marks[:, chosen].any(axis=1).mean())
    return found
