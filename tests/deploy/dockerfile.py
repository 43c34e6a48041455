"""The Dockerfile as data: its stages, and what of the build context ends up in each."""

import re
from dataclasses import dataclass, field

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()


@dataclass
class Stage:
    """One stage: what it is built on, and its instructions in order."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def arguments(self, instruction: str) -> list[str]:
        return [argument for name, argument in self.steps if name == instruction]


def stages(text: str) -> dict[str, Stage]:
    """The stages of a Dockerfile by name; continued lines are joined, comments dropped."""
    found: dict[str, Stage] = {}
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        instruction, argument = line.split(maxsplit=1)
        if instruction == "FROM":
            base, _, name = argument.split()
            found[name] = Stage(base)
            stage = found[name]
        else:
            stage.steps.append((instruction, argument))
    return found


STAGES = stages(DOCKERFILE)


def copied(name: str) -> list[str]:
    """The paths of the build context that end up in a stage, through the stages that it copies from."""
    paths: list[str] = []
    for argument in STAGES[name].arguments("COPY"):
        if origin := re.match(r"--from=(\S+)", argument):
            paths += copied(origin[1])
        else:
            paths += argument.split()[:-1]
    return paths
