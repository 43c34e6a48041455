"""What all tabs have in common: they fit, can be printed and linked, explain terms, and report failures."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Open
from ui.page import TABS

PANELS = [tab.key for tab in TABS[1:]]


def show(page: Page, key: str) -> None:
    page.locator(f'[role="tab"][data-tab-id="{key}"]').click()
    expect(page.locator(f"#{key} :is(h2, .card)").first).to_be_visible()
    expect(page.locator(".awaited")).to_have_count(0)


def test_every_tab_fits_every_width_and_prints_on_two_pages_with_limits_and_address(
    open_page: Open, server: str
) -> None:
    page = open_page("/?row=40")
    for key in PANELS:
        show(page, key)
        pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
        assert pages <= 2, f"{key} takes {pages} pages"
        page.emulate_media(media="print")
        printed = page.locator(".printed").filter(visible=True)
        expect(printed).to_contain_text("one hospital in Wisconsin")
        expect(printed).to_contain_text(f"{server}/?")
        expect(page.locator(f"#{key}")).to_be_visible()
        expect(page.locator('[role="tablist"]').first).to_be_hidden()
        page.emulate_media(media="null")  # a page that is told to look like a screen prints like one
        for width in (320, 360, 768, 1024):
            page.set_viewport_size({"width": width, "height": 800})
            cut = page.evaluate(
                """() => [...document.querySelectorAll('[role="tabpanel"] *, [role="tab"]')]
                .filter(each => each.checkVisibility() && !each.closest("pre, .unseen, svg, .marks"))
                .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
                .map(each => each.outerHTML.slice(0, 120))"""
            )
            assert cut == [], f"{key} at {width}"
            assert page.evaluate("document.documentElement.scrollWidth") == width, f"{key} at {width}"
        page.set_viewport_size({"width": 1280, "height": 720})


def test_a_link_holds_the_tab_and_what_is_chosen_in_it(open_page: Open) -> None:
    page = open_page("/?case=case-3")
    show(page, "what_if")
    page.locator('[data-curve="texture_mean"]').click()
    expect(page).to_have_url(re.compile("curve=texture_mean"))
    show(page, "evidence")
    page.locator('[data-dial="threshold"] input[type="text"]').fill("9 %")
    page.locator('[data-dial="prevalence"] input[type="text"]').fill("1")
    expect(page).to_have_url(re.compile("prevalence="))
    again = open_page(page.url.partition(page.url.split("/")[2])[2])
    expect(again.locator('[data-dial="threshold"] input[type="text"]')).to_have_value("9 %")
    expect(again.locator('[data-dial="prevalence"] input[type="text"]')).to_have_value("1 %")
    expect(again).to_have_url(re.compile("case=case-3"))
    show(again, "what_if")
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


def test_the_arrow_keys_walk_along_the_tabs(page: Page) -> None:
    first = page.locator('[role="tab"]').first
    first.focus()
    for tab in (*TABS[1:], TABS[0]):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f'[role="tab"][data-tab-id="{tab.key}"]')).to_be_focused()
        expect(page.locator(f'[role="tab"][data-tab-id="{tab.key}"]')).to_have_attribute(
            "aria-selected", "true"
        )


def test_a_term_says_what_it_means_by_key_and_by_finger(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True)
    measurement, note = page.locator('button[data-measurement="concavity"]'), page.locator("#explained")
    measurement.tap()
    expect(note).to_contain_text("dents")
    measurement.tap()
    expect(note).to_be_hidden()
    show(page, "similar")
    meaning = page.locator(".term-meaning")
    term = page.locator("#similar .term", has_text="contributions")
    term.tap()
    expect(meaning).to_contain_text("log-odds")
    expect(term).to_have_attribute("aria-describedby", "term-meaning")
    box = meaning.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    term.blur()
    term.focus()
    expect(meaning).to_be_visible()


def test_a_typed_prevalence_is_repeated_as_it_was_understood(page: Page) -> None:
    show(page, "evidence")
    dial = page.locator('[data-dial="prevalence"]')
    number = dial.locator('input[type="text"]')
    for typed, value, said in (
        ("1", "1 %", "1 is read as 1 %."),
        ("0.5", "50 %", "0.5 is read as 50 %."),
        ("12,5 %", "12.5 %", ""),
    ):
        number.fill(typed)
        expect(dial.locator(".taken")).to_have_text(said)
        number.blur()
        expect(number).to_have_value(value)
