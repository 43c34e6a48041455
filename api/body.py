"""What REST and the Cloud Run function read and write: JSON bodies, and RFC 9457 problem details.

Knows nothing about web frameworks, so that a door may come with any of them or with none.
"""

import json
from http import HTTPStatus
from typing import Any

from model.specimen import Fault, InvalidSpecimen, Specimen

PROBLEM = "application/problem+json"


def write_json(content: Any) -> bytes:
    """Compact UTF-8; NaN and infinities, which JSON does not know, are an error here."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def problem(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """A problem document (RFC 9457); its media type is ``PROBLEM``."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    } | more


def invalid_specimen(error: InvalidSpecimen) -> dict[str, Any]:
    """The problem document that names every fault of a specimen, status 422."""
    return problem(422, str(error), faults=[fault.to_dict() for fault in error.faults])


def read_specimen(body: bytes) -> Specimen:
    """The specimen in a request's body.

    Raises:
        InvalidSpecimen: if the body is not JSON of the expected form, or holds a wrong value.
    """
    expected = 'a JSON object {"features": {…}} or {"features": [30 numbers]}'
    try:
        document = json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise _wrong("body", "no valid JSON", expected) from error
    if not isinstance(document, dict):
        raise _wrong("body", f"a {type(document).__name__}", expected)
    if "features" not in document:
        raise _wrong("features", "missing", expected)
    features = document["features"]
    return Specimen.from_pairs(features) if isinstance(features, _Pairs) else Specimen.parse(features)


class _Pairs(list[tuple[str, object]]):
    """A JSON object with a repeated key; as a dict the first value would be lost unseen."""


def _object(pairs: list[tuple[str, object]]) -> object:
    document = dict(pairs)
    return document if len(document) == len(pairs) else _Pairs(pairs)


def _wrong(name: str, found: str, expected: str) -> InvalidSpecimen:
    return InvalidSpecimen(
        [Fault("wrong_type", name, found, expected, f"{name} is {found}: expected {expected}")]
    )
