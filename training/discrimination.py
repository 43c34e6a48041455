"""How well probabilities separate and whether they hold: ROC, precision-recall, reliability.

Takes probabilities, returns numbers; ``plots`` and the page draw them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from training.bootstrap import interval, resamples
from training.metrics import wilson

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

# finer where this model lives: below a tenth of false alarms
_FALSE_ALARMS: Floats = np.unique(np.r_[np.linspace(0, 0.1, 41), np.linspace(0.1, 1, 37)])
_SENSITIVITY: Floats = np.unique(np.r_[np.linspace(0, 0.9, 19), np.linspace(0.9, 1, 41)])


def _sensitivity(malignant: Labels, probability: Floats) -> Floats:
    false_alarms, sensitivity, _ = roc_curve(malignant, probability)
    at: Floats = np.interp(_FALSE_ALARMS, false_alarms, sensitivity)
    return at


def roc(repeats: Floats, malignant: Labels, draws: int = 300) -> dict[str, list[float]]:
    """Sensitivity over the share of false alarms, mean of the repeats (repeats, n), with a bootstrap band."""
    mean = np.mean([_sensitivity(malignant, p) for p in repeats], axis=0)
    rows = resamples(malignant, draws)
    band = np.array([_sensitivity(malignant[r], repeats[b % len(repeats)][r]) for b, r in enumerate(rows)])
    low, high = np.transpose([interval(column) for column in band.T])
    return {
        "false_alarms": _FALSE_ALARMS.tolist(),
        "sensitivity": mean.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def precision_recall(repeats: Floats, malignant: Labels) -> dict[str, list[float]]:
    """Share of true cancers among those called malignant, over sensitivity."""
    curves = []
    for probability in repeats:
        precision, sensitivity, _ = precision_recall_curve(malignant, probability)
        curves.append(np.interp(_SENSITIVITY, sensitivity[::-1], precision[::-1]))
    return {"sensitivity": _SENSITIVITY.tolist(), "precision": np.mean(curves, axis=0).tolist()}


def reliability(probability: Floats, malignant: Labels) -> list[dict[str, Any]]:
    """Predicted against observed share of malignant in bins that each hold enough specimens to judge."""
    edges = np.array([0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 1.0])
    bins = np.digitize(probability, edges[1:-1])
    rows = []
    for index in range(len(edges) - 1):
        inside = bins == index
        if specimens := int(inside.sum()):
            hits = int(malignant[inside].sum())
            low, high = wilson(hits, specimens)
            rows.append(
                {
                    "from": float(edges[index]),
                    "to": float(edges[index + 1]),
                    "predicted": float(probability[inside].mean()),
                    "observed": hits / specimens,
                    "low": low,
                    "high": high,
                    "specimens": specimens,
                }
            )
    return rows
