"""GitHub will take the workflows, what they name is there, and no job may do more than it needs."""

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import validate

from tests.conftest import ROOT
from tests.machine import missing, program

GITHUB = ROOT / ".github"
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in (GITHUB / "workflows").glob("*.yml")}
# All scalars stay text: YAML 1.1 would read `on` as true.
LOADED: dict[str, dict[str, Any]] = {
    name: yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # texts only
    for name, text in WORKFLOWS.items()
}
JOBS = [(name, job) for name, workflow in LOADED.items() for job in workflow["jobs"].values()]
STEPS = [(name, step) for name, job in JOBS for step in job["steps"]]
BIN = Path(sys.executable).parent
# One change each to a workflow that is right, and a word of the complaint that it must cause.
MISTAKES = (
    ("timeout-minutes: 20", "timeout-minutes: soon", "soon"),
    ("github.event_name ==", "github.evnt_name ==", "evnt_name"),
    ("join(needs.*.result, ' ')", "join(needs.*.result, ' '", "Unexpected symbol"),
    ("needs: [tests, coverage, unpinned]", "needs: [test, coverage, unpinned]", "unknown job"),
)


def tool(name: str, *arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / name, *arguments], input=text, capture_output=True, text=True, cwd=ROOT)


def test_github_would_take_each_and_a_mistake_would_be_found() -> None:
    packages = ROOT / ".venv" / "js"
    if not (packages / "node_modules" / "@actions").exists():
        missing("GitHub's language service (make install, with npm)")
    right = WORKFLOWS["tests"]
    assert all(old in right for old, _, _ in MISTAKES)
    texts = [*WORKFLOWS.values(), *(right.replace(old, new, 1) for old, new, _ in MISTAKES)]
    run = subprocess.run(
        [program("node"), ROOT / "tests/deploy/check_workflows.mjs", packages.resolve()],
        input=json.dumps(texts), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert dict(zip(WORKFLOWS, found, strict=False)) == {name: [] for name in WORKFLOWS}
    for (_, new, word), faults in zip(MISTAKES, found[len(WORKFLOWS) :], strict=True):
        assert any(word in fault for fault in faults), new


def test_the_schema_and_zizmor_find_nothing_but_in_a_careless_workflow(tmp_path: Path) -> None:
    schema = files("check_jsonschema.builtin_schemas") / "vendor" / "dependabot.json"
    validate(yaml.safe_load((GITHUB / "dependabot.yml").read_text()), json.loads(schema.read_text()))
    pedantic = ("--offline", "--no-progress", "--quiet", "--persona", "pedantic")
    run = tool("zizmor", *pedantic, ".github")
    assert run.returncode == 0, run.stdout
    careless = tmp_path / "careless.yml"
    careless.write_text(WORKFLOWS["ruff"].replace("permissions: {}", ""))
    assert tool("zizmor", *pedantic, careless).returncode != 0


def test_none_hangs_and_nothing_that_a_stranger_sends_meets_a_right() -> None:
    """Beyond what zizmor holds: no right unless a job asks for it, actions pinned, no text in a script."""
    assert all(int(job["timeout-minutes"]) <= 60 for _, job in JOBS)
    uses = {step["uses"].split("@")[0]: step for _, step in STEPS if "uses" in step}
    assert len({step["uses"] for _, step in STEPS if "uses" in step}) == len(uses)  # one version of each
    for name, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false", name
    # what may write a comment runs nothing of the pull request
    comment = LOADED["cml"]["jobs"]["comment"]
    assert comment["permissions"] == {"pull-requests": "write"}
    assert "head.repo.full_name == github.repository" in comment["if"]
    assert not [step for step in comment["steps"] if "run" in step or "checkout" in step["uses"]]
    # only main and tags see a secret
    for name, job in JOBS:
        if "secrets." in json.dumps(job) and "pull_request" in LOADED[name]["on"]:
            ready = "needs.settings.outputs.ready == 'true'"
            unguarded = [step for step in job["steps"] if step.get("if") != ready]
            pushed = job.get("if") == "github.event_name == 'push'"
            assert pushed or "secrets." not in json.dumps(job | {"steps": unguarded}), name


def test_scripts_are_sound_and_every_path_that_is_named_exists() -> None:
    scripts = {(name, step["run"]) for name, step in STEPS if "run" in step}
    for name, script in scripts:
        run = tool("shellcheck", "--shell", "bash", "-", text=script)
        assert run.returncode == 0, f"{name}: {run.stdout}"
    rooms = r"\b(?:deploy|docs|model|training)/[\w./-]+\w"
    files = r"\b(?:app\.py|pyproject\.toml|requirements\.(?:txt|lock))\b"
    named = {path for text in WORKFLOWS.values() for path in re.findall(rooms, text)}
    named |= {path for _, script in scripts for path in re.findall(files, script)}
    assert named and [path for path in named if not (ROOT / path).exists()] == []


def run_step(script: str, directory: Path, **environment: str) -> tuple[int, str, dict[str, str]]:
    """Runs a step's script as GitHub's runner does; exit code, what it printed, the outputs that it set."""
    output = directory / "output"
    output.write_text("")
    run = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env={"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), **environment},
        cwd=directory, capture_output=True, text=True,
    )  # fmt: skip
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return run.returncode, run.stdout, outputs


def script_of(workflow: str, job: str) -> str:
    script: str = LOADED[workflow]["jobs"][job]["steps"][0]["run"]
    return script


def test_the_gate_is_green_only_when_all_are_and_a_missing_place_is_a_notice(tmp_path: Path) -> None:
    gate = script_of("tests", "green")
    for results, code in (("success skipped", 0), ("failure skipped", 1), ("cancelled skipped", 1)):
        assert run_step(gate, tmp_path, RESULTS=results)[0] == code
    docker = script_of("docker-image", "settings")
    nothing = {"DOCKERHUB_USERNAME": "", "DOCKERHUB_TOKEN": ""}
    for given, said in (
        ({}, "variable DOCKERHUB_USERNAME, secret DOCKERHUB_TOKEN"),
        ({"DOCKERHUB_USERNAME": "ada"}, "Set the secret DOCKERHUB_TOKEN"),
        ({"DOCKERHUB_TOKEN": "t"}, "Set the variable DOCKERHUB_USERNAME"),
    ):
        code, printed, outputs = run_step(docker, tmp_path, **nothing | given)
        assert (code, outputs) == (0, {}) and "::notice" in printed and said in printed
    everything = {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_TOKEN": "t"}
    assert run_step(docker, tmp_path, **everything) == (0, "", {"ready": "true"})
    for name in ("HF_SPACE", "HF_MODEL"):
        places = {"HF_SPACE": "ada/demo", "HF_MODEL": "ada/model", name: ""}
        code, printed, outputs = run_step(script_of("space", "settings"), tmp_path, **places)
        assert code == 0 and printed.count("::notice") == 1 and f"variable {name}" in printed
        assert outputs == {"space": places["HF_SPACE"], "model": places["HF_MODEL"]}


def test_the_report_compares_with_the_base_of_the_pull_request(tmp_path: Path) -> None:
    """GitHub checks out the merge of both, whose first parent is the base."""
    evaluation = tmp_path / "model" / "artifact" / "evaluation.json"
    evaluation.parent.mkdir(parents=True)

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch", "main")
    for branch, content in (("main", "the base's"), ("better", "the pull request's")):
        git("checkout", "-B", branch)
        evaluation.write_text(content)
        git("add", ".")
        git("commit", "--message", content)
    git("checkout", "main")
    git("merge", "--no-ff", "better")
    (take,) = (step["run"] for _, step in STEPS if "Take the base" in step.get("name", ""))
    assert run_step(take, tmp_path)[0] == 0
    assert (tmp_path / "base-evaluation.json").read_text() == "the base's"
    assert evaluation.read_text() == "the pull request's"
