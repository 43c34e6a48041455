"""deploy/google-cloud.sh sets a project up, works on it, fails in plain words at any call, tears it down."""

import json
import re
import shlex
import subprocess
from itertools import chain
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
    Done,
    flag,
)

SOURCES = [SCRIPT, *sorted((ROOT / "deploy" / "google-cloud").glob("*.sh"))]
EVERYTHING = ("setup", "deploy", "function", "train")


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    """An empty project."""
    return Cloud(tmp_path / "cloud")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """By command: the results of using each one once in a project, which is then set up again."""
    cloud = Cloud(tmp_path_factory.mktemp("life") / "cloud")
    commands = (*EVERYTHING, "status", "teardown --yes")
    done = {command: cloud.run(command) for command in commands} | {"again": cloud.run("setup")}
    assert {command: d.stderr for command, d in done.items() if d.code} == {}
    return done


@pytest.fixture(scope="module")
def calls(life: dict[str, Done]) -> list[list[str]]:
    return list(chain.from_iterable(done.calls for done in life.values()))


@pytest.fixture(scope="module")
def after_setup(tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    cloud = Cloud(tmp_path_factory.mktemp("setup") / "cloud")
    assert cloud.run("setup").code == 0
    return cloud


@pytest.fixture
def ready(after_setup: Cloud, tmp_path: Path) -> Cloud:
    """A project that is set up."""
    return after_setup.copy(tmp_path / "ready")


# The script itself


def test_every_call_uses_only_commands_and_flags_that_gcloud_has(calls: list[list[str]]) -> None:
    known = json.loads(Path(__file__).with_name("gcloud-flags.json").read_text("utf-8"))
    build = re.sub(r"['\"]|\\\n", " ", (ROOT / "cloudbuild.yaml").read_text("utf-8"))
    for call in [*calls, *(call.split() for call in re.findall(r"gcloud (run services [^|)\n]+)", build))]:
        words = " ".join(word for word in call if not word.startswith("--")) + " "
        commands = [command for command in known["commands"] if words.startswith(f"{command} ")]
        assert commands, f"gcloud has no command {call}"
        flags = {word.partition("=")[0] for word in call if word.startswith("--")}
        has = {*known["commands"][max(commands, key=len)], *known["everywhere"]}
        assert {flag for flag in flags if not {flag, flag.replace("--no-", "--")} & has} == set(), call


def test_a_dry_run_prints_exactly_what_would_be_called_and_calls_nothing(
    cloud: Cloud, life: dict[str, Done]
) -> None:
    for command in (*EVERYTHING, "teardown"):
        dry = cloud.run(f"{command} --dry-run")
        assert (dry.code, dry.calls) == (0, []), command
        shown = [shlex.split(line)[2:] for line in dry.stdout.splitlines() if line.startswith("  + gcloud")]
        assert shown, command
        if command == "setup":
            called = life["setup"].changes
            assert shown == [
                [word.replace("123456789", "PROJECT_NUMBER") for word in call] for call in called
            ]


def test_the_scripts_pass_shellcheck() -> None:
    command = [str(SHELLCHECK), "-x", *map(str, [*SOURCES, STAND_IN])]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_help_names_every_setting_that_the_script_reads_and_no_other(cloud: Cloud) -> None:
    text = "".join(source.read_text() for source in SOURCES)
    read = set(re.findall(r"\$\{([A-Z_]+):-", text)) - {"PATIENCE"}
    shown, without = cloud.run("--help"), cloud.run("")
    assert set(re.findall(r"^  ([A-Z_]+) +\S", shown.stdout, re.M)) == read
    assert (shown.code, without.code, without.stdout) == (0, 2, shown.stdout)


def test_wrong_usage_is_refused_before_anything_is_called(cloud: Cloud) -> None:
    for line, settings, complaint in (
        ("setup", {"PROJECT_ID": ""}, "PROJECT_ID"),
        ("setup", {"PROJECT_ID": "My Project"}, "not a project id"),
        ("setup", {"GITHUB_REPOSITORY": "https://github.com/a/b"}, "OWNER/NAME"),
        ("setup", {"SERVICE": "a-name-that-is-far-too-long"}, "SERVICE"),
        ("setup --force", {}, "--force"),
        ("setup teardown", {}, "one command"),
        ("promote", {"RUN": "../../etc"}, "RUN"),
        ("status --dry-run", {}, "dry run"),
    ):
        done = cloud.run(line, **settings)
        assert (done.code, done.calls) == (2, []), complaint
        assert complaint in done.stderr


# The life of a project


def test_setup_again_changes_nothing_unless_the_fork_moved_and_status_nothing(cloud: Cloud) -> None:
    # the script waits for accounts that Google does not know everywhere yet
    first = cloud.run("setup", GCLOUD_SLOW="yes")
    again, status = cloud.run("setup"), cloud.run("status")
    for done in (again, status):
        assert (done.code, done.changes, done.inventory) == (0, [], first.inventory)
    assert "with 0 changes" in again.stdout
    moved = cloud.run("setup", GITHUB_REPOSITORY="someone/renamed")
    assert moved.code == 0
    assert "'someone/renamed'" in moved.inventory["condition"][-1]
    assert REPOSITORY not in str(moved.inventory["condition"])


def test_teardown_leaves_nothing_but_what_google_keeps_and_setup_brings_that_back(
    life: dict[str, Done],
) -> None:
    done = life["teardown --yes"]
    assert "There is nothing." in done.stdout
    left = dict(done.inventory)
    assert left.pop("pool") == ["", f"{NAME},DELETED"]
    assert set(left) <= {"services", "provider", "condition", "job.yaml"}
    order = [" ".join(call) for call in done.changes]
    parts = (  # what uses another thing is deleted before it
        "run services delete", "triggers delete", "builds repositories delete",
        "artifacts repositories delete", "remove-iam-policy-binding", "workload-identity-pools delete",
        "service-accounts delete",
    )  # fmt: skip
    first = [next(i for i, call in enumerate(order) if part in call) for part in parts]
    assert first == sorted(first)
    assert ["iam", "workload-identity-pools", "undelete", NAME, "--location=global"] in life["again"].calls
    assert life["again"].inventory["pool"] == ["", f"{NAME},ACTIVE"]


@pytest.mark.parametrize(("there", "stays"), [("", False), ("services/shop/1.zip", True), ("a.txt", True)])
def test_a_bucket_of_sources_goes_unless_others_use_it(ready: Cloud, there: str, stays: bool) -> None:
    """A bucket without our label, as Google makes it, or as the script does before it sets the label."""
    sources = f"run-sources-{PROJECT}-us-central1"
    with (ready.state / "bucket").open("a") as buckets:
        buckets.write(f"{sources}\n")
    ready.run("function")
    if there:
        with (ready.state / "sources").open("a") as objects:
            objects.write(f"gs://{sources}/{there}\n")
    done = ready.run("teardown --yes")
    assert (done.code, "bucket" in done.inventory) == (0, stays)


def kinds(printed: str) -> dict[str, str]:
    """The names in an inventory, each with its cost."""
    return dict(re.findall(r"^  (\w+) +\S+\n +costs (\S.*)", printed, re.M))


def test_teardown_shows_everything_with_its_cost_and_asks(ready: Cloud) -> None:
    ready.run("train")
    status = ready.run("status")
    everything = "service job trigger link budget images bucket grant pool account"
    for answer, complaint in (("no\n", "not the project id"), ("", "--yes")):
        done = ready.run("teardown", answer=answer)
        assert (done.code, done.changes, done.inventory) == (2, [], status.inventory)
        assert complaint in done.stderr
        assert set(kinds(done.stdout)) == set(everything.split())
        assert kinds(done.stdout) == kinds(status.stdout)
    # what Google does not delete is named, and the exit code is not zero
    stubborn = ready.run("teardown --yes", GCLOUD_STUBBORN="yes")
    assert (stubborn.code, set(kinds(stubborn.stdout.rpartition("looking for all")[2]))) == (
        1,
        set(everything.split()),
    )
    assert ready.run("teardown", answer=f"{PROJECT}\n").code == 0
    assert "There is nothing." in ready.run("teardown --yes").stdout


def places(calls: list[list[str]]) -> list[int]:
    """The indices of calls that differ in more than names, so that each place in the script occurs once."""
    seen: dict[tuple[str, ...], int] = {}
    for number, call in enumerate(calls):
        flags = (word.partition("=")[0] for word in call if word.startswith("--"))
        seen.setdefault((*call[:3], *flags), number)
    return list(seen.values())


def assert_stopped_in_plain_words(done: Done) -> None:
    assert done.code == 1, done.stdout
    assert "injected at call" in done.stderr
    step = re.search(r"stopped while (.+)\. Nothing after that was done", done.stderr)
    assert step and step[1] in done.stdout, done.stderr
    assert "run the same command again" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["setup", "teardown --yes", "deploy", "function", "train"])
