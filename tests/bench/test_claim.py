"""A ratio's spread covers what another run of the same thing gives; only more than that is told as worse."""

import random
from itertools import count
from math import comb

import pytest

from bench.claim import Claim, claim, interval, restarted
from bench.results import compare

ROUNDS = 12


def measured(chance: random.Random, slowdown: float = 1.0, noise: float = 0.1) -> Claim:
    """A claim about something as slow as its floor, on a machine of that much noise."""
    ours, floor = ([abs(chance.gauss(1, noise)) for _ in range(ROUNDS)] for _ in range(2))
    return claim("start", "first page", "a floor", "s", [slowdown * one for one in ours], floor)


@pytest.mark.parametrize("n", range(8, 40))
def test_an_interval_misses_the_median_at_most_once_in_a_hundred(n: int) -> None:
    low, high = interval([float(i) for i in range(n, 0, -1)])
    assert low - 1 == n - high
    missed = 2 * sum(comb(n, i) for i in range(int(low))) / 2**n
    assert missed <= 0.01


@pytest.mark.parametrize("n", range(1, 8))
def test_few_rounds_show_their_extremes(n: int) -> None:
    assert interval([float(i) for i in range(n)]) == (0, n - 1)


def test_another_run_agrees_and_is_not_told_as_worse() -> None:
    chance = random.Random(0)  # noqa: S311
    pairs = [(measured(chance), measured(chance)) for _ in range(500)]
    assert sum(old.low <= new.ratio <= old.high for old, new in pairs) > 0.95 * len(pairs)
    assert sum(bool(compare([new], [old])) for old, new in pairs) <= 1


def test_what_is_measured_once_may_move_a_little() -> None:
    old, new, larger = (claim("image", "size", "a floor", "MB", [size], [100]) for size in (72, 73, 80))
    assert not compare([new], [old])
    assert compare([larger], [old])


def test_a_real_slowdown_is_told() -> None:
    chance = random.Random(0)  # noqa: S311
    for _ in range(100):
        (line,) = compare([measured(chance, 1.2, noise=0.03)], [measured(chance, noise=0.03)])
        assert line.startswith("start: first page / a floor: 1.")
        assert "was " in line


def test_servers_are_started_again_and_again() -> None:
    starts = count(1)
    taken = restarted(7, lambda rounds: {"ours": [next(starts)] * rounds})
    assert taken == {"ours": [1, 1, 1, 2, 2, 2, 3]}
