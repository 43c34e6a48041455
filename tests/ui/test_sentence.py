"""The reason in one sentence: true to the contributions, and said for every specimen."""

import re

from model.classifier import Classifier
from model.explain import Reference
from model.features import FEATURES, MEASUREMENTS
from model.specimen import Specimen
from ui.explorer import Explorer
from ui.sentence import sentence


def test_every_real_specimen_has_a_whole_sentence(classifier: Classifier, reference: Reference) -> None:
    for values in reference.values.tolist():
        said = sentence(classifier.predict(Specimen.parse(values)), classifier)
        assert re.fullmatch(r"[A-Z][^{}]+\.", said), said


def test_the_measurement_that_weighs_most_is_named(classifier: Classifier, reference: Reference) -> None:
    for values in reference.values[::7].tolist():
        prediction = classifier.predict(Specimen.parse(values))
        sums = {
            m.label.lower(): sum(
                share
                for share, feature in zip(prediction.contributions, FEATURES, strict=True)
                if feature.measurement is m
            )
            for m in MEASUREMENTS
        }
        heaviest = max(sums, key=lambda name: abs(sums[name]))
        assert heaviest in sentence(prediction, classifier)


def test_the_median_is_not_said_to_be_special(explorer: Explorer) -> None:
    prediction = explorer.classifier.predict(explorer.median)
    assert "close to the median" in sentence(prediction, explorer.classifier)