def test_a_failure_at_any_call_stops_and_after_a_change_another_run_goes_on(
    ready: Cloud, tmp_path: Path, command: str
) -> None:
    cloud = Cloud(tmp_path / "empty") if command == "setup" else ready
    whole = cloud.copy(tmp_path / "whole").run(command)
    for number in (place for place in places(whole.calls) if READS & set(whole.calls[place])):
        done = cloud.copy(tmp_path / str(number)).run(command, GCLOUD_FAIL_AT=str(number + 1))
        assert len(done.calls) == number + 1
        assert_stopped_in_plain_words(done)
    made = 0
    for number in places(whole.changes):  # each run goes on where the last one has failed
        done = cloud.run(command, GCLOUD_FAIL_AT=f"{number - made + 1} changes")
        if done.code == 0:
            break
        assert_stopped_in_plain_words(done)
        assert done.calls[-1] == done.changes[number - made], "nothing may be called after a failure"
        made = number
    done = cloud.run(command)
    assert done.code == 0
    # What may differ: nobody knows who made a bucket without a label; each training is a new one.
    may_differ = {"function": {"bucket-labelled"}, "train": {"job", "job.yaml"}}.get(command, set())
    differs = dict.fromkeys(may_differ)
    assert {**done.inventory, **differs} == {**whole.inventory, **differs}


