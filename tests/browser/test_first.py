"""The first screen is there before Gradio, answers at once, and does not move while the rest is built."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import number, slider
from tests.browser.conftest import Open
from tests.machine import wait_until
from ui import text

SEEN = (
    ".answer .word", ".answer .probability", ".answer .scale", ".near a >> nth=19", "#nuclei canvas",
    ".sentence", ".cases a >> nth=0", "#grid input >> nth=0", "#grid input >> nth=-1",
)  # fmt: skip


class HeldPage:
    """A page to which none of Gradio's scripts come until they are let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._held: list[Route] | None = []
        page.route("**/assets/*.js", self._hold)

    def _hold(self, route: Route) -> None:
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def let_go(self) -> None:
        held, self._held = self._held or [], None
        for route in held:
            route.continue_()


@pytest.fixture
def held(browser: Browser) -> Iterator[HeldPage]:
    with browser.new_context() as context:
        yield HeldPage(context.new_page())


@pytest.mark.parametrize(
    ("width", "height", "font"),
    [(1400, 900, "STIXGeneral"), (1280, 720, "cmtt10"), (768, 900, "cmss10"), (360, 740, "DejaVu Serif")],
)
def test_what_is_seen_first_stays_where_it_is_whatever_the_font(
    held: HeldPage, server: str, width: int, height: int, font: str
) -> None:
    page = held.page
    page.set_viewport_size({"width": width, "height": height})
    page.goto(server, wait_until="commit")
    expect(page.locator(".answer .word")).to_have_text(text.VERDICT["benign"])
    page.add_style_tag(content=f"* {{ font-family: '{font}' !important }}")
    before = [page.locator(part).bounding_box() for part in SEEN]
    held.let_go()
    expect(page.locator('[role="tab"]').first).to_be_visible()
    line = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.what')).lineHeight)")
    for part, was in zip(SEEN, before, strict=True):
        now = page.locator(part).bounding_box()
        assert was and now, part
        # less than a fourth of a line
        assert all(abs(was[side] - now[side]) < line / 4 for side in ("x", "y", "width", "height")), part


def test_the_sliders_answer_before_gradio_has_come_and_nothing_of_its_is_drawn(
    held: HeldPage, server: str
) -> None:
    page = held.page
    page.goto(f"{server}/?case=case-3", wait_until="commit")
    expect(page.locator("#answer .word")).to_have_text(text.VERDICT["inconclusive"])
    slider(page, "texture_worst").press("End")
    expect(page.locator("#answer .word")).to_have_text(text.VERDICT["malignant"])
    expect(page.locator("#answer .warned")).not_to_be_empty()
    expect(page.locator("gradio-app")).to_be_hidden()
    url = page.url
    held.let_go()
    expect(page.locator('[role="tab"]').first).to_be_visible()
    assert page.url == url
    expect(page.locator("#answer .word")).to_have_text(text.VERDICT["malignant"])


def test_a_tab_that_is_chosen_before_gradio_has_come_opens_once_it_has(held: HeldPage, server: str) -> None:
    page = held.page
    page.goto(f"{server}/?row=40&area_worst=700", wait_until="commit")
    expect(number(page, "area_worst")).to_have_value("700")  # a link shows its own case first
    expect(page.locator(".case")).to_contain_text("Specimen 40 of the data")
    page.locator(".twin").get_by_text(text.SIMILAR).click()
    held.let_go()
    expect(page.locator("table.similar")).to_be_visible()
    expect(page).to_have_url(re.compile("row=40&area_worst=700"))


def test_without_scripts_there_is_a_sentence(browser: Browser, server: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server)
        expect(page.locator(".failed.now")).to_have_text(text.NO_SCRIPT)


@pytest.mark.parametrize("kind", ["js", "css"])
def test_without_gradio_a_sentence_says_so_and_the_rest_works(
    browser: Browser, server: str, kind: str
) -> None:
    page = browser.new_page()
    page.route(f"**/assets/*.{kind}", lambda route: route.abort())
    page.goto(server)
    expect(page.locator("#tabs .lost")).to_contain_text(text.ANSWER_WORDS["tabs_missing"])
    page.get_by_role("link", name="Clear malignant").click()
    expect(page.locator("#answer .word")).to_have_text(text.VERDICT["malignant"])
    page.close()


