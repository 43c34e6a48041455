"""docs/deliverables.md is followed as a newcomer would: files exist, commands run and print what is shown."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.blocks import Block, blocks

PAGE = "docs/deliverables.md"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"
POINTS = ("1.1", "1.2", "1.3", "2.1", "2.2", "3.1", "3.2", "3.3", "3.4", "3.5", "4.1", "4.2")
COMMANDS = [
    pytest.param(code, shown, id=code.code.splitlines()[0][:60])
    for code, shown in pairwise(blocks(PAGE))
    if code.language == "sh"
]


def test_every_point_says_how_far_it_has_been_tried() -> None:
    sections = dict(re.findall(r"^### (\d\.\d) (.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))
    assert tuple(sections) == POINTS
    for number, section in sections.items():
        told = re.search(r"\brun here\b|\bonly in a cloud\b|- \[ \]", section, re.IGNORECASE)
        assert told, number
        assert re.search(r"`[\w./-]+`|\]\(", section), number


def test_every_file_and_target_that_is_named_exists() -> None:
    paths = re.findall(
        r"`((?:\.github/|\.pre|api|app|cloudbuild|deploy|docs|model|tests|Dockerfile)[\w./-]*)`", TEXT
    )
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
    targets = set(re.findall(r"`make ([a-z-]+)", TEXT))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize(("code", "shown"), COMMANDS)
def test_a_command_prints_what_is_shown(code: Block, shown: Block, server: str) -> None:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code.code.replace(ADDRESS, server)], cwd=ROOT,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = iter((run.stdout + "\n").splitlines())
    for line in shown.code.replace(ADDRESS, server).splitlines():
        pattern = ".*".join(map(re.escape, line.split("…")))
        assert line == "…" or any(re.fullmatch(pattern, printed) for printed in lines), (
            f"{line}\n{run.stdout}"
        )


def test_the_samples_of_a_report_are_of_a_better_and_of_a_worse_model() -> None:
    for name, verdict in (("better", "better"), ("worse", "worse than noise")):
        assert f"(samples/{name}.md)" in TEXT
        text = (ROOT / f"docs/samples/{name}.md").read_text(encoding="utf-8")
        assert f"Against the base: **{verdict}**" in text
        assert ("**Fails**" in text) == (name == "worse")
