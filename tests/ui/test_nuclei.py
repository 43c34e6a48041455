"""The drawn nuclei have the measurements of the sliders, by code that shares nothing with the drawing."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.explain import Reference
from model.features import NAMES
from tests.ui.node import in_node
from ui.explorer import Explorer
from ui.front import page_data

Points = NDArray[np.float64]

SCRIPT = """
const path = () => {
  const attributes = {};
  return { attributes, style: {}, setAttribute(name, value) { attributes[name] = value; } };
};
const svg = { children: Array.from({ length: 24 }, path), dataset: {}, parentElement: {} };
const drawing = createDrawing(svg, given.data);
return given.specimens.map((values) => {
  let frames = 1;
  while (!drawing.draw(values, given.most)) frames += 1;
  const outlines = svg.children.filter((_, i) => i % 2 === 0).map((each) => each.attributes.d);
  return { outlines, frames, pixels: svg.dataset.pixels, off: drawing.off() };
});
"""
WITHIN = {
    "radius": 0.03, "perimeter": 0.03, "area": 0.03,
    "compactness": 0.2, "smoothness": 0.2, "symmetry": 0.2, "fractal_dimension": 0.2,
}  # fmt: skip


def drawn(explorer: Explorer, specimens: NDArray[np.float64], most: int = 12) -> list[dict[str, Any]]:
    given = {"data": page_data(explorer), "specimens": specimens.tolist(), "most": most}
    found: list[dict[str, Any]] = in_node(SCRIPT, given)
    return found


def points(outline: str, pixels: float) -> Points:
    assert re.fullmatch(r"M(-?\d+ -?\d+ )+Z", outline)
    return np.array(outline[1:-1].split(), float).reshape(-1, 2) / pixels


def measured(outline: Points) -> dict[str, float]:
    """The measurements of one polygon by the formulas of Street, Wolberg and Mangasarian (1993)."""
    following = np.roll(outline, -1, axis=0)
    cross = outline[:, 0] * following[:, 1] - following[:, 0] * outline[:, 1]
    area = cross.sum() / 2
    centre = ((outline + following) * cross[:, None]).sum(axis=0) / (6 * area)
    radii = np.linalg.norm(outline - centre, axis=1)
    perimeter = _length(outline, 1)
    rulers = np.arange(1, 5)
    slope = np.polyfit(np.log(rulers), [np.log(_length(outline, int(ruler))) for ruler in rulers], 1)[0]
    return {
        "radius": float(radii.mean()),
        "perimeter": perimeter,
        "area": abs(float(area)),
        "smoothness": float(np.abs(radii - (np.roll(radii, 1) + np.roll(radii, -1)) / 2).sum() / perimeter),
        "compactness": perimeter**2 / (4 * np.pi * abs(float(area))) - 1,
        "symmetry": _symmetry(outline),
        "fractal_dimension": -float(slope),
    }


def _length(outline: Points, step: int) -> float:
    """Of the walk around the outline from every ``step``-th point to the next, and home from the last."""
    walk = outline[::step]
    return float(np.linalg.norm(walk - np.roll(walk, -1, axis=0), axis=1).sum())


def _symmetry(outline: Points) -> float:
    """The two sides of the longest chord, compared at the ends of many perpendiculars."""
    apart = np.linalg.norm(outline[:, None] - outline[None], axis=2)
    first, second = sorted(np.unravel_index(apart.argmax(), apart.shape))
    axis = (outline[second] - outline[first]) / apart.max()
    along = (outline - outline[first]) @ axis
    across = np.abs((outline - outline[first]) @ np.array([-axis[1], axis[0]]))
    sides = (
        np.arange(first, second + 1),
        np.concatenate([np.arange(second, len(outline)), np.arange(first + 1)]),
    )
    places = np.linspace(0, apart.max(), 50)[1:-1]
    left, right = (
        np.interp(places, along[side][order], across[side][order])
        for side in sides
        for order in [np.argsort(along[side], kind="stable")]
    )
    return float(np.abs(left - right).sum() / (left + right).sum())


@pytest.fixture(scope="module")
def rows(reference: Reference) -> NDArray[np.float64]:
    return reference.values[::4]


def test_the_nuclei_measure_what_the_sliders_say(explorer: Explorer, rows: NDArray[np.float64]) -> None:
    hits, silent = [], 0
    for values, drawing in zip(rows, drawn(explorer, rows), strict=True):
        nuclei = [measured(points(outline, drawing["pixels"])) for outline in drawing["outlines"]]
        assert len(nuclei) == 12
        wanted = dict(zip(NAMES, values, strict=True))
        off = {
            name
            for name, most in WITHIN.items()
            if abs(np.mean([nucleus[name] for nucleus in nuclei]) / wanted[f"{name}_mean"] - 1) > most
        }
        hits.append(not off)
        # near the limit the two ways to measure may disagree on which side of it a nucleus is
        silent += bool(off) and not drawing["off"]
    assert np.mean(hits) >= 0.75, np.mean(hits)
    assert silent <= len(rows) * 0.1


def test_the_same_numbers_are_the_same_nuclei_however_they_were_come_by(
    explorer: Explorer, rows: NDArray[np.float64]
) -> None:
    there = drawn(explorer, rows[:3])
    back = drawn(explorer, np.vstack([rows[2], rows[1], rows[0], rows[1], rows[2]]), most=2)
    assert [found["outlines"] for found in back[2:]] == [found["outlines"] for found in there]
    assert all(found["frames"] == 6 for found in back[1:])


def test_near_numbers_are_near_nuclei(explorer: Explorer, rows: NDArray[np.float64]) -> None:
    """A step of a slider moves the outlines by little: at worst a nucleus takes another number of points."""
    moved = []
    for values in rows[:20]:
        steps = np.tile(values, (2, 1))
        steps[1, NAMES.index("compactness_mean")] *= 1.005
        one, other = drawn(explorer, steps)
        for before, after in zip(one["outlines"], other["outlines"], strict=True):
            a, b = points(before, one["pixels"]), points(after, other["pixels"])
            moved.append(len(a) == len(b) and float(np.abs(a - b).max() / np.ptp(a)) < 0.06)
    assert np.mean(moved) > 0.9, np.mean(moved)
