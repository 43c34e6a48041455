"""REST as a FastAPI application: its routes, its errors and its documentation.

Endpoints read bodies themselves, because ``Specimen.parse`` is the one validation and names every fault at
once. The models in ``schemas`` only describe the bodies. ``FrontDoor`` stands before this application: it has
refused other paths and methods, and passes on complete bodies.
"""

import asyncio
import hashlib
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, BinaryIO

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api import schemas
from api.body import INCLUDE, read_body, read_choice, read_one_of, refuse_unknown, write_json
from api.manual import docs_page
from api.middleware import problem_response
from api.problems import Problem
from api.settings import Settings
from api.tables import DiskBudget, Tables
from model.classifier import Classifier, read_artifacts
from model.explain import Explainer, Reference
from model.specimen import Specimen
from model.table import Options

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]

# Content types that are read as JSON; the last is the default of curl and urllib.
_JSON_TYPES = ("", "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded")
# Parts of ``classifier.json`` that only the computation needs; ``/v1/model`` leaves them out.
_INTERNAL_KEYS = frozenset({"curves", "interval", "novelty", "relations"})
_PIECE_SPECIMENS, _PIECE_BYTES = 16, 1 << 16  # predictions, and bytes of a table, that are sent at once
_ABOUT = """\
Send thirty measurements of cell nuclei in a fine-needle aspirate of a breast mass, and get the calibrated and
explained probability that the mass is malignant. This is a teaching and research demo, not a medical device.
Nothing that is sent is stored or logged."""


class _Operation(APIRoute):
    """A route whose endpoint reads the request itself, so that FastAPI only describes it."""

    def get_route_handler(self) -> Endpoint:
        handler: Endpoint = self.endpoint
        return handler


def load_rest(settings: Settings, disk: DiskBudget) -> FastAPI:
    """REST for the model in the artifact, of which every file is checked."""
    classifier, cases = Classifier.load(), json.loads(read_artifacts()["cases.json"])
    tables = Tables(classifier, disk, settings.score_at_once, settings.max_upload)
    return create_rest(Explainer(classifier, Reference.load()), cases, tables, settings.prefix)


def create_rest(explainer: Explainer, cases: Mapping[str, Any], tables: Tables, prefix: str = "") -> FastAPI:
    """The application with all paths of REST, ``/v1/…`` and ``/predict``; it runs alone or next to the page.

    Args:
        explainer: makes and explains the predictions.
        cases: the parsed ``cases.json``.
        tables: scores the tables.
        prefix: the path that a proxy puts in front of all paths.
    """

    async def refuse(_: Request, error: Exception) -> Response:
        problem = error if isinstance(error, Problem) else Problem("internal", "Something went wrong here.")
        return problem_response(problem, prefix)

    info = explainer.classifier.info
    rest = FastAPI(
        title="Breast FNA Explorer",
        version=info.version,
        description=_ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": prefix or "/"}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # FastAPI would report what was sent
        exception_handlers={Problem: refuse, Exception: refuse},
    )
    rest.router.route_class = _Operation
    example: Mapping[str, float] = cases["cases"][0]["features"]
    predict = _predict(explainer)
    described = schemas.predict_operation(explainer, example)
    rest.post("/v1/predict", operation_id="predict", openapi_extra=described)(predict)
    rest.post("/predict", operation_id="predict_plain", openapi_extra=described | schemas.PLAIN)(predict)
    described = schemas.score_operation(example)
    rest.post("/v1/score", operation_id="score", openapi_extra=described)(_score(tables))
    model = {key: value for key, value in explainer.classifier.document.items() if key not in _INTERNAL_KEYS}
    contents: dict[str, Callable[[], bytes]] = {
        "/v1/features": lambda: write_json({"features": schemas.FEATURE_LIST}),
        "/v1/cases": lambda: write_json(cases),
        "/v1/model": lambda: write_json(model | {"sha256": info.sha256}),
        "/v1/openapi.json": lambda: json.dumps(rest.openapi(), indent=1).encode(),
        "/v1/docs": lambda: docs_page(rest.openapi()).encode(),
    }
    for path, content in contents.items():
        extra = schemas.GET.get(path)
        rest.get(path, openapi_extra=extra, include_in_schema=extra is not None)(_fixed(content))
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
        if include:
            return orjson.dumps(explainer.answer(specimen, include))
        return orjson.dumps(explainer.classifier.predict(specimen))  # orjson reads the records itself

    def many(specimens: Sequence[Specimen], include: frozenset[str]) -> Iterator[bytes]:
        for start in range(0, len(specimens), _PIECE_SPECIMENS):
            answers = [one(specimen, include) for specimen in specimens[start : start + _PIECE_SPECIMENS]]
            yield (b"," if start else b'{"predictions":[') + b",".join(answers)
        yield b"]}"

    async def predict(request: Request) -> Response:
        include: frozenset[str] = frozenset()
        if request.scope["query_string"]:
            refuse_unknown(request.query_params, ("include",))
            include = read_choice("include", request.query_params.getlist("include"), INCLUDE)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _JSON_TYPES and not kind.endswith("+json"):
            raise Problem("unsupported-content", f"The body is {kind[:60]!r}, expected application/json.")
        _check_coding(request)
        specimen = read_body(request.scope["body"].read(), orjson.loads)
        if isinstance(specimen, list):  # in pieces, because answers that nobody reads would fill the memory
            return StreamingResponse(many(specimen, include), media_type="application/json")
        if include:  # takes milliseconds, for which other requests should not wait
            content = await run_in_threadpool(one, specimen, include)
        else:
            content = one(specimen, include)
        return Response(content, media_type="application/json")

    return predict