# Rights: as few as the job needs, no keys, and nothing public but the demo


def test_no_role_is_wider_than_its_job(life: dict[str, Done], calls: list[list[str]]) -> None:
    granted = [call for call in calls if "add-iam-policy-binding" in call]
    roles = {str(flag(call, "--role")) for call in granted}
    assert not [role for role in roles if re.search(r"owner|roles/editor|admin", role, re.I)]
    # rights for the whole project only where Google has no narrower ones: logs, builds, counting calls
    wide = {str(flag(call, "--role")).removeprefix("roles/") for call in granted if call[0] == "projects"}
    assert wide == {"logging.logWriter", "cloudbuild.builds.editor", "serviceusage.serviceUsageConsumer"}
    assert f"{NAME}-run@" not in str([flag(call, "--member") for call in granted])  # it needs no right
    # GitHub may write sources alone, and only they are deleted by age
    github = f"serviceAccount:{NAME}-github@{PROJECT}.iam.gserviceaccount.com"
    (write,) = (
        call
        for call in life["setup"].calls
        if flag(call, "--member") == github and flag(call, "--role") == "roles/storage.objectUser"
    )
    below = f"resource.name.startsWith('projects/_/buckets/{PROJECT}-{NAME}/objects/source/')"
    assert flag(write, "--condition") == f"title=only-source,expression={below}"
    assert f"--gcs-source-staging-dir=gs://{PROJECT}-{NAME}/source" in life["deploy"].calls[-1]
    (rule,) = json.loads((ROOT / "deploy/google-cloud/bucket-lifecycle.json").read_text("utf-8"))["rule"]
    assert rule["condition"]["matchesPrefix"] == ["source/"]


def test_nobody_gets_a_key_nothing_is_public_but_the_demo_and_what_takes_a_label_gets_it(
    calls: list[list[str]],
) -> None:
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
    assert len({tuple(call[:3]) for call in made}) == 4
    assert {flag(call, "--labels") for call in made} == {f"app={NAME}"}
    labelled = {call[3] for call in calls if flag(call, "--update-labels") == f"app={NAME}"}
    assert {call[3] for call in buckets} == labelled


def test_the_way_in_is_bound_to_one_repository_and_branch_twice(life: dict[str, Done], ready: Cloud) -> None:
    calls = life["setup"].calls
    provider = next(call for call in calls if "create-oidc" in call)
    only = f"assertion.repository == '{REPOSITORY}' && assertion.ref == 'refs/heads/main'"
    assert flag(provider, "--attribute-condition") == only
    assert flag(provider, "--issuer-uri") == "https://token.actions.githubusercontent.com"
    (grant,) = (call for call in calls if flag(call, "--role") == "roles/iam.workloadIdentityUser")
    pool = f"projects/123456789/locations/global/workloadIdentityPools/{NAME}"
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository/{REPOSITORY}"
    assert flag(grant, "--member") == member
    # without a billing account or a connection there is no budget and no trigger
    done = ready.run("setup", BILLING_ACCOUNT="", GITHUB_CONNECTION="")
    assert not [call for call in done.calls if call[0] == "billing" or "triggers" in call]
    assert f"gh variable set GCP_PROJECT_ID --repo {REPOSITORY} --body {PROJECT}" in done.stdout
    assert done.stdout.rstrip().endswith(f"{pool}/providers/github")
