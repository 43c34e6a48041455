"""cloudbuild.yaml beyond its schema: substitutions, paths, shell, and its steps run against stand-ins."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.dockerfile import STAGES
from tests.deploy.google_project import SHELLCHECK
from tests.deploy.google_schema import faults

TEXT = (ROOT / "cloudbuild.yaml").read_text("utf-8")
BUILD: dict[str, Any] = yaml.safe_load(TEXT)
STEPS = {step["id"]: step for step in BUILD["steps"]}
BUILT_IN = {"PROJECT_ID", "COMMIT_SHA", "SHORT_SHA"}  # of those that Google defines, the ones used here

# A gcloud that plays one Cloud Run service: `describe` prints what the test put there, changes are recorded.
GCLOUD = """#!/usr/bin/env bash
echo "$*" >> calls
case "$*" in
  *describe*percent*) [[ -e split ]] && cat split || { cat complaint >&2; exit 1; } ;;
  *describe*tag*) printf '%s\\n' ,https://demo.run.app cold,https://x c0ffee,https://c0ffee.run.app ;;
  *describe*url*) echo https://demo.run.app ;;
  *replace*) [[ ! -e refuse ]] ;;
esac
"""


@dataclass(frozen=True)
class Workspace:
    """A folder that stands for /workspace, with a PATH where every command but the basic ones is recorded."""

    folder: Path

    def run(self, step: str) -> subprocess.CompletedProcess[str]:
        script = STEPS[step]["script"].replace("/workspace/", f"{self.folder}/")
        shell = "bash" if "bash" in script.splitlines()[0] else "sh"
        values = {
            "PROJECT_ID": "demo-123",
            "_REGION": "us-central1",
            "_SERVICE": "demo",
            "_TAG": "c0ffee",
            "_IMAGES": "registry",
        }
        environment = os.environ | values | {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        return subprocess.run(
            [shell, "-c", script],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def command(self, name: str, text: str) -> None:
        (self.folder / "bin" / name).write_text(text)
        (self.folder / "bin" / name).chmod(0o755)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def service(self) -> Any:
        return yaml.safe_load(self.read("service.yaml"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "bin").mkdir()
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    workspace = Workspace(tmp_path)
    workspace.command("gcloud", GCLOUD)
    workspace.write("image", "registry/serve@sha256:1234\n")
    workspace.write("complaint", "ERROR: (gcloud.run.services.describe) Cannot find service [demo]\n")
    workspace.write("split", "100,demo-00007-abc\n,demo-00007-abc\n")
    return workspace


def test_every_substitution_that_is_used_is_defined_and_the_other_way_round() -> None:
    fields = {key: value for key, value in BUILD.items() if key != "steps"}
    scripts = "".join(step["script"] for step in BUILD["steps"])
    used = set(re.findall(r"\$\{?(_[A-Z_]+|[A-Z]+_(?:ID|SHA))\b", yaml.safe_dump(fields) + scripts))
    assert used == set(BUILD["substitutions"]) | BUILT_IN


def test_every_substitution_of_ours_is_used_outside_of_scripts_or_google_refuses_the_build() -> None:
    fields = yaml.safe_dump({key: value for key, value in BUILD.items() if key != "steps"})
    assert [name for name in BUILD["substitutions"] if f"${{{name}}}" not in fields] == []


@pytest.mark.parametrize("step", STEPS)
def test_the_shell_of_a_step_passes_shellcheck(step: str) -> None:
    variables = [*BUILD["substitutions"], *BUILT_IN]
    shebang, _, body = STEPS[step]["script"].partition("\n")
    script = "\n".join([shebang, f"export {' '.join(variables)}", body])
    result = subprocess.run([SHELLCHECK, "-"], input=script, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("step", STEPS)
def test_a_step_waits_for_steps_that_stand_before_it(step: str) -> None:
    before = list(STEPS)[: list(STEPS).index(step)]
    assert set(STEPS[step].get("waitFor", [])) <= set(before)


def test_every_path_of_the_repository_that_a_step_names_exists() -> None:
    paths = set(re.findall(r"(?<![\w/])(?:deploy|model)/[\w./-]+\w", TEXT))
    assert {"deploy/smoke.py", "deploy/service.yaml", "model/artifact"} <= paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_image_that_google_looks_for_at_the_end_is_in_its_daemon() -> None:
    loaded = {
        tag
        for step in BUILD["steps"]
        for command in step["script"].replace("\\\n", " ").splitlines()
        if "buildx build" in command and "--load" in command and "--push" not in command
        for tag in re.findall(r'--tag "([^"]+)"', command)
    }
    wanted = {re.sub(r"\$\{(\w+)\}", r"$\1", image) for image in BUILD["images"]}
    assert wanted and wanted <= loaded


def test_a_tag_is_long_enough_for_cloud_run_even_without_a_commit() -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]{2,}", BUILD["substitutions"]["_TAG"].replace("${SHORT_SHA}", ""))


def test_five_versions_of_each_image_are_kept_and_the_cache_counts_for_none() -> None:
    policies = json.loads((ROOT / "deploy/google-cloud/image-cleanup.json").read_text("utf-8"))
    (keep,) = (policy["mostRecentVersions"] for policy in policies if policy["action"]["type"] == "Keep")
    scripts = (ROOT / "deploy/google-cloud/work.sh").read_text("utf-8") + TEXT
    named = set(re.findall(r"\$(?:_IMAGES|images)/(\w+)", scripts))
    assert (keep["keepCount"], named) == (5, {*keep["packageNamePrefixes"], "cache"})
    assert "--provenance=false" in STEPS["train"]["script"]  # which would be versions, too


def test_nothing_comes_from_docker_hub_itself() -> None:
    assert {step["name"].split("/")[0] for step in BUILD["steps"]} == {"mirror.gcr.io", "gcr.io"}
    assert 'mirrors = ["mirror.gcr.io"]' in STEPS["build"]["script"]


def test_every_stage_that_is_built_is_in_the_dockerfile() -> None:
    targets = set(re.findall(r"--target (\S+)", TEXT))
    assert targets and targets <= set(STAGES)


def test_the_first_deployment_ever_gets_all_traffic_and_the_tag(workspace: Workspace) -> None:
    (workspace.folder / "split").unlink()
    workspace.run(
        "canary"
    )  # the address is looked up after the service is made, so only the file counts here
    assert workspace.service()["spec"]["traffic"] == [
        {"latestRevision": True, "percent": 100, "tag": "c0ffee"}
    ]


@pytest.mark.parametrize(
    ("split", "serving"),
    [
        ("100,demo-00007-abc\n,demo-00007-abc\n", {"demo-00007-abc": 100}),
        (
            "90,demo-00007-abc\n10,demo-00008-def\n0,demo-00008-def\n",
            {"demo-00007-abc": 90, "demo-00008-def": 10},
        ),
    ],
)
def test_a_canary_gets_no_traffic_and_all_other_stays_where_it_is(
    workspace: Workspace, split: str, serving: dict[str, int]
) -> None:
    workspace.write("split", split)
    result = workspace.run("canary")
    assert result.returncode == 0, result.stderr
    new, *old = workspace.service()["spec"]["traffic"]
    assert new == {"latestRevision": True, "tag": "c0ffee"}
    assert {target["revisionName"]: target["percent"] for target in old} == serving


def test_what_is_applied_is_complete_and_what_google_accepts(workspace: Workspace) -> None:
    workspace.run("canary")
    assert faults(workspace.service(), "Service", "run.v1") == []
    container = workspace.service()["spec"]["template"]["spec"]
    assert container["containers"][0]["image"] == "registry/serve@sha256:1234"
    assert container["serviceAccountName"] == "demo-run@demo-123.iam.gserviceaccount.com"
    assert "${" not in re.sub(r"#.*", "", workspace.read("service.yaml"))


def test_the_address_that_is_tested_is_the_one_of_the_tag(workspace: Workspace) -> None:
    workspace.run("canary")
    assert workspace.read("canary-url") == "https://c0ffee.run.app\n"


def test_an_error_that_does_not_mean_a_missing_service_stops_the_build(workspace: Workspace) -> None:
    (workspace.folder / "split").unlink()
    workspace.write("complaint", "ERROR: PERMISSION_DENIED: run.services.get\n")
    result = workspace.run("canary")
    assert result.returncode != 0
    assert "PERMISSION_DENIED" in result.stderr
    assert "replace" not in workspace.read("calls")


def test_a_revision_that_does_not_start_stops_the_build(workspace: Workspace) -> None:
    workspace.write("refuse", "")
    assert workspace.run("canary").returncode != 0


def test_a_canary_that_fails_its_test_is_not_released(workspace: Workspace) -> None:
    workspace.write("canary-url", "https://c0ffee.run.app\n")
    workspace.command("python3", "#!/bin/sh\nexit 1\n")
    result = workspace.run("smoke")
    assert result.returncode != 0
    assert "not released" in result.stderr


def test_the_release_moves_traffic_to_the_tag_that_was_tested_and_tests_again(workspace: Workspace) -> None:
    workspace.command("python3", '#!/bin/sh\necho "$*" >> calls\n')
    assert workspace.run("release").returncode == 0
    shift, _, test = workspace.read("calls").splitlines()
    assert "update-traffic demo --to-tags=c0ffee=100" in shift
    assert test.startswith("deploy/smoke.py https://demo.run.app")


DOCKER = """#!/bin/sh
echo "$*" >> calls
case "$*" in
  *--interactive*) cat > /dev/null; [ ! -e unwell ] ;;
  *State.ExitCode*) cat exit-code ;;
esac
"""


@pytest.mark.parametrize(
    ("unwell", "code", "passes"), [(False, 0, True), (True, 0, False), (False, 137, False)]
)
def test_an_image_that_does_not_answer_or_does_not_stop_is_not_pushed(
    workspace: Workspace, unwell: bool, code: int, passes: bool
) -> None:
    workspace.command("docker", DOCKER)
    workspace.write("exit-code", f"{code}\n")
    (workspace.folder / "model").symlink_to(ROOT / "model")
    if unwell:
        workspace.write("unwell", "")
    result = workspace.run("test")
    assert (result.returncode == 0) is passes, result.stderr
    assert ("logs candidate" in workspace.read("calls")) is unwell


def test_the_candidate_runs_with_less_than_cloud_run_gives_it() -> None:
    script = STEPS["test"]["script"]
    limits = yaml.safe_load((ROOT / "deploy/service.yaml").read_text("utf-8"))["spec"]["template"]["spec"][
        "containers"
    ][0]["resources"]["limits"]
    assert f"--memory {limits['memory'][:-1].lower()} " in script
    assert f"--cpus {limits['cpu']} " in script
