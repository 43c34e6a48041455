"""AI agents send tables, read resources and find a prompt; answers of tools are in tests/recorded."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from model.classifier import ARTIFACT
from model.features import NAMES
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


def test_an_agent_sends_a_table_as_the_description_says(server: str, cases: list[dict[str, Any]]) -> None:
    features = cases[0]["features"]
    table = f"{','.join(features)}\n{','.join(map(str, features.values()))}\n"
    url = f"data:text/csv;base64,{base64.b64encode(table.encode()).decode()}"
    answer = ask(server, lambda client: client.call_tool("score_csv", {"table": url}))
    assert not answer.isError


def test_an_agent_may_read_the_card_the_features_and_the_cases(
    server: str, cases: list[dict[str, Any]]
) -> None:
    found = ask(server, lambda client: client.list_resources()).resources
    listed = {str(resource.uri): resource for resource in found}
    assert set(listed) == {"fna://model-card", "fna://features", "fna://cases"}
    assert all(len(found.description) > 20 for found in listed.values())

    def text(uri: str) -> str:
        found: str = ask(server, lambda client: client.read_resource(listed[uri].uri)).contents[0].text
        return found

    assert text("fna://model-card") == (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert [feature["name"] for feature in json.loads(text("fna://features"))] == list(NAMES)
    assert json.loads(text("fna://cases"))["cases"] == cases


def test_there_is_a_prompt_to_begin_with(server: str) -> None:
    (prompt,) = ask(server, lambda client: client.list_prompts()).prompts
    assert (prompt.name, [argument.name for argument in prompt.arguments]) == ("discuss_specimen", ["case"])
    found = ask(server, lambda client: client.get_prompt(prompt.name, {"case": "case-3"}))
    assert "case-3" in found.messages[0].content.text
