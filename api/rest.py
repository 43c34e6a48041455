"""REST as a FastAPI application: its routes, its errors and its documentation.

Endpoints read bodies themselves, because ``Specimen.parse`` is the one validation and names every fault at
once. The models in ``schemas`` only describe the bodies.
"""

import asyncio
import hashlib
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, BinaryIO, cast

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api import schemas
from api.body import (
    INCLUDE,
    read_body,
    read_choice,
    read_one_of,
    refuse_unknown,
    write_json,
)
from api.middleware import problem_response
from api.problems import Problem
from api.settings import Settings
from api.tables import MAX_UNPACKED_RATIO, BudgetedFile, DiskBudget, Tables
from model.classifier import Classifier, read_artifact
from model.explain import Explainer, Reference
from model.specimen import Specimen
from model.table import Options

JSON_TYPES = ("", "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded")
"""Content types that are read as JSON; the last is the default of curl and urllib."""

PIECE_SPECIMENS = 16
"""The number of specimens whose predictions are sent at once."""

PIECE_BYTES = 1 << 16
"""Bytes of a table that are read or sent at once."""

INTERNAL_KEYS = frozenset({"curves", "interval", "novelty", "relations"})
"""Parts of ``classifier.json`` that only the computation needs; ``/v1/model`` leaves them out."""

ABOUT = """\
Send thirty measurements of cell nuclei in a fine-needle aspirate of a breast mass, and get the calibrated and
explained probability that the mass is malignant. This is a teaching and research demo, not a medical device.
Nothing that is sent is stored or logged."""

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class _Operation(APIRoute):
    """A route whose endpoint reads the request itself, so that FastAPI only describes it."""

    def get_route_handler(self) -> Endpoint:
        handler: Endpoint = self.endpoint
        return handler


def load_rest(settings: Settings) -> FastAPI:
    """REST for the model in the artifact."""
    classifier, cases = Classifier.load(), json.loads(read_artifact("cases.json"))
    budget = DiskBudget(settings.scratch)
    tables = Tables(classifier, budget, settings.score_at_once, MAX_UNPACKED_RATIO * settings.max_upload)
    return create_rest(Explainer(classifier, Reference.load()), cases, tables, settings.prefix)


def create_rest(explainer: Explainer, cases: Mapping[str, Any], tables: Tables, prefix: str = "") -> FastAPI:
    """The application with all paths of REST, ``/v1/…`` and ``/predict``; it runs alone or next to the page.

    Args:
        explainer: makes and explains the predictions.
        cases: the parsed ``cases.json``.
        tables: scores the tables.
        prefix: the path that a proxy puts in front of all paths.
    """

    async def problem(_: Request, error: Exception) -> Response:
        return problem_response(cast("Problem", error), prefix)

    async def http_error(_: Request, error: Exception) -> Response:
        http = cast("HTTPException", error)
        kind = {404: "not-found", 405: "method-not-allowed"}.get(http.status_code, "bad-request")
        return problem_response(Problem(kind, http.detail, http.headers), prefix)

    async def failure(_: Request, __: Exception) -> Response:
        return problem_response(Problem("internal", "Something went wrong here."), prefix)

    async def disconnected(_: Request, __: Exception) -> Response:
        return Response(status_code=400)  # the client is gone and will not see it

    info = explainer.classifier.info
    rest = FastAPI(
        title="Breast FNA Explorer",
        version=info.version,
        description=ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": prefix or "/"}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI would report what was sent
        exception_handlers={
            Problem: problem, HTTPException: http_error, ClientDisconnect: disconnected, Exception: failure,
        },
    )  # fmt: skip
    rest.router.route_class = _Operation
    example: Mapping[str, float] = cases["cases"][0]["features"]
    predict = _predict(explainer)
    described = schemas.predict_operation(explainer, example)
    rest.post("/v1/predict", operation_id="predict", openapi_extra=described)(predict)
    rest.post("/predict", operation_id="predict_plain", openapi_extra=described | schemas.PLAIN)(predict)
    rest.post("/v1/score", operation_id="score", openapi_extra=schemas.score_operation(example))(
        _score(tables)
    )
    model = {key: value for key, value in explainer.classifier.document.items() if key not in INTERNAL_KEYS}
    fixed: dict[str, tuple[str, Callable[[], bytes]]] = {
        "/v1/features": ("application/json", lambda: write_json({"features": schemas.FEATURE_LIST})),
        "/v1/cases": ("application/json", lambda: write_json(cases)),
        "/v1/model": ("application/json", lambda: write_json(model | {"sha256": info.sha256})),
        "/v1/openapi.json": ("application/json", lambda: json.dumps(rest.openapi(), indent=1).encode()),
        "/v1/docs": ("text/html", lambda: _docs(rest)),
    }
    for path, (media_type, content) in fixed.items():
        extra = schemas.GET.get(path)
        rest.get(path, openapi_extra=extra, include_in_schema=extra is not None)(_fixed(content, media_type))
    status = orjson.dumps({"status": "ok", "model": info.version})

    async def health(_: Request) -> Response:
        return Response(status, media_type="application/json", headers={"cache-control": "no-store"})

    for path in ("/v1/health", "/v1/ready"):
        rest.get(path, openapi_extra=schemas.GET[path])(health)
    describe = rest.openapi
    # FastAPI's documented way to extend it
    rest.openapi = cache(lambda: schemas.with_schemas(describe()))  # type: ignore[method-assign]
    return rest


