"""The model in the browser and on the server give the same answers on 10,000 specimens."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.classifier import Classifier
from model.explain import Reference
from model.features import FEATURES, MEASUREMENTS, NAMES
from tests.ui.node import in_node
from ui import charts, text
from ui.context import PageContext
from ui.front import page_data

SCRIPT = """
const fna = createModel(given.data);
return given.specimens.map((values) => {
  const prediction = fna.predict(values), nearest = fna.nearest(prediction.logit);
  return {
    logit: prediction.logit, contributions: prediction.contributions,
    word: given.data.words.verdict[prediction.verdict], percent: fna.percent(prediction.probability),
    rows: nearest.map(({ row }) => row), outcomes: fna.outcomes(nearest),
    reasons: prediction.reasons.map(({ measurement, sum }) => [measurement.name, sum]),
    shares: prediction.reasons.map(({ sum }) => fna.signed(sum)),
    sentence: fna.sentence(prediction),
  };
});
"""


@pytest.fixture(scope="module")
def specimens(classifier: Classifier, reference: Reference) -> NDArray[np.float64]:
    """Real specimens, mixtures of them, some far beyond the data or with zeros, and at last the median."""
    random = np.random.default_rng(1)
    low, high = (np.array([getattr(f, end) for f in FEATURES]) for end in ("low", "high"))
    picked = random.integers(len(reference.values), size=(6000, len(NAMES)))
    mixed = np.take_along_axis(reference.values, picked, axis=0)
    spread = high * random.lognormal(0, 3, (3000, len(NAMES)))
    zeros = np.where(random.random((430, len(NAMES))) < 0.5, 0.0, low)
    return np.vstack([reference.values, mixed, spread, zeros, classifier.median])


@pytest.fixture(scope="module")
def answers(context: PageContext, specimens: NDArray[np.float64]) -> list[dict[str, Any]]:
    given = {"data": page_data(context), "specimens": specimens.tolist()}
    found: list[dict[str, Any]] = in_node(SCRIPT, given)
    assert len(found) == len(specimens) == 10_000
    return found


def test_the_log_odds_are_the_servers(
    classifier: Classifier, specimens: NDArray[np.float64], answers: list[dict[str, Any]]
) -> None:
    logits = np.array([answer["logit"] for answer in answers])
    np.testing.assert_allclose(logits, classifier.logits(specimens), rtol=0, atol=1e-9)
    contributions = np.array([answer["contributions"] for answer in answers])
    np.testing.assert_allclose(contributions, classifier.contributions(specimens), rtol=0, atol=1e-9)


def test_word_and_number_read_as_on_the_server_and_never_disagree(
    classifier: Classifier, specimens: NDArray[np.float64], answers: list[dict[str, Any]]
) -> None:
    found = classifier.predict_many(specimens)
    for probability, verdict, answer in zip(found.probability, found.verdict, answers, strict=True):
        assert answer["word"] == text.VERDICT[str(verdict)]
        assert answer["percent"] == charts.percent(float(probability))
        shown = float(answer["percent"].strip("<> %"))
        assert {"Malignant": shown >= 50, "Benign": shown < 50}.get(answer["word"], shown <= 50)


def test_the_nearest_outcomes_are_those_of_the_explainer(
    context: PageContext,
    classifier: Classifier,
    specimens: NDArray[np.float64],
    answers: list[dict[str, Any]],
) -> None:
    for values, answer in list(zip(specimens, answers, strict=True))[::3]:
        nearest = context.explainer.nearest(float(classifier.probabilities(values[None])[0]))
        assert answer["rows"] == [specimen.row for specimen in nearest.specimens]
        count = re.match(r"None|All|\d+", answer["outcomes"])
        assert count and {"None": 0, "All": 20}.get(count[0]) in (None, nearest.malignant)
        assert count[0] in ("None", "All") or int(count[0]) == nearest.malignant


def test_the_reasons_add_up_and_come_in_the_order_of_their_weight(answers: list[dict[str, Any]]) -> None:
    for answer in answers[::10]:
        shares = dict(zip(NAMES, answer["contributions"], strict=True))
        sums = {m.name: sum(shares[f.name] for f in FEATURES if f.measurement is m) for m in MEASUREMENTS}
        assert dict(answer["reasons"]) == pytest.approx(sums, abs=1e-9)
        sizes = [abs(share) for _, share in answer["reasons"]]
        assert sizes == sorted(sizes, reverse=True)
        assert answer["shares"] == [charts.signed(share) for _, share in answer["reasons"]]


def test_the_sentence_is_true_of_every_real_specimen(
    classifier: Classifier, reference: Reference, answers: list[dict[str, Any]]
) -> None:
    for values, answer in zip(reference.values, answers, strict=False):
        said, sums = answer["sentence"], dict(answer["reasons"])
        assert re.fullmatch(r"[A-Z][^{}]+\.", said) and not re.search(r"by [;.]|towards (\w+) .*\1", said), (
            said
        )
        sides = {share > 0 for share in sums.values() if abs(share) >= 0.5}
        assert said.count("towards") == len(sides), said
        heaviest = max(MEASUREMENTS, key=lambda m: abs(sums[m.name]))
        assert re.search(rf"\b{heaviest.label.lower()}\b", said), said
        for side, part in re.findall(r"towards (benign|malignant) by ([^;]+)[;.]", said):
            for feature in FEATURES:
                if re.search(rf"[(,] ?{feature.spoken}[,)]", part):
                    assert (sums[feature.measurement.name] > 0) == (side == "malignant"), said
                    index = NAMES.index(feature.name)
                    large = int(values[index] > classifier.median[index])
                    assert text.PLAIN[feature.measurement.name][large] in part, said
    assert answers[-1]["sentence"] == text.ANSWER_WORDS["sentence_nothing"].format(median="benign")
