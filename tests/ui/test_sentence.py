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
                for share, feature in zip(prediction.shares, FEATURES, strict=True)
                if feature.measurement is m
            )
            for m in MEASUREMENTS
        }
        heaviest = max(sums, key=lambda name: abs(sums[name]))
        assert heaviest in sentence(prediction, classifier)


PHRASE = re.compile(r"(large|small) (mean|variation of|worst) ([a-z ]+?)(?=[;.]| and )")
STATISTIC = {"mean": "mean", "variation of": "se", "worst": "worst"}


def test_what_is_said_to_speak_for_the_verdict_does_and_its_size_is_right(
    classifier: Classifier, reference: Reference
) -> None:
    for values in reference.values.tolist():
        prediction = classifier.predict(Specimen.parse(values))
        verdict = -1 if prediction.verdict == "benign" else 1
        said = re.split("; against it|in spite of|For benign:", sentence(prediction, classifier))
        for side, part in zip((verdict, -verdict), said, strict=False):
            for size, statistic, label in PHRASE.findall(part):
                own = [i for i, f in enumerate(FEATURES) if f.measurement.label.lower() == label]
                assert side * sum(prediction.shares[i] for i in own) > 0, said
                (named,) = (i for i in own if FEATURES[i].statistic.suffix == STATISTIC[statistic])
                assert (size == "large") == (values[named] > classifier.reference[named]), said


def test_the_median_is_not_said_to_be_special(explorer: Explorer) -> None:
    prediction = explorer.classifier.predict(explorer.median)
    assert "close to the median" in sentence(prediction, explorer.classifier)
