"""The description of REST is true: its examples run, and generated requests find no contradiction."""

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from starlette.testclient import TestClient

from api.manual import docs_page
from api.middleware import FrontDoor
from api.problems import KINDS
from api.rest import load_rest
from api.settings import Settings
from api.tables import DiskBudget

REST = load_rest(Settings(), DiskBudget(2**30))
API = FrontDoor(REST, Settings())
DOCUMENT = REST.openapi()

SCHEMA = schemathesis.openapi.from_asgi("/v1/openapi.json", API)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
        for operation in OPERATIONS
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or operation.method == "post"  # nothing can be wrong with a GET
    ],
)
# Hypothesis suspects a strategy where a thread that another test left draws a random number meanwhile.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_no_generated_request_finds_the_description_wrong(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=20, deadline=None, phases=[Phase.generate], database=None, derandomize=True)
    def asked(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate()

    asked()


@pytest.mark.parametrize("path", [path for path, methods in DOCUMENT["paths"].items() if "post" in methods])
def test_every_example_is_answered_as_described(path: str) -> None:
    client, operation = TestClient(API, raise_server_exceptions=False), DOCUMENT["paths"][path]["post"]
    (media, body), *_ = operation["requestBody"]["content"].items()
    shown = operation["responses"]["200"]["content"].get(media, {}).get("examples", {})
    for name, example in body["examples"].items():
        value = example["value"]
        content = value if isinstance(value, str) else json.dumps(value)
        answer = client.post(path, content=content, headers={"content-type": media})
        assert answer.status_code == 200, answer.text
        assert name not in shown or answer.json() == shown[name]["value"]
    assert shown or path == "/v1/score"


def test_the_reference_page_shows_every_path_and_problem_and_loads_nothing() -> None:
    page = docs_page(DOCUMENT)
    for path in DOCUMENT["paths"]:
        assert re.search(rf"<code>(GET|POST) {path}</code>", page)
    for kind in KINDS:
        assert f'id="{kind}"' in page
    assert "<script" not in page
    assert " src=" not in page
