"""What REST answers without asking the model: features, cases, the model's making, its own description."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.body import write_json
from api.docs_page import docs_page
from api.openapi import openapi
from model.classifier import Classifier
from model.features import FEATURES, Feature

LARGE = frozenset({"curves", "interval", "novelty", "relations"})
"""Parts of ``classifier.json`` that say how to compute, not what the model is."""


@dataclass(frozen=True, slots=True)
class Document:
    """An answer that only changes with the model."""

    content: bytes
    media_type: str = "application/json"


def documents(classifier: Classifier, cases: Mapping[str, Any]) -> dict[str, Document]:
    """Path to document, rendered once."""
    description = openapi(classifier, cases)
    model = {key: value for key, value in classifier.document.items() if key not in LARGE}
    return {
        "/v1/features": Document(write_json({"features": [describe(feature) for feature in FEATURES]})),
        "/v1/cases": Document(write_json(cases)),
        "/v1/model": Document(write_json(model | {"sha256": classifier.info.sha256})),
        "/v1/openapi.json": Document(json.dumps(description, indent=1).encode()),
        "/v1/docs": Document(docs_page(description).encode(), "text/html"),
    }


def describe(feature: Feature) -> dict[str, Any]:
    """A feature as ``/v1/features`` lists it."""
    return {
        "name": feature.name,
        "label": feature.label,
        "meaning": "; ".join(filter(None, (feature.measurement.meaning, feature.statistic.meaning))),
        "unit": feature.unit,
        "low": feature.low,
        "high": feature.high,
        "step": feature.step,
        "aliases": list(feature.aliases),
    }
