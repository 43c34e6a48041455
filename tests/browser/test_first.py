"""What a visitor sees before Gradio has built the page: the same in the same places, or nothing wrong."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

SEEN = (".answer .word", ".answer .scale", ".cases a >> nth=0", ".grid input >> nth=-1", ".reasons .sentence")


class HeldPage:
    """A page whose scripts stay away after the stylesheet has come, until they are let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._styled, self._held = False, list[Route]()
        page.route("**/theme.css*", self._style)
        page.route("**/assets/*.js", self._hold)

    def _style(self, route: Route) -> None:
        self._styled = True
        route.continue_()

    def _hold(self, route: Route) -> None:
        if self._styled:
            self._held.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        self._styled = False
        for route in self._held:
            route.continue_()


@pytest.fixture
def held(browser: Browser, request: pytest.FixtureRequest) -> Iterator[HeldPage]:
    width, height = request.param
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        yield HeldPage(context.new_page())


@pytest.mark.parametrize("held", [(1280, 720), (768, 900), (360, 740)], indirect=True)
def test_the_answer_is_seen_before_the_page_is_built_and_stays_where_it_is(
    held: HeldPage, server: str
) -> None:
    page = held.page
    page.goto(server, wait_until="commit")
    expect(page.locator("#first .answer .word")).to_be_visible()
    before = [page.locator(part).bounding_box() for part in SEEN]
    assert page.evaluate("document.querySelector('#first').inert")
    held.let_go()
    expect(page.locator("#first")).to_have_count(0)
    assert [page.locator(part).bounding_box() for part in SEEN] == before


@pytest.mark.parametrize("held", [(1280, 720)], indirect=True)
def test_a_link_to_another_case_does_not_show_the_opening_one(held: HeldPage, server: str) -> None:
    with held.page.expect_request("**/assets/Blocks*"):
        held.page.goto(f"{server}/?case=median", wait_until="commit")
    assert held.page.locator("#first").count() == 0
