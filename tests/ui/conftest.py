"""What the modules of the page need, without a server."""

from typing import Any

import pytest

from model.classifier import Classifier
from model.explain import Reference
from ui.context import PageContext


@pytest.fixture(scope="session")
def context(classifier: Classifier, cases: list[dict[str, Any]], reference: Reference) -> PageContext:
    return PageContext(classifier, {"cases": cases}, reference)
