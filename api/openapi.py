"""REST as an OpenAPI 3.1 document; its examples are real answers, and a test holds REST to it."""

from collections.abc import Mapping
from typing import Any

from api.body import INCLUDE, MOST
from api.problems import KINDS, MEDIA_TYPE
from api.schemas import ref, schemas
from model.classifier import Classifier
from model.specimen import Specimen

ABOUT = """\
Thirty measurements of cell nuclei in a fine-needle aspirate of a breast mass in, the calibrated and explained
probability that the mass is malignant out. A teaching and research demo, not a medical device.
Nothing that is sent is stored or logged."""


def openapi(classifier: Classifier, cases: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Breast FNA Explorer",
            "version": classifier.info.version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(classifier, cases["cases"][0]["features"]),
        "components": {"schemas": schemas()},
    }


def _paths(classifier: Classifier, example: Mapping[str, float]) -> dict[str, Any]:
    predict = _predict(classifier, example)
    plain = predict | {
        "summary": "Predict, at the address that tutorials use",
        "operationId": "predict_plain",
        "description": "The same as `/v1/predict`.",
    }
    return {
        "/v1/predict": {"post": predict},
        "/predict": {"post": plain},
        "/v1/score": {"post": _score(example)},
        "/v1/features": {"get": _get("features", "The thirty features: units, observed ranges", "Features")},
        "/v1/cases": {"get": _get("cases", "Real specimens that were kept out of the fit, to try", "Cases")},
        "/v1/model": {"get": _get("model", "Which model answers, and how it was made", "Model")},
        "/v1/health": {"get": _get("health", "Is the process alive?", "Health")},
        "/v1/ready": {"get": _get("ready", "Can it answer predictions?", "Health")},
    }  # fmt: skip


def _predict(classifier: Classifier, example: Mapping[str, float]) -> dict[str, Any]:
    answer = classifier.predict(Specimen.parse(example)).to_dict()
    listed = {"features": list(example.values())}
    bodies = {
        "named": {"summary": "Named numbers", "value": {"features": dict(example)}},
        "listed": {"summary": "Thirty numbers in order", "value": listed},
        "many": {"summary": "Several specimens", "value": {"specimens": [dict(example), listed["features"]]}},
    }
    return {
        "operationId": "predict",
        "summary": "Predict one specimen, or many",
        "description": (
            f"One specimen as `features`, or up to {MOST} as `specimens`. If one of many is wrong, all are "
            "refused and each fault names its `specimen` by index: nothing is half done. "
            "Names may come in any spelling listed under `/v1/features`. "
            "Values outside the observed range are answered, with a warning."
        ),
        "parameters": [
            {
                "name": "include",
                "in": "query",
                "description": "More to explain the answer; the contributions are always there.",
                "explode": False,
                "schema": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "string", "enum": list(INCLUDE)},
                },
                "example": ["similar", "flips"],
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("Request"), "examples": bodies}},
        },
        "responses": {
            "200": {
                "description": "The prediction, or `predictions` in the order of the specimens",
                "content": {
                    "application/json": {
                        "schema": {"oneOf": [ref("Prediction"), ref("Predictions")]},
                        "examples": {"named": {"value": answer}},
                    }
                },
            },
            **_problems("invalid-input", "unsupported-content", "too-large", "too-slow", "too-many-requests"),
        },
    }


def _score(example: Mapping[str, float]) -> dict[str, Any]:
    table = f"{','.join(example)}\n{','.join(map(str, example.values()))}\n"
    simplest = rf"^{','.join(example)}\n[\s\S]*$"
    text = {"schema": {"type": "string"}}
    headers = {
        "rows": {"description": "Rows of the table", "schema": {"type": "integer"}},
        "rows-faulty": {"description": "Rows that could not be scored", "schema": {"type": "integer"}},
    }
    return {
        "operationId": "score",
        "summary": "Score a table",
        "description": (
            "CSV in, the same CSV with the results behind its columns out. A header in any order and known "
            "spelling; comma, semicolon or tab; UTF-8 or UTF-16; gzip if the file is packed. A row that "
            "is wrong keeps its line and says why under `error`; a wrong table is refused whole. "
            "The schema shows the simplest form."
        ),
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {"type": "string", "pattern": simplest},
                    "examples": {"one": {"summary": "One specimen", "value": table}},
                }
            },
        },
        "responses": {
            "200": {"description": "The scored table", "headers": headers, "content": {"text/csv": text}},
            **_problems(
                "invalid-input", "unsupported-content", "too-large", "too-slow", "too-many-requests", "busy"
            ),
        },
    }


def _get(name: str, summary: str, schema: str) -> dict[str, Any]:
    answer = {"description": summary, "content": {"application/json": {"schema": ref(schema)}}}
    return {"operationId": name, "summary": summary, "responses": {"200": answer}}


def _problems(*kinds: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": ref("Problem")}}
    return {
        str(KINDS[kind].status): {
            "description": f"{KINDS[kind].title}. {KINDS[kind].advice}",
            "content": content,
        }
        for kind in kinds
    }
