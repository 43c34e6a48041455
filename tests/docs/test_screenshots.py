"""The README's pictures show the page as it is, and are light enough for a README."""

import json

import pytest
from PIL import Image

from docs import screenshots


def test_the_pictures_were_taken_from_this_page() -> None:
    record = json.loads(screenshots.RECORD.read_text(encoding="utf-8"))
    assert record == {"made_from": screenshots.fingerprint()}, "the page has changed: run `make screenshots`"


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
