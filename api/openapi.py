"""REST as an OpenAPI 3.1 document, derived from the feature table; its examples are real answers.

Knows the shape of every answer; a test holds the answers to it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from api.body import INCLUDE, MOST
from api.problems import KINDS, MEDIA_TYPE
from model.classifier import Classifier
from model.features import FEATURES, NAMES, Feature
from model.specimen import Specimen

Schema = dict[str, Any]

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
        "components": {"schemas": _schemas()},
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
        "/v1/features": {"get": _get("features", "The thirty features: units, observed ranges", "Features")},
        "/v1/cases": {"get": _get("cases", "Real specimens that the model never saw, to try", "Cases")},
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
            "content": {"application/json": {"schema": _ref("Request"), "examples": bodies}},
        },
        "responses": {
            "200": {
                "description": "The prediction, or `predictions` in the order of the specimens",
                "content": {
                    "application/json": {
                        "schema": {"oneOf": [_ref("Prediction"), _ref("Predictions")]},
                        "examples": {"named": {"value": answer}},
                    }
                },
            },
            **_problems("invalid-input", "unsupported-content", "too-large", "too-slow", "too-many-requests"),
        },
    }


def _get(name: str, summary: str, schema: str) -> dict[str, Any]:
    answer = {"description": summary, "content": {"application/json": {"schema": _ref(schema)}}}
    return {"operationId": name, "summary": summary, "responses": {"200": answer}}


def _problems(*kinds: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {
        str(KINDS[kind].status): {
            "description": f"{KINDS[kind].title}. {KINDS[kind].advice}",
            "content": content,
        }
        for kind in kinds
    }


def _schemas() -> dict[str, Schema]:
    return _requests() | _predictions() | _descriptions() | _problem_schemas()


def _requests() -> dict[str, Schema]:
    number = {"type": "number", "minimum": 0, "maximum": sys.float_info.max}
    features = {"oneOf": [_ref("NamedFeatures"), _ref("ListedFeatures")]}
    named = {feature.name: number | {"description": in_a_line(feature)} for feature in FEATURES}
    many = _list({"oneOf": [_ref("NamedFeatures"), _ref("ListedFeatures"), _ref("OneSpecimen")]}, 1, MOST)
    return {
        "NamedFeatures": _record(named),
        "ListedFeatures": _list(number, len(NAMES), len(NAMES))
        | {"description": "In the order of /v1/features"},
        "OneSpecimen": _record({"features": features}),
        "Request": {"oneOf": [_ref("OneSpecimen"), _record({"specimens": many}), many]},
    }


def _predictions() -> dict[str, Schema]:
    word = {"type": "string", "enum": ["malignant", "benign"]}
    verdict = {"type": "string", "enum": ["malignant", "benign", "inconclusive"]}
    name = {"type": "string", "enum": list(NAMES)}
    number, text, chance = (
        {"type": "number"},
        {"type": "string"},
        {"type": "number", "minimum": 0, "maximum": 1},
    )
    share = _record({"feature": name, "value": number, "contribution": number})
    code = {"type": "string", "enum": ["out_of_range", "contradiction", "novel"]}
    similar = {
        "row": {"type": "integer", "description": "of the published data, from 0"},
        "diagnosis": word, "probability": chance, "distance": number,
        "differs": _list(name), "values": _list(number, len(NAMES), len(NAMES)),
    }  # fmt: skip
    flip = {"feature": name, "value": number, "to": number, "effort": number, "probability": chance}
    always = {
        "probability": chance | {"description": "Calibrated probability of malignant"},
        "interval": _record({"low": chance, "high": chance, "level": chance}),
        "diagnosis": word | {"description": "The probability compared with the threshold"},
        "verdict": verdict | {"description": "The conformal set in a word"},
        "level": chance | {"description": "Coverage of the verdict"},
        "threshold": chance,
        "logit": number | {"description": "Log-odds: reference_logit plus all contributions"},
        "reference_logit": number,
        "contributions": _list(share, len(NAMES), len(NAMES)),
        "warnings": _list(_record({"code": code, "features": _list(name), "message": text})),
        "model": _record({"version": text, "sha256": text}),
    }
    asked = {"similar": _list(_record(similar)), "flips": _list(_record(flip))}
    prediction = _record(always) | {"properties": always | asked}
    return {
        "Prediction": prediction,
        "Predictions": _record({"predictions": _list(_ref("Prediction"), 1, MOST)}),
    }


def _descriptions() -> dict[str, Schema]:
    text, number = {"type": "string"}, {"type": "number"}
    feature = {
        "name": text, "label": text, "meaning": text, "unit": text,
        "low": number, "high": number, "step": number, "aliases": _list(text),
    }  # fmt: skip
    case = {
        "key": text, "row": {"type": "integer"}, "title": text, "why": text, "diagnosis": text,
        "features": _ref("NamedFeatures"),
    }  # fmt: skip
    return {
        "Features": _record({"features": _list(_record(feature), len(NAMES), len(NAMES))}),
        "Cases": _record({"cases": _list(_record(case), 1)}),
        "Model": {"type": "object", "required": ["version", "sha256", "threshold"]},
        "Health": _record({"status": {"const": "ok"}, "model": text}),
    }


def _problem_schemas() -> dict[str, Schema]:
    text = {"type": "string"}
    fault = dict.fromkeys(("code", "feature", "value", "expected", "message"), text)
    one = _record(fault) | {"properties": fault | {"specimen": {"type": "integer", "minimum": 0}}}
    problem = {"type": text, "title": text, "status": {"type": "integer"}, "detail": text}
    more = {"faults": _list(one, 1), "limit": {"type": "integer"}}
    return {"Problem": _record(problem) | {"properties": problem | more}}


def _record(properties: Schema) -> Schema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(items: Schema, least: int = 0, most: int | None = None) -> Schema:
    return {"type": "array", "items": items, "minItems": least} | ({} if most is None else {"maxItems": most})


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def in_a_line(feature: Feature) -> str:
    """What a feature is: ``Radius, mean, in u; observed 6.981 to 28.11``."""
    unit = f", in {feature.unit}" if feature.unit else ""
    return f"{feature.label}{unit}; observed {feature.low:g} to {feature.high:g}"
