"""What-if answers are true of the model: each flip flips, each response is the prediction."""

import math

import numpy as np
import pytest

from model.classifier import Classifier
from model.explain import Explainer, Reference
from model.features import BY_NAME, FEATURES, NAMES
from model.specimen import Specimen


@pytest.fixture(scope="module")
def explainer(classifier: Classifier, reference: Reference) -> Explainer:
    return Explainer(classifier, reference)


def test_a_specimen_is_nearest_to_itself(explainer: Explainer, reference: Reference) -> None:
    for row in range(0, 569, 50):
        similar = explainer.similar(Specimen(tuple(reference.values[row])))
        assert similar[0].row == row
        assert similar[0].distance == pytest.approx(0, abs=1e-9)
        assert [s.distance for s in similar] == sorted(s.distance for s in similar)


def test_a_similar_specimen_is_told_as_the_data_have_it(
    explainer: Explainer, classifier: Classifier, reference: Reference
) -> None:
    shares = classifier.contributions(reference.values)
    similar = explainer.similar(Specimen(tuple(reference.values[0])), n=569)
    assert sorted(s.row for s in similar) == list(range(569))
    for told in similar:
        apart = np.abs(shares[told.row] - shares[0])
        assert told.distance == pytest.approx(np.sqrt((apart**2).sum()), abs=1e-9)
        assert [apart[NAMES.index(name)] for name in told.differs] == sorted(apart, reverse=True)[:3]
        assert (told.diagnosis == "malignant") == reference.malignant[told.row]
        assert told.probability == reference.probability[told.row]
        assert told.values == tuple(reference.values[told.row])


def test_the_nearest_outcomes_are_those_of_the_nearest_log_odds(
    explainer: Explainer, reference: Reference
) -> None:
    for probability in (0.0, 1e-9, 0.003, 0.09, 0.38, 0.5, 0.97, 1 - 1e-9, 1.0):

        def logit(p: float) -> float:
            p = min(max(p, 1e-5), 1 - 1e-5)
            return math.log(p / (1 - p))

        known = reference.probability.tolist()
        order = sorted(range(569), key=lambda row: (abs(logit(known[row]) - logit(probability)), row))
        found = explainer.nearest(probability)
        assert {s.row for s in found.specimens} == set(order[:20])
        assert [s.probability for s in found.specimens] == sorted(known[row] for row in order[:20])
        assert [s.diagnosis == "malignant" for s in found.specimens] == [
            reference.malignant[s.row] for s in found.specimens
        ]
        assert found.malignant == sum(reference.malignant[row] for row in order[:20])
    assert explainer.nearest(0.999, 7).malignant == 7


def test_each_flip_flips_and_one_step_less_does_not(
    explainer: Explainer, classifier: Classifier, reference: Reference
) -> None:
    seen = 0
    for values in reference.values[::20]:
        specimen = Specimen(tuple(values))
        before = classifier.predict(specimen)
        for flip in explainer.flips(specimen):
            step = BY_NAME[flip.feature].step * (1 if flip.to > flip.value else -1)
            changed = dict(zip(NAMES, values.tolist(), strict=True))
            after = classifier.predict(Specimen.parse(changed | {flip.feature: flip.to}))
            almost = classifier.predict(Specimen.parse(changed | {flip.feature: flip.to - 2 * step}))
            assert after.diagnosis != before.diagnosis == almost.diagnosis
            assert after.probability == flip.probability
            seen += 1
    assert seen > 20


def humped(classifier: Classifier) -> Classifier:
    """With curves that rise and fall again, so that each may cross a level twice."""
    curves = [
        curve | {"values": (6 * np.sin(np.linspace(0, np.pi, len(curve["knots"])))).tolist()}
        for curve in classifier.document["curves"]
    ]
    reference = classifier.document["reference"] | {"logit": -110.0}  # below what most humps add up to
    return Classifier(classifier.document | {"curves": curves, "reference": reference})


@pytest.mark.parametrize("shape", ["served", "humped"])
def test_no_flip_is_missed_and_none_is_larger_than_need_be(
    classifier: Classifier, reference: Reference, shape: str
) -> None:
    """Held against every feature moved over its whole range in small steps."""
    classifier = humped(classifier) if shape == "humped" else classifier
    explainer = Explainer(classifier, reference)
    least_sure = np.abs(classifier.logits(reference.values)).argsort()
    for values in reference.values[least_sure[:15]]:
        flips = explainer.flips(Specimen(tuple(values)))
        assert flips
        assert [flip.effort for flip in flips] == sorted(flip.effort for flip in flips)
        malignant = classifier.probabilities(values[None])[0] >= classifier.threshold
        needed = {}
        for index, feature in enumerate(FEATURES):
            moved = np.tile(values, (1000, 1))
            moved[:, index] = np.linspace(feature.low, feature.high, len(moved))
            turns = (classifier.probabilities(moved) >= classifier.threshold) != malignant
            if turns.any():
                effort = np.abs(moved[turns, index] - values[index]).min() / (feature.high - feature.low)
                needed[feature.name] = pytest.approx(effort, abs=2e-3)
        assert {flip.feature: flip.effort for flip in flips} == needed


@pytest.mark.parametrize("name", NAMES)
def test_response_is_the_prediction(
    explainer: Explainer, classifier: Classifier, reference: Reference, name: str
) -> None:
    specimen = Specimen(tuple(reference.values[7]))
    response = explainer.response(specimen, name, [BY_NAME[name].low, BY_NAME[name].high])
    here = np.searchsorted(response.values, specimen.to_dict()[name])
    assert response.probability[here] == pytest.approx(classifier.predict(specimen).probability)


@pytest.mark.parametrize("name", NAMES)
def test_a_response_bends_only_where_it_has_points(
    explainer: Explainer, classifier: Classifier, reference: Reference, name: str
) -> None:
    specimen, feature = Specimen(tuple(reference.values[7])), BY_NAME[name]
    offset = classifier.document["curves"][NAMES.index(name)]["offset"]
    coarse = explainer.response(specimen, name, [feature.low, feature.high])
    fine = explainer.response(specimen, name, np.linspace(feature.low, feature.high, 1000).tolist())
    logit = [np.log(r.probability) - np.log1p(-r.probability) for r in (coarse, fine)]
    between = np.interp(np.log(fine.values + offset), np.log(coarse.values + offset), logit[0])
    assert between == pytest.approx(logit[1], abs=1e-6)


def test_an_unknown_feature_is_named(explainer: Explainer, reference: Reference) -> None:
    with pytest.raises(KeyError, match="blood_pressure"):
        explainer.response(Specimen(tuple(reference.values[0])), "blood_pressure", [])
