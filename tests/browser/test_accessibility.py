"""The page is accessible: axe finds no serious fault, the keyboard reaches everything, large print fits."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import open_tab
from tests.browser.conftest import Open
from ui.page import TABS

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, part: str = "html", **options: Any) -> list[str]:
    """What axe finds in a part of the page; of a table's rows, which are alike, in three."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    where = {"include": [part], "exclude": [f"{part} tr:nth-child(n + 4)"]}
    options |= {"resultTypes": ["violations"]}
    violations = page.evaluate(
        "([where, options]) => axe.run(where, options).then(found => found.violations)", [where, options]
    )
    return [f"{v['impact']}: {v['id']} at {v['nodes'][0]['target']}" for v in violations]


def test_axe_finds_nothing_in_any_tab(open_page: Open) -> None:
    """On a desktop, on a phone, where all tabs are on the bar, and in the dark theme with its contrast."""
    page = open_page("/?case=outlier&area_worst=5000", viewport={"width": 1400, "height": 900})
    expect(page.locator(".warnings")).to_contain_text("Worst area")
    contrast = "color-contrast"
    for tab in TABS:
        page.set_viewport_size({"width": 1400, "height": 900})
        open_tab(page, tab.key)
        part = "html" if tab is TABS[0] else f"#{tab.key}"  # what is around the tabs is the same for each
        assert findings(page, part) == [], tab.key
        page.evaluate("document.body.classList.add('dark')")
        assert findings(page, part, runOnly=[contrast]) == [], f"{tab.key} in the dark"
        page.evaluate("document.body.classList.remove('dark')")
        page.set_viewport_size({"width": 360, "height": 900})
        assert findings(page, part, rules={contrast: {"enabled": False}}) == [], f"{tab.key} on a phone"
        shown = '[...document.querySelectorAll("[role=tab]")].filter(tab => tab.checkVisibility()).length'
        assert page.evaluate(shown) == len(TABS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_frame(open_page: Open, theme: str) -> None:
    page = open_page(f"/embed?theme={theme}", viewport={"width": 400, "height": 600})
    assert findings(page) == []


def test_drawings_stay_in_a_high_contrast_theme(open_page: Open) -> None:
    """Such a theme leaves off backgrounds: thumbs, the track, marks and bars."""
    page = open_page("/?case=case-3", forced_colors="active")
    drawn = "#grid input[type=range], .answer .scale > :is(i, u), .near a, .bars .bar b"
    kept = page.eval_on_selector_all(drawn, "all => all.map(one => getComputedStyle(one).forcedColorAdjust)")
    assert len(kept) > 60 and {*kept} == {"none"}
    ground, ink = page.eval_on_selector(
        "#page", "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    )
    canvas = page.evaluate(
        """() => { const probe = document.body.appendChild(document.createElement("p"));
        probe.style.cssText = "background: Canvas; color: CanvasText; forced-color-adjust: none";
        const { backgroundColor, color } = getComputedStyle(probe); return [backgroundColor, color]; }"""
    )
    assert [ground, ink] == canvas


def test_every_tab_opens_from_the_keyboard_and_focus_is_seen_on_the_way(page: Page) -> None:
    page.keyboard.press("Tab")
    for _ in range(20):
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")
    names = page.eval_on_selector_all("#grid input", "all => all.map(input => input.ariaLabel)")
    assert len(names) == len(set(names)) == 60, "every slider and number has a name of its own"
    buttons = [page.locator(f'[role="tab"][data-tab-id="{tab.key}"]') for tab in TABS]
    buttons[0].focus()
    for button in buttons:  # by Tab and Enter
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        expect(button).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Tab")
    buttons[0].focus()
    for button in (*buttons[1:], buttons[0]):  # by the arrow keys
        page.keyboard.press("ArrowRight")
        expect(button).to_be_focused()
        expect(button).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("path", ["/", "/embed"])
def test_at_twice_the_size_nothing_runs_off_to_the_side(open_page: Open, path: str) -> None:
    page = open_page(path, viewport={"width": 640, "height": 360}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") == 640
