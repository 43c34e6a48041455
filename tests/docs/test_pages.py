"""Generated pages are current, what the smaller pages say is true, and the example of a test passes."""

import json
import os
import re
import subprocess
import tomllib
from importlib.resources import files
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import validate

from api.reference import pages
from bench import plan
from model.classifier import Classifier
from tests.conftest import ROOT
from tests.docs.blocks import blocks
from training.data import Specimens

PAGES = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_generated_pages_match_the_code() -> None:
    for page, text in (*pages().items(), (plan.PAGE, plan.page())):
        assert page.read_text(encoding="utf-8") == text, f"run `make figures` and commit {page.name}"


def test_the_example_of_a_test_passes(classifier: Classifier, rows: Specimens) -> None:
    (code,) = (block.code for block in blocks("docs/testing.md", "python"))
    there: dict[str, Any] = {}
    exec(code, there)  # noqa: S102  # our own page
    (name,) = (name for name in there if name.startswith("test_"))
    there[name](classifier, rows)


@pytest.mark.parametrize("page", PAGES)
def test_links_files_and_targets_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|mailto:|#|\.\./\.\./)([^)#\s]+)", text)
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
    room = r"\.github/|\.devc|\.pre|api/|app\.|bench/|cloudb|deploy/|docs/|model/|tests/|training/|ui/|Docker"
    paths = re.findall(rf"`((?:{room})[\w./-]*)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"`make ([a-z-]+)", text)
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_the_tree_of_the_readme_is_the_tree_and_names_every_page() -> None:
    (tree,) = (block.code for block in blocks("README.md", "text") if "app.py" in block.code)
    shown = dict(line.split(maxsplit=1) for line in tree.splitlines())
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    rooms = {f"{path.split('/')[0]}/" for path in tracked.stdout.split() if "/" in path}
    assert set(shown) == {room for room in rooms if not room.startswith(".")} | {"app.py"}
    assert set(shown["docs/"].split(", ")) == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_changelog_and_citation_are_of_this_version_of_the_code_and_of_the_model(
    classifier: Classifier,
) -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = dict(reversed(re.findall(r"^## (Code|Model) (\S+) – \d{4}-\d\d-\d\d$", text, re.MULTILINE)))
    assert newest == {"Code": PROJECT["version"], "Model": classifier.info.version}
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    schema = files("check_jsonschema.builtin_schemas") / "vendor" / "citation-file-format.json"
    validate(citation, json.loads(schema.read_text(encoding="utf-8")))
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])


def test_the_container_prepares_itself_with_what_is_here() -> None:
    text = (ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(re.sub(r"^//.*$", "", text, flags=re.MULTILINE))
    prepare, _, install = container["onCreateCommand"].partition(" && ")
    assert os.access(ROOT / prepare, os.X_OK) and install == "make install"
    assert re.search(r"devcontainers/python:3\.1[1-4]-", container["image"])
    assert 7860 in container["forwardPorts"]


def test_a_shared_link_shows_our_title_a_sentence_and_our_picture(server: str) -> None:
    """Programs that show a preview of a link run no script and use the first tag of a name."""
    page = httpx.get(f"{server}/", headers={"host": "fna.example.org"}).text
    tags = re.findall(r'<meta (?:property|name)="((?:og|twitter):\w+)" content="([^"]*)"', page)
    first = dict(reversed(tags))
    assert first["og:title"] == first["twitter:title"] == "Breast FNA Explorer"
    assert "nuclei" in first["og:description"]
    assert first["twitter:card"] == "summary_large_image"
    assert first["og:image"] == first["twitter:image"] == "http://fna.example.org/thumbnail.png"
    picture = httpx.get(f"{server}/thumbnail.png")
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
