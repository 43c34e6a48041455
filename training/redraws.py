"""Checks the interval of the probability where the truth is known: diagnoses drawn from the model itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from model.classifier import Classifier
from training.data import Specimens
from training.doubt import fit_entries
from training.estimator import make_estimator
from training.protocol import Protocol

Floats = NDArray[np.float64]

_EDGES = np.array([0.0, 0.01, 0.05, 0.2, 0.8, 0.95, 0.99, 1.0])


def covered(data: Specimens, document: dict[str, Any], seed: int, folds: int) -> Floats:
    """Whether the interval of a fit that did not see a specimen covers its true probability, (n,) of 0 and 1.

    Diagnoses are drawn anew from the truth, then cross-validated through the code that serves.
    """
    truth, reference = _truth(data, document), np.array(document["reference"]["values"])
    drawn = (np.random.default_rng(seed).uniform(size=len(data)) < truth).astype(np.int64)
    hits = np.empty(len(data))
    for fit, judge in StratifiedKFold(folds, shuffle=True, random_state=seed).split(data.values, drawn):
        estimator = make_estimator(**document["recipe"]).fit(data.values[fit], drawn[fit])
        refitted = document | fit_entries(estimator, data.values[fit], reference)
        said = Classifier(refitted).predict_many(data.values[judge])
        hits[judge] = (said.low <= truth[judge]) & (truth[judge] <= said.high)
    return hits


def interval_coverage(protocol: Protocol, document: dict[str, Any]) -> dict[str, Any]:
    """The promised level and the share covered, by the true probability, too; uncertain is 1 % to 99 %."""
    tasks = {seed: (document, seed, protocol.folds) for seed in range(protocol.repeats)}
    hits = np.array(list(protocol.map(covered, tasks).values())).mean(axis=0)
    truth = _truth(protocol.data, document)
    bins, uncertain = np.digitize(truth, _EDGES[1:-1]), np.abs(truth - 0.5) < 0.49
    return {
        "level": document["interval"]["level"],
        "redraws": protocol.repeats,
        "coverage": float(hits.mean()),
        "coverage_of_uncertain": float(hits[uncertain].mean()) if uncertain.any() else None,
        "by_probability": [
            {
                "from": float(_EDGES[index]),
                "to": float(_EDGES[index + 1]),
                "specimens": int((bins == index).sum()),
                "coverage": float(hits[bins == index].mean()),
            }
            for index in np.unique(bins)
        ],
    }


def _truth(data: Specimens, document: dict[str, Any]) -> Floats:
    return Classifier(document).predict_many(data.values).probability
