"""The Dockerfile keeps its promises, as far as that can be seen without building it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.test_architecture import imported

DOCKERFILE = (ROOT / "Dockerfile").read_text()
HADOLINT = Path(sys.executable).with_name("hadolint")


def stages(text: str) -> dict[str, dict[str, list[str]]]:
    """The arguments of each instruction, in order, by stage; continued lines are joined, comments dropped."""
    found: dict[str, dict[str, list[str]]] = {}
    lines = "\n".join(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        instruction, argument = line.split(maxsplit=1)
        if instruction == "FROM":
            argument, _, name = argument.split()
            stage = found[name] = {}
        stage.setdefault(instruction, []).append(argument)
    return found


STAGES = stages(DOCKERFILE)


def copied(name: str) -> list[str]:
    """The paths of the build context that end up in a stage, through the stages that it copies from."""
    paths: list[str] = []
    for argument in STAGES[name].get("COPY", []):
        origin = re.match(r"--from=(\S+)", argument)
        paths += copied(origin[1]) if origin else argument.split()[:-1]
    return paths


def lint(text: str) -> str:
    run = subprocess.run([HADOLINT, "--no-fail", "-"], input=text, capture_output=True, text=True, check=True)
    return run.stdout


def test_hadolint_finds_nothing_but_in_a_bad_one() -> None:
    assert lint(DOCKERFILE) == ""
    assert "DL3006" in lint("FROM python\nRUN cd /tmp\n")


def test_everything_grows_out_of_one_base_pinned_by_digest_and_packages_are_held_to_hashes() -> None:
    (base,) = {stage["FROM"][0] for stage in STAGES.values()} - set(STAGES)
    assert re.fullmatch(r"python:3\.12-slim@sha256:[0-9a-f]{64}", base)
    assert not re.match(r"#\s*syntax\s*=", DOCKERFILE)  # no frontend from a registry
    installs = re.findall(r"(?:pip install|uv pip install) .*", DOCKERFILE)
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or "--constraint requirements.lock" in install
    assert "UV_REQUIRE_HASHES=1" in DOCKERFILE


def test_serving_is_the_default_and_both_images_run_as_uid_1000_and_are_the_first_process() -> None:
    assert list(STAGES)[-1] == "serve"
    for name in ("serve", "train"):
        assert STAGES[name]["USER"] == ["1000"]
        assert STAGES[name]["CMD"][0].startswith('["python", ')
        # packages before code: a change of the code leaves their layers alone
        assert "/venv" in STAGES[name]["COPY"][0]
    # without these the demo outgrows 512 MB
    small = {"MALLOC_ARENA_MAX=2", "MAX_UPLOAD_MB=16", "SCRATCH_MB=96"}
    assert small <= set(" ".join(STAGES["serve"]["ENV"]).split())
    (check,) = STAGES["serve"]["HEALTHCHECK"]
    command = ast.literal_eval(check.split("CMD", 1)[1].strip())
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")


def test_the_build_context_is_exactly_what_is_copied() -> None:
    sources = {path for name in STAGES for path in copied(name)}
    assert all((ROOT / path).exists() for path in sources)
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip(" #")]
    assert [line for line in patterns if line[0] not in "!#"] == ["*", "**/__pycache__"]
    assert {line[1:] for line in patterns if line[0] == "!"} == {path.split("/")[0] for path in sources}


def test_each_image_holds_every_room_that_it_imports() -> None:
    for stage in ("serve", "train"):
        places = [ROOT / path for path in copied(stage)]
        modules = [m for place in places for m in (place.rglob("*.py") if place.is_dir() else [place])]
        rooms = set().union(*(imported(module) for module in modules if module.suffix == ".py"))
        assert rooms and rooms <= {place.stem for place in places}, stage
