"""The committed evidence is about the committed model, keeps its promises, and can be recomputed."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.classifier import ARTIFACT, Classifier
from model.evidence import Evidence
from model.features import NAMES
from tests.training.conftest import leaves
from training.baselines import PLAIN, SERVED, XCYT, comparison
from training.data import Specimens
from training.estimator import make_quick_estimator
from training.evaluate import evaluate
from training.export import write_json
from training.gate import compare
from training.metrics import mean_interval, metrics
from training.protocol import Protocol, splits
from training.through_time import follow_up, through_time


def test_the_evidence_is_about_the_served_model(evidence: Evidence, classifier: Classifier) -> None:
    assert evidence.model.sha256 == classifier.info.sha256
    assert evidence.threshold.chosen == classifier.threshold
    assert evidence.interval.reach == classifier.document["interval"]["reach"]
    assert evidence.data.sha256 == classifier.document["data"]["sha256"]
    assert (evidence.data.specimens, evidence.data.malignant) == (569, 212)


def test_the_model_is_as_good_as_promised_and_not_better_than_possible(evidence: Evidence) -> None:
    found = compare(evidence)
    assert (found.failures, found.warnings) == ((), ())
    assert len(evidence.interval.coverage) == 3
    for truth, coverage in evidence.interval.coverage.items():
        assert coverage >= evidence.interval.level - 0.02, truth
    # the share of the 20 nearest that was malignant agrees with what new specimens turn out to be
    assert all(b.low - 0.01 <= b.predicted <= b.high + 0.01 for b in evidence.neighbours)


def test_the_headline_is_of_splits_with_which_nothing_was_chosen(evidence: Evidence) -> None:
    assert evidence.protocol.first_seed >= 100
    assert evidence.metrics["log_loss"].mean > evidence.chosen_on["log_loss"].mean


def test_simpler_models_are_worse(evidence: Evidence) -> None:
    apart = {model.label: model.difference for model in evidence.comparison}
    assert apart[SERVED] is None
    for label, least in ((PLAIN, 0.008), (XCYT, 0.03)):
        difference = apart[label]
        assert difference is not None
        assert difference.worse_in >= 0.9 * evidence.protocol.repeats, label
        assert difference.mean >= least, label


CHOSEN = (
    3.0,
    1.0,
    2.0,
    1.0,
    2.0,
    1.0,
    1.0,
    1.0,
    10.0,
    3.0,
)  # by the inner folds of each fold of the first repeat


def test_one_repeat_recomputed_gives_the_published_figures(evidence: Evidence, rows: Specimens) -> None:
    folds, probability = list(splits(rows, evidence.protocol.first_seed, 10)), np.empty(len(rows))
    for (fit, held_out), penalty in zip(folds, CHOSEN, strict=True):
        fitted = make_quick_estimator(C=penalty).fit(rows.values[fit], rows.malignant[fit])
        probability[held_out] = fitted.predict_proba(rows.values[held_out])[:, 1]
    for name, metric in metrics(evidence.threshold.chosen).items():
        published = evidence.by_repeat[name][0]
        assert metric(rows.malignant, probability) == pytest.approx(published, abs=5e-4), name
    odd = rows[folds[8][0]]  # tuning each fold again would take five seconds
    tuned = comparison()[SERVED].fit(odd.values, odd.malignant)
    assert CHOSEN[8] == tuned["logistic"].C_


def test_means_lie_in_their_intervals_and_counts_add_up(evidence: Evidence) -> None:
    for name, metric in evidence.metrics.items():
        assert metric.mean == pytest.approx(np.mean(evidence.by_repeat[name]), abs=2e-5), name
        assert metric.low <= metric.mean <= metric.high, name
    loss = evidence.metrics["log_loss"].mean
    assert np.mean(evidence.row_log_loss) == pytest.approx(loss, abs=2e-5)
    for entry in evidence.conformal:
        counted = sum(v.malignant + v.benign for v in entry.verdicts)
        assert counted == pytest.approx(evidence.data.specimens, abs=0.01)
    assert sum(b.specimens for b in evidence.neighbours) == pytest.approx(569, abs=3)


@pytest.fixture(scope="module")
def about_time(rows: Specimens, classifier: Classifier) -> dict[str, Any]:
    """The parts of the evidence that are about time."""
    return through_time(rows, classifier)


def test_the_tests_through_time_are_recomputed_from_the_served_model(
    evidence: Evidence, rows: Specimens, classifier: Classifier, about_time: dict[str, Any]
) -> None:
    recomputed = asdict(replace(evidence, **about_time))
    for part in ("through_time", "later_patients", "repeatability", "texture_drift"):
        assert leaves(recomputed[part]) == pytest.approx(leaves(asdict(evidence)[part]), abs=2e-3), part
    other = Specimens(rows.values, 1 - rows.malignant)
    assert not any(through_time(other, classifier).values()), "other data have no years"


def test_later_patients_are_others_and_those_measured_again_are_not(rows: Specimens) -> None:
    years, later, again = follow_up()
    assert (len(years), len(later), len(again)) == (569, 28, 13)
    seen = {tuple(values) for values in rows.values.tolist()}
    assert not seen & {tuple(values) for values in later[list(NAMES)].to_numpy().tolist()}
    first = again["row_of_first_measurement"].astype(int)
    assert (rows.malignant[first] == 1).all()
    # the second measurement of a patient is nearer to the first than to nearly all other cancers
    logs, second = np.log(rows.values[rows.malignant == 1, 0]), np.log(again[NAMES[0]].to_numpy())
    assert np.abs(second - np.log(rows.values[first, 0])).mean() < np.abs(logs - second.mean()).mean()


def test_the_evidence_is_small_and_read_back_as_written(evidence: Evidence, tmp_path: Path) -> None:
    assert (ARTIFACT / "evaluation.json").stat().st_size < 150_000
    write_json(tmp_path / "evaluation.json", asdict(evidence), digits=5)
    assert (tmp_path / "evaluation.json").read_bytes() == (ARTIFACT / "evaluation.json").read_bytes()


def test_another_document_is_refused_by_name(evidence: Evidence, tmp_path: Path) -> None:
    for changed, words in (
        ({"format": 1}, "has format 1, expected 3"),
        ({"protocol": {"repeats": 3}}, "protocol has the fields"),
    ):
        (tmp_path / "e.json").write_text(json.dumps(asdict(evidence) | changed), encoding="utf-8")
        with pytest.raises(ValueError, match=words):
            Evidence.load(tmp_path / "e.json")


def test_a_bootstrap_interval_covers_as_often_as_it_says() -> None:
    random, malignant = np.random.default_rng(2), np.repeat([0, 1], [60, 40])
    hits = 0
    for _ in range(300):
        low, high = mean_interval(random.normal(1.0, 1.0, 100), malignant, draws=300)
        hits += low <= 1.0 <= high
    assert 0.90 <= hits / 300 <= 0.98


@pytest.mark.slow
def test_a_reduced_protocol_tells_the_same_story(
    rows: Specimens, classifier: Classifier, about_time: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.evaluate.through_time", lambda *_: about_time)
    settings = {f"{C}": make_quick_estimator(C=C) for C in (1.0, 3.0)}
    monkeypatch.setattr("training.evaluate._SETTINGS", settings)
    models = {PLAIN: comparison()[PLAIN], SERVED: make_quick_estimator()}
    protocol = Protocol(rows, 2, 2, 100, cache=None, jobs=1)
    reduced = evaluate(protocol, classifier, models, {"straight lines": models[PLAIN]}, draws=20)
    assert 0.05 < reduced.metrics["log_loss"].mean < 0.08
    assert [model.label for model in reduced.comparison] == [SERVED, PLAIN]
    assert reduced.threshold.low <= reduced.threshold.chosen <= reduced.threshold.high
    assert reduced.later_patients is not None
    assert reduced.later_patients.found.hits == 28
    assert reduced.warnings_in_sample["novel"] < reduced.warnings_out_of_fold["novel"]
    assert reduced.warnings_in_sample["out_of_range"] == 0 < reduced.warnings_out_of_fold["out_of_range"]
    assert reduced.optimism["settings"] == len(settings)
