"""The Dockerfile keeps its promises, as far as that can be seen without building it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.dockerfile import DOCKERFILE, STAGES, copied

HADOLINT = Path(sys.executable).with_name("hadolint")


def lint(text: str) -> str:
    run = subprocess.run([HADOLINT, "--no-fail", "-"], input=text, capture_output=True, text=True, check=True)
    return run.stdout


def test_hadolint_finds_nothing() -> None:
    assert lint(DOCKERFILE) == ""


def test_hadolint_finds_something_in_a_bad_one() -> None:
    assert "DL3006" in lint("FROM python\nRUN cd /tmp\n")


def test_needs_no_frontend_from_a_registry() -> None:
    assert not re.match(r"#\s*syntax\s*=", DOCKERFILE)


def test_every_stage_grows_out_of_one_base_pinned_by_digest() -> None:
    outside = [stage.base for stage in STAGES.values() if stage.base not in STAGES]
    assert len(outside) == 1
    assert re.fullmatch(r"python:3\.12-slim@sha256:[0-9a-f]{64}", outside[0])


def test_nothing_is_copied_from_another_image() -> None:
    origins = re.findall(r"--from=(\S+)", DOCKERFILE)
    assert set(origins) <= set(STAGES)


def test_serving_is_what_a_build_without_a_target_makes() -> None:
    assert list(STAGES)[-1] == "serve"


@pytest.mark.parametrize("name", ["serve", "train"])
def test_runs_as_uid_1000_and_is_the_first_process_itself(name: str) -> None:
    assert STAGES[name].arguments("USER") == ["1000"]
    assert STAGES[name].arguments("CMD")[0].startswith('["python", ')


@pytest.mark.parametrize("name", ["serve", "train", "base", "code"])
def test_what_changes_most_comes_last(name: str) -> None:
    """Packages before code: a change of the code leaves the layers of the packages alone."""
    code = [
        index
        for index, (step, argument) in enumerate(STAGES[name].steps)
        if step == "COPY" and "/venv" not in argument
    ]
    packages = [
        index
        for index, (step, argument) in enumerate(STAGES[name].steps)
        if step == "COPY" and "/venv" in argument
    ]
    assert not code or not packages or max(packages) < min(code)


def test_all_that_is_installed_is_held_to_hashes() -> None:
    installs = re.findall(r"(?:pip install|uv pip install) .*", DOCKERFILE)
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or "--constraint requirements.lock" in install
    assert "UV_REQUIRE_HASHES=1" in DOCKERFILE


def test_the_health_check_asks_with_python_alone() -> None:
    (check,) = STAGES["serve"].arguments("HEALTHCHECK")
    command = ast.literal_eval(check.split("CMD", 1)[1].strip())
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")


def in_context(path: str) -> bool:
    """Whether .dockerignore lets a path in: the last pattern that fits it or a folder above it decides."""
    included = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        above = [path, *map(str, Path(path).parents)]
        if (
            line
            and not line.startswith("#")
            and any(fnmatch(name, pattern.removeprefix("**/")) for name in above if name != ".")
        ):
            included = line.startswith("!")
    return included


def test_the_build_context_is_exactly_what_is_copied() -> None:
    sources = {path for name in STAGES for path in copied(name)}
    assert all(in_context(path) and (ROOT / path).exists() for path in sources)
    whitelisted = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {path.split("/")[0] for path in sources} == whitelisted


@pytest.mark.parametrize(
    "path",
    ["README.md", "tests/conftest.py", ".git/config", "deploy/space.py", "docs/thumbnail.png"],
)
def test_nothing_else_is_sent_to_the_builder(path: str) -> None:
    assert not in_context(path)


def imported(path: Path, seen: set[Path]) -> Iterator[Path]:
    """Every file of this repository that a file imports, directly or not."""
    if path in seen:
        return
    seen.add(path)
    yield path
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            module = ROOT / name.replace(".", "/")
            for candidate in (module.with_suffix(".py"), module / "__init__.py"):
                if candidate.exists():
                    yield from imported(candidate, seen)


@pytest.mark.parametrize(("stage", "start"), [("serve", "app.py"), ("train", "training/__main__.py")])
def test_the_image_holds_everything_that_it_imports(stage: str, start: str) -> None:
    files = {file.relative_to(ROOT) for file in imported(ROOT / start, set())}
    places = [Path(path) for path in copied(stage)]
    assert len(files) > 5
    assert [file for file in files if not any(file.is_relative_to(place) for place in places)] == []
