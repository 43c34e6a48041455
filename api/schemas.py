"""The description of REST: the schemas of bodies and answers, and what FastAPI cannot see of a route.

The schema of a prediction derives from the documented fields of ``Prediction``, and that of the numbers from
the feature table.
"""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, create_model

from api.body import INCLUDE, MAX_SPECIMENS
from api.problems import KINDS, MEDIA_TYPE
from model.explain import Answer, Explainer
from model.features import FEATURES, NAMES, Feature
from model.prediction import Diagnosis
from model.specimen import Fault, FaultCode, Specimen
from model.table import TableFaultCode

REF = "#/components/schemas/{model}"
Described = dict[str, Any]


def one_line(feature: Feature) -> str:
    """A feature in one line: ``Radius, mean, in u; observed 6.981 to 28.11``."""
    unit = f", in {feature.unit}" if feature.unit else ""
    return f"{feature.label}{unit}; observed {feature.low:g} to {feature.high:g}"


# The bodies and answers; these models only serve to make schemas.


def _number(minimum: float, description: str | None = None) -> Any:
    finite_minimum = minimum if math.isfinite(minimum) else None
    return Annotated[float, Field(ge=finite_minimum, le=sys.float_info.max, description=description)]


_STRICT = ConfigDict(extra="forbid")
_MINIMUM = min(feature.minimum for feature in FEATURES)
_NAMED = {feature.name: (_number(feature.minimum, one_line(feature)), ...) for feature in FEATURES}
NamedFeatures = create_model("NamedFeatures", __config__=_STRICT, **_NAMED)  # type: ignore[call-overload]
ListedFeatures: Any = Annotated[
    list[_number(_MINIMUM)],  # type: ignore[misc]  # derived from the feature table
    Field(min_length=len(NAMES), max_length=len(NAMES), description="In the order of /v1/features"),
]
OneSpecimen = create_model("OneSpecimen", __config__=_STRICT, features=(NamedFeatures | ListedFeatures, ...))
_Many = Annotated[
    list[NamedFeatures | ListedFeatures | OneSpecimen],  # type: ignore[valid-type]
    Field(min_length=1, max_length=MAX_SPECIMENS),
]
ManySpecimens = create_model("ManySpecimens", __config__=_STRICT, specimens=(_Many, ...))
Request = OneSpecimen | ManySpecimens | NamedFeatures | ListedFeatures | _Many


FEATURE_LIST = [
    {
        "name": feature.name,
        "label": feature.label,
        "meaning": "; ".join(filter(None, (feature.measurement.meaning, feature.statistic.meaning))),
        "unit": feature.unit,
        "low": feature.low,
        "high": feature.high,
        "step": feature.step,
        "aliases": list(feature.aliases),
    }
    for feature in FEATURES
]
"""The features as ``/v1/features`` lists them."""

_Feature = create_model(
    "FeatureInfo", name=str, label=str, meaning=str, unit=str, low=float, high=float, step=float,
    aliases=tuple[str, ...],
)  # fmt: skip
_Features = Annotated[tuple[_Feature, ...], Field(min_length=len(NAMES), max_length=len(NAMES))]  # type: ignore[valid-type]
_Case = create_model(
    "Case", key=str, row=int, title=str, why=str, diagnosis=Diagnosis, features=NamedFeatures
)


@dataclass(frozen=True)
class SpecimenFault(Fault):
    """A fault; if there are many specimens, with the index of the one that has it."""

    code: FaultCode | TableFaultCode = field(metadata={"description": "The kind of fault"})  # type: ignore[assignment]
    specimen: int | None = field(default=None, metadata={"description": "Which of many specimens, from 0"})


_Problem = create_model(
    "Problem", type=str, title=str, status=int, detail=str,
    faults=(tuple[SpecimenFault, ...] | None, None), limit=(int | None, None),
)  # fmt: skip

_ANSWERS: tuple[Any, ...] = (
    Answer,
    create_model("Predictions", predictions=tuple[Answer, ...]),
    create_model("Features", features=_Features),
    create_model("Cases", cases=tuple[_Case, ...]),  # type: ignore[valid-type]
    create_model("Model", version=str, sha256=str, threshold=float),
    create_model("Health", status=Literal["ok"], model=str),
    _Problem,
)


def with_schemas(document: Described) -> Described:
    """An OpenAPI document with the schemas that its operations refer to."""
    answers = ((model.__name__, "serialization", TypeAdapter(model)) for model in _ANSWERS)
    adapters = [("Request", "validation", TypeAdapter[Any](Request)), *answers]
    keyed, documents = TypeAdapter.json_schemas(adapters, ref_template=REF)  # type: ignore[arg-type]
    schemas = documents["$defs"] | {"Request": keyed["Request", "validation"]}
    components = {"schemas": {name: _simplified(schema) for name, schema in sorted(schemas.items())}}
    return document | {"components": components}


