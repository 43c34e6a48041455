"""The page is accessible: axe finds no serious fault, the keyboard reaches everything, large print fits."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from ui.page import TABS

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, part: str = "html", **options: Any) -> list[str]:
    """What axe finds in a part of the page."""
    if not page.evaluate("window.axe"):
        page.evaluate(AXE)
    options |= {"resultTypes": ["violations"]}
    violations = page.evaluate(
        "([part, options]) => axe.run(part, options).then(found => found.violations)", [part, options]
    )
    return [f"{v['impact']}: {v['id']} at {v['nodes'][0]['target']}" for v in violations]


def tabs(page: Page) -> list[str]:
    """The tabs' ids; all of them are on the bar, on a phone, too."""
    page.wait_for_selector('[role="tab"]')
    found: list[str] = page.eval_on_selector_all(
        '[role="tab"]', "all => all.filter(tab => tab.checkVisibility()).map(tab => tab.dataset.tabId)"
    )
    assert found == [tab.key for tab in TABS]
    return found


def show(page: Page, tab: str) -> None:
    page.locator(f'[role="tab"][data-tab-id="{tab}"]').click()
    if tab != TABS[0].key:
        expect(page.locator(f"#{tab} :is(h2, .lead)").first).to_be_visible()
        expect(page.locator(".awaited")).to_have_count(0)


def test_axe_finds_nothing_in_any_tab(open_page: Open) -> None:
    """On a desktop, on a phone, and in the dark theme, where the contrast may differ."""
    page = open_page("/?case=outlier&area_worst=5000", viewport={"width": 1400, "height": 900})
    expect(page.locator(".warnings")).to_contain_text("Worst area")
    contrast = "color-contrast"
    for tab in tabs(page):
        part = "html" if tab == TABS[0].key else f"#{tab}"  # what is around the tabs is the same for each
        page.set_viewport_size({"width": 1400, "height": 900})
        show(page, tab)
        assert findings(page, part) == [], tab
        page.evaluate("document.body.classList.add('dark')")
        assert findings(page, part, runOnly=[contrast]) == [], f"{tab} in the dark"
        page.evaluate("document.body.classList.remove('dark')")
        page.set_viewport_size({"width": 360, "height": 900})
        assert findings(page, part, rules={contrast: {"enabled": False}}) == [], f"{tab} on a phone"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_frame(open_page: Open, theme: str) -> None:
    page = open_page(f"/embed?theme={theme}", viewport={"width": 400, "height": 600})
    assert findings(page) == []


def test_every_tab_opens_from_the_keyboard_and_focus_is_seen_on_the_way(page: Page) -> None:
    page.keyboard.press("Tab")
    for _ in range(20):
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")
    names = page.eval_on_selector_all("#grid input", "all => all.map(input => input.ariaLabel)")
    assert len(names) == len(set(names)) == 60, "every slider and number has a name of its own"
    reached = []
    page.locator('[role="tab"][data-tab-id="explore"]').focus()
    for tab in tabs(page):
        assert page.evaluate("document.activeElement.dataset.tabId") == tab
        page.keyboard.press("Enter")
        expect(page.locator(f'[role="tab"][data-tab-id="{tab}"]')).to_have_attribute("aria-selected", "true")
        reached.append(tab)
        page.keyboard.press("Tab")
    assert reached == tabs(page)


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_at_twice_the_size_nothing_runs_off_to_the_side(open_page: Open, path: str) -> None:
    page = open_page(path, viewport={"width": 640, "height": 360}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") == 640
