"""A stand-in for the Hub, to which these tests upload."""

import time
from collections.abc import Iterator

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import _auth

from tests.deploy.hub_server import TOKEN, Hub, hub_server


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty Hub, to which the Hub's own client connects, with a token that may write."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.02)))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere")  # nobody is logged in
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", constants.HF_HUB_DISABLE_XET)  # set back afterwards
    monkeypatch.setattr(_auth, "_OIDC_TOKEN_CACHE", None)
    with hub_server() as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        yield running
