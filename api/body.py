"""Reads JSON bodies into checked specimens, naming every fault, and makes the JSON of answers.

It uses no web framework, so that REST, Gradio and the Cloud Run function can share it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from typing import Any

from api.problems import Problem, invalid
from model.explain import PARTS
from model.features import NAMES
from model.names import resolve
from model.specimen import Fault, FaultCode, InvalidSpecimen, Specimen

MAX_SPECIMENS = 1_000
"""The most specimens in one request."""

MAX_BODY_BYTES = 2**20
"""The largest body for so many specimens."""

INCLUDE = ("contributions", *PARTS)
"""What ``?include=`` may ask for; the contributions are always there."""

_MAX_FAULTS = 100  # after so many faults the rest of a request is not read
_MAX_NAMES = 4 * len(NAMES)  # in one specimen, as each unknown name is compared with all known ones
_MAX_PARTS = 4 * MAX_SPECIMENS  # lists and objects; each takes a hundred times its length in memory
_ONE = 'an object {"features": {…}} or {"features": [30 numbers]}'
_MANY = f'an object {{"specimens": […]}} or a list, with 1 to {MAX_SPECIMENS} specimens'


def write_json(content: Any) -> bytes:
    """Compact JSON in UTF-8; NaN and infinities, which JSON does not allow, raise ValueError."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read_body(body: bytes, loads: Callable[[bytes], Any] = json.loads) -> Specimen | list[Specimen]:
    """The specimen in ``{"features": X}``, or a list of those in ``{"specimens": [X, …]}`` or ``[X, …]``.

    X is an object of thirty numbers or a list of them in order; in a list it may also be ``{"features": X}``.
    Shapes of other services are understood if they are unambiguous: X alone, ``instances`` and ``inputs``.
    If one of many specimens is wrong, all are refused, with the faults of each.

    Args:
        body: the bytes that were sent.
        loads: a fast parser for the usual case, one specimen without a fault; others are parsed strictly.

    Raises:
        Problem: invalid-input.
    """
    if specimen := _without_faults(body, loads):
        return specimen
    if body.count(b"[") + body.count(b"{") > _MAX_PARTS:
        raise _refusal("wrong_length", "specimens", "more than can be read", _MANY)
    try:
        return _read(_decoded(body))
    except InvalidSpecimen as error:
        raise invalid(asdict(fault) for fault in error.faults) from None


def _read(document: Any) -> Specimen | list[Specimen]:
    if isinstance(document, list):  # one specimen, or a list of specimens?
        numbers = len(document) == len(NAMES) and not any(isinstance(item, list | dict) for item in document)
        return _specimen(document) if numbers else _specimens(document)
    if not isinstance(document, dict):
        raise _refusal("wrong_type", "body", _json_type(document), f"{_ONE}, {_MANY}")
    name = next((name for name in ("features", "specimens", "instances", "inputs") if name in document), None)
    if name is None:
        if not any(map(resolve, islice(document, _MAX_NAMES))):
            raise _refusal("missing", "features", "missing", f"{_ONE}, {_MANY}")
        return _specimen(document)
    expected = _ONE if name in {"features", "inputs"} else _MANY
    if others := [other[:60] for other in document if other != name]:
        raise InvalidSpecimen(Fault.of("unknown", other, "not known here", expected) for other in others)
    inner = document[name]
    is_list = isinstance(inner, list) and not isinstance(inner, _Pairs)
    nested = is_list and len(inner) > 0 and isinstance(inner[0], list | dict)
    if name == "features" and nested:
        raise _refusal("wrong_type", name, "a list of lists", f"{_ONE}; several specimens as {_MANY}")
    if name == "features" or (name == "inputs" and not nested):
        return _specimen(inner)
    if not is_list:
        raise _refusal("wrong_type", name, _json_type(inner), _MANY)
    return _specimens(inner)


