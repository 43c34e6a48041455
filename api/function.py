"""The Cloud Run function: one prediction or many over HTTP, with numpy and the standard library alone.

It reads and answers what REST does at ``/v1/predict``. functions-framework runs it and hands it Flask's
requests; ``make function`` stages all it needs. Knows no page, no limits and no files.
"""

from functools import cache

from flask import Request

from api.body import INCLUDE, answer, read_body, read_choice, refuse_unknown, write_json
from api.problems import MEDIA_TYPE, Problem
from model.classifier import Classifier
from model.explain import Explainer, Reference

MOST = 2**20
"""Bytes of a body."""

_METHODS = "OPTIONS, POST"
_HEADERS = {"x-content-type-options": "nosniff", "access-control-allow-origin": "*"}
_PREFLIGHT = {
    "access-control-allow-methods": _METHODS,
    "access-control-allow-headers": "*",
    "access-control-max-age": "86400",
}

Answer = tuple[bytes, int, dict[str, str]]


@cache
def load() -> Explainer:
    """Once an instance, at its first request."""
    return Explainer(Classifier.load(), Reference.load())


def predict(request: Request) -> Answer:
    """Answer a request; what is wrong with it is told as problem details (RFC 9457)."""
    if request.method == "OPTIONS":
        return b"", 204, _HEADERS | _PREFLIGHT
    try:
        content = _predicted(request)
    except Problem as problem:
        return problem.content(), problem.status, _HEADERS | problem.headers | {"content-type": MEDIA_TYPE}
    return content, 200, _HEADERS | {"content-type": "application/json"}


def _predicted(request: Request) -> bytes:
    if request.method != "POST":
        detail = f"{request.method} is not for this path."
        raise Problem("method-not-allowed", detail, {"allow": _METHODS})
    refuse_unknown(request.args, ("include",))
    include = read_choice("include", request.args.getlist("include"), INCLUDE)
    asked = read_body(_body(request))
    answers = [answer(load(), specimen, include) for specimen in asked.specimens]
    return write_json({"predictions": answers} if asked.many else answers[0])


def _body(request: Request) -> bytes:
    body = request.get_data()  # Cloud Run lets in 32 MiB at most, and the framework reads all of it anyway
    if len(body) > MOST:
        raise Problem("too-large", f"The body is larger than {MOST} bytes.", limit=MOST)
    return body
