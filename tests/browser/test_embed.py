"""The page in a frame of another page: it fits, has the theme of its link, and reports its height."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from model.features import STATISTICS
from tests.browser import slider
from tests.browser.conftest import Open
from ui import text

FRAME = {"width": 400, "height": 720}


def test_the_answer_and_the_ten_sliders_of_one_statistic_at_a_time_fit_the_frame(open_page: Open) -> None:
    page = open_page("/embed", viewport=FRAME)
    expect(page.locator("#answer .word")).to_be_in_viewport(ratio=1)
    assert page.locator("#grid .cell:visible").count() == 10
    expect(page.locator("#grid .cell:visible").last).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name=text.TITLE)).to_be_in_viewport()
    expect(page.get_by_text(text.NOT_A_DEVICE)).to_be_in_viewport()
    expect(page.locator(".legend")).to_be_in_viewport()
    for statistic in STATISTICS:
        page.locator(".columns").get_by_text(statistic.label, exact=True).click()
        shown = page.eval_on_selector_all(
            "#grid .cell", "all => all.filter(c => c.checkVisibility()).map(c => c.dataset.feature)"
        )
        assert [name.endswith(statistic.suffix) for name in shown] == [True] * 10


def test_only_the_frame_itself_scrolls(open_page: Open) -> None:
    page = open_page("/embed?row=40&area_worst=5000", viewport=FRAME)
    for width in (320, 400, 700):
        page.set_viewport_size({"width": width, "height": FRAME["height"]})
        inner = page.evaluate(
            """[...document.querySelectorAll("body *")].filter(e => e.scrollHeight > e.clientHeight + 1
            && /auto|scroll/.test(getComputedStyle(e).overflowY)).length"""
        )
        assert inner == 0
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_comes_from_the_query_and_the_full_page_opens_with_the_case(
    open_page: Open, cases: list[dict[str, Any]], theme: str
) -> None:
    page = open_page(
        f"/embed?theme={theme}", viewport=FRAME, color_scheme="dark" if theme == "light" else "light"
    )
    ink = page.locator("#answer .word").evaluate("word => getComputedStyle(word).color.match(/\\d+/)[0]")
    assert (int(ink) > 128) == (theme == "dark")
    choice, full = page.locator("select[data-load]"), page.locator("a[data-full]")
    choice.select_option(f"case={cases[1]['key']}")
    expect(page).to_have_url(re.compile(rf"/embed\?theme={theme}&case={cases[1]['key']}$"))
    assert str(full.evaluate("link => link.href")).endswith(f"/?case={cases[1]['key']}")
    slider(page, "area_worst").press("ArrowRight")
    expect(choice).to_have_value("")  # it is none of the cases any more


def test_a_page_from_a_disk_shows_the_case_of_its_frame(
    browser: Browser, server: str, tmp_path: Path
) -> None:
    post = tmp_path / "post.html"
    post.write_text(f'<iframe src="{server}/embed?row=40" width="700" height="600"></iframe>', "utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(post.as_uri())
        framed = page.frame_locator("iframe")
        expect(framed.locator(".case")).to_contain_text("Specimen 40 of the data")
        expect(framed.locator("html:not(.unconfirmed) #answer .word")).to_have_text(text.VERDICT["malignant"])
        expect(framed.locator("#answer .state")).to_be_hidden()
