"""The REST door: paths, and what each answers. Knows nothing about the page, limits or how it is served."""

import hashlib
import tempfile
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, BinaryIO, cast

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.answers import json_answer
from api.body import INCLUDE, Asked, answer, read_body, read_choice, refuse_unknown
from api.documents import Document, documents
from api.problems import Problem
from api.router import Endpoint, Router
from api.scoring import Scoring
from api.scratch import ScratchFile
from model.classifier import Classifier
from model.explain import Explainer, Reference

JSON_TYPES = ("", "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded")
"""What JSON may be called: the last is what curl and urllib say if not told otherwise."""

PIECE = 1 << 18
"""Bytes of a table that are sent at once."""


def create_api(
    classifier: Classifier, cases: Mapping[str, Any], reference: Reference, scoring: Scoring
) -> Router:
    """All paths of REST, ``/v1/…`` and ``/predict``; it stands alone or beside the page.

    Args:
        classifier: answers the predictions.
        cases: the parsed ``cases.json``.
        reference: the real specimens among which similar ones are found.
        scoring: scores the tables.
    """
    predict = _predict(Explainer(classifier, reference))
    status = orjson.dumps({"status": "ok", "model": classifier.info.version})

    async def health(_: Request) -> Response:
        return Response(status, media_type="application/json", headers={"cache-control": "no-store"})

    paths: dict[str, dict[str, Endpoint]] = {
        "/v1/predict": {"POST": predict},
        "/predict": {"POST": predict},
        "/v1/score": {"POST": _score(scoring)},
        "/v1/health": {"GET": health},
        "/v1/ready": {"GET": health},
    }
    for path, document in documents(classifier, cases).items():
        paths[path] = {"GET": _fixed(document)}
    return Router(paths)


def _predict(explainer: Explainer) -> Endpoint:
    def all_of(asked: Asked, include: frozenset[str]) -> bytes:
        answers = [answer(explainer, specimen, include) for specimen in asked.specimens]
        return orjson.dumps({"predictions": answers} if asked.many else answers[0])

    async def predict(request: Request) -> Response:
        include: frozenset[str] = frozenset()
        if request.scope["query_string"]:
            refuse_unknown(request.query_params, ("include",))
            include = read_choice("include", request.query_params.getlist("include"), INCLUDE)
        _check_content(request.scope["headers"])
        asked = read_body(await _whole(request))
        if asked.many or include:  # milliseconds, for which nobody else should wait
            return json_answer(await run_in_threadpool(all_of, asked, include))
        return json_answer(all_of(asked, include))

    return predict


async def _whole(request: Request) -> bytes:
    """The body; ``request.body()`` takes a tenth of the time of a whole answer to join a single piece."""
    body = b""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece: bytes = message.get("body", b"")
        body += piece
        if not message.get("more_body", False):
            return body


class _Scored(StreamingResponse):
    """A scored table on its way; its file is gone as soon as it is sent, or the caller is."""

    def __init__(self, sink: ScratchFile, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(iter(partial(sink.read, PIECE), b""), headers=headers, media_type=media_type)
        self._sink = sink

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._sink:
            self._sink.seek(0)
            await super().__call__(scope, receive, send)


def _score(scoring: Scoring) -> Endpoint:
    async def score(request: Request) -> Response:
        refuse_unknown(request.query_params)
        if request.headers.get("content-type", "").startswith("multipart/"):
            raise Problem("unsupported-content", "The body is a form, expected the table itself.")
        _check_coding(request.headers.get("content-encoding", ""), ("gzip", "x-gzip"))
        sink = scoring.scratch.file()  # open for as long as the answer is being sent
        try:
            # Both go by way of the disk: a caller may only begin to read when all is written, and a table
            # that turns out to be damaged at its end is refused as a whole. The room for the source is
            # taken already, where bodies are counted.
            with tempfile.TemporaryFile() as source:
                async for chunk in request.stream():
                    await run_in_threadpool(source.write, chunk)
                source.seek(0)
                summary = await run_in_threadpool(scoring.score, source, cast("BinaryIO", sink))
        except BaseException:
            sink.close()
            raise
        counts = {"rows": str(summary.rows), "rows-faulty": str(summary.faulty)}
        download = {"content-disposition": 'attachment; filename="scored.csv"'}
        return _Scored(sink, counts | download, _named(request, sink))

    return score


def _named(request: Request, sink: ScratchFile) -> str:
    """The media type of a scored table: the one it came as, if that is a table's, and UTF-16 if it is."""
    kind = request.headers.get("content-type", "")
    kind = kind if kind.startswith(("text/csv", "text/tab-separated-values")) else "text/csv"
    sink.seek(0)
    if "charset=" not in kind.lower() and sink.read(2) in {BOM_UTF16_LE, BOM_UTF16_BE}:
        kind += "; charset=utf-16"  # otherwise UTF-8 is what Starlette says
    return kind


def _check_content(headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, value in headers:
        if name == b"content-type":
            kind = value.decode("latin-1").partition(";")[0].strip().lower()
            if kind not in JSON_TYPES and not kind.endswith("+json"):
                detail = f"The body is {kind[:60]!r}, expected application/json."
                raise Problem("unsupported-content", detail)
        elif name == b"content-encoding":
            _check_coding(value.decode("latin-1"))


def _check_coding(given: str, packed: tuple[str, ...] = ()) -> None:
    coding = given.strip().lower()
    if coding not in ("", "identity", *packed):
        expected = " or ".join((*packed[:1], "no encoding"))
        raise Problem("unsupported-content", f"The body is encoded as {coding[:60]!r}, expected {expected}.")


def _fixed(document: Document) -> Endpoint:
    """An answer that only changes with the model: callers may keep it, and ask whether it still holds."""
    etag = f'"{hashlib.sha256(document.content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "public, max-age=300"}

    async def fixed(request: Request) -> Response:
        known = request.headers.get("if-none-match", "")
        if etag in known or known.strip() == "*":
            return Response(status_code=304, headers=headers)
        return Response(document.content, headers=headers, media_type=document.media_type)

    return fixed
