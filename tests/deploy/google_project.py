"""A project on a stand-in for Google Cloud, and deploy/google-cloud.sh to work on it."""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

SCRIPT = ROOT / "deploy" / "google-cloud.sh"
STAND_IN = Path(__file__).with_name("gcloud")
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
PROJECT, NAME, REPOSITORY = "demo-123", "breast-fna-explorer", "someone/fork"
READS = {"list", "ls", "describe", "get-iam-policy", "list-cleanup-policies"}


@dataclass(frozen=True)
class Done:
    """The exit code, output and calls of a command of the script, and what it left in the project."""

    code: int
    stdout: str
    stderr: str
    calls: list[list[str]]
    inventory: dict[str, list[str]]

    @property
    def changes(self) -> list[list[str]]:
        return [call for call in self.calls if not READS & set(call)]


@dataclass(frozen=True)
class Cloud:
    """A project, empty unless its folder says otherwise."""

    state: Path

    def __post_init__(self) -> None:
        (self.state / "bin").mkdir(parents=True)
        (self.state / "bin" / "gcloud").symlink_to(STAND_IN)
        self.command("make", '#!/bin/sh\necho "$*" >> "$GCLOUD_STATE/made"\n')

    def copy(self, state: Path) -> "Cloud":
        """A copy of the project."""
        return Cloud(Path(shutil.copytree(self.state, state, ignore=shutil.ignore_patterns("bin"))))

    def command(self, name: str, text: str) -> None:
        (self.state / "bin" / name).write_text(text)
        (self.state / "bin" / name).chmod(0o755)

    def run(self, line: str, answer: str = "", script: str = str(SCRIPT), **settings: str) -> Done:
        """Run the script with the arguments in ``line``."""
        environment = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ} | {
            "PATH": f"{self.state / 'bin'}:{os.environ['PATH']}",
            "GCLOUD_STATE": str(self.state),
            # the same stand-in as a shell function, because thousands of processes would take long
            "BASH_FUNC_gcloud%%": f"() ( . '{STAND_IN}' )",
            "PATIENCE": "0",
            "PROJECT_ID": PROJECT,
            "GITHUB_REPOSITORY": REPOSITORY,
            "BILLING_ACCOUNT": "0X0X0X-0X0X0X-0X0X0X",
            "GITHUB_CONNECTION": "my-github",
        }
        for record in ("calls", "changes"):
            (self.state / record).write_text("")
        done = subprocess.run(
            [script, *shlex.split(line)], env=environment | settings, input=answer,
            capture_output=True, text=True,
        )  # fmt: skip
        calls = [shlex.split(call) for call in (self.state / "calls").read_text().splitlines()]
        return Done(done.returncode, done.stdout, done.stderr, calls, self.inventory())

    def inventory(self) -> dict[str, list[str]]:
        """What exists in the project, by kind: the files of the stand-in without its records."""
        return {
            path.name: sorted(path.read_text().split("\n"))
            for path in self.state.iterdir()
            if path.is_file() and path.name not in ("calls", "changes", "made") and path.read_text().strip()
        }


def flag(call: list[str], name: str) -> str | None:
    return next((word.partition("=")[2] for word in call if word.startswith(f"{name}=")), None)
