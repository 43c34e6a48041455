"""The lesson is true: its links open what it says, its figures are those of the data, its notebook runs."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from model.classifier import ARTIFACT
from tests.conftest import ROOT
from tests.deploy.hub_stand_in import HUB

LESSON = (ROOT / "docs/lesson.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"
STEPS = re.findall(r"^## \d\. (.+?) \((\d+) minutes\)\n(.*?)(?=^## |\Z)", LESSON, re.MULTILINE | re.DOTALL)


def test_it_fills_forty_five_minutes_and_each_step_has_its_parts() -> None:
    assert sum(int(minutes) for _, minutes, _ in STEPS) == 45
    for title, _, text in STEPS:
        for part in (f"Open <{ADDRESS}/?", "**Question.** ", "**You see** ", "**Answer.** "):
            assert part in text, f"{title}: {part}"


@pytest.mark.slow
def test_a_link_opens_its_tab_with_the_words_that_are_said(browser: Browser, server: str) -> None:
    page = browser.new_page(base_url=server)
    for title, _, text in STEPS:
        seen = re.findall(r"\*\*You see\*\* .*?\n\n", text, re.DOTALL)[0]
        words = re.findall(r'"(Malignant|Benign|Too close to call)"', seen)
        links = re.findall(rf"<{ADDRESS}(/[^>]+)>", text)
        for link, word in zip(links, words or [None] * len(links), strict=True):
            page.goto(link)
            tab = re.search(r"tab=(\w+)", link)
            selected = page.locator('[role="tab"][aria-selected="true"]')
            expect(selected, title).to_have_attribute("data-tab-id", tab[1] if tab else "explore")
            if word:
                expect(page.locator("#answer .word"), title).to_have_text(word)
            expect(page.locator(".problem:visible"), title).to_have_count(0)
    page.close()


def test_its_figures_are_those_of_the_out_of_fold_probabilities() -> None:
    with (ARTIFACT / "reference.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    malignant = np.array([row["diagnosis"] == "malignant" for row in rows])
    p = np.array([float(row["probability"]) for row in rows])
    found = {t: int((p[malignant] >= t).sum()) for t in (0.05, 0.29, 0.5)}
    alarms = {t: int((p[~malignant] >= t).sum()) for t in (0.05, 0.29, 0.5)}
    hits, false = 10 * found[0.29] / malignant.sum(), 990 * alarms[0.29] / (~malignant).sum()

    def among(low: float, high: float) -> tuple[int, int]:
        inside = (p >= low) & (p < high)
        return int(inside.sum()), int(malignant[inside].sum())

    (middle, cancers), (low, missed), (close, both) = among(0.5, 0.9), among(0, 0.1), among(0.1, 0.5)
    text = " ".join(LESSON.split())
    for said in (
        f"finds {found[0.5]} of 212 cancers and raises {alarms[0.5]} false alarms among 357 benign",
        f"finds {found[0.05]} and raises {alarms[0.05]}",
        f"{found[0.29] / 212:.0%} of the cancers".replace("%", " %"),
        f"{hits:.1f} of them are found; of the 990 benign ones {false:.1f} are called",
        f"{100 * hits / (hits + false):.0f} % of the positive answers are right",
        f"With {100 * p[(p >= 0.5) & (p < 0.9)].mean():.0f} % on average",
        f"In fact {cancers} of {middle} were malignant",
        f"there were {low} specimens, and {missed} were malignant",
        f"there were {close} specimens, and {both} were malignant",
    ):
        assert said in text, said


def test_the_notebook_runs(tmp_path: Path) -> None:
    notebook = json.loads((ROOT / "notebooks/lesson.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    (tmp_path / "huggingface_hub.py").write_text(HUB.format(folder=ARTIFACT))
    run = subprocess.run(
        [sys.executable, "-c", "\n\n".join(cells)], cwd=tmp_path, env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    for said in (
        "0.50: 206 of 212 cancers, 2 false alarms",
        "prevalence 1 %: right in 34 %",
        "benign -> malignant",
    ):
        assert said in run.stdout, run.stdout
