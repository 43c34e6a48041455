"""Reduced protocols on the real data; the full one is `make evaluate`."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from model.classifier import Classifier
from model.evidence import Evidence
from training.compare import PLAIN, SERVED, comparison
from training.data import Specimens
from training.estimator import make_quick_estimator
from training.evaluate import evaluate
from training.protocol import Protocol, out_of_fold


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tests run beside each other: more threads only get in each other's way."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """The committed evidence."""
    return Evidence.load()


@pytest.fixture(scope="session")
def repeats(rows: Specimens) -> NDArray[np.float64]:
    """Out-of-fold probabilities of twenty splits that no other test knows, (20, n)."""
    estimator = make_quick_estimator()
    return np.array([out_of_fold(rows, estimator, seed) for seed in range(300, 320)])


@pytest.fixture(scope="session")
def reduced(rows: Specimens, classifier: Classifier) -> Evidence:
    """The whole evidence, by the least protocol, for two models and a variation."""
    plain = comparison()[PLAIN]
    protocol = Protocol(rows, 2, 3, 100, cache=None, jobs=1, quiet=True)
    models = {SERVED: make_quick_estimator(), PLAIN: plain}
    return evaluate(protocol, classifier, models, {"straight lines": plain}, draws=20)
