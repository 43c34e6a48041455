"""What is generated is current; the smaller pages keep their word, and the example of a test passes."""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import httpx
import yaml

from api.reference import pages
from model.classifier import Classifier
from tests.conftest import ROOT
from tests.docs.blocks import blocks
from training.data import Specimens


def test_what_is_generated_is_that_of_the_code() -> None:
    for page, text in pages().items():
        assert page.read_text(encoding="utf-8") == text, f"run `make figures` and commit {page.name}"


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


def test_the_changelog_begins_with_this_version_of_the_code_and_of_the_model(classifier: Classifier) -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = dict(reversed(re.findall(r"^## (Code|Model) (\S+) – \d{4}-\d\d-\d\d$", text, re.MULTILINE)))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert newest == {"Code": project["version"], "Model": classifier.info.version}


def test_the_container_prepares_itself_with_what_is_here() -> None:
    text = (ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(re.sub(r"^//.*$", "", text, flags=re.MULTILINE))
    prepare, _, install = container["onCreateCommand"].partition(" && ")
    assert os.access(ROOT / prepare, os.X_OK) and install == "make install"
    assert re.search(r"devcontainers/python:3\.1[1-4]-", container["image"])
    assert 7860 in container["forwardPorts"]


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads(Path(ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)


def test_a_shared_link_shows_our_title_a_sentence_and_our_picture(server: str) -> None:
    """Whoever unfurls a link runs no script and takes the first tag of a name."""
    page = httpx.get(f"{server}/", headers={"host": "fna.example.org"}).text
    tags = re.findall(r'<meta (?:property|name)="((?:og|twitter):\w+)" content="([^"]*)"', page)
    first = dict(reversed(tags))
    assert first["og:title"] == first["twitter:title"] == "Breast FNA Explorer"
    assert "nuclei" in first["og:description"]
    assert first["twitter:card"] == "summary_large_image"
    assert first["og:image"] == first["twitter:image"] == "http://fna.example.org/thumbnail.png"
    picture = httpx.get(f"{server}/thumbnail.png")
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
