"""The committed evidence is about the committed model, keeps its promises, and can be recomputed."""

from typing import Any

import numpy as np
import pytest

from model.classifier import ARTIFACT, Classifier
from training.bootstrap import mean_interval
from training.compare import PLAIN, SERVED, served
from training.data import Specimens
from training.metrics import METRICS
from training.protocol import Protocol
from training.regression import alone

Evaluation = dict[str, Any]

pytestmark = pytest.mark.slow


def test_the_evidence_is_about_the_served_model(evaluation: Evaluation, classifier: Classifier) -> None:
    assert evaluation["model"]["sha256"] == classifier.info.sha256
    assert evaluation["threshold"]["chosen"] == classifier.threshold
    assert evaluation["data"] == {
        "sha256": classifier.document["data"]["sha256"],
        "specimens": 569,
        "malignant": 212,
    }


def test_the_model_is_as_good_as_promised_and_not_better_than_possible(evaluation: Evaluation) -> None:
    found = alone(evaluation)
    assert (found.failures, found.warnings) == ((), ())


def test_plain_logistic_regression_is_worse_in_every_repeat(evaluation: Evaluation) -> None:
    plain = next(entry for entry in evaluation["comparison"] if entry["label"] == PLAIN)
    assert plain["difference"]["worse_in"] == evaluation["protocol"]["repeats"]
    assert plain["difference"]["mean"] >= 0.010


def test_one_repeat_recomputed_gives_the_published_figures(evaluation: Evaluation, rows: Specimens) -> None:
    probability = Protocol(rows, repeats=1, jobs=2, quiet=True).run({SERVED: served()})[SERVED][0]
    for name, metric in METRICS.items():
        published = evaluation["by_repeat"][name][0]
        assert metric(rows.malignant, probability) == pytest.approx(published, abs=2e-4), name


def test_means_are_means(evaluation: Evaluation) -> None:
    for name, values in evaluation["by_repeat"].items():
        assert evaluation["metrics"][name]["mean"] == pytest.approx(np.mean(values), abs=2e-5), name
        low, high = evaluation["metrics"][name]["low"], evaluation["metrics"][name]["high"]
        assert low <= np.mean(values) <= high, name
    loss = evaluation["metrics"]["log_loss"]["mean"]
    assert np.mean(evaluation["rows"]["log_loss"]) == pytest.approx(loss, abs=2e-5)


def test_each_class_is_covered_within_its_binomial_interval(evaluation: Evaluation) -> None:
    for entry in evaluation["conformal"]:
        for group in ("malignant", "benign"):
            assert entry[group]["low"] <= entry["level"] <= entry[group]["high"], (entry["level"], group)


def test_diagnosis_and_verdict_never_contradict_each_other(classifier: Classifier) -> None:
    for probability in np.linspace(0, 1, 2001):
        verdict = classifier.verdict(probability)
        assert verdict in {"inconclusive", classifier.diagnosis(probability)}


def test_the_evidence_is_small() -> None:
    assert (ARTIFACT / "evaluation.json").stat().st_size < 150_000


def test_a_bootstrap_interval_covers_as_often_as_it_says() -> None:
    random, malignant = np.random.default_rng(2), np.repeat([0, 1], [60, 40])
    hits = 0
    for _ in range(300):
        low, high = mean_interval(random.normal(1.0, 1.0, 100), malignant, draws=300)
        hits += low <= 1.0 <= high
    assert 0.90 <= hits / 300 <= 0.98


def test_a_reduced_protocol_gives_the_same_document_and_story(
    untouched: Evaluation, evaluation: Evaluation
) -> None:
    assert untouched.keys() == evaluation.keys()
    assert 0.05 < untouched["metrics"]["log_loss"]["mean"] < 0.08
    assert untouched["comparison"][0]["served"]
