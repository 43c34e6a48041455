"""The smaller pages keep their word: the example of a test passes, the citation is that of this version."""

import tomllib
from pathlib import Path
from typing import Any

import yaml

from model.classifier import Classifier
from tests.conftest import ROOT
from tests.docs.blocks import blocks
from training.data import Specimens


def test_the_example_of_a_test_passes(classifier: Classifier, rows: Specimens) -> None:
    (code,) = (block.code for block in blocks("docs/testing.md", "python"))
    there: dict[str, Any] = {}
    exec(code, there)  # noqa: S102  # our own page
    (name,) = (name for name in there if name.startswith("test_"))
    there[name](classifier, rows)


def test_tests_that_are_spoken_of_exist() -> None:
    text = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
    for part in text.replace(",", " ").split():
        if part.startswith("`tests/"):
            assert (ROOT / part.strip("`.")).exists() or "test_example" in part, part


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads(Path(ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
