"""The Cloud Run function: one or many predictions over HTTP, with numpy and the standard library alone.

It answers as REST does at ``/v1/predict``. functions-framework runs it and passes requests of Flask to it;
``make function`` stages all that it needs. It has no page, no rate limits and no tables.
"""

from functools import cache

from flask import Request

from api.body import INCLUDE, MAX_BODY_BYTES, read_body, read_choice, refuse_unknown, write_json
from api.problems import MEDIA_TYPE, Problem
from model.classifier import Classifier
from model.explain import Explainer, Reference

_METHODS = "OPTIONS, POST"
_HEADERS = {"x-content-type-options": "nosniff", "access-control-allow-origin": "*"}
_PREFLIGHT = {
    "access-control-allow-methods": _METHODS,
    "access-control-allow-headers": "*",
    "access-control-max-age": "86400",
}

Response = tuple[bytes, int, dict[str, str]]


@cache
def load() -> Explainer:
    """The model, loaded at the first request of an instance."""
    return Explainer(Classifier.load(), Reference.load())


def predict(request: Request) -> Response:
    """Answer a request; errors are problem details (RFC 9457)."""
    if request.method == "OPTIONS":
        return b"", 204, _HEADERS | _PREFLIGHT
    try:
        content = _answer(request)
    except Problem as problem:
        return problem.content(), problem.status, _HEADERS | problem.headers | {"content-type": MEDIA_TYPE}
    return content, 200, _HEADERS | {"content-type": "application/json"}


def _answer(request: Request) -> bytes:
    if request.method != "POST":
        detail = f"This path does not accept {request.method}."
        raise Problem("method-not-allowed", detail, {"allow": _METHODS})
    refuse_unknown(request.args, ("include",))
    include = read_choice("include", request.args.getlist("include"), INCLUDE)
    body = request.get_data()  # 32 MiB at most, the limit of Cloud Run
    if len(body) > MAX_BODY_BYTES:
        raise Problem("too-large", f"The body is larger than {MAX_BODY_BYTES} bytes.", limit=MAX_BODY_BYTES)
    found = read_body(body)
    if isinstance(found, list):
        return write_json({"predictions": [load().answer(specimen, include) for specimen in found]})
    return write_json(load().answer(found, include))
