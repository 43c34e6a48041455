"""The shape of everything that REST reads and answers, as JSON schemas derived from the feature table."""

import math
import sys
from typing import Any

from api.body import MOST
from model.features import FEATURES, NAMES, Feature

Schema = dict[str, Any]


def schemas() -> dict[str, Schema]:
    """Every schema by its name."""
    return _requests() | _predictions() | _descriptions() | _problem_schemas()


def _requests() -> dict[str, Schema]:
    features = {"oneOf": [ref("NamedFeatures"), ref("ListedFeatures")]}
    named = {f.name: _number(f.minimum) | {"description": in_a_line(f)} for f in FEATURES}
    number = _number(min(f.minimum for f in FEATURES))
    many = _list({"oneOf": [ref("NamedFeatures"), ref("ListedFeatures"), ref("OneSpecimen")]}, 1, MOST)
    return {
        "NamedFeatures": _record(named),
        "ListedFeatures": _list(number, len(NAMES), len(NAMES))
        | {"description": "In the order of /v1/features"},
        "OneSpecimen": _record({"features": features}),
        "Request": {"oneOf": [ref("OneSpecimen"), _record({"specimens": many}), many]},
    }


def _number(minimum: float) -> Schema:
    """A finite number; JSON has no infinity, so none stands for no minimum."""
    least = {"minimum": minimum} if math.isfinite(minimum) else {}
    return {"type": "number", "maximum": sys.float_info.max} | least


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
    flip = {
        "feature": name, "value": number, "to": number, "effort": number, "probability": chance,
        "verdict": word, "new_warnings": {"type": "integer"},
    }  # fmt: skip
    always = {
        "probability": chance | {"description": "Calibrated probability of malignant"},
        "interval": _record({"low": chance, "high": chance, "level": chance})
        | {"description": "Where the probability lies, `low` to `high`, with confidence `level`"},
        "diagnosis": word | {"description": "The probability compared with the threshold"},
        "verdict": verdict | {"description": "The conformal set in a word"},
        "level": chance | {"description": "Coverage of the verdict"},
        "threshold": chance | {"description": "Probability from which on the diagnosis is malignant"},
        "logit": number | {"description": "Log-odds: reference_logit plus all contributions"},
        "reference_logit": number | {"description": "Log-odds of the median specimen"},
        "contributions": _list(share, len(NAMES), len(NAMES)),
        "warnings": _list(_record({"code": code, "features": _list(name), "message": text})),
        "model": _record({"version": text, "sha256": text}),
    }
    asked = {"similar": _list(_record(similar)), "flips": _list(_record(flip))}
    prediction = _record(always) | {"properties": always | asked}
    return {
        "Prediction": prediction,
        "Predictions": _record({"predictions": _list(ref("Prediction"), 1, MOST)}),
    }


def _descriptions() -> dict[str, Schema]:
    text, number = {"type": "string"}, {"type": "number"}
    feature = {
        "name": text, "label": text, "meaning": text, "unit": text,
        "low": number, "high": number, "step": number, "aliases": _list(text),
    }  # fmt: skip
    case = {
        "key": text, "aliases": _list(text), "row": {"type": "integer"}, "title": text, "why": text,
        "diagnosis": text, "features": ref("NamedFeatures"),
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


def ref(name: str) -> Schema:
    """A reference to the schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def in_a_line(feature: Feature) -> str:
    """What a feature is: ``Radius, mean, in u; observed 6.981 to 28.11``."""
    unit = f", in {feature.unit}" if feature.unit else ""
    return f"{feature.label}{unit}; observed {feature.low:g} to {feature.high:g}"
