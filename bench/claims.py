"""A claim about speed: what ours takes over what its floor takes, its noise, and the limit it must keep."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from math import comb
from statistics import median
from typing import Any, TypeVar

Key = TypeVar("Key")
Taken = TypeVar("Taken")

PART = 3  # rounds on one start of the servers
MATTERS = 1.03  # the least that a figure must have grown: what is measured once shows no noise of its own


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the table; less is better, always.

    ``value`` is what ``limit`` bounds: the median over rounds of ours over the floor, or of ours alone where
    there is no floor. ``low`` and ``high`` are its 99 % interval; ``ours`` and ``base`` are medians.
    """

    name: str
    unit: str
    limit: float
    ours: float
    floor: str
    base: float
    value: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        return self.value <= self.limit

    def to_dict(self) -> dict[str, Any]:
        return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(self).items()}

    def worse_than(self, old: "Claim") -> bool:
        """Beyond noise: the intervals do not touch."""
        return self.low > old.high and self.value > MATTERS * old.value

    def row(self) -> str:
        """As a line of a Markdown table."""
        figure = f"{digits(self.value)} ({digits(self.low)} to {digits(self.high)})" if self.floor else "–"
        floor = f"{digits(self.base)} {self.unit}, {self.floor}" if self.floor else "–"
        limit = f"{self.limit:g}" if self.floor else f"{self.limit:g} {self.unit}"
        verdict = "yes" if self.holds else "**no**"
        return f"| {self.name} | {digits(self.ours)} {self.unit} | {floor} | {figure} | {limit} | {verdict} |"


def claim(
    name: str, unit: str, limit: float, ours: Sequence[float], floor: str = "", base: Sequence[float] = ()
) -> Claim:
    """From measurements of ours and of the floor, if there is one, that were taken in turns."""
    values = [one / other for one, other in zip(ours, base, strict=True)] if floor else list(ours)
    low, high = interval(values)
    least = median(base) if floor else 0.0
    return Claim(name, unit, limit, median(ours), floor, least, median(values), low, high)


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


def digits(value: float) -> str:
    """Three of them, and no more than the value has to say."""
    return f"{value:.0f}" if value >= 100 else f"{float(f'{value:.3g}'):g}"
