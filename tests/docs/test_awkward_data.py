"""An awkward table moves in: columns that are constant, tiny, huge, negative or empty, few of one class.

One measurement lacks a statistic, and one is a single number.
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import free_port, serving
from tests.docs.blocks import Block, blocks
from tests.docs.checkout import copy, run
from tests.docs.test_your_own_data import answer

# name -> decimals, whether signed, and values from a standard normal (120, 2)
COLUMNS: dict[str, tuple[int, bool, Any]] = {
    "fixed": (1, False, lambda z: np.full_like(z, 5.0)),
    "never": (0, False, np.zeros_like),
    "stuck_valve": (0, False, lambda z: np.where(np.arange(len(z)) == 7, 2.0, 1.0)[:, None] + [0, 1]),
    "chips": (0, False, lambda z: np.exp(z).round()),
    "heat_of_brake": (0, False, lambda z: 1e6 * np.exp(z)),
    "leak": (9, False, lambda z: 1e-6 * np.exp(z)),
    "balance": (0, True, lambda z: -1e6 * np.exp(z)),
    "grip": (2, False, np.exp),
    "age": (0, False, lambda z: 50 * np.exp(z / 4)),
}
STATISTICS = ("least", "most")
OWN = {  # the features of each measurement, under each statistic
    **{name: tuple(f"{name}_{statistic}" for statistic in STATISTICS) for name in COLUMNS},
    "grip": (None, "grip_most"),
    "age": ("age",),
}
FEATURES = [feature for own in OWN.values() for feature in own if feature]
ROWS, EVERY = 120, 10  # of which each tenth is cracked

pytestmark = pytest.mark.slow


def table() -> dict[str, list[float]]:
    random, cracked = np.random.default_rng(0), np.arange(ROWS) % EVERY == 0
    shifted = {name: random.normal(size=(ROWS, 2)) + 0.8 * cracked[:, None] for name in COLUMNS}
    values = {name: made(shifted[name]).round(digits) for name, (digits, _, made) in COLUMNS.items()}
    return {
        feature: values[name][:, i].tolist()
        for name, own in OWN.items()
        for i, feature in enumerate(own)
        if feature
    }


def features(columns: dict[str, list[float]]) -> str:
    lines = []
    for name, (decimals, signed, _) in COLUMNS.items():
        own = [columns.get(feature or "") for feature in OWN[name]]
        observed = tuple((min(values), max(values), decimals) if values else None for values in own)
        label = name.replace("_", " ").capitalize()
        lines.append(f'Measurement("{name}", "{label}", "", "", {observed!r}, signed={signed}),')
    statistics = [f'Statistic("{s}", "{s.capitalize()}", "", ("{s} {{}}",)),' for s in STATISTICS]
    return f"STATISTICS = ({' '.join(statistics)})\nMEASUREMENTS = ({' '.join(lines)})\n"


DATA = """
import csv
from pathlib import Path

def load() -> Specimens:
    with (Path(__file__).parent / "machines.csv").open() as file:
        rows = list(csv.DictReader(file))
    values = np.array([[float(row[name]) for name in NAMES] for row in rows])
    return Specimens(values, np.array([row["diagnosis"] == "cracked" for row in rows], dtype=np.int64))

OFFSETS: dict[str, float] = {}
SIZE = "heat_of_brake_most"
SIZED = "heats"
EXPECTED = None
"""


def steps() -> Iterator[Block]:
    """The page's own commands, with other words, and other blocks between."""
    page = "docs/your-own-data.md"
    _, *words, train = (block.code for block in blocks(page, "sh"))
    for command in words:
        yield Block(page, 0, "sh", command.replace("sound", "coherent").replace("Sound", "Coherent"))
    columns = table()
    yield Block(page, 0, "python", f"# model/features.py\n{features(columns)}")
    yield Block(page, 0, "python", "# model/geometry.py\nRELATIONS: tuple[Relation, ...] = ()\n")
    yield Block(page, 0, "python", f"# training/data.py\n{DATA}")
    rows = [",".join([*columns, "diagnosis"])]
    for i, row in enumerate(zip(*columns.values(), strict=True)):
        rows.append(",".join([*map(repr, row), "coherent" if i % EVERY else "cracked"]))
    text = "\n".join(rows)
    yield Block(page, 0, "sh", f"cat >training/machines.csv <<'END'\n{text}\nEND\n")
    yield Block(page, 0, "sh", train)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy(tmp_path_factory.mktemp("machines"), steps())


