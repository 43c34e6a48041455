"""Training again gives the committed artifact."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.classifier import ARTIFACT, Classifier
from tests.training.conftest import leaves
from training.data import Specimens
from training.estimator import make_estimator
from training.train import train


@pytest.fixture(scope="module")
def retrained(rows: Specimens, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact made again; its out-of-fold probabilities are the committed ones, tested elsewhere."""
    with (ARTIFACT / "reference.csv").open(encoding="utf-8") as file:
        probability = np.array([float(row["probability"]) for row in csv.DictReader(file)])
    output = tmp_path_factory.mktemp("artifact")
    train(rows, probability[None], output)
    return output


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.slow
def test_retraining_gives_the_committed_curves_verdict_warnings_cases_and_reference(retrained: Path) -> None:
    for file in ("classifier.json", "cases.json"):
        new, old = (leaves(read(folder / file) | {"software": ""}) for folder in (retrained, ARTIFACT))
        assert new == pytest.approx(old, abs=1e-6), file
    assert (retrained / "reference.csv").read_text() == (ARTIFACT / "reference.csv").read_text()


def test_the_checksums_are_those_of_all_files() -> None:
    sums = (ARTIFACT / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    recorded = {name: sha256 for sha256, name in (line.split("  ") for line in sums)}
    assert {*recorded, "SHA256SUMS"} == {path.name for path in ARTIFACT.iterdir()}
    for name, sha256 in recorded.items():
        assert hashlib.sha256((ARTIFACT / name).read_bytes()).hexdigest() == sha256, name


def test_a_fit_twice_is_the_same_to_the_last_bit(rows: Specimens) -> None:
    one, other = (make_estimator().fit(rows.values, rows.malignant) for _ in range(2))
    np.testing.assert_array_equal(one["logistic"].coef_, other["logistic"].coef_)


def test_no_showcase_case_was_fitted_on(rows: Specimens, classifier: Classifier) -> None:
    cases = read(ARTIFACT / "cases.json")["cases"]
    assert classifier.document["data"]["fitted_on"] == len(rows) - len({case["row"] for case in cases})
    everything = make_estimator(**classifier.document["recipe"]).fit(rows.values, rows.malignant)
    missed = next(case["row"] for case in cases if "missed" in case["aliases"])
    seen, unseen = everything.decision_function(rows.values)[missed], classifier.logits(rows.values)[missed]
    assert unseen < seen, "a fit that saw this cancer is less wrong about it"
