"""Reduced protocols on the real data; the full one is `make evaluate`."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from model.classifier import ARTIFACT
from training.compare import PLAIN, SERVED, comparison
from training.data import Specimens
from training.estimator import make_quick_estimator
from training.evaluate import describe, evaluate, judge
from training.protocol import Protocol

Evaluation = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tests run beside each other: more threads only get in each other's way."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    """The committed evidence."""
    document: Evaluation = json.loads((ARTIFACT / "evaluation.json").read_text(encoding="utf-8"))
    return document


def protocol(data: Specimens, repeats: int = 3, folds: int = 5) -> Protocol:
    return Protocol(data, repeats, folds, cache=None, jobs=2, backend="threading", quiet=True)


@pytest.fixture(scope="session")
def judged() -> Callable[..., Evaluation]:
    """What a report compares, for the recipe on other specimens or another recipe, each worked out once."""
    done: dict[tuple[str, float], Evaluation] = {}

    def run(data: Specimens, penalty: float = 2.0) -> Evaluation:
        key = (data.sha256, penalty)
        if key not in done:
            estimator = {SERVED: make_quick_estimator(C=penalty)}
            done[key] = {
                "data": {"sha256": data.sha256},
                "protocol": describe(protocol(data)),
                "conformal": [],
                **judge(protocol(data).run(estimator)[SERVED], data.malignant, threshold=0.3, draws=20),
            }
        return done[key]

    return run


@pytest.fixture(scope="session")
def untouched(rows: Specimens) -> Evaluation:
    """The whole evidence, by the reduced protocol, for two models and a rival."""
    classifier = json.loads((ARTIFACT / "classifier.json").read_text(encoding="utf-8"))
    plain = comparison()[PLAIN]
    models = {SERVED: make_quick_estimator(), PLAIN: plain}
    return evaluate(
        protocol(rows, repeats=2, folds=3), classifier, "0" * 64, models, rivals={"straight lines": plain}
    )
