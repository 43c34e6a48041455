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


def test_an_agent_may_read_the_card_the_features_and_the_cases_and_finds_a_prompt(
    server: str, cases: list[dict[str, Any]]
) -> None:
    async def all_of(client: ClientSession) -> tuple[dict[str, str], Any, Any]:
        texts = {}
        for resource in (await client.list_resources()).resources:
            assert len(resource.description or "") > 20
            (text,) = (await client.read_resource(resource.uri)).contents
            texts[str(resource.uri)] = text.text  # type: ignore[union-attr]
        (prompt,) = (await client.list_prompts()).prompts
        return texts, prompt, await client.get_prompt(prompt.name, {"case": "case-3"})

    texts, prompt, filled = ask(server, all_of)
    assert texts.pop("fna://model-card") == (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    features = json.loads(texts.pop("fna://features"))
    assert [feature["name"] for feature in features] == list(NAMES)
    assert json.loads(texts.pop("fna://cases"))["cases"] == cases
    assert not texts
    assert (prompt.name, [argument.name for argument in prompt.arguments]) == ("discuss_specimen", ["case"])
    assert "case-3" in filled.messages[0].content.text
