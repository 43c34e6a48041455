"""The Gradio client's door: thirty required, named parameters, the same answer as REST."""

import json
import urllib.request

import pytest
from gradio_client import Client

from model.features import NAMES


@pytest.fixture(scope="module")
def client(server: str) -> Client:
    return Client(server, verbose=False)


def test_predict_takes_thirty_required_named_numbers(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    parameters = endpoints["/predict"]["parameters"]
    assert [p["parameter_name"] for p in parameters] == list(NAMES)
    assert not any(p["parameter_has_default"] for p in parameters)


def test_gradio_and_rest_give_the_same_answer(
    client: Client, server: str, cases: list[dict[str, dict[str, float]]]
) -> None:
    for case in cases:
        body = json.dumps({"features": case["features"]}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{server}/v1/predict", body)) as answer:  # noqa: S310
            assert client.predict(**case["features"], api_name="/predict") == json.load(answer)
