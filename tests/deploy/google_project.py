"""A project at a pretended Google Cloud, and deploy/google-cloud.sh to work on it."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

SCRIPT = ROOT / "deploy" / "google-cloud.sh"
STAND_IN = Path(__file__).with_name("gcloud")
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
PROJECT, NAME, REPOSITORY = "demo-123", "breast-fna-explorer", "someone/fork"
READS = {"list", "ls", "describe", "get-iam-policy", "list-cleanup-policies"}


@dataclass
class Cloud:
    """A project at a pretended Google, and the script to work on it."""

    state: Path

    def __post_init__(self) -> None:
        (self.state / "bin").mkdir(parents=True)
        (self.state / "bin" / "gcloud").symlink_to(STAND_IN)
        self.command("make", '#!/bin/sh\necho "$*" >> "$GCLOUD_STATE/made"\n')

    def command(self, name: str, text: str) -> None:
        (self.state / "bin" / name).write_text(text)
        (self.state / "bin" / name).chmod(0o755)

    def run(self, *arguments: str, answer: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")
        } | {
            "PATH": f"{self.state / 'bin'}:{os.environ['PATH']}",
            "GCLOUD_STATE": str(self.state),
            # the same stand-in as a function of the shell: without a process for each of thousands of calls
            "BASH_FUNC_gcloud%%": f"() ( . '{STAND_IN}' )",
            "PATIENCE": "0",
            "PROJECT_ID": PROJECT,
            "GITHUB_REPOSITORY": REPOSITORY,
            "BILLING_ACCOUNT": "0X0X0X-0X0X0X-0X0X0X",
            "GITHUB_CONNECTION": "my-github",
        }
        for record in ("calls", "changes"):
            (self.state / record).write_text("")
        return subprocess.run(
            [SCRIPT, *arguments],
            env=environment | settings,
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[list[str]]:
        return [shlex.split(line) for line in (self.state / "calls").read_text().splitlines()]

    @property
    def changes(self) -> list[list[str]]:
        return [call for call in self.calls if not READS & set(call)]

    def inventory(self) -> dict[str, list[str]]:
        """What exists, by kind: the files of the stand-in, without its record of calls."""
        return {
            path.name: sorted(path.read_text().split("\n"))
            for path in self.state.iterdir()
            if path.is_file() and path.name not in ("calls", "changes", "made") and path.read_text().strip()
        }


def flag(call: Iterable[str], name: str) -> str | None:
    return next((word.partition("=")[2] for word in call if word.startswith(f"{name}=")), None)
