"""Imports run one way and serving stays light, as checked in the source and in a new process."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib.util import find_spec
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


def imported_names(path: Path) -> set[str]:
    """Every module that a file imports, also inside its functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def imported(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported_names(path)} & ROOMS


def test_no_import_leads_back_to_where_it_began() -> None:
    paths = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES}
    modules = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    graph = {name: imported_names(path) & modules.keys() - {name} for name, path in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("room", ALLOWED)
def test_a_package_imports_only_those_below_it(room: str) -> None:
    modules = list((ROOT / room).glob("**/*.py"))
    assert modules
    for module in modules:
        assert imported(module) <= ALLOWED[room], module


def loaded(code: str, among: tuple[str, ...]) -> list[str]:
    """Which of these packages a fresh process has loaded when it has run the code."""
    code += f"; import sys; print(*(name for name in {among} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_model_needs_numpy_at_most() -> None:
    modules = "model.classifier, model.explain, model.specimen, model.table"
    heavy = ("sklearn", "scipy", "pandas", "gradio", "matplotlib", "fastapi")
    assert loaded(f"import {modules}", heavy) == []


def test_serving_needs_no_scikit_learn_and_no_stubs_of_gradio() -> None:
    # Gradio would make stubs from its own source when it is imported; here it cannot
    code = "import ast; del ast.get_source_segment; import app"
    assert loaded(code, ("sklearn", "scipy", "matplotlib")) == []
    gradio = find_spec("gradio")
    assert gradio and gradio.origin
    source = Path(gradio.origin).with_name("component_meta.py").read_text(encoding="utf-8")
    assert "ast.get_source_segment" in source, "Gradio writes no stubs any more: ui/stubs.py can go"


def test_a_module_stays_short_and_says_what_it_is() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        # except for the sentences of the page, which are in one file for a translator
        assert len(text.splitlines()) <= 350 or path.name == "text.py", path
        assert not text or ast.get_docstring(ast.parse(text)), path
