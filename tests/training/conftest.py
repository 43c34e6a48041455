"""Reduced protocols on the real data; the full one is `make evaluate`."""

from collections.abc import Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from model.evidence import Evidence


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tests run in parallel, so more threads would only slow each other down."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """The committed evidence."""
    return Evidence.load()


def leaves(document: Any) -> list[Any]:
    """All keys, words and numbers, however deep, in order."""
    if isinstance(document, dict):
        document = [*document, *document.values()]
    if isinstance(document, list | tuple):
        return [leaf for item in document for leaf in leaves(item)]
    return [document]
