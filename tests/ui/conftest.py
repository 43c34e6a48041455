"""What the modules of the page need, without a server."""

from typing import Any

import pytest

from model.classifier import Classifier
from model.explain import Reference
from ui.explorer import Explorer


@pytest.fixture(scope="session")
def explorer(classifier: Classifier, cases: list[dict[str, Any]], reference: Reference) -> Explorer:
    return Explorer(classifier, {"cases": cases}, reference)
