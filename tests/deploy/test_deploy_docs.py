"""docs/deploy.md: its table of settings is complete, what it says scripts print is what they print."""

import re
import shlex
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.google_project import Cloud

TEXT = (ROOT / "docs" / "deploy.md").read_text("utf-8")
PROJECT = {
    "PROJECT_ID": "my-project-123",
    "GITHUB_REPOSITORY": "you/breast-fna-explorer",
    "GITHUB_CONNECTION": "",
}
SETS_ITSELF = {
    "GITHUB_TOKEN",
    "GITHUB_SERVER_URL",
    "GITHUB_OUTPUT",
    "PATIENCE",
}  # GitHub's own, and the tests'


def table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, row by row, without its head."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def used() -> set[str]:
    """Every variable and secret that a workflow takes from GitHub, or a script here from the shell."""
    names: set[str] = set()
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        names |= set(re.findall(r"\b(?:vars|secrets)\.(\w+)", path.read_text("utf-8")))
    for path in (ROOT / "deploy").rglob("*.sh"):
        names |= set(re.findall(r"\$\{([A-Z][A-Z_]+):-", path.read_text("utf-8")))
    for path in (ROOT / "deploy").glob("*.py"):
        names |= set(re.findall(r"""environ(?:\.get\(|\[)["'](\w+)""", path.read_text("utf-8")))
    return names - SETS_ITSELF


def outputs() -> list[tuple[str, list[str]]]:
    """Each command of the Google part that is followed by what it prints, with the lines of that."""
    block = r"```sh\n\s*(deploy/google-cloud\.sh \w+)\n\s*```\n\n( *)```text\n(.*?)\n *```"
    return [
        (command, [line.removeprefix(indent) for line in text.splitlines()])
        for command, indent, text in re.findall(block, TEXT, re.DOTALL)
    ]


def test_every_setting_that_is_used_is_in_the_table_and_the_other_way_round() -> None:
    names = [re.findall(r"`(\w+)`", row[0])[0] for row in table("Settings")]
    assert len(names) == len(set(names))
    assert set(names) == used()


def test_a_setting_says_where_it_is_set_what_for_and_for_whom() -> None:
    workflows = "".join(path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    for row in table("Settings"):
        assert len(row) == 4 and all(row), row
        name = row[0].strip("`")
        assert ("variable" in row[1]) == (f"vars.{name}" in workflows), name
        assert ("secret" in row[1]) == (f"secrets.{name}" in workflows), name


def test_a_command_prints_what_is_said_in_that_order(tmp_path: Path) -> None:
    assert [command.split()[1] for command, _ in outputs()] == ["setup", "deploy", "status"]
    cloud = Cloud(tmp_path / "cloud")
    for command, lines in outputs():
        printed = cloud.run(shlex.split(command)[1], **PROJECT).stdout
        rest = iter(printed.splitlines())
        for line in lines:
            pattern = re.compile(re.escape(line).replace("…", ".*"))
            assert line == "…" or any(map(pattern.fullmatch, rest)), f"{line}\n{printed}"
    printed = cloud.run("teardown", "--yes", **PROJECT).stdout
    said = re.findall(r"There is nothing\.\n *(Nothing is left.*)", TEXT)
    assert said and printed.endswith(f"There is nothing.\n{said[0]}\n")


def messages_of_ours() -> list[str]:
    """What stands in the first column of the table of failures, but for what Google and GitHub say."""
    ours = re.compile(r"`error: |step |.*(served by model|ended as|verifying)")
    return [row[0] for row in table("When a step fails") if ours.match(row[0])]


def test_each_message_of_ours_that_it_explains_is_still_printed_somewhere() -> None:
    sources = [*(ROOT / "deploy").rglob("*.py"), *(ROOT / "deploy").rglob("*.sh"), ROOT / "cloudbuild.yaml"]
    text = "".join(path.read_text("utf-8") for path in sources)
    for message in messages_of_ours():
        for quote in re.findall(r"`([^`]+)`", message):
            for part in re.split("…|error: |JOB_STATE_FAILED", quote):
                assert part.strip(" :") in text, part


def test_every_path_that_it_names_exists() -> None:
    paths = re.findall(r"(?<![\w/])((?:deploy|model|docs)/[\w./-]+\w)", TEXT)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    named = set(re.findall(r"`?([a-z-]+\.yml)\b", TEXT))
    assert named <= {path.name for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def test_the_readme_links_to_it() -> None:
    assert "(docs/deploy.md)" in (ROOT / "README.md").read_text("utf-8")
