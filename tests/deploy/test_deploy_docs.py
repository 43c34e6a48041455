"""docs/deploy.md: its table of settings is complete, what it says scripts print is what they print."""

import re
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.google_project import Cloud

TEXT = (ROOT / "docs" / "deploy.md").read_text("utf-8")
PROJECT = {
    "PROJECT_ID": "my-project-123",
    "GITHUB_REPOSITORY": "you/breast-fna-explorer",
    "GITHUB_CONNECTION": "",
}
# GitHub's own, and the tests'
SET_ITSELF = {"GITHUB_TOKEN", "GITHUB_SERVER_URL", "GITHUB_OUTPUT", "PATIENCE"}
WORKFLOWS = "".join(path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml"))
SHELL = "".join(path.read_text("utf-8") for path in (ROOT / "deploy").rglob("*.sh"))
PYTHON = "".join(path.read_text("utf-8") for path in (ROOT / "deploy").glob("*.py"))


def table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, row by row, without its head."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_setting_that_is_used_is_in_the_table_and_says_where_it_is_set() -> None:
    used = {
        *re.findall(r"\b(?:vars|secrets)\.(\w+)", WORKFLOWS),
        *re.findall(r"\$\{([A-Z][A-Z_]+):-", SHELL),
        *re.findall(r'(?:environ(?:\.get\(|\[)|upload_parser\(.*, )"(\w+)"', PYTHON),
    }
    rows = {row[0].strip("`"): row for row in table("Settings")}
    assert len(rows) == len(table("Settings"))
    assert set(rows) == used - SET_ITSELF
    for name, row in rows.items():
        assert len(row) == 4 and all(row), row
        assert ("variable" in row[1]) == (f"vars.{name}" in WORKFLOWS), name
        assert ("secret" in row[1]) == (f"secrets.{name}" in WORKFLOWS), name


def test_a_command_prints_what_is_said_in_that_order(tmp_path: Path) -> None:
    block = r"```sh\n\s*deploy/google-cloud\.sh (\w+)\n\s*```\n\n( *)```text\n(.*?)\n *```"
    said = re.findall(block, TEXT, re.DOTALL)
    assert [command for command, _, _ in said] == ["setup", "deploy", "status"]
    cloud = Cloud(tmp_path / "cloud")
    for command, indent, text in said:
        printed = cloud.run(command, **PROJECT).stdout
        rest = iter(printed.splitlines())
        for line in (line.removeprefix(indent) for line in text.splitlines()):
            pattern = re.compile(re.escape(line).replace("…", ".*"))
            assert line == "…" or any(map(pattern.fullmatch, rest)), f"{line}\n{printed}"
    printed = cloud.run("teardown --yes", **PROJECT).stdout
    (end,) = re.findall(r"There is nothing\.\n *(Nothing is left.*)", TEXT)
    assert printed.endswith(f"There is nothing.\n{end}\n")


def test_each_message_of_ours_that_it_explains_is_still_printed_somewhere() -> None:
    ours = re.compile(r"`error: |step |.*(served by model|ended as|verifying)")  # not what Google says
    text = PYTHON + SHELL + (ROOT / "cloudbuild.yaml").read_text("utf-8")
    for message in filter(ours.match, (row[0] for row in table("When a step fails"))):
        for quote in re.findall(r"`([^`]+)`", message):
            for part in re.split("…|error: |JOB_STATE_FAILED", quote):
                assert part.strip(" :") in text, part
