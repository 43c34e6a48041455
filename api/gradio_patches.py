"""Patches for what Gradio does differently from what a public demo needs.

Each patch says what Gradio 6.31 does; docs/upstream.md has the reports. Each has a test that fails once
Gradio no longer does that; then the patch can be removed.
"""

import inspect
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import gradio.mcp
from fastapi.exceptions import RequestValidationError
from gradio.block_function import BlockFunction
from gradio.exceptions import InvalidPathError
from gradio.mcp import GradioMCPServer
from gradio.queueing import Queue
from gradio.route_utils import CustomCORSMiddleware, FnIndexInferError, GradioMultiPartParser
from gradio_client.utils import is_file_obj, is_http_url_like, traverse
from mcp import types
from mcp.server.lowlevel import Server
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from uvicorn.config import HTTP_PROTOCOLS

from api.middleware import problem_response
from api.tables import disk_problem

_MAX_RESULTS, _MAX_OF_A_SESSION = 500, 100  # results that wait in Gradio's queue to be fetched
_UNREAD_SECONDS = 60.0  # how long they wait
_STATE_ERRORS = (AttributeError, IndexError, KeyError, TypeError, ValueError)

Json = dict[str, Any]

log = logging.getLogger(__name__)


class Refusal(gr.Error):
    """An error whose message the caller gets unchanged; Gradio's own adds quotes and logs a traceback."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message, print_exception=False)
        self.status = status

    def __str__(self) -> str:
        return str(self.message)


def patch_gradio() -> None:
    """Apply the patches that concern all pages; call it once, before a page is launched."""
    # Gradio allows requests with cookies from any origin, in a middleware before any that we can add.
    CustomCORSMiddleware.parent_configures_cors = lambda self: True  # type: ignore[method-assign]  # noqa: ARG005
    gradio.mcp.GradioMCPServer = AgentServer  # type: ignore[misc]
    # Gradio accepts a thousand files in one form, and keeps its other fields in memory.
    init: Any = GradioMultiPartParser.__init__

    def strict(self: GradioMultiPartParser, *args: Any, **named: Any) -> None:
        init(self, *args, **named | {"max_files": 1, "max_fields": 0})

    GradioMultiPartParser.__init__ = strict  # type: ignore[method-assign]
    # Gradio leaves the choice of the protocol to uvicorn, which takes headers of any length.
    HTTP_PROTOCOLS["auto"] = "api.protocol:BoundedProtocol"


class _Tool(types.Tool):
    """Gradio does not say whether a tool changes anything, so careful agents ask their user each time."""

    annotations: types.ToolAnnotations | None = types.ToolAnnotations(
        readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False
    )


class _Server(Server[Any, Any]):
    """The library names only the first fault of a call, in the words of a schema."""

    def call_tool(self, **_: Any) -> Any:
        return super().call_tool(validate_input=False)


class AgentServer(GradioMCPServer):
    """Gradio answers agents with the repr of a dict, and asks for addresses of files, which we refuse."""

    Server = _Server
    types = SimpleNamespace(**vars(types) | {"Tool": _Tool})  # type: ignore[assignment]

    def postprocess_output_data(self, data: list[Any], root_url: str) -> Any:
        def text(output: Any) -> Any:
            return output if not isinstance(output, dict) or "path" in output else json.dumps(output)

        return super().postprocess_output_data([text(output) for output in data], root_url)

    def simplify_filedata_schema(self, schema: Json) -> tuple[Json, list[list[str | int]]]:
        simple, positions = super().simplify_filedata_schema(schema)
        for name, *_ in positions:
            simple["properties"][name]["format"] = "a data: URL"
        return simple, positions

    def _prepare_tool_call_args(self, name: str, arguments: Json) -> Any:
        endpoint = _published(self.blocks).get(name)
        if endpoint is None or endpoint.fn is None:
            raise Refusal(_no_endpoint(self.blocks))
        expected = list(inspect.signature(endpoint.fn).parameters)
        if not set(expected).issuperset(arguments):
            raise Refusal("; ".join(_wrong_names(arguments, expected)))
        try:
            return super()._prepare_tool_call_args(name, dict.fromkeys(expected) | arguments)
        except ValueError:  # a data: URL that cannot be read
            raise Refusal("table is not a data: URL in base64: expected data:text/csv;base64,…") from None


def bound_results(queue: Queue) -> Callable[[], None]:
    """Gradio keeps results that nobody fetches, of two thousand sessions and any number in each.

    While nobody calls, it looks for calls a thousand times a second, which takes 5 % of a processor.

    Returns:
        What drops results that have waited too long, to be called now and then.
    """
    queue.sleep_when_free = 0.05  # seconds, as on Windows
    push, last_asked = queue.push, dict[str, float]()  # the time of the last call, with the oldest first
    waiting = queue.pending_event_ids_session

    def too_many() -> bool:
        return sum(map(len, waiting.values())) >= _MAX_RESULTS

    def drop() -> None:
        running = {event.session_hash for event in queue.event_ids_to_events.values()}
        for session, when in list(last_asked.items()):
            if when > time.monotonic() - _UNREAD_SECONDS and not too_many():
                return
            if session not in running:
                for kept in (last_asked, queue.pending_messages_per_session, waiting):
                    kept.pop(session, None)

    async def bounded(body: Any, request: Any, username: str | None) -> Any:
        if len(waiting.get(body.session_hash or "", ())) >= _MAX_OF_A_SESSION:
            return False, "Fetch the results of your earlier calls first.", "queue_full"
        drop()
        if too_many():
            return False, "Too many results are waiting to be fetched.", "queue_full"
        pushed = await push(body, request, username)
        last_asked.pop(body.session_hash, None)
        last_asked[body.session_hash] = time.monotonic()
        return pushed

    queue.push = bounded  # type: ignore[method-assign]  # every queued call passes here
    return drop


def refusals(
    page: gr.Blocks, prefix: str
) -> dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
    """Handlers for calls of unknown endpoints, with wrong names or wrong bodies; Gradio answers 500."""

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, OSError):
            return problem_response(disk_problem(error), prefix)
        if isinstance(error, RequestValidationError):
            # What was sent is left out: it may be NaN, which JSON does not allow.
            faults = [{key: fault[key] for key in ("type", "loc", "msg")} for fault in error.errors()]
            return JSONResponse({"error": "The call could not be understood.", "detail": faults}, 422)
        if not isinstance(error, TypeError):
            return JSONResponse({"error": _no_endpoint(page)}, 404)
        endpoint = _published(page).get(request.path_params.get("api_name", ""))
        if endpoint is None or endpoint.fn is None:
            raise error
        wrong = _wrong_names(await request.json(), inspect.signature(endpoint.fn).parameters)
        return JSONResponse({"error": "; ".join(wrong)}, 422)

    kinds = FnIndexInferError, KeyError, TypeError, RequestValidationError, OSError
    return dict.fromkeys(kinds, refuse)


def _published(page: gr.Blocks) -> dict[str, BlockFunction]:
    return {str(fn.api_name): fn for fn in page.fns.values() if fn.api_visibility == "public"}


def _no_endpoint(page: gr.Blocks) -> str:
    # MCP's resources and prompts are published too, but cannot be called.
    tools = (name for name, fn in _published(page).items() if getattr(fn.fn, "_mcp_type", "tool") == "tool")
    return f"There is no endpoint with that name: expected one of {', '.join(sorted(tools))}"


def _wrong_names(names: Iterable[str], expected: Iterable[str]) -> list[str]:
    names, expected = list(names), list(expected)
    unknown = [f"{name[:60]!r} is not known here" for name in names if name not in expected]
    return [*unknown, *(f"{name} is missing" for name in expected if name not in names)]


def patch_blocks(page: gr.Blocks) -> None:
    """Patch one page before it is launched.

    Gradio answers a wrong call with 500 and without a reason, and logs everything in the call.
    """
    process = page.process_api

    async def checked(block_fn: BlockFunction, inputs: list[Any], *args: Any, **named: Any) -> dict[str, Any]:
        status, public = 500, block_fn.api_visibility == "public"
        try:
            _check_files([*inputs, getattr(named.get("event_data"), "_data", None)])
            if public:
                inputs = _complete(block_fn, inputs)
            return await process(block_fn, inputs, *args, **named)
        except gr.Error as error:
            status = getattr(error, "status", 422)
            raise
        except (InvalidPathError, ValidationError):
            status = 422
            raise Refusal("The file was not uploaded to /gradio_api/upload.") from None
        except Exception as error:
            log.exception("%s failed", block_fn.name)
            if not public and isinstance(error, _STATE_ERRORS):
                status = 422  # the page cannot have sent such a state
            raise Refusal("Something went wrong here.") from None
        finally:
            # FrontDoor answers with this status where Gradio answers a refusal with 500.
            request = named.get("request")
            scope = getattr(getattr(request, "request", request), "scope", None)
            if isinstance(scope, dict):
                scope["refused"] = status

    page.process_api = checked  # type: ignore[assignment, method-assign]  # every call passes here


def _check_files(inputs: list[Any]) -> None:
    """Refuse addresses of files; Gradio would read whatever their host sends into memory.

    Names that no file can have are refused, too, because Gradio would answer 500.
    """

    def check(file: dict[str, Any]) -> dict[str, Any]:
        if is_http_url_like(file["path"]):
            raise Refusal("The file is an address: expected the file itself.")
        try:
            Path(file["path"]).stat()
        except FileNotFoundError:
            pass  # the endpoint refuses it
        except (OSError, ValueError):
            raise InvalidPathError from None
        return file

    traverse([value for value in inputs if isinstance(value, dict | list)], check, is_file_obj)


def _complete(called: BlockFunction, inputs: list[Any]) -> list[Any]:
    """The inputs of an endpoint, with None for each missing one, which the endpoint then refuses by name."""
    expected = len(called.inputs)
    if len(inputs) > expected:
        raise Refusal(f"{called.api_name} was sent {len(inputs)} values: expected {expected}")
    return inputs + [None] * (expected - len(inputs))
