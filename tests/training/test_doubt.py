"""The interval of the probability is that of ridge logistic regression, and covers at least as promised."""

from typing import Any

import numpy as np
import pytest

from model.classifier import Classifier
from training.data import Specimens
from training.doubt import deviations
from training.estimator import make_estimator


@pytest.fixture(scope="module")
def fitted(rows: Specimens, classifier: Classifier) -> Any:
    return make_estimator(**classifier.document["recipe"]).fit(rows.values, rows.malignant)


def served_spread(classifier: Classifier, rows: Specimens, fitted: Any, rank: int) -> np.ndarray:
    """Standard deviation of each specimen's logit, as serving reads it from the artifact."""
    directions = deviations(fitted, rows.values, classifier.reference, rank)
    curves = [
        curve | {"knots": knots.tolist()}
        for curve, knots in zip(classifier.document["curves"], fitted["basis"].knots_, strict=True)
    ]
    interval = classifier.document["interval"] | {"z": 1.0, "deviations": directions.tolist()}
    said = Classifier(classifier.document | {"curves": curves, "interval": interval}).predict_many(
        rows.values
    )
    return np.log(said.high / (1 - said.high)) - said.logit


def test_with_all_directions_it_is_the_covariance_of_the_textbook(
    classifier: Classifier, rows: Specimens, fitted: Any
) -> None:
    design = np.column_stack([fitted["basis"].transform(rows.values), np.ones(len(rows))])
    probability = fitted.predict_proba(rows.values)[:, 1]
    information = (design.T * (probability * (1 - probability))) @ design
    penalty = np.diag([1 / fitted["logistic"].C] * (design.shape[1] - 1) + [0.0])
    bread = np.linalg.inv(information + penalty)
    expected = np.sqrt(((design @ bread @ information @ bread) * design).sum(axis=1))
    likely = np.abs(probability - 0.5) < 0.4999  # beyond, a float cannot tell a probability from 1
    spread = served_spread(classifier, rows, fitted, rank=len(rows))
    np.testing.assert_allclose(spread[likely], expected[likely], rtol=1e-4)


def test_few_directions_and_a_constant_tell_nearly_the_same(
    classifier: Classifier, rows: Specimens, fitted: Any
) -> None:
    few, everything = (served_spread(classifier, rows, fitted, rank) for rank in (16, len(rows)))
    uncertain = np.abs(fitted.decision_function(rows.values)) < 4
    ratio = few[uncertain] / everything[uncertain]
    assert 0.8 < np.median(ratio) < 1.1
    assert ratio.min() > 0.6 and ratio.max() < 1.5


def test_it_covers_the_truth_at_least_as_often_as_promised(evaluation: dict[str, Any]) -> None:
    found = evaluation["interval"]
    assert found["coverage"] >= found["level"]
    assert found["coverage_of_uncertain"] == pytest.approx(found["level"], abs=0.03)
    assert sum(group["specimens"] for group in found["by_probability"]) == evaluation["data"]["specimens"]
