"""A claim about speed: what ours takes over what its floor takes; knows nothing of how either ran."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any, TypeVar

Key = TypeVar("Key")
Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Claim:
    """``ratio`` is the median over rounds of ours over the floor, ``low`` and ``high`` its quartiles.

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
        """Beyond noise: the quartiles of the ratio do not touch."""
        return self.low > old.high


def claim(
    story: str, name: str, floor: str, unit: str, ours: Sequence[float], base: Sequence[float]
) -> Claim:
    """From measurements of ours and of the floor that were taken in turns."""
    ratios = [one / other for one, other in zip(ours, base, strict=True)]
    low, _, high = quantiles(ratios, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Claim(story, name, floor, unit, median(ours), median(base), median(ratios), low, high, len(ratios))


def in_turns(rounds: int, measures: Mapping[Key, Callable[[], Taken]]) -> dict[Key, list[Taken]]:
    """Each measure once a round, so that what disturbs the machine disturbs all of them."""
    taken: dict[Key, list[Taken]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            taken[name].append(measure())
    return taken