def test_the_answer_moves_at_every_move_and_stays_at_release(open_page: Open) -> None:
    page = open_page("/?case=case-3")
    box = slider(page, "area_worst").bounding_box()
    assert box
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown = []
    at = box["x"] + box["width"] * 0.2
    page.mouse.move(at, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(at + step * box["width"] * 0.03, box["y"] + box["height"] / 2)
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        shown.append(page.locator("#answer .probability").inner_text())
    assert not asked
    page.mouse.up()
    expect(page.locator("html:not(.unconfirmed)")).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert len(set(shown)) >= 12
    assert page.locator("#answer .probability").inner_text() == shown[-1]
    assert len(asked) == 1, asked


def test_without_an_answer_the_page_says_what_it_knows_and_asks_again(browser: Browser, server: str) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(server)
    page.wait_for_load_state("networkidle")
    state, words = page.locator("#answer .state"), text.ANSWER_WORDS
    cases = {"Unlike the data": "benign", "Clear malignant": "malignant"}
    refusals: dict[str, Callable[[Route], None]] = {
        "why_limit": lambda route: route.fulfill(status=429, headers={"retry-after": "40"}, body="{}"),
        "why_busy": lambda route: route.fulfill(status=503, body="{}"),
        "why_lost": lambda route: route.abort(),
        "why_late": lambda _: None,
    }
    for (why, refuse), name in zip(refusals.items(), list(cases) * 2, strict=True):
        page.route("**/v1/predict", refuse)
        page.get_by_role("link", name=name).click()
        if why == "why_late":
            expect(state).to_have_text(words["waiting"])  # after 300 ms, and what is to be replaced is grey
            expect(page.locator("html.unconfirmed")).to_be_attached()
            page.clock.fast_forward(10_000)
        expect(state).to_contain_text(words[why].format(seconds=10))
        seconds = 40 if why == "why_limit" else 5
        expect(state).to_contain_text(words["retry_in"].format(seconds=seconds))
        expect(page.locator("#answer .word")).to_have_text(text.VERDICT[cases[name]])
        expect(page.locator(".case")).to_contain_text(name)
        page.unroute("**/v1/predict")
        if why == "why_busy":
            state.get_by_role("button", name=text.RETRY).click()
        elif why == "why_lost":
            page.evaluate("dispatchEvent(new Event('online'))")
        else:
            page.clock.fast_forward(1000 * seconds)
        expect(page.locator("html:not(.unconfirmed)")).to_be_attached()
        expect(state).to_be_hidden()
        expect(page.locator("#warnings li")).to_have_count(1 if name == "Unlike the data" else 0)
    page.close()


def test_a_newer_model_that_answers_is_named_and_the_page_can_be_reloaded(page: Page) -> None:
    def newer(route: Route) -> None:
        answer = route.fetch().json()
        route.fulfill(json=answer | {"model": answer["model"] | {"sha256": "0" * 64}})

    page.route("**/v1/predict", newer)
    slider(page, "area_worst").press("PageUp")
    expect(page.locator(".state")).to_contain_text(text.ANSWER_WORDS["newer_model"])
    page.unroute_all()
    page.locator(".state button").click()
    page.wait_for_selector("#answer .word")
    slider(page, "area_worst").press("PageUp")
    expect(page.locator("html.unconfirmed")).to_have_count(0)
    expect(page.locator(".state")).to_be_hidden()


def test_the_nearest_specimens_are_links_to_their_cases(page: Page) -> None:
    mark = page.locator(".near a").nth(3)
    row = str(mark.get_attribute("href")).removeprefix("?row=")
    mark.click()
    expect(page.locator(".case")).to_contain_text(f"Specimen {row} of the data")


def test_what_a_measurement_is_shows_on_hover_and_focus(page: Page) -> None:
    name = page.locator('button[data-measurement="concavity"]')
    note = page.locator("#explained")
    name.hover()
    expect(note).to_contain_text("dents")
    expect(note.locator("svg path").first).to_be_visible()
    page.locator("h1").hover()
    expect(note).to_be_hidden()
    name.focus()
    expect(note).to_be_visible()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()


def test_no_frame_is_asked_for_while_nothing_moves(browser: Browser, server: str) -> None:
    """Gradio asks for 60 a second, for ever; if its own page no longer does, ui/first.js need not stop it."""
    count = "window.asked = 0; const frame = requestAnimationFrame; "
    count += "window.requestAnimationFrame = (callback) => { asked += 1; return frame(callback); };"
    in_half_a_second = "() => { const before = asked; return new Promise((done) => "
    in_half_a_second += "setTimeout(() => done(asked - before), 500)); }"
    with browser.new_context() as context:
        context.add_init_script(count)
        page = context.new_page()
        page.goto(server)
        page.wait_for_selector('[role="tab"]')
        wait_until(lambda: page.evaluate(in_half_a_second) == 0, "the page to rest")
        page.goto(f"{server}/programs")
        page.wait_for_selector("gradio-app .prose, .show-api, footer")
        assert page.evaluate(in_half_a_second) > 1