def _simplified(schema: Any) -> Any:
    """A schema without titles, and without null where a field is left out instead."""
    if isinstance(schema, list):
        return [_simplified(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: _simplified(part) for key, part in schema.items() if key != "title" or isinstance(part, dict)
    }
    if plain.get("default", "") is None:
        others = [part for part in plain.pop("anyOf") if part != {"type": "null"}]
        return {key: part for key, part in plain.items() if key != "default"} | others[0]
    return plain


# What FastAPI does not know about the operations.


def _ref(name: str) -> Described:
    return {"$ref": REF.format(model=name)}


def _content(schema: Described, media: str = "application/json", **more: Any) -> Described:
    return {"content": {media: {"schema": schema, **more}}}


def _problems(*others: str) -> Described:
    kinds = "invalid-input", "unsupported-content", "too-large", "too-slow", "too-many-requests", *others
    return {
        str(KINDS[kind].status): {"description": f"{KINDS[kind].title}. {KINDS[kind].advice}"}
        | _content(_ref("Problem"), MEDIA_TYPE)
        for kind in kinds
    }


def _get(summary: str, schema: str) -> Described:
    return {"summary": summary, "responses": {"200": {"description": summary} | _content(_ref(schema))}}


GET = {
    "/v1/features": _get("The thirty features: units, observed ranges", "Features"),
    "/v1/cases": _get("Real specimens that were kept out of the fit, to try", "Cases"),
    "/v1/model": _get("Which model answers, and how it was made", "Model"),
    "/v1/health": _get("Is the process alive?", "Health"),
    "/v1/ready": _get("Can it answer predictions?", "Health"),
}
"""What can be read, by path."""

PLAIN = {
    "summary": "Predict, at the address that tutorials use",
    "description": "The same as `/v1/predict`.",
}


def predict_operation(explainer: Explainer, example: Mapping[str, float]) -> Described:
    """``POST /v1/predict``; its examples are real answers."""
    listed = {"features": list(example.values())}
    bodies = {
        "named": {"summary": "Named numbers", "value": {"features": dict(example)}},
        "listed": {"summary": "Thirty numbers in order", "value": listed},
        "many": {"summary": "Several specimens", "value": {"specimens": [dict(example), listed["features"]]}},
    }
    answered = {"named": {"value": explainer.answer(Specimen.parse(example))}}
    return {
        "summary": "Predict one specimen, or many",
        "description": (
            f"One specimen as `features`, or up to {MAX_SPECIMENS} as `specimens`; `instances`, `inputs`, "
            "the thirty named numbers alone and a bare list are understood, too. If one of many is wrong, "
            "all are refused, and each fault names its `specimen` by index. Names may have any spelling "
            "listed under `/v1/features`. Values outside the observed range are answered, with a warning."
        ),
        "parameters": [
            {
                "name": "include",
                "in": "query",
                "description": "More explanations of the answer; the contributions are always included.",
                "explode": False,
                "schema": {"type": "array", "minItems": 1, "items": {"enum": list(INCLUDE)}},
                "example": ["similar", "flips"],
            }
        ],
        "requestBody": {"required": True} | _content(_ref("Request"), examples=bodies),
        "responses": {
            "200": {"description": "The prediction, or `predictions` in the order of the specimens"}
            | _content({"oneOf": [_ref("Answer"), _ref("Predictions")]}, examples=answered),
            **_problems(),
        },
    }  # fmt: skip


def score_operation(example: Mapping[str, float]) -> Described:
    """``POST /v1/score``."""
    table = f"{','.join(example)}\n{','.join(map(str, example.values()))}\n"
    simplest = {"type": "string", "pattern": rf"^{','.join(example)}\n[\s\S]*$"}
    examples = {"one": {"summary": "One specimen", "value": table}}
    headers = {
        "rows": {"description": "Rows of the table", "schema": {"type": "integer"}},
        "rows-faulty": {"description": "Rows that could not be scored", "schema": {"type": "integer"}},
    }
    answers = _content({"type": "string"}, "text/csv")["content"] | _content({"type": "object"})["content"]
    parameters: tuple[tuple[str, str, Described], ...] = (
        ("scale", "Score the table even if its columns do not look like measurements.", {"enum": ["any"]}),
        ("malignant", "The table's own word for malignant.", {"minLength": 1, "maxLength": 60}),
        ("header", "The table has no header; its columns are in the usual order.", {"enum": ["standard"]}),
    )  # fmt: skip
    return {
        "summary": "Score a table",
        "description": (
            "Send CSV, and get the same CSV with the results after its columns, or, with `Accept: "
            "application/json`, a summary. The header may have any order and any known spelling. Commas, "
            "semicolons or tabs, UTF-8 or UTF-16, and gzip are understood. A faulty row keeps its line, and "
            "`error` says why; a table that is wrong as a whole is refused. The schema shows the simplest "
            "form."
        ),
        "parameters": [
            {"name": name, "in": "query", "description": description, "schema": {"type": "string"} | more}
            for name, description, more in parameters
        ],
        "requestBody": {"required": True} | _content(simplest, "text/csv", examples=examples),
        "responses": {
            "200": {"description": "The scored table, or its summary", "headers": headers}
            | {"content": answers},
            **_problems("busy"),
        },
    }  # fmt: skip
