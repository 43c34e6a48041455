"""Many visitors at once: what an answer takes when one and when ten ask without a pause."""

from functools import partial

from bench.claim import Claim, claim, in_turns
from bench.clients import GRADIO, REST, together
from bench.server import EMPTY, OURS, ROUTE, serving

AT_ONCE = (1, 10)
TIMES = 60


def measure(rounds: int) -> list[Claim]:
    claims = []
    with serving(OURS) as ours, serving(EMPTY) as empty, serving(ROUTE) as route:
        for visitors in AT_ONCE:
            for door, ask, base, floor in (
                ("REST", REST, route, "an empty FastAPI route"),
                ("Gradio /run", GRADIO, empty, "an echo"),
            ):
                taken = in_turns(
                    rounds,
                    {
                        "ours": partial(together, ours, ask, visitors, TIMES),
                        "floor": partial(together, base, ask, visitors, TIMES),
                    },
                )
                name = f"{door}, {visitors} at once"
                claims.append(claim("visitors", name, floor, "ms", taken["ours"], taken["floor"]))
    return claims
