"""The tabs about the case on screen, printing them, and copying the link."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Specimen
from tests.browser.conftest import Open
from ui import text


def open_tab(page: Page, name: str) -> None:
    page.locator(f'[role="tab"][data-tab-id="{name}"]').click()


def link_of(page: Page) -> str:
    return str(page.locator("#answer [data-link]").get_attribute("data-link"))


def test_a_change_that_flips_the_answer_is_tried_with_one_click(
    open_page: Open, classifier: Classifier
) -> None:
    page = open_page("/?case=case-3")
    open_tab(page, "what_if")
    before = page.locator("#answer .word").inner_text()
    row = page.locator("table.flips tbody tr").first
    turns_at = row.locator("td").nth(1).inner_text()
    row.get_by_role("link", name="Try it").click()
    expect(page).to_have_url(re.compile(re.escape(f"={turns_at}")))
    flipped = classifier.predict(Specimen.parse(values(page)))
    assert text.VERDICT[flipped.verdict] != before
    assert flipped.verdict != "inconclusive"
    expect(page.locator("table.flips")).to_be_visible()
    page.locator(".case").get_by_role("link", name="Undo").click()
    expect(page.locator("#answer .word")).to_have_text(before)


def values(page: Page) -> dict[str, float]:
    found = page.eval_on_selector_all(
        '#grid input[type="text"]',
        "all => all.map(input => [input.closest('[data-feature]').dataset.feature, Number(input.value)])",
    )
    assert {name for name, _ in found} == set(NAMES)
    return dict(found)


def test_the_curve_is_that_of_the_chosen_feature_and_stays_with_it(
    page: Page, cases: list[dict[str, Any]]
) -> None:
    open_tab(page, "what_if")
    page.locator('[data-curve="texture_worst"]').click()
    curve = page.get_by_role("img", name=re.compile("Texture, worst"))
    expect(curve).to_be_visible()
    expect(page).to_have_url(re.compile("curve=texture_worst"))
    here = curve.locator(".caption").inner_text()
    page.get_by_role("tab", name="Explore").click()
    page.get_by_role("link", name=cases[1]["title"], exact=True).click()
    expect(page).to_have_url(re.compile(cases[1]["key"]))
    open_tab(page, "what_if")
    expect(curve).to_be_visible()
    expect(curve.locator(".caption")).not_to_have_text(here)


def test_what_is_pressed_while_an_answer_comes_stays_until_it_is_let_go(open_page: Open) -> None:
    page = open_page("/?case=case-3&tab=what_if")
    change = page.locator("table.flips").get_by_role("link", name="Try it").first
    expect(change).to_be_visible()
    held: list[Route] = []
    page.route("**/gradio_api/run/**", lambda route, _: held.append(route))
    page.evaluate("document.querySelector('.cases a').click()")  # of this case no change leads elsewhere
    expect(page.locator(".awaited")).to_have_count(1)
    change.hover()
    page.mouse.down()
    with page.expect_response("**/gradio_api/run/**"):
        held[0].continue_()
    page.unroute("**/gradio_api/run/**")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")  # in which the table would go
    page.mouse.up()
    expect(page).to_have_url(re.compile("case=case-3&.+="))


def test_a_similar_case_loads_with_a_click_and_tells_its_diagnosis(page: Page) -> None:
    open_tab(page, "similar")
    row = page.locator("table.similar tbody tr").first
    number, was = row.locator("th").inner_text(), row.locator("td").first.inner_text()
    row.get_by_role("link", name="Open").click()
    expect(page.locator("table.similar tbody th").first).not_to_have_text(number)
    page.locator(".truth summary").click()
    expect(page.locator(".truth p")).to_contain_text(was.strip().lower())


def test_the_link_is_copied(open_page: Open, server: str) -> None:
    page = open_page("/?case=median&area_worst=700", permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#answer [data-link]")).to_have_attribute("data-link", "case=median&area_worst=700")
    button = page.get_by_role("button", name="Copy link")
    button.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{server}/?{link_of(page)}"


@pytest.mark.parametrize("key", ["case-3", "case-6"])
def test_a_tab_about_the_case_prints_what_it_shows_on_a_page_or_two(
    open_page: Open, cases: list[dict[str, Any]], key: str
) -> None:
    page = open_page(f"/?case={key}", color_scheme="dark")
    (title,) = (case["title"] for case in cases if case["key"] == key)
    expect(page.locator(".case")).to_contain_text(title)
    open_tab(page, "similar")
    expect(page.locator("table.similar")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    ink = page.locator("#similar h2").evaluate("title => getComputedStyle(title).color.match(/\\d+/)[0]")
    assert int(ink) < 128, "on paper, the dark theme is light"
    for part in ("#answer .word", "table.similar", ".reasons .sentence", "#reasons .printed"):
        expect(page.locator(part)).to_be_visible()
    for part in ("#grid", ".cases", ".actions", '[role="tablist"]'):
        expect(page.locator(part)).to_be_hidden()
