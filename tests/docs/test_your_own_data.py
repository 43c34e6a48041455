"""docs/your-own-data.md, followed word for word in a copy: another table is learnt, served and shown."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import free_port, serving
from tests.docs.blocks import blocks
from tests.docs.checkout import copy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this one after all steps of the page."""
    return copy(tmp_path_factory.mktemp("bearings"), blocks("docs/your-own-data.md"))


@pytest.fixture(scope="module")
def bearings(checkout: Path) -> Iterator[str]:
    """The demo, serving the other table."""
    with serving("app.py", path="/v1/health", port=free_port(), cwd=checkout) as base:
        yield base


def answer(url: str, question: object = None) -> Any:
    return httpx.request("POST" if question else "GET", url, json=question, timeout=60).json()


def test_the_model_learnt_the_other_table(checkout: Path) -> None:
    lines = (checkout / "model/artifact/reference.csv").read_text(encoding="utf-8").splitlines()[1:]
    truth, probability = zip(*(line.split(",")[-2:] for line in lines), strict=True)
    right = [(float(p) >= 0.5) == (t == "cracked") for t, p in zip(truth, probability, strict=True)]
    assert len(right) == 600
    assert sum(right) / len(right) > 0.9


def test_every_case_is_answered_in_its_own_words(bearings: str) -> None:
    names = [feature["name"] for feature in answer(f"{bearings}/v1/features")["features"]]
    cases = answer(f"{bearings}/v1/cases")["cases"]
    assert len(names) == 8
    assert {case["diagnosis"] for case in cases} == {"cracked", "sound"}
    for case in cases:
        assert list(case["features"]) == names
        prediction = answer(f"{bearings}/v1/predict", {"features": case["features"]})
        assert prediction["verdict"] in {"cracked", "sound", "inconclusive"}
        assert {w["code"] for w in prediction["warnings"]} <= {"novel"}
        total = prediction["reference_logit"] + sum(c["contribution"] for c in prediction["contributions"])
        assert total == pytest.approx(prediction["logit"], abs=1e-9)


def test_the_page_shows_the_other_table(bearings: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(bearings)
    expect(page.locator("#answer .word")).to_have_text(re.compile("Cracked|Sound|Too close to call"))
    expect(page.locator("#explore [data-feature] input[type=range]")).to_have_count(8)
    page.close()
