"""deploy/google-cloud.sh itself: its calls exist, its help is complete, wrong usage is refused."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.google_project import SCRIPT, SHELLCHECK, STAND_IN, Cloud

SOURCES = [SCRIPT, *sorted((ROOT / "deploy" / "google-cloud").glob("*.sh"))]


def build_calls() -> list[list[str]]:
    """The gcloud calls in cloudbuild.yaml, without quotes and line ends."""
    text = re.sub(r"['\"]|\\\n", " ", (ROOT / "cloudbuild.yaml").read_text("utf-8"))
    return [call.split() for call in re.findall(r"gcloud (run services [^|)\n]+)", text)]


def test_every_call_uses_only_commands_and_flags_that_gcloud_has(cloud: Cloud) -> None:
    known = json.loads(Path(__file__).with_name("gcloud-flags.json").read_text("utf-8"))
    calls = build_calls()
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


def test_a_flag_that_gcloud_does_not_have_would_be_noticed() -> None:
    known = json.loads(Path(__file__).with_name("gcloud-flags.json").read_text("utf-8"))
    assert "--cpu-boost" in known["commands"]["run deploy"]
    assert "--cpu-boost" not in known["commands"]["run services replace"]


def test_a_dry_run_prints_what_would_be_called_and_calls_nothing(cloud: Cloud) -> None:
    for command in ("setup", "deploy", "function", "train", "teardown"):
        printed = cloud.run(command, "--dry-run")
        assert (printed.returncode, cloud.calls) == (0, []), command
        assert "+ gcloud " in printed.stdout


def test_a_dry_run_of_setup_prints_exactly_what_setup_then_does(cloud: Cloud) -> None:
    printed = [
        shlex.split(line)[2:]
        for line in cloud.run("setup", "--dry-run").stdout.splitlines()
        if line.startswith("  + gcloud")
    ]
    cloud.run("setup")
    done = [[word.replace("123456789", "PROJECT_NUMBER") for word in call] for call in cloud.changes]
    assert printed == done


@pytest.mark.parametrize("source", [*SOURCES, STAND_IN], ids=lambda path: path.name)
def test_the_script_passes_shellcheck(source: Path) -> None:
    result = subprocess.run([SHELLCHECK, "-x", source], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_help_names_every_setting_that_the_script_reads_and_no_other(cloud: Cloud) -> None:
    text = "".join(source.read_text() for source in SOURCES)
    read = set(re.findall(r"\$\{([A-Z_]+):-", text)) - {"PATIENCE"}
    described = set(re.findall(r"^  ([A-Z_]+) +\S", cloud.run("--help").stdout, re.M))
    assert described == read


@pytest.mark.parametrize(
    ("arguments", "settings", "complaint"),
    [
        (["setup"], {"PROJECT_ID": ""}, "PROJECT_ID"),
        (["setup"], {"PROJECT_ID": "My Project"}, "not a project id"),
        (["setup"], {"GITHUB_REPOSITORY": "https://github.com/a/b"}, "OWNER/NAME"),
        (["setup"], {"SERVICE": "a-name-that-is-far-too-long"}, "SERVICE"),
        (["setup", "--force"], {}, "--force"),
        (["setup", "teardown"], {}, "one command"),
        (["promote"], {}, "RUN"),
        (["promote"], {"RUN": "../../etc"}, "RUN"),
        (["status", "--dry-run"], {}, "dry run"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_called(
    cloud: Cloud, arguments: list[str], settings: dict[str, str], complaint: str
) -> None:
    result = cloud.run(*arguments, **settings)
    assert (result.returncode, cloud.calls) == (2, [])
    assert complaint in result.stderr


def test_without_a_command_it_prints_its_help_and_fails(cloud: Cloud) -> None:
    result = cloud.run()
    assert result.returncode == 2
    assert result.stdout == cloud.run("--help").stdout
    assert cloud.run("--help").returncode == 0