def _predict(explainer: Explainer) -> Endpoint:
    def one(specimen: Specimen, include: frozenset[str]) -> bytes:
        return orjson.dumps(explainer.answer(specimen, include))

    def many(specimens: Sequence[Specimen], include: frozenset[str]) -> Iterator[bytes]:
        for start in range(0, len(specimens), PIECE_SPECIMENS):
            answers = [one(specimen, include) for specimen in specimens[start : start + PIECE_SPECIMENS]]
            yield (b"," if start else b'{"predictions":[') + b",".join(answers)
        yield b"]}"

    async def predict(request: Request) -> Response:
        include: frozenset[str] = frozenset()
        if request.scope["query_string"]:
            refuse_unknown(request.query_params, ("include",))
            include = read_choice("include", request.query_params.getlist("include"), INCLUDE)
        _check_content(request.scope["headers"])
        message = await request.receive()  # FrontDoor passes on complete bodies
        batch = read_body(message["body"], orjson.loads)
        if batch.many:  # in pieces, because answers that nobody reads would fill the memory
            return StreamingResponse(many(batch.specimens, include), media_type="application/json")
        (specimen,) = batch.specimens
        if include:  # takes milliseconds, for which other requests should not wait
            content = await run_in_threadpool(one, specimen, include)
        else:
            content = one(specimen, include)
        return Response(content, media_type="application/json")

    return predict


class _ScoredTable(StreamingResponse):
    """A scored table as an answer; its file is deleted once it is sent, or the client is gone."""

    def __init__(self, sink: BudgetedFile, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(_pieces(sink), headers=headers, media_type=media_type)
        self._sink = sink

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._sink, suppress(ClientDisconnect):
            await super().__call__(scope, receive, send)


async def _pieces(sink: BudgetedFile) -> AsyncIterator[bytes]:
    sink.seek(0)
    while piece := sink.read(PIECE_BYTES):
        yield piece
        await asyncio.sleep(0)  # a fast reader would keep all others waiting


def _score(tables: Tables) -> Endpoint:
    async def score(request: Request) -> Response:
        options = _read_options(request)
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            raise Problem("unsupported-content", "The body is a form, expected the table itself.")
        _check_coding(request.headers.get("content-encoding", ""), ("gzip", "x-gzip"))
        # Input and output are files: some clients read nothing before they have sent everything, and a
        # table that is damaged at its end has to be refused as a whole.
        with tables.budget.file() as source:
            async for chunk in request.stream():
                source.write(chunk)
            _check_lines(source, kind)
            accepted = request.headers.get("accept", "")
            if "application/json" in accepted and "text/csv" not in accepted:
                summary = await run_in_threadpool(tables.score, cast("BinaryIO", source), None, options)
                return Response(write_json(summary.to_dict()), media_type="application/json")
            sink = tables.budget.file()  # stays open while the answer is being sent
            try:
                source_file, sink_file = cast("BinaryIO", source), cast("BinaryIO", sink)
                summary = await run_in_threadpool(tables.score, source_file, sink_file, options)
            except BaseException:
                sink.close()
                raise
        counts = {"rows": str(summary.rows), "rows-faulty": str(summary.faulty)}
        download = {"content-disposition": 'attachment; filename="scored.csv"'}
        return _ScoredTable(sink, counts | download, _media_type(kind, sink))

    return score


def _read_options(request: Request) -> Options:
    """The options of a table: ``?scale=any&malignant=1&header=standard``."""
    query = request.query_params
    refuse_unknown(query, ("scale", "malignant", "header"))
    scale = read_one_of("scale", query.getlist("scale"), ("any",))
    header = read_one_of("header", query.getlist("header"), ("standard",))
    return Options(scale == "any", read_one_of("malignant", query.getlist("malignant")), header)


def _check_lines(source: BudgetedFile, kind: str) -> None:
    """Refuse a table without line ends, which ``curl -d`` removes, and say how to send it."""
    source.seek(0)
    begin = source.read(PIECE_BYTES)
    source.seek(0)
    one_line = b"," in begin and b"\n" not in begin and b"\r" not in begin and begin[:2] != b"\x1f\x8b"
    if one_line and kind.startswith("application/x-www-form-urlencoded"):
        detail = (
            "The table has no line ends, because curl -d removes them: use curl --data-binary @FILE instead."
        )
        raise Problem("unsupported-content", detail)


def _media_type(kind: str, sink: BudgetedFile) -> str:
    """The media type of a scored table: that of the input if it is one for tables, and UTF-16 if it is."""
    kind = kind if kind.startswith(("text/csv", "text/tab-separated-values")) else "text/csv"
    sink.seek(0)
    if "charset=" not in kind.lower() and sink.read(2) in {BOM_UTF16_LE, BOM_UTF16_BE}:
        kind += "; charset=utf-16"  # Starlette would say UTF-8
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


def _check_coding(encoding: str, packed: tuple[str, ...] = ()) -> None:
    coding = encoding.strip().lower()
    if coding not in ("", "identity", *packed):
        expected = " or ".join((*packed[:1], "no encoding"))
        raise Problem("unsupported-content", f"The body is encoded as {coding[:60]!r}, expected {expected}.")


def _docs(rest: FastAPI) -> bytes:
    from api.reference import docs_page  # noqa: PLC0415  # takes a tenth of a second, and few read the page

    return docs_page(rest.openapi()).encode()


def _fixed(make: Callable[[], bytes], media_type: str) -> Endpoint:
    """An endpoint whose answer changes only with the model, so that clients may cache it."""

    @cache
    def content_and_headers() -> tuple[bytes, dict[str, str]]:
        content = make()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        return content, {"etag": etag, "cache-control": "public, max-age=300"}

    async def fixed(request: Request) -> Response:
        content, headers = content_and_headers()
        known = request.headers.get("if-none-match", "")
        if headers["etag"] in known or known.strip() == "*":
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)

    return fixed
