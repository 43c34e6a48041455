"""Every task of the Makefile that a page, a message, a script or a workflow names is there."""

import re
import shlex
import subprocess

import yaml

from tests.conftest import ROOT

TASKS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
# in backticks, as a step of a workflow, as a line of its own, or as a change that google-cloud.sh makes
CALL = re.compile(
    r"""(?:`+|(?:run|entry): |\bchange |&& |^ *)make((?: (?:"[^"]*"|[^\s`#,;&)"])+)+)""", re.MULTILINE
)


def called(text: str) -> set[str]:
    """Targets alone: what begins with a dash or holds a = is for make itself."""
    words = {word for call in CALL.findall(text) for word in shlex.split(call)}
    return {word for word in words if re.fullmatch("[a-z][a-z-]*", word)}


def test_every_task_that_is_named_exists() -> None:
    callers = subprocess.run(
        ["git", "grep", "-lIE", r"\bmake ", "--", ":!*.lock", ":!Makefile", ":!tests/test_tasks.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    named = {path: called((ROOT / path).read_text(encoding="utf-8")) for path in callers}
    assert {path: tasks - TASKS for path, tasks in named.items() if tasks - TASKS} == {}
    # in a line of its own, with arguments, in a step of a workflow, after &&, as a change that a script makes
    assert set().union(*named.values()) >= {"run", "space", "install", "image-check", "report", "train"}


def test_a_commit_is_checked_by_the_commands_of_make_check() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck: ")[2].partition("\n\n")[0]
    commands = [
        entry.partition(" ||")[0] for entry in re.findall(r"\$\(BIN\)/(?!ruff format \.)(.+)", recipe)
    ]
    (hooks,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [hook["entry"].removeprefix(".venv/bin/") for hook in hooks["hooks"]] == commands
    assert [hook["name"] for hook in hooks["hooks"]] == ["ruff format", "ruff", "mypy"]
