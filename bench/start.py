"""From the start of the process to the first page, and the memory that it holds then."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from bench.claim import Claim, claim, in_turns
from bench.server import EMPTY, NAIVE, OURS, serving

FLOORS = {"an empty Gradio app": EMPTY, "a naive 30-slider app": NAIVE}
FIGURES = {"start to first page": "s", "computing until then": "s", "resident memory": "MB"}
Taken = Mapping[str, Sequence[Sequence[float]]]


def measure(rounds: int) -> list[Claim]:
    return claims("start", FLOORS, starts(rounds, FLOORS.values()))


def starts(rounds: int, floors: Iterable[str]) -> Taken:
    """Our demo and the floors started once a round; by program, what each start took."""
    return in_turns(rounds, {program: partial(_start, program) for program in (OURS, *floors)})


def claims(story: str, floors: Mapping[str, str], taken: Taken) -> list[Claim]:
    """What the starts took, over what those of the named floors took."""
    return [
        claim(story, name, floor, unit, [one[i] for one in taken[OURS]], [one[i] for one in taken[program]])
        for i, (name, unit) in enumerate(FIGURES.items())
        for floor, program in floors.items()
    ]


def _start(program: str) -> tuple[float, float, float]:
    """In the order of ``FIGURES``."""
    with serving(program) as server:
        return server.seconds, server.cpu_seconds, server.megabytes
