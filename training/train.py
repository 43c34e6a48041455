"""Fits the model and writes the files that the servers read: curves, cut points, cases and reference."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from model.classifier import FORMAT
from model.features import BY_NAME, FEATURES, NAMES
from training import uncertainty
from training.data import SIZE, SIZED, ZEROS, Floats, Specimens
from training.decision import LEVEL, choose, conformal_cut_points
from training.estimator import PIECES, SCALE, make_estimator, make_tuned_estimator
from training.export import curves, relation_bounds, software, write_json, write_reference
from training.metrics import logits
from training.uncertainty import fit_novelty, novelty_out_of_fold

VERSION = "1.1.0"


def train(data: Specimens, repeats: Floats, output: Path) -> None:
    """Write the files of the artifact into ``output``; they are the same each time for the same versions.

    The model is fitted on all specimens except the showcase cases. Cases, threshold and verdict come from
    ``repeats`` (repeats, n), the out-of-fold probabilities of the served recipe.
    """
    probability = repeats.mean(axis=0)
    distances = novelty_out_of_fold(data, repeats=10)
    cases = pick_cases(data, probability, distances.mean(axis=0))
    fitted_on = data[np.setdiff1d(np.arange(len(data)), [case["row"] for case in cases])]
    reference: Floats = np.median(data.values, axis=0)
    cut = conformal_cut_points(probability, data.malignant)
    wide = cut.widened()
    with threadpool_limits(1):
        # Tuned on all specimens, because without the showcase cases, which are hard, the data look too easy.
        penalty = float(make_tuned_estimator().fit(data.values, data.malignant)["logistic"].C_)
        recipe: dict[str, Any] = {"pieces": PIECES, "scale": SCALE, "C": penalty}
        estimator = make_estimator(**recipe).fit(fitted_on.values, fitted_on.malignant)
        own = estimator.predict_proba(data.values)[:, 1]
        novelty = fit_novelty(fitted_on.values)
        document = {
            "format": FORMAT,
            "version": VERSION,
            "data": {"sha256": data.sha256, "specimens": len(data), "fitted_on": len(fitted_on)},
            "recipe": recipe,
            "software": software(),
            "threshold": choose(repeats, data.malignant, cut),
            "verdict": {
                "level": LEVEL,
                # rounded so that the sets can only become larger
                "malignant_from": math.floor(wide.malignant_from * 1e5) / 1e5,
                "benign_to": math.ceil(wide.benign_to * 1e5) / 1e5,
            },
            "reference": {
                "logit": float(estimator.decision_function(reference[None])[0]),
                "values": reference.tolist(),
            },
            "curves": curves(estimator, reference),
            "interval": {"level": uncertainty.LEVEL, "reach": uncertainty.reach(data, own, recipe)},
            "relations": relation_bounds(data.values),
            "novelty": {
                "limit": float(np.quantile(distances, 0.99)),
                "mean": novelty.mean.tolist(),
                "spread": novelty.spread.tolist(),
                "whitening": novelty.whitening[np.tril_indices(len(novelty.mean))].tolist(),
            },
        }
    write_json(output / "classifier.json", document)
    write_json(output / "cases.json", {"cases": cases})
    write_reference(output / "reference.csv", data, probability)


def pick_cases(data: Specimens, probability: Floats, distance: Floats) -> list[dict[str, Any]]:
    """Choose the showcase cases by out-of-fold probability (n,) and novelty distance (n,).

    The page opens with the first one; the first six are its starting cases. A rule has the number of its key,
    an alias, which is the key in older links, a title, a description, a group of specimens and their badness.
    It picks the specimen of the group with the lowest badness that no earlier rule has picked, if there is
    one. The key of a case appears in links, so it keeps its number when its rule moves, and must not reveal
    the diagnosis.
    """
    malignant = data.malignant == 1
    logit = logits(probability, floor=1e-12)
    size, zeros = data.values[:, NAMES.index(SIZE)], (data.values == 0).any(axis=1)
    size_name = BY_NAME[SIZE].spoken

    def typical(group: NDArray[np.bool_]) -> Floats:
        distances: Floats = np.abs(logit - np.median(logit[group]))
        return distances

    rules = (
        (1, "typical-benign", "Clear benign",
         "It was benign. For the model it is the middle one of all benign specimens.",
         ~malignant, typical(~malignant)),
        (2, "typical-malignant", "Clear malignant",
         "It was malignant. For the model it is the middle one of all malignant specimens.",
         malignant, typical(malignant)),
        (3, "borderline-benign", "Close call",
         "It was benign. Of all benign specimens, the model was least sure of this one.",
         ~malignant, np.abs(logit)),
        (4, "missed", "Surprise 1",
         "It was malignant. Of all malignant specimens, this one looks most benign to the model; nearly "
         "every model misses it.",
         malignant, logit),
        (5, "false-alarm", "Surprise 2",
         "It was benign. Of all benign specimens, this one looks most malignant to the model: a false alarm.",
         ~malignant, -logit),
        (6, "outlier", "Unlike the data",
         "Of all specimens, this one is least like the others, so its answer deserves the least trust.",
         malignant | ~malignant, -distance),
        (7, "borderline-malignant", "Another close call",
         "It was malignant. Of all malignant specimens, the model was least sure of this one.",
         malignant, np.abs(logit)),
        (8, *ZEROS, zeros, -distance),
        (9, "small-malignant", f"Small {SIZED}",
         f"It was malignant. Of all malignant specimens, it has the smallest {size_name}.", malignant, size),
        (10, "large-benign", f"Large {SIZED}",
         f"It was benign. Of all benign specimens, it has the largest {size_name}.", ~malignant, -size),
    )  # fmt: skip
    cases: list[dict[str, Any]] = []
    for number, alias, title, why, group, badness in rules:
        free = np.setdiff1d(np.flatnonzero(group), [case["row"] for case in cases])
        if len(free):
            row = int(free[badness[free].argmin()])
            digits = (round(v, f.decimals) for f, v in zip(FEATURES, data.values[row].tolist(), strict=True))
            cases.append(
                {
                    "key": f"case-{number}",
                    "aliases": [alias],
                    "row": row,
                    "title": title,
                    "why": why,
                    "diagnosis": "malignant" if malignant[row] else "benign",
                    "features": dict(zip(NAMES, digits, strict=True)),
                }
            )
    return cases
