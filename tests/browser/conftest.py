"""A real Chromium on the running demo; errors on a page fail the test that opened it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request

# what Gradio's client says whenever a stream of events ends
GRADIOS_OWN = "Method not implemented."

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)


class Windows:
    """A browser context for each kind of window, and in it the tab of an earlier test: new ones take time."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}
        self._free: dict[str, list[Page]] = {}

    def take(self, options: dict[str, Any]) -> tuple[str, Page]:
        """The kind of a window with these options, and a tab in it that no test uses."""
        kind = json.dumps(options, sort_keys=True)
        if kind not in self._contexts:
            self._contexts[kind] = self._browser.new_context(**options)
        free = self._free.setdefault(kind, [])
        return kind, free.pop() if free else self._contexts[kind].new_page()

    def give_back(self, kind: str, page: Page) -> None:
        """Forget what a test has done in a tab; one whose size or medium it has changed is closed."""
        if page.is_closed():
            return
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.unroute_all()
        page.goto("about:blank")
        if page.viewport_size != json.loads(kind)["viewport"] or page.evaluate("matchMedia('print').matches"):
            page.close()
        else:
            self._free[kind].append(page)


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest.fixture
def open_page(server: str, windows: Windows) -> Iterator[Open]:
    """Open a path of the demo; keyword arguments are those of a browser context, such as viewport."""
    taken: list[tuple[str, Page]] = []
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and message.text != GRADIOS_OWN:
            wrong.append(f"console {message.type}: {message.text}")

    def failed(error: Error) -> None:
        wrong.append(f"page error: {error}")

    def asked(request: Request) -> None:
        if not request.url.startswith((server, "data:", "blob:")):
            wrong.append(f"request off its own origin: {request.url}")

    listeners: dict[Any, Callable[..., None]] = {"console": heard, "pageerror": failed, "request": asked}

    def open_page(path: str = "/", **options: Any) -> Page:
        kind, page = windows.take({"viewport": {"width": 1280, "height": 720}} | options)
        taken.append((kind, page))
        for event, listener in listeners.items():
            page.on(event, listener)
        page.goto(server + path)
        for part in ("#answer .word", "#grid input"):
            page.wait_for_selector(part, state="attached")
        return page

    yield open_page
    for kind, page in taken:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        windows.give_back(kind, page)
    assert not wrong, wrong


@pytest.fixture
def page(open_page: Open) -> Page:
    """The page as a visitor sees it on a laptop."""
    return open_page()
