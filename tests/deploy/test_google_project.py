"""deploy/google-cloud.sh sets a project up, works on it, fails in plain words at any call, tears it down."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.google_project import (
    NAME,
    PROJECT,
    READS,
    REPOSITORY,
    SCRIPT,
    SHELLCHECK,
    STAND_IN,
    Cloud,
    flag,
)

SOURCES = [SCRIPT, *sorted((ROOT / "deploy" / "google-cloud").glob("*.sh"))]
EVERYTHING = ("setup", "deploy", "function", "train")


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    """An empty Google Cloud project."""
    return Cloud(tmp_path / "cloud")


def everything_called(cloud: Cloud) -> list[list[str]]:
    """All calls of a project in which every command is used once."""
    calls = []
    for command in EVERYTHING:
        assert cloud.run(command).returncode == 0, command
        calls += cloud.calls
    return calls


# The script itself


def test_every_call_uses_only_commands_and_flags_that_gcloud_has(cloud: Cloud) -> None:
    known = json.loads(Path(__file__).with_name("gcloud-flags.json").read_text("utf-8"))
    build = re.sub(r"['\"]|\\\n", " ", (ROOT / "cloudbuild.yaml").read_text("utf-8"))
    calls = [call.split() for call in re.findall(r"gcloud (run services [^|)\n]+)", build)]
    for command in ("setup", "status", "deploy", "function", "train", "teardown --yes", "setup"):
        cloud.run(*command.split())
        calls += cloud.calls
    for call in calls:
        words = " ".join(word for word in call if not word.startswith("--")) + " "
        commands = [command for command in known["commands"] if words.startswith(f"{command} ")]
        assert commands, f"gcloud has no command {call}"
        flags = {word.partition("=")[0] for word in call if word.startswith("--")}
        has = {*known["commands"][max(commands, key=len)], *known["everywhere"]}
        assert {flag for flag in flags if not {flag, flag.replace("--no-", "--")} & has} == set(), call


def test_a_dry_run_prints_exactly_what_would_be_called_and_calls_nothing(cloud: Cloud) -> None:
    for command in (*EVERYTHING, "teardown"):
        printed = cloud.run(command, "--dry-run")
        assert (printed.returncode, cloud.calls) == (0, []), command
        assert "+ gcloud " in printed.stdout
    lines = cloud.run("setup", "--dry-run").stdout.splitlines()
    shown = [shlex.split(line)[2:] for line in lines if line.startswith("  + gcloud")]
    cloud.run("setup")
    assert shown == [[word.replace("123456789", "PROJECT_NUMBER") for word in call] for call in cloud.changes]


def test_the_scripts_pass_shellcheck() -> None:
    command = [str(SHELLCHECK), "-x", *map(str, [*SOURCES, STAND_IN])]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_help_names_every_setting_that_the_script_reads_and_no_other(cloud: Cloud) -> None:
    text = "".join(source.read_text() for source in SOURCES)
    read = set(re.findall(r"\$\{([A-Z_]+):-", text)) - {"PATIENCE"}
    shown = cloud.run("--help")
    assert shown.returncode == 0
    assert set(re.findall(r"^  ([A-Z_]+) +\S", shown.stdout, re.M)) == read
    without = cloud.run()
    assert (without.returncode, without.stdout) == (2, shown.stdout)


def test_wrong_usage_is_refused_before_anything_is_called(cloud: Cloud) -> None:
    for arguments, settings, complaint in (
        (["setup"], {"PROJECT_ID": ""}, "PROJECT_ID"),
        (["setup"], {"PROJECT_ID": "My Project"}, "not a project id"),
        (["setup"], {"GITHUB_REPOSITORY": "https://github.com/a/b"}, "OWNER/NAME"),
        (["setup"], {"SERVICE": "a-name-that-is-far-too-long"}, "SERVICE"),
        (["setup", "--force"], {}, "--force"),
        (["setup", "teardown"], {}, "one command"),
        (["promote"], {"RUN": "../../etc"}, "RUN"),
        (["status", "--dry-run"], {}, "dry run"),
    ):
        result = cloud.run(*arguments, **settings)
        assert (result.returncode, cloud.calls) == (2, []), complaint
        assert complaint in result.stderr


# The life of a project


def test_setup_again_changes_nothing_and_status_neither(cloud: Cloud) -> None:
    # accounts that Google does not know everywhere yet are waited for
    assert cloud.run("setup", GCLOUD_SLOW="yes").returncode == 0
    before = cloud.inventory()
    again = cloud.run("setup")
    assert (again.returncode, cloud.changes, cloud.inventory()) == (0, [], before)
    assert "with 0 changes" in again.stdout
    status = cloud.run("status")
    assert (status.returncode, cloud.changes) == (0, [])
    listed = {line for line in cloud.run("teardown").stdout.splitlines() if line.startswith("  ")}
    assert listed and listed <= set(status.stdout.splitlines())


def test_teardown_leaves_nothing_but_what_google_keeps_and_setup_brings_that_back(cloud: Cloud) -> None:
    everything_called(cloud)
    result = cloud.run("teardown", "--yes")
    assert result.returncode == 0, result.stderr
    assert "There is nothing." in result.stdout
    left = cloud.inventory()
    assert left.pop("pool") == ["", f"{NAME},DELETED"]
    assert set(left) <= {"services", "provider", "condition", "job.yaml"}
    order = [" ".join(call) for call in cloud.changes]
    parts = (  # what uses another thing is deleted before it
        "run services delete",
        "triggers delete",
        "builds repositories delete",
        "artifacts repositories delete",
        "remove-iam-policy-binding",
        "workload-identity-pools delete",
        "service-accounts delete",
    )
    first = [next(i for i, call in enumerate(order) if part in call) for part in parts]
    assert first == sorted(first)
    cloud.run("setup")
    assert ["iam", "workload-identity-pools", "undelete", NAME, "--location=global"] in cloud.calls
    assert cloud.inventory()["pool"] == ["", f"{NAME},ACTIVE"]


def test_a_bucket_of_sources_goes_unless_others_use_it(tmp_path: Path) -> None:
    """Without our label, as Google makes it, or as we do until the label is on it."""
    sources = f"run-sources-{PROJECT}-us-central1"
    for place, there in (("a", ""), ("b", "services/shop/1.zip"), ("c", "a.txt")):
        cloud = Cloud(tmp_path / place)
        (cloud.state / "bucket").write_text(f"{sources}\n")
        cloud.run("setup")
        cloud.run("function")
        if there:
            with (cloud.state / "sources").open("a") as objects:
                objects.write(f"gs://{sources}/{there}\n")
        assert cloud.run("teardown", "--yes").returncode == 0
        assert ("bucket" in cloud.inventory()) == bool(there)


def test_a_fork_that_moved_gets_the_way_in_and_the_old_name_loses_it(cloud: Cloud) -> None:
    cloud.run("setup")
    assert cloud.run("setup", GITHUB_REPOSITORY="someone/renamed").returncode == 0
    assert "'someone/renamed'" in cloud.inventory()["condition"][-1]
    assert REPOSITORY not in str(cloud.inventory()["condition"])


def test_teardown_shows_everything_with_its_cost_and_asks(cloud: Cloud) -> None:
    assert "There is nothing." in cloud.run("teardown", "--yes").stdout
    cloud.run("setup")
    before = cloud.inventory()
    result = cloud.run("teardown", answer="no\n")
    assert (result.returncode, cloud.changes, cloud.inventory()) == (2, [], before)
    for kind in ("service", "trigger", "link", "budget", "images", "bucket", "grant", "pool", "account"):
        assert re.search(rf"^  {kind} +\S+\n +costs \S", result.stdout, re.M), kind
    nobody = cloud.run("teardown")
    assert (nobody.returncode, cloud.changes) == (2, []) and "--yes" in nobody.stderr
    assert cloud.run("teardown", answer=f"{PROJECT}\n").returncode == 0


def test_what_google_did_not_delete_is_named_and_the_exit_code_is_not_zero(tmp_path: Path) -> None:
    for kind in ("service", "images", "bucket", "trigger", "account", "budget", "job", "link"):
        cloud = Cloud(tmp_path / kind)
        cloud.run("setup")
        cloud.run("train")
        result = cloud.run("teardown", "--yes", GCLOUD_STUBBORN=kind)
        assert result.returncode == 1
        assert re.search(rf"^  {kind} ", result.stdout.rpartition("looking for all")[2], re.M)


def assert_stopped_in_plain_words(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode == 1, result.stdout
    assert "injected at call" in result.stderr
    step = re.search(r"stopped while (.+)\. Nothing after that was done", result.stderr)
    assert step and step[1] in result.stdout, result.stderr
    assert "run the same command again" in result.stderr


@pytest.mark.parametrize("command", ["setup", "teardown --yes", "function", "train"])
def test_a_failure_at_any_question_stops_before_the_next_call(
    cloud: Cloud, tmp_path: Path, command: str
) -> None:
    if command != "setup":
        cloud.run("setup")
    untouched = tmp_path / "untouched"
    shutil.copytree(cloud.state, untouched, symlinks=True)
    assert cloud.run(*command.split()).returncode == 0
    questions = [number for number, call in enumerate(cloud.calls, 1) if READS & set(call)]
    assert questions
    for number in questions:
        shutil.rmtree(cloud.state)
        shutil.copytree(untouched, cloud.state, symlinks=True)
        result = cloud.run(*command.split(), GCLOUD_FAIL_AT=str(number))
        assert len(cloud.calls) == number
        assert_stopped_in_plain_words(result)


@pytest.mark.parametrize("command", ["setup", "teardown --yes", "deploy", "function", "train"])
def test_a_failure_at_any_change_stops_and_another_run_goes_on(
    cloud: Cloud, tmp_path: Path, command: str
) -> None:
    whole = Cloud(tmp_path / "whole")
    if command != "setup":
        cloud.run("setup")
        whole.run("setup")
    whole.run(*command.split())
    # the first change fails, then every run makes one more and fails at the next
    for failing in ["1 changes", *["2 changes"] * len(whole.changes[1:])]:
        result = cloud.run(*command.split(), GCLOUD_FAIL_AT=failing)
        if result.returncode == 0:
            break
        assert_stopped_in_plain_words(result)
        assert cloud.calls[-1] == cloud.changes[int(failing[0]) - 1], "nothing may be called after a failure"
    assert cloud.run(*command.split()).returncode == 0
    # What may differ: nobody knows who made a bucket without a label; each training is a new one.
    may_differ = {"function": {"bucket-labelled"}, "train": {"job", "job.yaml"}}.get(command, set())
    differs = dict.fromkeys(may_differ)
    assert {**cloud.inventory(), **differs} == {**whole.inventory(), **differs}


# Who may do what: as little as the job needs, no keys, and nothing public but the demo

ROLES = {  # every role that may be granted, and why nothing smaller does
    "roles/logging.logWriter": "the build writes its log",
    "roles/artifactregistry.writer": "the build pushes images, to one repository",
    "roles/storage.objectViewer": "the build reads the source that was uploaded, from one bucket",
    "roles/run.developer": "the build deploys revisions, of one service; it cannot make it public",
    "roles/iam.serviceAccountUser": "who starts what runs as an account needs this, on that one account",
    "roles/storage.objectUser": "training writes the artifact, GitHub the source, to one bucket",
    "roles/storage.legacyBucketReader": "gcloud looks whether the bucket exists before it uploads",
    "roles/cloudbuild.builds.editor": "GitHub starts builds; there is no smaller role",
    "roles/serviceusage.serviceUsageConsumer": "gcloud counts calls against the project",
    "roles/iam.workloadIdentityUser": "the workflow of one repository becomes the account for GitHub",
}


def test_only_the_listed_roles_are_granted_and_as_narrowly_as_can_be(cloud: Cloud) -> None:
    calls = everything_called(cloud)
    granted = [call for call in calls if "add-iam-policy-binding" in call]
    assert {flag(call, "--role") for call in granted} == set(ROLES)
    assert not re.search(r"owner|[./]editor\b|admin", " ".join(ROLES).replace("builds.editor", ""), re.I)
    project_wide = {flag(call, "--role") for call in granted if call[0] == "projects"}
    assert project_wide == {
        "roles/logging.logWriter",
        "roles/cloudbuild.builds.editor",
        "roles/serviceusage.serviceUsageConsumer",
    }
    policies = [v for name, lines in cloud.inventory().items() if name.startswith("policy-") for v in lines]
    assert policies and not [line for line in policies if f"{NAME}-run@" in line]  # the demo needs no right


def test_github_may_write_sources_and_only_they_are_deleted_by_age(cloud: Cloud) -> None:
    cloud.run("setup")
    github = f"--member=serviceAccount:{NAME}-github@{PROJECT}.iam.gserviceaccount.com"
    (write,) = (c for c in cloud.calls if github in c and "--role=roles/storage.objectUser" in c)
    below = f"resource.name.startsWith('projects/_/buckets/{PROJECT}-{NAME}/objects/source/')"
    assert flag(write, "--condition") == f"title=only-source,expression={below}"
    cloud.run("deploy")
    assert f"--gcs-source-staging-dir=gs://{PROJECT}-{NAME}/source" in cloud.calls[-1]
    (rule,) = json.loads((ROOT / "deploy/google-cloud/bucket-lifecycle.json").read_text("utf-8"))["rule"]
    assert rule["condition"]["matchesPrefix"] == ["source/"]


def test_nobody_gets_a_key_nothing_is_public_but_the_demo_and_what_takes_a_label_gets_it(
    cloud: Cloud,
) -> None:
    calls = everything_called(cloud)
    text = "\n".join(shlex.join(call) for call in calls)
    assert not re.search(r"\bkeys\b|allUsers|allAuthenticatedUsers|--allow-unauthenticated", text)
    deployed = {call[2]: call for call in calls if call[:2] == ["run", "deploy"]}
    assert [name for name, call in deployed.items() if "--no-invoker-iam-check" in call] == [NAME]
    assert "--no-allow-unauthenticated" in deployed[f"{NAME}-function"]
    buckets = [call for call in calls if call[:3] == ["storage", "buckets", "create"]]
    for bucket in buckets:
        assert {"--public-access-prevention", "--uniform-bucket-level-access"} <= set(bucket)
    kinds = (["artifacts", "repositories", "create"], ["ai", "custom-jobs", "create"])
    made = [*deployed.values(), *(call for call in calls if call[:3] in kinds)]
    assert len(made) == 4
    assert {flag(call, "--labels") for call in made} == {f"app={NAME}"}
    labelled = {call[3] for call in calls if flag(call, "--update-labels") == f"app={NAME}"}
    assert {call[3] for call in buckets} == labelled


def test_the_way_in_is_bound_to_one_repository_and_branch_twice(cloud: Cloud) -> None:
    cloud.run("setup")
    provider = next(call for call in cloud.calls if "create-oidc" in call)
    only = f"assertion.repository == '{REPOSITORY}' && assertion.ref == 'refs/heads/main'"
    assert flag(provider, "--attribute-condition") == only
    assert flag(provider, "--issuer-uri") == "https://token.actions.githubusercontent.com"
    (grant,) = (c for c in cloud.calls if flag(c, "--role") == "roles/iam.workloadIdentityUser")
    pool = f"projects/123456789/locations/global/workloadIdentityPools/{NAME}"
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository/{REPOSITORY}"
    assert flag(grant, "--member") == member
    # without a billing account or a connection there is no budget and no trigger
    printed = cloud.run("setup", BILLING_ACCOUNT="", GITHUB_CONNECTION="").stdout
    assert not [call for call in cloud.calls if call[0] == "billing" or "triggers" in call]
    assert f"gh variable set GCP_PROJECT_ID --repo {REPOSITORY} --body {PROJECT}" in printed
    assert printed.rstrip().endswith(f"{pool}/providers/github")
