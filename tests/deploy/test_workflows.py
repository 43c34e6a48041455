"""GitHub will take the workflows, and what they name is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.workflow_checker import faults

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506  # texts only
    return loaded


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / name, *arguments], capture_output=True, text=True, cwd=ROOT)


@every_workflow
def test_github_would_take_it(path: Path) -> None:
    assert faults(path.read_text()) == []


# One change each to a workflow that is right, and a word of the complaint that it must cause.
MISTAKES = [
    ("runs-on: ubuntu", "run-on: ubuntu", "run-on"),
    ("timeout-minutes: 20", "timeout-minutes: soon", "not a number"),
    ("fail-fast: false", "fail-fast: nope", "neither true nor false"),
    ("contents: read", "contents: reads", "contents"),
    ("matrix.python }}", "matrix.pyton }}", "no matrix.pyton"),
    ("github.event_name ==", "github.evnt_name ==", "evnt_name"),
    ("github.event_name ==", "secrets.TOKEN ==", "secrets is not available"),
    ("if: always()", "if: alway()", "alway is not available"),
    ("if: always()", "if: always(1)", "arguments"),
    ("join(needs.*.result, ' ')", "join(needs.*.result, ' '", "expected"),
    ("needs: [tests, unpinned]", "needs: [test, unpinned]", "no job"),
    ("  pull_request:", "  pull_requests:", "pull_requests"),
]


@pytest.mark.parametrize(("right", "wrong", "word"), MISTAKES, ids=[wrong for _, wrong, _ in MISTAKES])
def test_a_mistake_is_found(right: str, wrong: str, word: str) -> None:
    text = (GITHUB / "workflows" / "tests.yml").read_text()
    assert right in text
    assert any(word in fault for fault in faults(text.replace(right, wrong, 1)))


def test_github_s_published_schemas_hold() -> None:
    for schema, paths in (
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
    ):
        run = tool("check-jsonschema", "--builtin-schema", schema, *paths)
        assert run.returncode == 0, run.stdout


def test_zizmor_finds_nothing() -> None:
    run = tool("zizmor", "--offline", "--no-progress", "--quiet", "--persona", "pedantic", ".github")
    assert run.returncode == 0, run.stdout


def test_zizmor_finds_something_in_a_careless_workflow(tmp_path: Path) -> None:
    careless = tmp_path / "careless.yml"
    careless.write_text((GITHUB / "workflows" / "ruff.yml").read_text().replace("permissions: {}", ""))
    assert tool("zizmor", "--offline", "--no-progress", "--persona", "pedantic", careless).returncode != 0


@every_workflow
def test_nothing_is_allowed_but_what_a_job_asks_for(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["group"]
    assert all(int(job["timeout-minutes"]) <= 60 for job in workflow["jobs"].values())
    assert "pull_request_target" not in workflow["on"]


@every_workflow
def test_actions_are_pinned_by_commit_with_the_version_beside(path: Path) -> None:
    for line in re.findall(r"uses: (.*)", path.read_text()):
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


def test_an_action_has_one_version_everywhere() -> None:
    uses = {line for path in WORKFLOWS for line in re.findall(r"uses: (.*)", path.read_text())}
    assert len(uses) == len({line.split("@")[0] for line in uses})


@every_workflow
def test_a_checkout_keeps_no_credentials(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@every_workflow
def test_every_path_that_it_names_exists(path: Path) -> None:
    commands = "\n".join(step.get("run", "") for step in steps(path))
    named = set(re.findall(r"\b(?:deploy|docs|model|training)/[\w./-]+\w", path.read_text())) | set(
        re.findall(r"\b(?:app\.py|pyproject\.toml|requirements\.(?:txt|lock))\b", commands)
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@every_workflow
def test_no_text_of_a_stranger_gets_into_a_shell(path: Path) -> None:
    """Values reach a script through its environment, never by being pasted into it."""
    assert not any("${{" in step.get("run", "") for step in steps(path))


def test_only_main_and_tags_see_a_secret() -> None:
    for path in WORKFLOWS:
        triggers = load(path)["on"]
        for name, job in load(path)["jobs"].items():
            if "secrets." in json.dumps(job) and "pull_request" in triggers:
                unguarded = [
                    step
                    for step in job["steps"]
                    if step.get("if") != "needs.settings.outputs.ready == 'true'"
                ]
                pushed = job.get("if") == "github.event_name == 'push'"
                seen = json.dumps(job | {"steps": unguarded})
                assert pushed or "secrets." not in seen, f"{path.stem}: {name}"


def run_step(
    script: str, directory: Path, **environment: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Runs a step's script as GitHub's runner does; returns how it went and the outputs that it set."""
    output = directory / "output"
    output.touch()
    run = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env={"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), **environment},
        cwd=directory, capture_output=True, text=True,
    )  # fmt: skip
    return run, dict(line.split("=", 1) for line in output.read_text().splitlines())


