"""A claim about speed: what ours takes over what its floor takes; knows nothing of how either ran."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from math import comb
from statistics import median
from typing import Any, TypeVar

Key = TypeVar("Key")
Taken = TypeVar("Taken")

PART = 3  # rounds on one start of the servers
MATTERS = 1.03  # the least that a ratio must have grown: what is measured once shows no noise of its own


@dataclass(frozen=True, slots=True)
class Claim:
    """``ratio`` is the median over rounds of ours over the floor, ``low`` and ``high`` its 99 % interval.

    ``ours`` and ``base`` are the medians of both, in ``unit``. Less is better, always.
    """

    story: str
    name: str
    floor: str
    unit: str
    ours: float
    base: float
    ratio: float
    low: float
    high: float
    rounds: int

    @property
    def key(self) -> str:
        return f"{self.story}: {self.name} / {self.floor}"

    def to_dict(self) -> dict[str, Any]:
        return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(self).items()}

    def worse_than(self, old: "Claim") -> bool:
        """Beyond noise: the intervals of the ratio do not touch."""
        return self.low > old.high and self.ratio > MATTERS * old.ratio


def claim(
    story: str, name: str, floor: str, unit: str, ours: Sequence[float], base: Sequence[float]
) -> Claim:
    """From measurements of ours and of the floor that were taken in turns."""
    ratios = [one / other for one, other in zip(ours, base, strict=True)]
    low, high = interval(ratios)
    return Claim(story, name, floor, unit, median(ours), median(base), median(ratios), low, high, len(ratios))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 99 % interval of their median, however they are distributed; where they are few, all of them.

    A value is below the median as often as a coin falls heads: the extremes of so many go as seldom miss it.
    """
    ordered, n = sorted(values), len(values)
    tails = (sum(comb(n, i) for i in range(cut + 1)) / 2**n for cut in range(1, n))
    outside = len(list(takewhile(lambda tail: tail <= 0.005, tails)))
    return ordered[outside], ordered[-1 - outside]


def restarted(rounds: int, measure: Callable[[int], Mapping[Key, Sequence[Taken]]]) -> dict[Key, list[Taken]]:
    """So many rounds in parts, for which ``measure`` starts its servers anew: no process is like another."""
    taken: dict[Key, list[Taken]] = {}
    for done in range(0, rounds, PART):
        for name, some in measure(min(PART, rounds - done)).items():
            taken.setdefault(name, []).extend(some)
    return taken


def in_turns(rounds: int, measures: Mapping[Key, Callable[[], Taken]]) -> dict[Key, list[Taken]]:
    """Each measure once a round, so that what disturbs the machine disturbs all of them."""
    taken: dict[Key, list[Taken]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            taken[name].append(measure())
    return taken
