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


def test_similar_specimens_come_nearest_first_and_as_the_data_have_them(
    explainer: Explainer, classifier: Classifier, reference: Reference
) -> None:
    shares = classifier.contributions(reference.values)
    similar = explainer.similar(Specimen(tuple(reference.values[0])), n=569)
    assert sorted(s.row for s in similar) == list(range(569))
    assert similar[0].row == 0 and similar[0].distance == pytest.approx(0, abs=1e-9)
    assert [s.distance for s in similar] == sorted(s.distance for s in similar)
    for case in similar:
        apart = np.abs(shares[case.row] - shares[0])
        assert case.distance == pytest.approx(np.sqrt((apart**2).sum()), abs=1e-9)
        assert [apart[NAMES.index(name)] for name in case.differs] == sorted(apart, reverse=True)[:3]
        assert (case.diagnosis == "malignant") == reference.malignant[case.row]
        assert case.probability == reference.probability[case.row]
        assert case.values == tuple(reference.values[case.row])


def test_the_nearest_outcomes_are_those_of_the_nearest_log_odds(
    explainer: Explainer, reference: Reference
) -> None:
    logits = np.clip(reference.probability, 1e-5, 1 - 1e-5)
    logits = np.log(logits / (1 - logits))
    known = reference.probability.tolist()
    for probability in (0.0, 1e-9, 0.003, 0.09, 0.38, 0.5, 0.97, 1 - 1e-9, 1.0):
        near = min(max(probability, 1e-5), 1 - 1e-5)
        order = np.argsort(np.abs(logits - math.log(near / (1 - near))), kind="stable").tolist()
        found = explainer.nearest(probability)
        assert {s.row for s in found.specimens} == set(order[:20])
        assert [s.probability for s in found.specimens] == sorted(known[row] for row in order[:20])
        assert [s.diagnosis == "malignant" for s in found.specimens] == [
            reference.malignant[s.row] for s in found.specimens
        ]
        assert found.malignant == sum(reference.malignant[row] for row in order[:20])
    assert explainer.nearest(0.999, 7).malignant == 7


def test_each_flip_leads_to_another_verdict_and_one_step_less_does_not(
    explainer: Explainer, classifier: Classifier, reference: Reference
) -> None:
    seen = set()
    least_sure = np.abs(classifier.logits(reference.values)).argsort()
    for values in reference.values[[*least_sure[:15], *range(0, 569, 20)]]:
        specimen = Specimen(tuple(values))
        before = classifier.predict(specimen)
        known = {(w.code, w.features) for w in before.warnings}
        for flip in explainer.flips(specimen):
            step = BY_NAME[flip.feature].step * (1 if flip.to > flip.value else -1)
            changed = specimen.to_dict() | {flip.feature: flip.to}
            after = classifier.predict(Specimen.parse(changed))
            almost = classifier.predict(Specimen.parse(changed | {flip.feature: flip.to - step}))
            assert before.verdict != after.verdict == flip.verdict != almost.verdict
            assert after.probability == flip.probability
            assert flip.new_warnings == sum((w.code, w.features) not in known for w in after.warnings)
            seen.add((before.verdict, after.verdict))
    unsure = {("inconclusive", "benign"), ("inconclusive", "malignant")}
    assert seen == unsure | {("benign", "malignant"), ("malignant", "benign")}


def humped(classifier: Classifier) -> Classifier:
    """A classifier whose curves rise and fall again, so that each may cross a level twice."""
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
    """Compared with moving every feature over its whole range in small steps."""
    classifier = humped(classifier) if shape == "humped" else classifier
    explainer = Explainer(classifier, reference)
    least_sure = np.abs(classifier.logits(reference.values)).argsort()
    shift = np.array([feature.shift for feature in FEATURES])
    spread = np.log(reference.values + shift).std(axis=0)
    seen = 0
    for values in reference.values[least_sure[:6]]:
        flips = explainer.flips(Specimen(tuple(values)))
        seen += len(flips)
        order = [(flip.new_warnings > 0, flip.effort) for flip in flips]
        assert order == sorted(order)
        here = classifier.predict_many(values[None])
        needed = {}
        for index, feature in enumerate(FEATURES):
            logs = np.log(np.array([feature.low, feature.high]) + shift[index])
            moved = np.tile(values, (2000, 1))
            moved[:, index] = np.exp(np.linspace(logs[0], logs[1], len(moved))) - shift[index]
            there = classifier.predict_many(moved)
            turns = (there.verdict != here.verdict) & (there.verdict != "inconclusive")
            if turns.any():
                clean = turns & ~(there.warning_flags & ~here.warning_flags).any(axis=1)
                ways = np.log(moved[clean if clean.any() else turns, index] + shift[index])
                effort = np.abs(ways - np.log(values[index] + shift[index])).min() / spread[index]
                step = np.log1p(feature.step / (values[index] + shift[index])) / spread[index]
                needed[feature.name] = pytest.approx(effort, abs=0.02 + step)
        assert {flip.feature: flip.effort for flip in flips} == needed
    assert seen > 20


def test_a_response_is_the_prediction_and_bends_only_where_it_has_points(
    explainer: Explainer, classifier: Classifier, reference: Reference
) -> None:
    specimen = Specimen(tuple(reference.values[7]))
    for feature in FEATURES:
        offset = classifier.document["curves"][NAMES.index(feature.name)]["offset"]
        coarse, there = explainer.response(specimen, feature.name, [feature.low, feature.high])
        here = np.searchsorted(coarse, specimen.to_dict()[feature.name])
        assert there[here] == pytest.approx(classifier.predict(specimen).probability)
        fine = np.linspace(feature.low, feature.high, 1000)
        fine, exact = explainer.response(specimen, feature.name, fine.tolist())
        logit = [np.log(p) - np.log1p(-p) for p in (there, exact)]
        between = np.interp(np.log(fine + offset), np.log(coarse + offset), logit[0])
        assert between == pytest.approx(logit[1], abs=1e-6)
