"""Many visitors at once: what an answer takes when one and when ten ask without a pause."""

from functools import partial

from bench.claim import Claim, claim, in_turns, restarted
from bench.clients import GRADIO, REST, together
from bench.server import EMPTY, OURS, ROUTE, serving

AT_ONCE = (1, 10)
TIMES = 60
FLOORS = {"REST": "an empty FastAPI route", "Gradio /run": "an echo"}


def measure(rounds: int) -> list[Claim]:
    taken = restarted(rounds, _ask)
    return [
        claim(
            "visitors",
            f"{door}, {visitors} at once",
            floor,
            "ms",
            *(taken[door, visitors, who] for who in (OURS, floor)),
        )
        for visitors in AT_ONCE
        for door, floor in FLOORS.items()
    ]


def _ask(rounds: int) -> dict[tuple[str, int, str], list[float]]:
    """By door, visitors and server, milliseconds per answer, round by round."""
    with serving(OURS) as ours, serving(EMPTY) as empty, serving(ROUTE) as route:
        doors = {"REST": (REST, route), "Gradio /run": (GRADIO, empty)}
        return in_turns(
            rounds,
            {
                (door, visitors, name): partial(together, server, ask, visitors, TIMES)
                for visitors in AT_ONCE
                for door, (ask, floor) in doors.items()
                for name, server in ((OURS, ours), (FLOORS[door], floor))
            },
        )
