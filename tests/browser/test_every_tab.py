"""What all tabs have in common: they fit, can be printed and linked, explain terms, and report failures."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import open_tab
from tests.browser.conftest import Open
from ui.page import TABS


def test_every_tab_fits_every_width_and_prints_on_two_light_pages_with_limits_and_address(
    open_page: Open, server: str
) -> None:
    page = open_page("/?case=case-6", color_scheme="dark")  # a case with a warning
    for tab in TABS[1:]:
        open_tab(page, tab.key)
        pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
        assert pages <= 2, f"{tab.key} takes {pages} pages"
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        printed = page.locator(".foot")
        expect(printed).to_contain_text("one hospital in Wisconsin")
        expect(printed).to_contain_text(f"{server}/?")
        seen = ["#answer .word", ".reasons .sentence"] if tab.case else []
        for part in (*seen, f"#{tab.key} h2", ".foot", ".printed"):
            expect(page.locator(part).first).to_be_visible()
        for part in ("#grid", ".cases", ".actions", '[role="tablist"]'):
            expect(page.locator(part).first).to_be_hidden()
        ink = page.locator(f"#{tab.key} h2").first.evaluate(
            "h2 => getComputedStyle(h2).color.match(/\\d+/)[0]"
        )
        assert int(ink) < 128, "on paper, the dark theme is light"
        boxes = page.locator(f"#{tab.key}").evaluate(
            """panel => { const found = []; for (let box = panel.parentElement; box.id !== "tabs";
            box = box.parentElement) found.push(getComputedStyle(box).display); return found; }"""
        )
        assert {*boxes} == {"block"}, "the foot would cover the end of the last page"
        page.emulate_media(media="null")  # a page that is told to look like a screen prints like one
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        for width in (320, 360, 768, 1024):
            page.set_viewport_size({"width": width, "height": 800})
            cut = page.evaluate(
                """() => [...document.querySelectorAll('[role="tabpanel"] *, [role="tab"]')]
                .filter(each => each.checkVisibility() && !each.closest("pre, .unseen, svg, .marks"))
                .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 120)])
                .filter(([{ left, right }]) => left < -1 || right > innerWidth + 1)"""
            )
            assert cut == [], f"{tab.key} at {width}"
            assert page.evaluate("document.documentElement.scrollWidth") == width, f"{tab.key} at {width}"
        page.set_viewport_size({"width": 1280, "height": 720})


def test_a_link_holds_the_tab_and_what_is_chosen_in_it(open_page: Open) -> None:
    page = open_page("/?case=case-3")
    open_tab(page, "what_if")
    page.locator('[data-curve="texture_mean"]').click()
    expect(page).to_have_url(re.compile("curve=texture_mean"))
    open_tab(page, "evidence")
    page.locator('[data-dial="threshold"] input[type="text"]').fill("9 %")
    page.locator('[data-dial="prevalence"] input[type="text"]').fill("1")
    expect(page).to_have_url(re.compile("prevalence="))
    again = open_page(page.url.partition(page.url.split("/")[2])[2])
    expect(again.locator('[data-dial="threshold"] input[type="text"]')).to_have_value("9 %")
    expect(again.locator('[data-dial="prevalence"] input[type="text"]')).to_have_value("1 %")
    expect(again).to_have_url(re.compile("case=case-3"))
    open_tab(again, "what_if")
    expect(again.locator('[data-curve="texture_mean"]')).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("status", [503, 0])
def test_a_tab_that_could_not_load_says_so_and_loads_when_asked(
    browser: Browser, server: str, status: int
) -> None:
    page = browser.new_page()  # one that may have errors
    page.goto(server)

    def refuse(route: Route) -> None:
        if "similar" not in (route.request.post_data or ""):
            route.continue_()
        elif status:
            route.fulfill(status=status, json={"error": "busy"})
        else:
            route.abort()

    page.route("**/gradio_api/run/**", refuse)
    page.locator('[role="tab"][data-tab-id="similar"]').click()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("This tab could not load.")
    page.unroute("**/gradio_api/run/**")
    notice.get_by_role("button", name="Try again").click()
    expect(page.locator("table.similar")).to_be_visible()
    expect(notice).to_have_count(0)
    page.close()


def test_a_term_says_what_it_means_by_key_and_by_finger(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True)
    measurement, note = page.locator('button[data-measurement="concavity"]'), page.locator("#explained")
    measurement.tap()
    expect(note).to_contain_text("dents")
    measurement.tap()
    expect(note).to_be_hidden()
    open_tab(page, "similar")
    meaning = page.locator(".term-meaning")
    term = page.locator("#similar .term", has_text="contributions")
    term.tap()
    expect(meaning).to_contain_text("log-odds")
    expect(term).to_have_attribute("aria-describedby", "term-meaning")
    box = meaning.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    term.blur()
    term.focus()
    expect(meaning).to_be_visible()
