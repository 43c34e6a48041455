"""Checks a document against Google's own schema of an API; a key that the schema does not know is a fault."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
DURATION = re.compile(r"\d+(\.\d{1,9})?s")
Schema = dict[str, Any]

IS: dict[str, Callable[[object, Schema], bool]] = {
    "any": lambda _value, _schema: True,
    "array": lambda value, _: isinstance(value, list),
    "boolean": lambda value, _: isinstance(value, bool),
    "integer": lambda value, _: type(value) is int,
    "number": lambda value, _: type(value) in (int, float),
    "object": lambda value, _: isinstance(value, dict),
    # JSON has no 64-bit integers, so Google writes them as strings, and takes both
    "string": lambda value, schema: isinstance(value, int if schema.get("format") == "int64" else str),
}


@cache
def schemas(api: str) -> dict[str, Schema]:
    """All schemas of an API such as "run.v1", from the discovery document that Google publishes."""
    document = json.loads((DOCUMENTS / f"{api}.json").read_text("utf-8"))
    found: dict[str, Schema] = document["schemas"]
    return found


def faults(value: object, name: str, api: str) -> list[str]:
    """Every place where ``value`` is not what Google's schema ``name`` says, as "path: what is wrong"."""
    return list(_faults(value, {"$ref": name}, schemas(api), name))


def _faults(value: object, schema: Schema, known: dict[str, Schema], path: str) -> Iterator[str]:
    schema = known[schema["$ref"]] if "$ref" in schema else schema
    if not IS[schema["type"]](value, schema):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif isinstance(value, dict):
        yield from _object_faults(value, schema, known, path)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _faults(item, schema["items"], known, f"{path}[{i}]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {', '.join(schema['enum'])}"
    elif schema.get("format") == "google-duration" and not DURATION.fullmatch(str(value)):
        yield f"{path}: {value!r} is no duration such as 60s"


def _object_faults(
    value: dict[str, object], schema: Schema, known: dict[str, Schema], path: str
) -> Iterator[str]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    for key, item in value.items():
        inner = properties.get(key, others)
        if inner is None:
            yield f"{path}.{key}: Google knows no such key"
        elif inner.get("readOnly"):
            yield f"{path}.{key}: only Google sets it"
        else:
            yield from _faults(item, inner, known, f"{path}.{key}")
