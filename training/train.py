"""Fits the model and writes what serving reads: curves, cut points, cases and reference, in one directory."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from model.classifier import FORMAT
from training import uncertainty
from training.cases import pick
from training.data import Specimens
from training.decision import LEVEL, CutPoints, choose, conformal_cut_points
from training.estimator import PIECES, SCALE, log_offset, make_estimator, tune
from training.export import curves, relation_bounds, software, write_json, write_reference, write_sums
from training.uncertainty import NoveltyFit, floored, novelty_out_of_fold

Floats = NDArray[np.float64]

VERSION = "1.1.0"


def train(data: Specimens, repeats: Floats, output: Path) -> None:
    """Write the artifact's files into ``output``: deterministic for one set of versions.

    The model is fitted on all specimens but the showcase cases; cases, threshold and verdict come from
    ``repeats`` (repeats, n), out-of-fold probabilities of the served recipe.
    """
    probability = repeats.mean(axis=0)
    logs = log_offset(floored(data.values))
    distances = novelty_out_of_fold(logs, data.malignant)
    cases = pick(data, probability, distances.mean(axis=0))
    seen = np.setdiff1d(np.arange(len(data)), [case.row for case in cases])
    fitted_on = Specimens(data.values[seen], data.malignant[seen])
    reference: Floats = np.median(data.values, axis=0)
    cut = conformal_cut_points(probability, data.malignant, LEVEL)
    with threadpool_limits(1):
        # tuned on all: the showcase cases are the hard ones, without them the data look easier than they are
        penalty = tune(data.values, data.malignant)
        estimator = make_estimator(C=penalty).fit(fitted_on.values, fitted_on.malignant)
        recipe = {"pieces": PIECES, "scale": SCALE, "C": penalty}
        own = estimator.predict_proba(data.values)[:, 1]
        reach = uncertainty.reach(data, own, recipe)
        document = {
            "format": FORMAT,
            "version": VERSION,
            "data": {"sha256": data.sha256, "specimens": len(data), "fitted_on": len(seen)},
            "recipe": recipe,
            "software": software(),
            "threshold": choose(repeats, data.malignant, cut),
            "verdict": _verdict(cut.widened()),
            "reference": {
                "logit": float(estimator.decision_function(reference[None])[0]),
                "values": reference.tolist(),
            },
            "curves": curves(estimator, reference),
            "interval": {"level": uncertainty.LEVEL, "reach": reach},
            "relations": relation_bounds(data.values),
            "novelty": _novelty(NoveltyFit.fit(logs[seen]), distances),
        }
    write_json(output / "classifier.json", document)
    write_json(output / "cases.json", {"cases": [case.to_dict(data) for case in cases]})
    write_reference(output / "reference.csv", data, probability)
    write_sums(output)


def _verdict(cut: CutPoints) -> dict[str, float]:
    return {
        "level": cut.level,
        # rounded outwards, so that the sets only grow
        "malignant_from": math.floor(cut.malignant_from * 1e5) / 1e5,
        "benign_to": math.ceil(cut.benign_to * 1e5) / 1e5,
    }


def _novelty(fit: NoveltyFit, distances: Floats) -> dict[str, Any]:
    return {
        "limit": float(np.quantile(distances, 0.99)),
        "mean": fit.mean.tolist(),
        "spread": fit.spread.tolist(),
        "whitening": fit.whitening[np.tril_indices(len(fit.mean))].tolist(),
    }
