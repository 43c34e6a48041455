"""cloudbuild.yaml, service.yaml and vertex-job.yaml are what Google's schemas say; the build's steps work."""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.conftest import ROOT
from tests.deploy.google_project import SHELLCHECK
from tests.deploy.test_dockerfile import STAGES

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
FILES = {  # file, schema, API
    "cloudbuild.yaml": ("Build", "cloudbuild.v1"),
    "deploy/service.yaml": ("Service", "run.v1"),
    "deploy/vertex-job.yaml": ("GoogleCloudAiplatformV1CustomJobSpec", "aiplatform.v1"),
}
TEXT = (ROOT / "cloudbuild.yaml").read_text("utf-8")
BUILD: dict[str, Any] = yaml.safe_load(TEXT)
STEPS = {step["id"]: step for step in BUILD["steps"]}
SCRIPTS = "".join(step["script"] for step in BUILD["steps"])
BUILT_IN = {"PROJECT_ID", "COMMIT_SHA", "SHORT_SHA"}  # of those that Google defines, the ones used here


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def faults(value: object, name: str, api: str) -> list[str]:
    """Every place where a document violates Google's schema; an unknown key is a fault."""
    return [f"{fault.json_path}: {fault.message}" for fault in validator(name, api).iter_errors(value)]


@cache
def validator(name: str, api: str) -> Draft202012Validator:
    known = json.loads((DOCUMENTS / f"{api}.json").read_text("utf-8"))["schemas"]
    definitions = {key: as_json_schema(schema) for key, schema in known.items()}
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})


def as_json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Google's dialect of JSON Schema in standard terms: closed objects, 64-bit numbers, durations."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    result: dict[str, Any] = {
        key: schema[key] for key in ("type", "enum") if key in schema and schema[key] != "any"
    }
    if schema.get("format") == "int64":
        result["type"] = ["string", "integer"]
    if schema.get("format") == "google-duration":
        result["pattern"] = r"^\d+(\.\d{1,9})?s$"
    if "items" in schema:
        result["items"] = as_json_schema(schema["items"])
    if schema.get("type") == "object":
        settable = {k: v for k, v in schema.get("properties", {}).items() if not v.get("readOnly")}
        result["properties"] = {key: as_json_schema(inner) for key, inner in settable.items()}
        others = schema.get("additionalProperties")
        result["additionalProperties"] = as_json_schema(others) if others else False
    return result


def test_google_accepts_the_files_but_no_wrong_value_misspelt_key_or_one_in_snake_case() -> None:
    for name, schema in FILES.items():
        assert faults(load(name), *schema) == []
    for name, change in (
        ("cloudbuild.yaml", {"timeout": "30m"}),
        ("cloudbuild.yaml", {"options": {"logging": "CLOUD_LOGGING"}}),
        ("cloudbuild.yaml", {"status": "SUCCESS"}),  # which is read only
        ("cloudbuild.yaml", {"steps": [BUILD["steps"][0] | {"wait_for": ["-"]}]}),
        ("deploy/service.yaml", {"spec": {"traffic": [{"percent": "100"}]}}),
        ("deploy/service.yaml", {"spec": {"template": {"spec": {"containerConcurency": 80}}}}),
        ("deploy/vertex-job.yaml", {"base_output_directory": {}}),
    ):
        assert faults(load(name) | change, *FILES[name]), change


def test_substitutions_are_defined_used_and_seen_outside_of_scripts_or_google_refuses_the_build() -> None:
    fields = yaml.safe_dump({key: value for key, value in BUILD.items() if key != "steps"})
    used = set(re.findall(r"\$\{?(_[A-Z_]+|[A-Z]+_(?:ID|SHA))\b", fields + SCRIPTS))
    assert used == set(BUILD["substitutions"]) | BUILT_IN
    assert [name for name in BUILD["substitutions"] if f"${{{name}}}" not in fields] == []
    # Cloud Run wants three characters, even where there is no commit
    assert re.fullmatch(r"[a-z][a-z0-9-]{2,}", BUILD["substitutions"]["_TAG"].replace("${SHORT_SHA}", ""))


