"""The commands in README and docs/deliverables.md run as they are and print what is shown."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.blocks import Block, blocks

pytestmark = pytest.mark.slow

ADDRESS = "http://127.0.0.1:7860"
README, DELIVERABLES = "README.md", "docs/deliverables.md"
CODE = [
    (code, shown)
    for page in (README, DELIVERABLES)
    for code, shown in pairwise([*blocks(page), Block(page, 0, "end", "")])
    if code.language in ("sh", "python")
]
# Run by tests/test_start.py, below, and by whoever runs this.
ALONE = ("make run", "python -m model.table", ".venv/bin/pytest -q tests/model/test_features.py\n")
ANSWERED = [
    (code, shown)
    for code, shown in CODE
    if shown.language in ("json", "text") and not code.code.startswith(ALONE)
]


def run(block: Block, server: str) -> str:
    """What a block prints where the demo is at another address."""
    command = ["bash", "-euo", "pipefail", "-c"] if block.language == "sh" else [sys.executable, "-c"]
    done = subprocess.run(
        [*command, block.code.replace(ADDRESS, server)], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_block_is_shown_with_its_answer_or_run_elsewhere() -> None:
    for code, _ in (pair for pair in CODE if pair not in ANSWERED):
        assert code.code.startswith(ALONE), code


@pytest.mark.parametrize(("code", "shown"), ANSWERED, ids=[str(code) for code, _ in ANSWERED])
def test_it_prints_what_is_shown(code: Block, shown: Block, server: str) -> None:
    printed = run(code, server)
    if shown.language == "json":  # part of the answer, its numbers rounded
        answer = json.loads(printed)
        for field, value in json.loads(shown.code).items():
            assert answer[field] == pytest.approx(value, abs=0.0005), field
        return
    lines = iter((printed + "\n").splitlines())
    for line in shown.code.replace(ADDRESS, server).splitlines():
        pattern = ".*".join(map(re.escape, line.split("…")))
        assert line == "…" or any(re.fullmatch(pattern, line) for line in lines), f"{line}\n{printed}"


def test_a_scored_file_has_seven_columns_more(tmp_path: Path) -> None:
    (block,) = (code for code, _ in CODE if "model.table" in code.code)
    specimens, scored = tmp_path / "specimens.csv", tmp_path / "scored.csv"
    lines = (ROOT / "model/artifact/reference.csv").read_text(encoding="utf-8").splitlines()[:30]
    specimens.write_text("\n".join(lines), encoding="utf-8")
    run(Block("", 0, "sh", f"cd {tmp_path}; PYTHONPATH={ROOT} {block.code}"), "")
    after = scored.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(lines)
    assert after[0].count(",") == lines[0].count(",") + 7


def test_every_deliverable_says_how_far_it_has_been_tried() -> None:
    text = (ROOT / DELIVERABLES).read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\d\.\d) (.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    assert " ".join(sections) == "1.1 1.2 1.3 2.1 2.2 3.1 3.2 3.3 3.4 3.5 4.1 4.2"
    for number, section in sections.items():
        assert re.search(r"\brun here\b|\bonly in a cloud\b|- \[ \]", section, re.IGNORECASE), number
        assert re.search(r"`[\w./-]+`|\]\(", section), number
    for name, verdict in (("better", "better"), ("worse", "worse than noise")):
        assert f"(samples/{name}.md)" in text
        sample = (ROOT / f"docs/samples/{name}.md").read_text(encoding="utf-8")
        assert f"Against the base: **{verdict}**" in sample
        assert ("**Fails**" in sample) == (name == "worse")
