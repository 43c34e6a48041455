"""The served curves are the fitted pipeline, exactly, and refuse to serve when altered."""

import copy
import hashlib
import json
import shutil
from dataclasses import asdict, fields
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from model.classifier import ARTIFACT, ArtifactError, Classifier, read_artifact, read_artifacts
from model.explain import Flip, NearestOutcomes, NearestSpecimen, Reference, Similar
from model.features import FEATURES, NAMES
from model.prediction import Contribution, Interval, ModelInfo, Prediction
from model.specimen import Fault, Specimen
from model.warnings import KINDS, InputWarning
from training.data import Specimens
from training.estimator import make_estimator
from training.export import curves


@pytest.fixture(scope="module")
def estimator(rows: Specimens, classifier: Classifier, cases: list[dict[str, object]]) -> Pipeline:
    """The pipeline of the artifact's recipe, fitted again on all rows but the showcase cases."""
    seen = np.setdiff1d(np.arange(len(rows)), [case["row"] for case in cases])
    fitted: Pipeline = make_estimator(**classifier.document["recipe"])
    return fitted.fit(rows.values[seen], rows.malignant[seen])


def test_the_served_curves_are_the_pipeline_inside_and_outside_the_range(
    estimator: Pipeline, classifier: Classifier, rows: Specimens
) -> None:
    expected = estimator.decision_function(rows.values)
    np.testing.assert_allclose(classifier.logits(rows.values), expected, atol=1e-6)
    reference = classifier.median
    logit = float(estimator.decision_function(reference[None])[0])
    document = classifier.document | {
        "curves": curves(estimator, reference),
        "reference": {"logit": logit, "values": reference.tolist()},
    }
    spans = np.array([(f.low, f.high - f.low) for f in FEATURES]).T
    draws = np.random.default_rng(7).uniform(-0.5, 1.5, size=(10_000, len(NAMES)))
    values = np.maximum(spans[0] + draws * spans[1], 0.0)
    logits = Classifier(document).logits(values)
    np.testing.assert_allclose(logits, estimator.decision_function(values), rtol=0, atol=1e-9)


def test_one_and_many_get_the_same_answer(classifier: Classifier, rows: Specimens) -> None:
    noise = np.random.default_rng(5).uniform(0.5, 1.5, rows.values.shape)
    values = np.concatenate([rows.values, rows.values * noise])
    many = classifier.predict_many(values)
    for i, row in enumerate(values.tolist()):
        one = classifier.predict(Specimen(tuple(row)))
        numbers = (many.logit[i], many.probability[i], many.low[i], many.high[i])
        same = (one.logit, one.probability, one.interval.low, one.interval.high)
        assert numbers == pytest.approx(same, rel=1e-12)
        assert (many.diagnosis[i], many.verdict[i]) == (one.diagnosis, one.verdict)
        kinds = [KINDS[kind] for kind in np.flatnonzero(many.warning_flags[i])]
        assert kinds == [(warning.code, warning.features) for warning in one.warnings]


def test_word_and_number_never_disagree(classifier: Classifier, rows: Specimens) -> None:
    low, high = np.array([(feature.low, feature.high) for feature in FEATURES]).T
    random = np.random.default_rng(6).uniform(low, high, (3000, len(NAMES)))
    probabilities = np.concatenate([classifier.probabilities(np.vstack([rows.values, random])), [0.5]])
    words = [classifier.verdict(p) for p in probabilities.tolist()]
    assert set(words) == {"malignant", "inconclusive", "benign"}
    for word, probability in zip(words, probabilities.tolist(), strict=True):
        assert word != "malignant" or probability >= 0.5
        assert word != "benign" or probability < 0.5
        assert word in {"inconclusive", classifier.diagnosis(probability)}


def test_a_cut_point_itself_belongs_above(classifier: Classifier) -> None:
    specimen, values = Specimen(tuple(classifier.median.tolist())), classifier.median[None]
    one, many = (
        classifier.predict(specimen).probability,
        float(classifier.predict_many(values).probability[0]),
    )
    for low, high, word in ((0.0, 0.0, "malignant"), (0.0, 0.5, "inconclusive")):
        cuts = [{"level": 0.98, "malignant_from": low or p, "benign_to": high or p} for p in (one, many)]
        at = [Classifier(classifier.document | {"verdict": cut}) for cut in cuts]
        assert at[0].predict(specimen).verdict == word
        assert at[1].predict_many(values).verdict.tolist() == [word]