def read_one_of(name: str, given: Sequence[str], choices: tuple[str, ...] = ()) -> str | None:
    """The value of a query parameter that may occur once; with choices, it has to be one of them."""
    if not given:
        return None
    if len(given) > 1:
        raise _refusal("duplicate", name, "given twice", f"{name} to be given once")
    expected = " or ".join(choices) or "a word of at most 60 characters"
    if given[0] not in choices if choices else not 0 < len(given[0]) <= 60:
        raise _refusal("unknown", name, repr(given[0][:60]), expected)
    return given[0]


def read_choice(name: str, given: Iterable[str], choices: tuple[str, ...]) -> frozenset[str]:
    """The values of a query parameter that may be repeated, and may have several values between commas."""
    values = frozenset(part.strip() for text in given for part in text.split(","))
    unknown = sorted(values.difference(choices))
    if unknown:
        raise _refusal("unknown", name, repr(unknown[0][:60]), f"one or more of {', '.join(choices)}")
    return values


def refuse_unknown(query: Iterable[str], known: tuple[str, ...] = ()) -> None:
    """Refuse unknown parameters: if a misspelt one were ignored, the caller would get the wrong answer."""
    for name in query:
        if name not in known:
            raise _refusal("unknown", name[:60], "not known here", ", ".join(known) or "no parameters")


class _Pairs(list[tuple[str, Any]]):
    """A JSON object in which a key is repeated; in a dict the first value would be lost without notice."""

    def repeated(self) -> str:
        seen: set[str] = set()
        return next(name for name, _ in self if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _object(pairs: list[tuple[str, Any]]) -> object:
    document = dict(pairs)
    return document if len(document) == len(pairs) else _Pairs(pairs)


def _integer(digits: str) -> float:
    # For thousands of digits, int() raises an error that names no field; as a float they become infinite.
    return int(digits) if len(digits) < 1_000 else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)


def _without_faults(body: bytes, loads: Callable[[bytes], Any]) -> Specimen | None:
    """The specimen of ``{"features": X}`` if it has no fault, else None."""
    with suppress(RecursionError, TypeError, ValueError):
        document = loads(body)
        if isinstance(document, dict) and document.keys() == {"features"}:
            features = document["features"]
            colons = 1 + len(features) if isinstance(features, dict) else 1  # more: a name is repeated
            if len(features) == len(NAMES) and body.count(b":") == colons:
                return Specimen.parse(features)
    return None


def _decoded(body: bytes) -> object:
    try:
        document = _DECODER.decode(body.decode(json.detect_encoding(body)))
    except RecursionError:
        raise _refusal("wrong_type", "body", "nested too deeply", f"{_ONE}, {_MANY}") from None
    except ValueError as error:
        raise _refusal("wrong_type", "body", f"not JSON ({error})", f"{_ONE}, {_MANY}") from None
    if isinstance(document, _Pairs):
        name = document.repeated()
        raise _refusal("duplicate", name[:60], "given twice", "each name once")
    return document


def _specimens(items: list[Any]) -> list[Specimen]:
    if not 1 <= len(items) <= MAX_SPECIMENS:
        raise _refusal("wrong_length", "specimens", f"a list of {len(items)}", _MANY)
    specimens: list[Specimen] = []
    faults: list[Mapping[str, Any]] = []
    for index, item in enumerate(items):
        try:
            wrapped = isinstance(item, dict) and item.keys() == {"features"}
            specimens.append(_specimen(item["features"] if wrapped else item))
        except InvalidSpecimen as error:
            faults += [{"specimen": index} | asdict(fault) for fault in error.faults]
        if len(faults) >= _MAX_FAULTS:
            break
    if faults:
        raise invalid(faults)
    return specimens


def _specimen(features: Any) -> Specimen:
    if isinstance(features, dict | list) and len(features) > _MAX_NAMES:
        length = f"{_json_type(features)} of {len(features)}"
        raise InvalidSpecimen([Fault.of("wrong_length", "features", length, f"{len(NAMES)} numbers")])
    return Specimen.from_pairs(features) if isinstance(features, _Pairs) else Specimen.parse(features)


def _json_type(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, _Pairs | dict):
        return "an object"
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


def _refusal(code: FaultCode, name: str, found: str, expected: str) -> Problem:
    return invalid([asdict(Fault.of(code, name, found, expected))])
