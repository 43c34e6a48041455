"""The README's pictures show the page as it is, and are light enough for a README."""

import json

import pytest
from PIL import Image
from playwright.sync_api import Browser

from docs import screenshots


@pytest.mark.slow
def test_the_pictures_show_the_page_as_it_is(browser: Browser, server: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        screenshots.wait_for(page, server)
        shown = screenshots.digests(page)
    taken = json.loads(screenshots.RECORD.read_text(encoding="utf-8"))
    stale = [name for name in shown if taken.get(name) != shown[name]]
    assert not stale, f"{', '.join(stale)}: the page shows something else now; run `make screenshots`"


@pytest.mark.parametrize("name", screenshots.STILLS)
def test_a_still_has_its_size_and_is_light(name: str) -> None:
    width, height, _ = screenshots.STILLS[name]
    with Image.open(screenshots.HERE / name) as still:
        assert still.size == (width, height)
    assert (screenshots.HERE / name).stat().st_size < 300_000


def test_the_tour_moves_and_is_light() -> None:
    with Image.open(screenshots.TOUR) as tour:
        assert getattr(tour, "n_frames", 1) > 50
    assert screenshots.TOUR.stat().st_size < 2_000_000