def test_steps_are_sound_and_name_only_what_there_is() -> None:
    exports = f"export {' '.join([*BUILD['substitutions'], *BUILT_IN])}"
    for number, (name, step) in enumerate(STEPS.items()):
        assert set(step.get("waitFor", [])) <= set(list(STEPS)[:number]), name
        shebang, _, body = step["script"].partition("\n")
        script = "\n".join([shebang, exports, body])
        result = subprocess.run([SHELLCHECK, "-"], input=script, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout
    paths = set(re.findall(r"(?<![\w/])(?:deploy|model)/[\w./-]+\w", TEXT))
    assert {"deploy/smoke.py", "deploy/service.yaml", "model/artifact"} <= paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    targets = set(re.findall(r"--target (\S+)", TEXT))
    assert targets and targets <= set(STAGES)


def test_images_come_by_a_mirror_and_stay_where_google_looks_for_them() -> None:
    assert {step["name"].split("/")[0] for step in BUILD["steps"]} == {"mirror.gcr.io", "gcr.io"}
    loaded = {
        tag
        for command in SCRIPTS.replace("\\\n", " ").splitlines()
        if "buildx build" in command and "--load" in command and "--push" not in command
        for tag in re.findall(r'--tag "([^"]+)"', command)
    }
    wanted = {re.sub(r"\$\{(\w+)\}", r"$\1", image) for image in BUILD["images"]}
    assert wanted and wanted <= loaded  # in the daemon, or the build fails at its end
    # five versions of each are kept, and the cache counts for none
    policies = json.loads((ROOT / "deploy/google-cloud/image-cleanup.json").read_text("utf-8"))
    (keep,) = (policy["mostRecentVersions"] for policy in policies if policy["action"]["type"] == "Keep")
    scripts = (ROOT / "deploy/google-cloud/work.sh").read_text("utf-8") + TEXT
    named = set(re.findall(r"\$(?:_IMAGES|images)/(\w+)", scripts))
    assert (keep["keepCount"], named) == (5, {*keep["packageNamePrefixes"], "cache"})
    assert "--provenance=false" in STEPS["train"]["script"]  # which would be versions, too


# Stand-ins for the commands of the steps. This gcloud simulates one Cloud Run service: `describe`
# prints what the test put there, and changes are recorded.
GCLOUD = """#!/usr/bin/env bash
echo "$*" >> calls
case "$*" in
  *describe*percent*) [[ -e split ]] && cat split || { cat complaint >&2; exit 1; } ;;
  *describe*tag*) printf '%s\\n' ,https://demo.run.app cold,https://x c0ffee,https://c0ffee.run.app ;;
  *describe*url*) echo https://demo.run.app ;;
  *replace*) [[ ! -e refuse ]] ;;
esac
"""
DOCKER = """#!/bin/sh
echo "$*" >> calls
case "$*" in
  *--interactive*) cat > /dev/null; [ ! -e unwell ] ;;
  *State.ExitCode*) cat exit-code ;;
esac
"""


class Workspace:
    """A folder that replaces /workspace, with a PATH where every command but the basic ones is recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("deploy", "model"):
            (folder / name).symlink_to(ROOT / name)
        (folder / "bin").mkdir()
        self.command("gcloud", GCLOUD)
        self.command("docker", DOCKER)
        self.write("image", "registry/serve@sha256:1234\n")
        self.write("split", "100,demo-00007-abc\n,demo-00007-abc\n")
        self.write("exit-code", "0\n")

    def run(self, step: str) -> subprocess.CompletedProcess[str]:
        script = STEPS[step]["script"].replace("/workspace/", f"{self.folder}/")
        values = {"PROJECT_ID": "demo-123", "_REGION": "us-central1", "_SERVICE": "demo", "_TAG": "c0ffee"}
        values |= {"_IMAGES": "registry", "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash" if "bash" in script.splitlines()[0] else "sh", "-c", script],
            cwd=self.folder, env=os.environ | values, capture_output=True, text=True,
        )  # fmt: skip

    def command(self, name: str, text: str) -> None:
        self.write(f"bin/{name}", text)
        (self.folder / "bin" / name).chmod(0o755)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def service(self) -> Any:
        return yaml.safe_load(self.read("service.yaml"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_an_image_that_does_not_answer_or_does_not_stop_is_not_pushed(workspace: Workspace) -> None:
    assert workspace.run("test").returncode == 0
    workspace.write("exit-code", "137\n")
    assert workspace.run("test").returncode == 1
    workspace.write("unwell", "")
    assert workspace.run("test").returncode == 1
    assert workspace.read("calls").count("logs candidate") == 1
    container = load("deploy/service.yaml")["spec"]["template"]["spec"]["containers"][0]
    limits = container["resources"]["limits"]  # the candidate gets no more than Cloud Run will give it
    assert f"--memory {limits['memory'][:-1].lower()} --cpus {limits['cpu']} " in STEPS["test"]["script"]


def test_a_canary_but_the_first_gets_no_traffic_and_a_failure_stops_the_build(
    workspace: Workspace,
) -> None:
    new = {"latestRevision": True, "tag": "c0ffee"}
    for split, serving in (
        ("100,demo-00007-abc\n,demo-00007-abc\n", {"demo-00007-abc": 100}),
        ("90,demo-7\n10,demo-8\n0,demo-8\n", {"demo-7": 90, "demo-8": 10}),
    ):
        workspace.write("split", split)
        result = workspace.run("canary")
        assert result.returncode == 0, result.stderr
        first, *old = workspace.service()["spec"]["traffic"]
        assert first == new
        assert {target["revisionName"]: target["percent"] for target in old} == serving
    assert workspace.read("canary-url") == "https://c0ffee.run.app\n"
    assert faults(workspace.service(), "Service", "run.v1") == []
    spec = workspace.service()["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == "registry/serve@sha256:1234"
    assert spec["serviceAccountName"] == "demo-run@demo-123.iam.gserviceaccount.com"
    assert "${" not in re.sub(r"#.*", "", workspace.read("service.yaml"))
    workspace.write("refuse", "")
    assert workspace.run("canary").returncode != 0
    (workspace.folder / "split").unlink()
    workspace.write("complaint", "ERROR: (gcloud.run.services.describe) Cannot find service [demo]\n")
    workspace.run("canary")  # which looks up the address of the service that it made; there is none here
    assert workspace.service()["spec"]["traffic"] == [new | {"percent": 100}]
    (workspace.folder / "calls").unlink()
    workspace.write("complaint", "ERROR: PERMISSION_DENIED: run.services.get\n")
    denied = workspace.run("canary")
    assert denied.returncode != 0 and "PERMISSION_DENIED" in denied.stderr
    assert "replace" not in workspace.read("calls")


def test_only_a_canary_that_passes_is_released_and_then_tested_again(workspace: Workspace) -> None:
    workspace.write("canary-url", "https://c0ffee.run.app\n")
    workspace.command("python3", "#!/bin/sh\nexit 1\n")
    result = workspace.run("smoke")
    assert result.returncode != 0 and "not released" in result.stderr
    workspace.command("python3", '#!/bin/sh\necho "$*" >> calls\n')
    assert workspace.run("release").returncode == 0
    shift, _, test = workspace.read("calls").splitlines()
    assert "update-traffic demo --to-tags=c0ffee=100" in shift
    assert test.startswith("deploy/smoke.py https://demo.run.app")
