"""Where models fail: the specimens that nearly every one misses, and groups by size of the nuclei."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.features import BY_NAME, FEATURES, NAMES
from training.bootstrap import mean_interval
from training.data import SIZE, Specimens
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
    """The three worst values that are most out of place in the specimen's own class.

    Cancers have the larger worst values in every measurement, so a hard cancer has small ones.
    """
    diagnosis = data.malignant[row]
    own, value = data.values[data.malignant == diagnosis], data.values[row]
    beyond = (own > value).mean(axis=0) if diagnosis else (own < value).mean(axis=0)
    worst = [j for j in np.argsort(-beyond, kind="stable") if FEATURES[j].statistic.suffix == "worst"][:3]
    word, group = ("smaller", "malignant") if diagnosis else ("larger", "benign")
    labels = (f"{FEATURES[j].measurement.label.lower()} (in {beyond[j]:.0%})" for j in worst)
    return f"worst values {word} than most {group} specimens have: {', '.join(labels)}"


def subgroups(data: Specimens, repeats: Floats, threshold: float) -> list[dict[str, Any]]:
    """Thirds by ``SIZE``: is the model worse for small or large nuclei? ``repeats`` (repeats, n)."""
    size = data.values[:, NAMES.index(SIZE)]
    small, large = np.quantile(size, [1 / 3, 2 / 3])
    feature = BY_NAME[SIZE]
    what, unit = f"{feature.statistic.label} {feature.measurement.label}".lower(), feature.unit
    groups = {
        f"small nuclei ({what} up to {small:.1f} {unit})": size <= small,
        f"medium nuclei ({small:.1f} to {large:.1f} {unit})": (size > small) & (size <= large),
        f"large nuclei (above {large:.1f} {unit})": size > large,
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
        "sensitivity": float(called[:, malignant == 1].mean()),
        "specificity": float((~called[:, malignant == 0]).mean()),
    }
