"""A project is set up, set up again, fails at every single call, is shown, and is torn down to nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.google_project import NAME, PROJECT, READS, REPOSITORY, Cloud

pytestmark = pytest.mark.slow


def test_setup_again_changes_nothing(cloud: Cloud) -> None:
    assert cloud.run("setup").returncode == 0
    before = cloud.inventory()
    again = cloud.run("setup")
    assert (again.returncode, cloud.changes, cloud.inventory()) == (0, [], before)
    assert "with 0 changes" in again.stdout


def test_teardown_after_everything_leaves_nothing_but_what_google_keeps(cloud: Cloud) -> None:
    for command in ("setup", "deploy", "function", "train"):
        assert cloud.run(command).returncode == 0, command
    result = cloud.run("teardown", "--yes")
    assert result.returncode == 0, result.stderr
    left = cloud.inventory()
    assert left.pop("pool") == ["", f"{NAME},DELETED"]
    assert set(left) <= {"services", "provider", "condition", "job.yaml"}
    assert "There is nothing." in result.stdout


@pytest.mark.parametrize(
    ("object_there", "stays"), [("", False), ("services/shop/1.zip", True), ("a.txt", True)]
)
def test_a_bucket_of_sources_goes_unless_others_use_it(cloud: Cloud, object_there: str, stays: bool) -> None:
    """Without our label, as Google makes it, or as we do until the label is on it."""
    sources = f"run-sources-{PROJECT}-us-central1"
    (cloud.state / "bucket").write_text(f"{sources}\n")
    cloud.run("setup")
    cloud.run("function")
    if object_there:
        with (cloud.state / "sources").open("a") as objects:
            objects.write(f"gs://{sources}/{object_there}\n")
    assert cloud.run("teardown", "--yes").returncode == 0
    assert ("bucket" in cloud.inventory()) == stays


def test_setup_after_teardown_brings_the_deleted_pool_back(cloud: Cloud) -> None:
    for command in (["setup"], ["teardown", "--yes"], ["setup"]):
        assert cloud.run(*command).returncode == 0
    assert ["iam", "workload-identity-pools", "undelete", NAME, "--location=global"] in cloud.calls
    assert cloud.inventory()["pool"] == ["", f"{NAME},ACTIVE"]


def test_a_fork_that_moved_gets_the_way_in_and_the_old_name_loses_it(cloud: Cloud) -> None:
    cloud.run("setup")
    assert cloud.run("setup", GITHUB_REPOSITORY="someone/renamed").returncode == 0
    assert "'someone/renamed'" in cloud.inventory()["condition"][-1]
    assert REPOSITORY not in str(cloud.inventory()["condition"])


def assert_stopped_in_plain_words(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode == 1, result.stdout
    assert "injected at call" in result.stderr
    step = re.search(r"stopped while (.+)\. Nothing after that was done", result.stderr)
    assert step, result.stderr
    assert step[1] in result.stdout
    assert "run the same command again" in result.stderr


# What may differ after a failure: nobody knows who made a bucket without a label; each training is a new one.
DIFFERS = {"function": {"bucket-labelled"}, "train": {"job", "job.yaml"}}


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
    differs = dict.fromkeys(DIFFERS.get(command, ()))
    assert {**cloud.inventory(), **differs} == {**whole.inventory(), **differs}


def test_an_account_that_google_does_not_know_everywhere_yet_is_waited_for(cloud: Cloud) -> None:
    assert cloud.run("setup", GCLOUD_SLOW="yes").returncode == 0
    assert cloud.run("setup").returncode == 0
    assert cloud.changes == []


def test_teardown_shows_everything_with_its_cost_and_asks(cloud: Cloud) -> None:
    cloud.run("setup")
    before = cloud.inventory()
    result = cloud.run("teardown", answer="no\n")
    assert (result.returncode, cloud.changes, cloud.inventory()) == (2, [], before)
    for kind in ("service", "trigger", "link", "budget", "images", "bucket", "grant", "pool", "account"):
        assert re.search(rf"^  {kind} +\S+\n +costs \S", result.stdout, re.M), kind
    assert cloud.run("teardown", answer=f"{PROJECT}\n").returncode == 0


def test_teardown_without_anybody_to_answer_deletes_nothing(cloud: Cloud) -> None:
    cloud.run("setup")
    result = cloud.run("teardown")
    assert (result.returncode, cloud.changes) == (2, [])
    assert "--yes" in result.stderr


def test_status_lists_the_same_and_changes_nothing(cloud: Cloud) -> None:
    cloud.run("setup")
    status = cloud.run("status")
    assert (status.returncode, cloud.changes) == (0, [])
    teardown = cloud.run("teardown")
    listed = [line for line in teardown.stdout.splitlines() if line.startswith("  ")]
    assert listed
    assert set(listed) <= set(status.stdout.splitlines())


def test_what_uses_another_thing_is_deleted_before_it(cloud: Cloud) -> None:
    cloud.run("setup")
    cloud.run("teardown", "--yes")
    order = [" ".join(call) for call in cloud.changes]
    parts = (
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


@pytest.mark.parametrize(
    "kind", ["service", "images", "bucket", "trigger", "account", "budget", "job", "link"]
)
def test_what_google_did_not_delete_is_named_and_the_exit_code_is_not_zero(cloud: Cloud, kind: str) -> None:
    cloud.run("setup")
    cloud.run("train")
    result = cloud.run("teardown", "--yes", GCLOUD_STUBBORN=kind)
    assert result.returncode == 1
    after = result.stdout.rpartition("looking for all")[2]
    assert re.search(rf"^  {kind} ", after, re.M)


def test_teardown_of_a_project_that_was_never_set_up_finds_nothing(cloud: Cloud) -> None:
    result = cloud.run("teardown", "--yes")
    assert (result.returncode, cloud.changes) == (0, [])
    assert "There is nothing." in result.stdout
