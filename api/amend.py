"""What Gradio does otherwise than a public demo should, set right on the objects that it makes.

Knows no model. Each part says what Gradio would do; once Gradio does better, the part can go.
"""

import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.data_classes import BlocksConfigDict
from gradio.exceptions import InvalidPathError
from gradio.route_utils import FnIndexInferError
from gradio.utils import NamedString
from gradio_client.utils import is_file_obj_with_meta, is_http_url_like, traverse
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)


def amend(page: gr.Blocks) -> None:
    """Set right what can be before a page is launched."""
    _tell_failures(page)
    _leave_off_the_page(page)
    for component in page.blocks.values():
        if isinstance(component, gr.File):
            _leave_no_file(component)


def amend_tools(page: gr.Blocks) -> None:
    """Set right what AI agents read of a launched page: answers in JSON, and which files they may hand over.

    Gradio would write Python, in single quotes, and invite addresses of files, which are refused.
    """
    server = page.mcp_server_obj
    assert server is not None  # noqa: S101  # launched with mcp_server=True
    as_text, simplify = server.postprocess_output_data, server.simplify_filedata_schema

    def in_json(data: list[Any], root_url: str) -> Any:
        def text(output: Any) -> Any:
            return output if not isinstance(output, dict) or "path" in output else json.dumps(output)

        return as_text([text(output) for output in data], root_url)

    def with_data_urls(schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        simple, positions = simplify(schema)
        for name, *_ in positions:
            simple["properties"][name]["format"] = "a data: URL"
        return simple, positions

    server.postprocess_output_data = in_json  # type: ignore[method-assign]  # its only way out
    server.simplify_filedata_schema = with_data_urls  # type: ignore[method-assign]  # its only way out


def refusals(page: gr.Blocks) -> dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
    """Who answers a call of no endpoint, or by wrong names; Gradio would fail without a word."""

    async def no_endpoint(request: Request, error: Exception) -> Response:
        if "api_name" not in request.path_params:
            raise error
        names = ", ".join(sorted(_published(page)))
        return JSONResponse({"error": f"There is no endpoint of that name: expected one of {names}"}, 404)

    async def wrong_names(request: Request, error: Exception) -> Response:
        endpoint = _published(page).get(request.path_params.get("api_name", ""))
        if endpoint is None or endpoint.fn is None:
            raise error
        faults = _wrong_names(await request.json(), inspect.signature(endpoint.fn).parameters)
        return JSONResponse({"error": "; ".join(faults)}, 422)

    return {FnIndexInferError: no_endpoint, KeyError: no_endpoint, TypeError: wrong_names}


def _published(page: gr.Blocks) -> dict[str, BlockFunction]:
    return {str(fn.api_name): fn for fn in page.fns.values() if fn.api_visibility == "public"}


def _wrong_names(given: Iterable[str], wanted: Iterable[str]) -> list[str]:
    given, wanted = list(given), list(wanted)
    unknown = [f"{name[:60]!r} is not known here" for name in given if name not in wanted]
    return [*unknown, *(f"{name} is missing" for name in wanted if name not in given)]


def _tell_failures(page: gr.Blocks) -> None:
    """Have a wrong call refused in words; Gradio would fail, and log all that the call holds."""
    process = page.process_api

    async def told(block_fn: BlockFunction, inputs: list[Any], *args: Any, **named: Any) -> dict[str, Any]:
        try:
            _refuse_addresses(inputs)
            return await process(block_fn, _complete(block_fn, inputs), *args, **named)
        except gr.Error:
            raise
        except (InvalidPathError, ValidationError):
            raise gr.Error(
                "The file was not uploaded to /gradio_api/upload.", print_exception=False
            ) from None
        except Exception:
            log.exception("%s failed", block_fn.name)
            raise gr.Error("Something went wrong here.", print_exception=False) from None

    page.process_api = told  # type: ignore[assignment, method-assign]  # every door of Gradio's comes by here


def _refuse_addresses(inputs: list[Any]) -> None:
    """Refuse files that stand elsewhere; Gradio would read whatever their host sends into memory."""

    def look(file: dict[str, Any]) -> dict[str, Any]:
        if is_http_url_like(file["path"]):
            raise gr.Error("The file is an address: expected the file itself.", print_exception=False)
        return file

    traverse(inputs, look, is_file_obj_with_meta)


def _complete(called: BlockFunction, inputs: list[Any]) -> list[Any]:
    """The inputs of an endpoint, None for each that is missing, which it knows how to refuse by name."""
    if called.api_visibility != "public":
        return inputs
    wanted = len(called.inputs)
    if len(inputs) > wanted:
        faulty = f"{called.api_name} was sent {len(inputs)} values: expected {wanted}"
        raise gr.Error(faulty, print_exception=False)
    return inputs + [None] * (wanted - len(inputs))


def _leave_no_file(component: gr.File) -> None:
    """Hand an upload over by its path alone; Gradio would leave an empty temporary file behind for each."""

    def path(upload: Any) -> NamedString | None:
        return None if upload is None else NamedString(upload.path)  # type: ignore[no-untyped-call]

    component.preprocess = path  # type: ignore[assignment, method-assign]  # upload: see its data model


def _leave_off_the_page(page: gr.Blocks) -> None:
    """Send no page what stands for the endpoints' numbers; Gradio would build a part of the page for each."""
    whole = page.get_config_file
    endpoints = _published(page).values()
    stand_ins = {part._id for endpoint in endpoints for part in (*endpoint.inputs, *endpoint.outputs)}

    def without() -> BlocksConfigDict:
        config = whole()
        for sent in config["page"].values():
            layout: Any = sent["layout"]
            sent["components"] = [key for key in sent["components"] if key not in stand_ins]
            layout["children"] = [child for child in layout["children"] if child["id"] not in stand_ins]
        return config

    page.get_config_file = without  # type: ignore[method-assign]  # programs still read the whole of it