@pytest.fixture(scope="module")
def machines(checkout: Path) -> Iterator[str]:
    with serving("app.py", path="/v1/health", port=free_port(), cwd=checkout) as base:
        yield base


def test_real_rows_are_scored_and_lie_inside_what_the_data_show_and_curves_are_drawn(checkout: Path) -> None:
    drawn = run(
        "python -c 'import json; from training.plots import _curves; from model.table.__main__ import main;"
        ' main(["training/machines.csv", "scored.csv"]);'
        ' print(len(_curves(json.load(open("model/artifact/classifier.json"))).axes))\'',
        checkout,
    )
    assert json.loads(drawn) == 2 * len(COLUMNS)  # a curve for each feature, and two empty places
    with (checkout / "scored.csv").open(encoding="utf-8") as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == ROWS
    assert not {row["error"] for row in scored} - {""}
    assert {row["warnings"] for row in scored} <= {"", "novel"}
    probability = {kind: [float(r["probability"]) for r in scored if r["diagnosis"] == kind]
                   for kind in ("cracked", "coherent")}  # fmt: skip
    assert np.mean(probability["cracked"]) > 2 * np.mean(probability["coherent"])


def test_a_value_off_the_data_at_either_side_is_warned_of(machines: str) -> None:
    (case, *_) = answer(f"{machines}/v1/cases")["cases"]
    for name in filter(None, (own[-1] for own in OWN.values())):
        signed = COLUMNS[name.removesuffix("_most")][1]
        lowest, highest = (extreme(table()[name]) for extreme in (min, max))
        for value in (1.0 + 3 * abs(highest), -3 * abs(lowest) if signed else lowest / 3):
            asked = {"features": case["features"] | {name: value}}
            found = answer(f"{machines}/v1/predict", asked)["warnings"]
            warned = [w["features"] for w in found if w["code"] == "out_of_range"]
            assert warned == ([] if lowest <= value <= highest else [[name]]), (name, value)


def test_every_tab_and_the_frame_show_what_there_is(machines: str, browser: Browser) -> None:
    wrong: list[str] = []
    page = browser.new_page(base_url=machines)
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/")
    expect(page.locator("#explore [data-feature]")).to_have_count(len(FEATURES))
    number = page.locator('#grid [data-feature="leak_least"] input[type=text]')
    before = float(number.input_value())
    page.locator('#grid [data-feature="leak_least"] input[type=range]').press("PageUp")
    expect(page.locator(".case")).to_contain_text("least leak")
    assert before < float(number.input_value()) < 100 * before

    page.get_by_role("tab", name="What if").click()
    expect(page.locator("#what_if .across span").first).to_be_visible()
    ticks = page.locator("#what_if .across span").all_inner_texts()
    assert len({float(tick) for tick in ticks}) == len(ticks) > 1

    # both words begin with a c, so they are guessed by number
    page.get_by_role("tab", name="Guess first").click()
    expect(page.locator("#guess-card [data-guess] kbd")).to_have_text(["1", "2"])
    page.locator("#guess-card [data-guess]").last.press("2")
    expect(page.locator("#guess-card .was .word")).to_have_text(re.compile("Cracked|Coherent"))

    # the evidence is still that of the cells
    page.get_by_role("tab", name="How good is it").click()
    expect(page.locator("#evidence")).to_contain_text("another version of the model")
    expect(page.locator("#card")).to_be_hidden()

    page.goto("/embed")  # one statistic at a time
    expect(page.locator('[data-feature$="_most"]:visible')).to_have_count(len(COLUMNS) - 1)
    expect(page.locator('[data-feature$="_least"]:visible')).to_have_count(0)
    page.locator(".columns label").first.click()
    expect(page.locator('[data-feature$="_least"]:visible')).to_have_count(len(COLUMNS) - 2)
    expect(page.locator('[data-feature="age"]:visible')).to_have_count(1)
    page.close()
    assert not [text for text in wrong if "Method not implemented" not in text]
