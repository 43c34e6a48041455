"""Imports run one way, and serving stays light: held in a fresh process and in the source."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ALLOWED = {
    "model": {"model"},
    "training": {"model", "training"},
    "ui": {"model", "ui"},
    "api": {"model", "api"},
}
ROOMS = {*ALLOWED, "app", "bench", "deploy", "docs", "tests"}
MODULES = [ROOT / "app.py", *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            rooms |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            rooms.add(str(node.module).split(".")[0])
    return rooms & ROOMS


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_stands_below_it(room: str) -> None:
    modules = list((ROOT / room).glob("**/*.py"))
    assert modules
    for module in modules:
        assert imported(module) <= ALLOWED[room], module


@pytest.mark.parametrize("module", ["model.classifier", "model.explain", "model.specimen", "model.table"])
def test_the_model_needs_numpy_at_most(module: str) -> None:
    heavy = ("sklearn", "scipy", "pandas", "gradio", "matplotlib", "fastapi")
    code = f"import sys, {module}; print(*(h for h in {heavy} if h in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_serving_does_not_import_scikit_learn() -> None:
    code = "import sys, app; print(*(h for h in ('sklearn', 'scipy', 'matplotlib') if h in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_module_stays_short_and_says_what_it_is() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        # the page's words, all in one place for a translator, are no code to follow
        assert len(text.splitlines()) <= 350 or path.name == "text.py", path
        assert not text or ast.get_docstring(ast.parse(text)), path
