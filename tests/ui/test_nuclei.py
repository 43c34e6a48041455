"""The drawn nuclei have the measurements of the sliders, by code that shares nothing with the drawing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.explain import Reference
from model.features import NAMES
from tests.ui.node import UI, in_node

Points = NDArray[np.float64]

SCRIPT = """
const nothing = () => {};
return given.specimens.map((values) => {
  let path = [];
  const outlines = [], specimen = specimenOf(given.features, values), nuclei = nucleiOf(specimen);
  const context = {
    beginPath() { path = []; }, lineTo(x, y) { path.push([x, y]); }, closePath() { outlines.push(path); },
    clearRect: nothing, fill: nothing, stroke: nothing, moveTo: nothing,
    arc(x, y, radius) { if (!(radius >= 0)) throw RangeError(radius); },
  };
  return { outlines, unit: draw(context, nuclei, {}).unit, off: offIn(nuclei, specimen) };
});
"""
WORKER = """
let given_out = 0;
const reports = [], vm = require("vm"), page = vm.createContext({
  setTimeout: (call) => void call(), clearTimeout() {}, postMessage: (report) => reports.push(report),
});
const context = new Proxy({}, { get: () => () => {}, set: () => true });
const getContext = () => { if (given_out++) throw Error("as in Firefox"); return context; };
vm.runInContext(require("fs").readFileSync(given.source, "utf8"), page);
const messages = [{ canvas: { getContext }, features: given.features, look: {} }, { width: 800 }];
for (const data of [...messages, ...given.specimens.map((values) => ({ values }))]) page.onmessage({ data });
return reports.map(({ off }) => off);
"""
WITHIN = {
    "radius": 0.03, "perimeter": 0.03, "area": 0.03,
    "compactness": 0.2, "smoothness": 0.2, "symmetry": 0.2, "fractal_dimension": 0.2,
}  # fmt: skip


def drawn(specimens: NDArray[np.float64]) -> list[tuple[list[Points], list[str]]]:
    """For each specimen its outlines as drawn, in its unit, and in what the drawing says that it is off."""
    found = in_node(SCRIPT, {"features": NAMES, "specimens": specimens.tolist()})
    return [
        ([np.array(outline) / each["unit"] for outline in each["outlines"]], each["off"]) for each in found
    ]


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


def test_the_nuclei_measure_what_the_sliders_say(rows: NDArray[np.float64]) -> None:
    hits, silent = [], 0
    for values, (outlines, said) in zip(rows, drawn(rows), strict=True):
        nuclei = [measured(outline) for outline in outlines]
        assert len(nuclei) == 12
        wanted = dict(zip(NAMES, values, strict=True))
        off = {
            name
            for name, most in WITHIN.items()
            if abs(np.mean([nucleus[name] for nucleus in nuclei]) / wanted[f"{name}_mean"] - 1) > most
        }
        hits.append(not off)
        # near the limit the two ways to measure may disagree on which side of it a nucleus is
        silent += bool(off) and not said
    assert np.mean(hits) >= 0.85, np.mean(hits)
    assert silent <= len(rows) * 0.1


def test_the_same_numbers_are_the_same_nuclei(rows: NDArray[np.float64]) -> None:
    there, *_, back = drawn(np.vstack([rows[:3], rows[:1]]))
    for one, other in zip(there[0], back[0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_near_numbers_are_near_nuclei(rows: NDArray[np.float64]) -> None:
    """A step of a slider moves the outlines by little: at worst a nucleus takes another number of points."""
    moved = []
    steps = np.repeat(rows[:20], 2, axis=0)
    steps[1::2, NAMES.index("compactness_mean")] *= 1.005
    found = drawn(steps)
    for (one, _), (other, _) in zip(found[::2], found[1::2], strict=True):
        for a, b in zip(one, other, strict=True):
            moved.append(len(a) == len(b) and float(np.abs(a - b).max() / np.ptp(a)) < 0.06)
    assert np.mean(moved) > 0.9, np.mean(moved)


def test_the_worker_draws_each_move_with_a_context_that_it_gets_once(rows: NDArray[np.float64]) -> None:
    given = {"source": str(UI / "nuclei.js"), "features": NAMES, "specimens": rows[:3].tolist()}
    assert len(in_node(WORKER, given)) == 3


def test_every_specimen_that_the_sliders_can_make_has_nuclei(rows: NDArray[np.float64]) -> None:
    draw = np.random.default_rng(5)
    factors = np.exp(draw.uniform(-2, 2, (400, len(NAMES)))) ** (draw.random((400, len(NAMES))) < 0.1)
    for outlines, _ in drawn(rows[draw.integers(len(rows), size=400)] * factors):
        assert all(np.isfinite(outline).all() and np.ptp(outline) > 0 for outline in outlines)