def test_contributions_add_up_and_the_interval_holds_the_probability(
    classifier: Classifier, rows: Specimens
) -> None:
    for values in rows.values:
        prediction = classifier.predict(Specimen(tuple(values)))
        total = sum(c.contribution for c in prediction.contributions) + prediction.reference_logit
        assert total == pytest.approx(prediction.logit, abs=1e-9)
        assert prediction.interval.low < prediction.probability < prediction.interval.high
    median = classifier.predict(Specimen(tuple(classifier.median)))
    assert [c.contribution for c in median.contributions] == pytest.approx([0] * len(NAMES), abs=1e-12)
    assert median.logit == pytest.approx(median.reference_logit)


def test_extreme_values_are_answered(classifier: Classifier) -> None:
    for name, extreme in product(NAMES, (0.0, 5e-324, 1e-9, 1e9, 1.7e308)):
        values = classifier.median.copy()
        values[NAMES.index(name)] = extreme
        prediction = classifier.predict(Specimen(tuple(values)))
        assert 0 < prediction.probability < 1
        assert json.loads(json.dumps(prediction.to_dict(), allow_nan=False))["warnings"]

    for at_once in ([0.0] * len(NAMES), [1.7e308] * len(NAMES)):
        assert 0 <= classifier.predict(Specimen(tuple(at_once))).probability <= 1


def test_knots_may_fall_together_where_many_values_are_the_same(classifier: Classifier) -> None:
    document = copy.deepcopy(classifier.document)
    curve = document["curves"][NAMES.index("concavity_mean")]
    curve["knots"][1] = curve["knots"][0]
    tied = Classifier(document).predict(
        Specimen(tuple(classifier.median * (np.array(NAMES) != "concavity_mean")))
    )
    assert tied.contributions[NAMES.index("concavity_mean")].contribution == pytest.approx(curve["values"][1])


def test_an_artifact_that_is_altered_missing_or_another_is_refused(
    classifier: Classifier, tmp_path: Path
) -> None:
    altered, document = tmp_path / "artifact", classifier.document
    shutil.copytree(ARTIFACT, altered)
    load = {"classifier.json": Classifier.load, "reference.csv": Reference.load}
    for name in ("classifier.json", "reference.csv", "cases.json", "evaluation.json", "MODEL_CARD.md"):
        assert read_artifact(name, altered) == (ARTIFACT / name).read_bytes()
        with (altered / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        with pytest.raises(ArtifactError, match=rf"{name} has sha256 \w+, expected \w+"):
            load.get(name, partial(read_artifact, name))(altered)
        with pytest.raises(ArtifactError, match="has sha256"):
            read_artifacts(altered)
        shutil.copy(ARTIFACT / name, altered / name)
    assert set(read_artifacts(altered)) == {path.name for path in ARTIFACT.iterdir()} - {"SHA256SUMS"}
    for read in (Classifier.load, read_artifacts):
        with pytest.raises(ArtifactError, match="make train"):
            read(tmp_path)
    with pytest.raises(ArtifactError, match=rf"has the features \('{NAMES[-1]}', .*, expected"):
        Classifier(document | {"curves": document["curves"][::-1]})
    with pytest.raises(ArtifactError, match="has format 2, expected 1"):
        Classifier(document | {"format": 2})
    for name in ("version", "interval", "curves"):
        content = json.dumps({key: value for key, value in document.items() if key != name})
        (altered / "classifier.json").write_text(content, encoding="utf-8")
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        (altered / "SHA256SUMS").write_text(f"{sha256}  classifier.json\n", encoding="utf-8")
        with pytest.raises(ArtifactError, match=f"is not as `make train` writes it: KeyError.'{name}'"):
            Classifier.load(altered)


def test_a_prediction_is_described_field_by_field_and_shaped_as_its_json(
    classifier: Classifier, rows: Specimens
) -> None:
    parts = (Interval, Contribution, InputWarning, ModelInfo, Fault, Similar, NearestSpecimen, Flip)
    for record in (Prediction, *parts, NearestOutcomes):
        for field in fields(record):
            assert len(field.metadata["description"]) > 8, f"{record.__name__}.{field.name}"
    for row in rows.values[:20]:
        prediction = classifier.predict(Specimen(tuple(row * 1.5)))
        assert prediction.to_dict() == json.loads(json.dumps(asdict(prediction)))
        assert [c.value for c in prediction.contributions] == (row * 1.5).tolist()
