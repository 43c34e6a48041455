"""From the start of the process to the first page, and the memory that it holds then."""

from functools import partial

from bench.claim import Claim, claim, in_turns
from bench.server import EMPTY, NAIVE, OURS, serving

FLOORS = {"an empty Gradio app": EMPTY, "a naive 30-slider app": NAIVE}
FIGURES = {"start to first page": "s", "computing until then": "s", "resident memory": "MB"}


def measure(rounds: int) -> list[Claim]:
    """Every program once a round."""
    taken = in_turns(rounds, {program: partial(_start, program) for program in (OURS, *FLOORS.values())})
    return [
        claim("start", name, floor, unit, [one[i] for one in taken[OURS]], [one[i] for one in taken[program]])
        for i, (name, unit) in enumerate(FIGURES.items())
        for floor, program in FLOORS.items()
    ]


def _start(program: str) -> tuple[float, float, float]:
    """In the order of ``FIGURES``."""
    with serving(program) as server:
        return server.seconds, server.cpu_seconds, server.megabytes
