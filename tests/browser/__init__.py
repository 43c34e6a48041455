"""A real Chromium on the running demo."""

from playwright.sync_api import Locator, Page, expect

from ui.page import TABS


def open_tab(page: Page, key: str) -> None:
    """Open a tab and wait until its content is there."""
    page.locator(f'[role="tab"][data-tab-id="{key}"]').click()
    if key != TABS[0].key:
        expect(page.locator(f"#{key} :is(h2, .card)").first).to_be_visible()
        expect(page.locator(".awaited")).to_have_count(0)


def slider(page: Page, feature: str) -> Locator:
    return page.locator(f'#grid [data-feature="{feature}"] input[type="range"]')


def number(page: Page, feature: str) -> Locator:
    return page.locator(f'#grid [data-feature="{feature}"] input[type="text"]')
