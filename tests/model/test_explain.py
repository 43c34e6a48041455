"""What-if answers are true of the model: each flip flips, each response is the prediction."""

import numpy as np
import pytest

from model.classifier import Classifier
from model.explain import Explainer, Reference
from model.features import BY_NAME, NAMES
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