def _score(tables: Tables) -> Endpoint:
    async def score(request: Request) -> Response:
        query = request.query_params
        refuse_unknown(query, ("scale", "malignant", "header"))
        scale = read_one_of("scale", query.getlist("scale"), ("any",))
        header = read_one_of("header", query.getlist("header"), ("standard",))
        options = Options(scale == "any", read_one_of("malignant", query.getlist("malignant")), header)
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            raise Problem("unsupported-content", "The body is a form, expected the table itself.")
        _check_coding(request, "gzip", "x-gzip")
        source = request.scope["body"]
        _check_lines(source, kind)
        accepted = request.headers.get("accept", "")
        if "application/json" in accepted and "text/csv" not in accepted:
            summary = await run_in_threadpool(tables.score, source, None, options)
            return Response(write_json(summary.to_dict()), media_type="application/json")
        # A file, because a table that is damaged at its end has to be refused as a whole.
        sink = request.scope["answer"] = tables.budget.file()
        summary = await run_in_threadpool(tables.score, source, sink, options)
        source.close()
        counts = {"rows": str(summary.rows), "rows-faulty": str(summary.faulty)}
        download = {"content-disposition": 'attachment; filename="scored.csv"'}
        media_type = _media_type(kind, sink)
        return StreamingResponse(_pieces(sink), headers=counts | download, media_type=media_type)

    return score


def _check_coding(request: Request, *packed: str) -> None:
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", *packed):
        expected = " or ".join((*packed[:1], "no encoding"))
        raise Problem("unsupported-content", f"The body is encoded as {coding[:60]!r}, expected {expected}.")


def _check_lines(source: BinaryIO, kind: str) -> None:
    """Refuse a table without line ends, which ``curl -d`` removes, and say how to send it."""
    begin = source.read(_PIECE_BYTES)
    source.seek(0)
    one_line = b"," in begin and b"\n" not in begin and b"\r" not in begin and begin[:2] != b"\x1f\x8b"
    if one_line and kind.startswith("application/x-www-form-urlencoded"):
        detail = (
            "The table has no line ends, because curl -d removes them: use curl --data-binary @FILE instead."
        )
        raise Problem("unsupported-content", detail)


def _media_type(kind: str, sink: BinaryIO) -> str:
    """The media type of a scored table: that of the input if it is one for tables, and UTF-16 if it is."""
    kind = kind if kind.startswith(("text/csv", "text/tab-separated-values")) else "text/csv"
    sink.seek(0)
    if "charset=" not in kind.lower() and sink.read(2) in {BOM_UTF16_LE, BOM_UTF16_BE}:
        kind += "; charset=utf-16"  # Starlette would say UTF-8
    return kind


async def _pieces(sink: BinaryIO) -> AsyncIterator[bytes]:
    sink.seek(0)
    while piece := sink.read(_PIECE_BYTES):
        yield piece
        await asyncio.sleep(0)  # a fast reader would keep all others waiting


def _fixed(make: Callable[[], bytes]) -> Endpoint:
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
        media_type = "text/html" if content.startswith(b"<") else "application/json"
        return Response(content, headers=headers, media_type=media_type)

    return fixed
