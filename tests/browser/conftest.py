"""A real Chromium on the running demo; errors on a page fail the test that opened it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

# what Gradio's client says whenever a stream of events ends
GRADIOS_OWN = "Method not implemented."

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def new_context(browser: Browser) -> Callable[..., BrowserContext]:
    """One browser context for each kind of window, so that scripts are compiled only once."""
    kept: dict[str, BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:
        kind = json.dumps(options, sort_keys=True)
        if kind not in kept:
            kept[kind] = browser.new_context(**options)
        return kept[kind]

    return context


@pytest.fixture
def open_page(server: str, new_context: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Open a path of the demo; keyword arguments are those of a browser context, such as viewport."""
    pages: list[Page] = []
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and message.text != GRADIOS_OWN:
            wrong.append(f"console {message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((server, "data:", "blob:")):
            wrong.append(f"request off its own origin: {request.url}")

    def open_page(path: str = "/", **options: Any) -> Page:
        page = new_context(**{"viewport": {"width": 1280, "height": 720}} | options).new_page()
        pages.append(page)
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("request", asked)
        page.goto(server + path)
        for part in ("#answer .word", "#grid input"):
            page.wait_for_selector(part, state="attached")
        return page

    yield open_page
    for page in pages:
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.close()
    assert not wrong, wrong


@pytest.fixture
def page(open_page: Open) -> Page:
    """The page as a visitor sees it on a laptop."""
    return open_page()
