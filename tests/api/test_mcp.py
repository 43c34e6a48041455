"""AI agents find three tools with useful descriptions, and get REST's answers from them."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from model.classifier import ARTIFACT, Classifier
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from tests.conftest import run


def ask(server: str, question: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    async def session() -> Any:
        async with (
            streamable_http_client(f"{server}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as client,
        ):
            await client.initialize()
            return await question(client)

    return run(session())


@pytest.fixture(scope="module")
def tools(server: str) -> dict[str, Any]:
    return {tool.name: tool for tool in ask(server, lambda client: client.list_tools()).tools}


def test_the_tools_are_these_and_none_of_the_pages_events(tools: dict[str, Any]) -> None:
    assert set(tools) == {"predict", "explain", "score_csv"}


@pytest.mark.parametrize("name", ["predict", "explain"])
def test_a_tool_requires_all_features_and_says_what_each_is(tools: dict[str, Any], name: str) -> None:
    schema = tools[name].inputSchema
    assert set(schema["required"]) == set(NAMES)
    for feature in FEATURES:
        about = schema["properties"][feature.name]["description"]
        assert feature.label in about
        assert f"{feature.low:g} to {feature.high:g}" in about
    assert len(tools[name].description) > 100


def test_a_tool_answers_as_the_model_does(
    server: str, cases: list[dict[str, Any]], classifier: Classifier
) -> None:
    features = cases[0]["features"]
    answer = ask(server, lambda client: client.call_tool("predict", features))
    assert not answer.isError
    assert json.loads(answer.content[0].text) == classifier.predict(Specimen.parse(features)).to_dict()


def test_an_agent_hands_a_table_over_as_it_was_told(
    server: str, tools: dict[str, Any], cases: list[dict[str, Any]]
) -> None:
    features = cases[0]["features"]
    table = f"{','.join(features)}\n{','.join(map(str, features.values()))}\n"
    assert tools["score_csv"].inputSchema["properties"]["table"]["format"] == "a data: URL"
    url = f"data:text/csv;base64,{base64.b64encode(table.encode()).decode()}"
    answer = ask(server, lambda client: client.call_tool("score_csv", {"table": url}))
    assert not answer.isError
    elsewhere = {"table": "https://elsewhere.example/table.csv"}
    refused = ask(server, lambda client: client.call_tool("score_csv", elsewhere))
    assert refused.isError
    assert "expected the file itself" in refused.content[0].text


def test_an_agent_may_read_the_card_the_features_and_the_cases(
    server: str, cases: list[dict[str, Any]]
) -> None:
    listed = {
        str(found.uri): found for found in ask(server, lambda client: client.list_resources()).resources
    }
    assert set(listed) == {"fna://model-card", "fna://features", "fna://cases"}
    assert all(len(found.description) > 20 for found in listed.values())

    def text(uri: str) -> str:
        found: str = ask(server, lambda client: client.read_resource(listed[uri].uri)).contents[0].text
        return found

    assert text("fna://model-card") == (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert [feature["name"] for feature in json.loads(text("fna://features"))] == list(NAMES)
    assert json.loads(text("fna://cases"))["cases"] == cases


def test_there_is_a_prompt_to_begin_with_and_every_tool_only_reads(
    server: str, tools: dict[str, Any]
) -> None:
    (prompt,) = ask(server, lambda client: client.list_prompts()).prompts
    assert (prompt.name, [argument.name for argument in prompt.arguments]) == ("discuss_specimen", ["case"])
    found = ask(server, lambda client: client.get_prompt(prompt.name, {"case": "case-3"}))
    assert "case-3" in found.messages[0].content.text
    for tool in tools.values():
        assert tool.annotations.readOnlyHint and tool.annotations.idempotentHint
        assert not tool.annotations.destructiveHint and not tool.annotations.openWorldHint
