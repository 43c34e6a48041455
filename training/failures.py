"""Where models fail: the specimens that nearly every one misses, and groups by size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.features import BY_NAME, FEATURES, NAMES, STATISTICS
from training.bootstrap import mean_interval
from training.data import SIZE, SIZED, Specimens
from training.metrics import row_losses

Floats = NDArray[np.float64]

SUSPICION = (
    "A specimen that every model misses may be mislabelled or badly sampled, or a cancer that looks benign "
    "under the microscope. The data cannot tell which, so none is dropped or relabelled."
)


def hard_specimens(data: Specimens, runs: dict[str, Floats], served: str, count: int = 12) -> dict[str, Any]:
    """The ``count`` specimens wrong most often, over all (model, repeat) pairs, at 0.5."""
    truth = data.malignant == 1
    wrong = np.array([((repeats >= 0.5) != truth).mean(axis=0) for repeats in runs.values()]).mean(axis=0)
    probability = runs[served].mean(axis=0)
    loss = row_losses(runs[served], data.malignant).mean(axis=0)
    rows = np.lexsort((-loss, -wrong.round(6)))[:count]
    specimens = [
        {
            "row": int(row),
            "diagnosis": "malignant" if truth[row] else "benign",
            "probability": float(probability[row]),
            "wrong_in": float(wrong[row]),
            "share_of_loss": float(loss[row] / loss.sum()),
            "why": _why(data, int(row)),
        }
        for row in rows
    ]
    never = int((wrong == 0).sum())
    return {
        "models": list(runs),
        "specimens": specimens,
        "never_wrong": never,
        "sentence": SUSPICION,
    }


def _why(data: Specimens, row: int) -> str:
    """The three values that are most out of place in the specimen's own class, of the last statistic.

    Out of place is a value towards the other class: cancers have the larger worst values, so a hard one has
    small ones.
    """
    diagnosis = data.malignant[row]
    own, other = data.values[data.malignant == diagnosis], data.values[data.malignant != diagnosis]
    smaller = np.median(own, axis=0) > np.median(other, axis=0)
    beyond = np.where(smaller, own > data.values[row], own < data.values[row]).mean(axis=0)
    last = [j for j in np.argsort(-beyond, kind="stable") if FEATURES[j].statistic is STATISTICS[-1]][:3]
    group = "malignant" if diagnosis else "benign"
    labels = {j: f"{FEATURES[j].measurement.label.lower()} (in {beyond[j]:.0%})" for j in last}
    said = []
    for word, way in (("smaller", True), ("larger", False)):
        if listed := ", ".join(label for j, label in labels.items() if smaller[j] == way):
            said.append(f"{word} than most {group} specimens have: {listed}")
    return " ".join(f"{STATISTICS[-1].label.lower()} values {'; '.join(said)}".split())


def subgroups(data: Specimens, repeats: Floats, threshold: float) -> list[dict[str, Any]]:
    """Thirds by ``SIZE``: is the model worse for small or large nuclei? ``repeats`` (repeats, n)."""
    size = data.values[:, NAMES.index(SIZE)]
    small, large = np.quantile(size, [1 / 3, 2 / 3])
    to, above = (f"{number:.3g} {BY_NAME[SIZE].unit}".strip() for number in (small, large))
    groups = {
        f"small {SIZED} ({BY_NAME[SIZE].spoken} up to {to})": size <= small,
        f"medium {SIZED} ({small:.3g} to {above})": (size > small) & (size <= large),
        f"large {SIZED} (above {above})": size > large,
    }
    return [
        {"label": label, **_group(repeats[:, rows], data.malignant[rows], threshold)}
        for label, rows in groups.items()
    ]


def _group(repeats: Floats, malignant: NDArray[np.int64], threshold: float) -> dict[str, Any]:
    loss = row_losses(repeats, malignant).mean(axis=0)
    low, high = mean_interval(loss, malignant)
    called = repeats >= threshold
    return {
        "specimens": len(malignant),
        "malignant": int(malignant.sum()),
        "log_loss": float(loss.mean()),
        "low": low,
        "high": high,
        "sensitivity": _share(called[:, malignant == 1]),
        "specificity": _share(~called[:, malignant == 0]),
    }


def _share(right: NDArray[np.bool_]) -> float | None:
    """None where the group has none of the class."""
    return float(right.mean()) if right.size else None
