"""Fixtures for REST in this process, behind its middleware."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.middleware import FrontDoor
from api.rest import create_rest
from api.settings import Settings
from api.tables import DiskBudget, Tables
from model.classifier import Classifier
from model.explain import Explainer, Reference

Door = Callable[..., TestClient]


@pytest.fixture(scope="session")
def door(classifier: Classifier, cases: list[dict[str, Any]], reference: Reference) -> Door:
    """Makes a client of REST alone, optionally with other tables, settings or another prefix."""
    explainer = Explainer(classifier, reference)

    def client(tables: Tables | None = None, settings: Settings = Settings()) -> TestClient:  # noqa: B008
        tables = tables or Tables(classifier, DiskBudget(2**30), 2, 2**20)
        rest = create_rest(explainer, {"cases": cases}, tables, settings.prefix)
        return TestClient(FrontDoor(rest, settings, disk=tables.budget), raise_server_exceptions=False)

    return client
