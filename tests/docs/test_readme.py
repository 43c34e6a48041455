"""The README is true: its code runs as it stands, its answers are real, its tree and links are there."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.docs.blocks import Block, blocks

README = "README.md"
ADDRESS = "http://127.0.0.1:7860"
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))),
)


def answered(language: str) -> list[Any]:
    """Each block of a language that the next block gives the answer to."""
    return [
        pytest.param(code, answer, id=str(code))
        for code, answer in pairwise(blocks(README))
        if code.language == language and answer.language in ("json", "text")
    ]


def shell(command: str, server: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command.replace(ADDRESS, server)],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def agrees(shown: Any, real: Any) -> bool:
    """What is shown is part of the real answer, numbers to the digits that are shown."""
    match shown:
        case dict():
            return isinstance(real, dict) and all(
                key in real and agrees(shown[key], real[key]) for key in shown
            )
        case list():
            return (
                isinstance(real, list)
                and len(shown) <= len(real)
                and all(agrees(one, other) for one, other in zip(shown, real, strict=False))
            )
        case float():
            decimals = len(repr(shown).partition(".")[2])
            return isinstance(real, float) and round(real, decimals) == shown
    return bool(shown == real)


@pytest.mark.parametrize(("code", "answer"), answered("sh"))
def test_the_shell_gets_the_answer_that_is_shown(code: Block, answer: Block, server: str) -> None:
    real = json.loads(shell(code.code, server))
    assert agrees(json.loads(answer.code), real), real


@pytest.mark.parametrize(("code", "answer"), answered("python"))
def test_python_prints_what_is_shown(code: Block, answer: Block, server: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code.code.replace(ADDRESS, server)], capture_output=True, text=True, check=True
    )
    assert done.stdout == answer.code


def test_every_code_block_is_shown_with_its_answer_or_run_elsewhere() -> None:
    known = {"make run", "python -m model.table"}  # tests/test_start.py and tests/test_tasks.py; below
    for code, answer in pairwise(blocks(README, "sh", "python", "json", "text")):
        if code.language in ("sh", "python"):
            assert answer.language in ("json", "text") or any(code.code.startswith(one) for one in known), (
                code
            )


def test_a_scored_file_has_seven_columns_more(tmp_path: Path, server: str) -> None:
    (command,) = (block.code for block in blocks(README, "sh") if "model.table" in block.code)
    specimens, scored = tmp_path / "specimens.csv", tmp_path / "scored.csv"
    specimens.write_bytes((ROOT / "model/artifact/reference.csv").read_bytes())
    shell(command.replace("specimens.csv", str(specimens)).replace("scored.csv", str(scored)), server)
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (specimens, scored))
    assert len(before) == len(after)
    assert after[0].count(",") == before[0].count(",") + 7


def test_the_tree_is_the_tree() -> None:
    (tree,) = (block.code for block in blocks(README, "text") if "app.py" in block.code)
    shown = {line.split()[0].rstrip("/") for line in tree.splitlines()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    rooms = {path.split("/")[0] for path in tracked.stdout.split() if "/" in path}
    assert shown == {room for room in rooms if not room.startswith(".")} | {"app.py"}


def test_the_tree_names_every_page_of_the_docs() -> None:
    (line,) = re.findall(r"^docs/ +(.*)$", (ROOT / README).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(line.split(", ")) == {page.name for page in (ROOT / "docs").glob("*.md")}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    for link in links:
        if not link.startswith("../../"):  # GitHub's own pages about the repository
            assert (ROOT / page).parent.joinpath(link).exists(), link
