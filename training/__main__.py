"""`python -m training`: fits the model and writes the artifact."""

import argparse
from pathlib import Path

import joblib
import numpy as np

from model.classifier import ARTIFACT, FORMAT
from training.cases import pick
from training.data import Specimens, load
from training.doubt import (
    NoveltyFit,
    conformal_cut_points,
    deviations,
    novelty_out_of_fold,
    repeated_out_of_fold,
)
from training.estimator import make_estimator, offsets
from training.export import curves, relation_bounds, software, write_json, write_reference, write_sums

VERSION = "1.0.0"


def train(output: Path) -> None:
    """Fit on all specimens but the showcase cases and write the artifact's files into ``output``."""
    data, recipe = load(), {"pieces": 16, "scale": 0.5, "C": 3.0}
    estimator = make_estimator(pieces=16, scale=0.5, C=3.0)
    logs = np.log(np.maximum(data.values, 1e-9) + offsets())
    repeats = repeated_out_of_fold(estimator, data)
    probability = repeats.mean(axis=0)
    distances = novelty_out_of_fold(logs, data.malignant)
    cases = pick(data, probability, distances.mean(axis=0))
    seen = np.setdiff1d(np.arange(len(data)), [case.row for case in cases])
    fitted_on = Specimens(data.values[seen], data.malignant[seen])
    estimator.fit(fitted_on.values, fitted_on.malignant)
    reference = np.median(data.values, axis=0)
    novelty = NoveltyFit.fit(logs[seen])
    cut = conformal_cut_points(probability, data.malignant, 0.98)
    spread = deviations(estimator, fitted_on, reference)
    output.mkdir(parents=True, exist_ok=True)
    write_json(
        output / "classifier.json",
        {
            "format": FORMAT,
            "version": VERSION,
            "data": {"sha256": data.sha256, "specimens": len(data), "fitted_on": len(seen)},
            "recipe": recipe,
            "software": software(),
            "threshold": 0.3,
            "verdict": {"level": cut.level, "malignant_from": cut.malignant_from, "benign_to": cut.benign_to},
            "reference": {
                "logit": float(estimator.decision_function(reference[None])[0]),
                "values": reference.tolist(),
            },
            "curves": curves(estimator, reference),
            "interval": {"level": 0.95, "z": 1.96, "deviations": np.round(spread, 4).tolist()},
            "relations": relation_bounds(data.values),
            "novelty": {
                "limit": float(np.quantile(distances, 0.99)),
                "mean": novelty.mean.tolist(),
                "spread": novelty.spread.tolist(),
                "whitening": novelty.whitening[np.tril_indices(len(reference))].tolist(),
            },
        },
    )  # fmt: skip
    write_json(output / "cases.json", {"cases": [case.to_dict(data) for case in cases]})
    write_reference(output / "reference.csv", data, probability)
    joblib.dump(estimator, output / "pipeline.joblib")
    write_sums(output)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--output", type=Path, default=ARTIFACT, help="where the artifact goes (%(default)s)")
    train(parser.parse_args().output)


if __name__ == "__main__":
    main()
