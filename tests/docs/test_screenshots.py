"""The README's pictures are light enough for a README."""

import pytest
from PIL import Image

from docs import screenshots


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
