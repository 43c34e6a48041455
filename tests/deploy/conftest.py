"""A stand-in for the Hub, to which these tests upload."""

import time
from collections.abc import Iterator

import httpx2
import pytest
from huggingface_hub import constants, set_client_factory
from huggingface_hub.utils import _auth, _http

from tests.deploy.hub_stand_in import TOKEN, URL, Hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty Hub, to which the Hub's own client connects, with a token that may write."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.02)))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere")  # nobody is logged in
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", constants.HF_HUB_DISABLE_XET)  # set back afterwards
    monkeypatch.setattr(constants, "ENDPOINT", URL)
    monkeypatch.setattr(_auth, "_OIDC_TOKEN_CACHE", None)
    hub, usual = Hub(), _http._GLOBAL_CLIENT_FACTORY
    set_client_factory(lambda: httpx2.Client(transport=httpx2.MockTransport(hub.handle)))
    yield hub
    set_client_factory(usual)