def script_of(workflow: str, job: str, index: int = 0) -> str:
    script: str = load(GITHUB / "workflows" / f"{workflow}.yml")["jobs"][job]["steps"][index]["run"]
    return script


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "variable DOCKERHUB_USERNAME, secret DOCKERHUB_TOKEN"),
        ({"DOCKERHUB_USERNAME": "ada"}, "Set the secret DOCKERHUB_TOKEN"),
        ({"DOCKERHUB_TOKEN": "t"}, "Set the variable DOCKERHUB_USERNAME"),
    ],
)
def test_without_docker_hub_a_notice_says_what_to_set(
    tmp_path: Path, given: dict[str, str], missing: str
) -> None:
    environment = {"DOCKERHUB_USERNAME": "", "DOCKERHUB_TOKEN": "", **given}
    run, outputs = run_step(script_of("docker-image", "settings"), tmp_path, **environment)
    assert run.returncode == 0
    assert "::notice" in run.stdout and missing in run.stdout
    assert outputs == {}


def test_with_docker_hub_the_image_is_pushed(tmp_path: Path) -> None:
    run, outputs = run_step(
        script_of("docker-image", "settings"), tmp_path, DOCKERHUB_USERNAME="ada", DOCKERHUB_TOKEN="t"
    )
    assert (run.returncode, run.stdout, outputs) == (0, "", {"ready": "true"})


@pytest.mark.parametrize("name", ["HF_SPACE", "HF_MODEL"])
def test_without_a_place_on_the_hub_a_notice_says_what_to_set(tmp_path: Path, name: str) -> None:
    given = {"HF_SPACE": "ada/demo", "HF_MODEL": "ada/model", name: ""}
    run, outputs = run_step(script_of("space", "settings"), tmp_path, **given)
    assert run.returncode == 0
    assert run.stdout.count("::notice") == 1 and f"variable {name}" in run.stdout
    assert outputs == {"space": given["HF_SPACE"], "model": given["HF_MODEL"]}


@pytest.mark.parametrize(
    ("results", "code"),
    [("success skipped", 0), ("success success", 0), ("failure skipped", 1), ("cancelled skipped", 1)],
)
def test_the_gate_is_green_only_when_all_are(tmp_path: Path, results: str, code: int) -> None:
    run, _ = run_step(script_of("tests", "green"), tmp_path, RESULTS=results)
    assert run.returncode == code


def test_every_script_is_sound() -> None:
    for path in WORKFLOWS:
        for step in steps(path):
            if "run" in step:
                run = subprocess.run(
                    [BIN / "shellcheck", "--shell", "bash", "-"],
                    input=step["run"],
                    capture_output=True,
                    text=True,
                )
                assert run.returncode == 0, f"{path.stem}: {run.stdout}"


def git(directory: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=directory, check=True, capture_output=True)


def test_the_report_compares_with_the_base_of_the_pull_request(tmp_path: Path) -> None:
    """GitHub checks out the merge of both, whose first parent is the base."""
    evaluation = tmp_path / "model" / "artifact" / "evaluation.json"
    evaluation.parent.mkdir(parents=True)
    git(tmp_path, "init", "--initial-branch", "main")
    for branch, content in (("main", "the base's"), ("better", "the pull request's")):
        git(tmp_path, "checkout", "-B", branch)
        evaluation.write_text(content)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--message", content)
    git(tmp_path, "checkout", "main")
    git(tmp_path, "merge", "--no-ff", "better")
    take = next(step for step in steps(GITHUB / "workflows" / "cml.yml") if "base" in step.get("name", ""))
    assert run_step(take["run"], tmp_path)[0].returncode == 0
    assert (tmp_path / "base-evaluation.json").read_text() == "the base's"
    assert evaluation.read_text() == "the pull request's"


def test_what_may_write_a_comment_runs_nothing_of_the_pull_request() -> None:
    jobs = load(GITHUB / "workflows" / "cml.yml")["jobs"]
    assert jobs["report"]["permissions"] == {"contents": "read"}
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    assert "head.repo.full_name == github.repository" in jobs["comment"]["if"]
    assert not [step for step in jobs["comment"]["steps"] if "run" in step or "checkout" in step["uses"]]
