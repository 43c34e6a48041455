"""The interval of a figure covers another run, only larger changes count as worse, and limits are checked."""

import random
from math import comb
from pathlib import Path

import pytest

from bench import measures
from bench.__main__ import CLAIMS, Claim, claim, compare, interval

ROUNDS = 12


def measured(chance: random.Random, slowdown: float = 1.0, noise: float = 0.1) -> Claim:
    """A claim about something that is as slow as its floor, on a machine with so much noise."""
    ours, floor = ([abs(chance.gauss(1, noise)) for _ in range(ROUNDS)] for _ in range(2))
    return claim("usable", [(slowdown * one, other) for one, other in zip(ours, floor, strict=True)])


def test_an_interval_misses_the_median_at_most_once_in_a_hundred() -> None:
    for n in range(8, 40):
        low, high = interval([float(i) for i in range(n, 0, -1)])
        assert low - 1 == n - high
        assert 2 * sum(comb(n, i) for i in range(int(low))) / 2**n <= 0.01
    for n in range(1, 8):  # so few show their extremes
        assert interval([float(i) for i in range(n)]) == (0, n - 1)


def test_another_run_is_not_worse_but_a_real_slowdown_is() -> None:
    chance = random.Random(0)  # noqa: S311
    pairs = [(measured(chance), measured(chance)) for _ in range(500)]
    assert sum(old.low <= new.value <= old.high for old, new in pairs) > 0.95 * len(pairs)
    assert sum(bool(compare([new], [old])) for old, new in pairs) <= 1
    chance.seed(0)
    for _ in range(100):
        assert compare([measured(chance, 1.2, noise=0.03)], [measured(chance, noise=0.03)])


def test_what_is_measured_once_may_move_a_little() -> None:
    old, new, larger = (claim("image", [(size, 1.0)]) for size in (230, 233, 240))
    assert not compare([new], [old])
    assert compare([larger], [old])
    assert (new.holds, larger.holds) == (True, False)
    assert larger.row() == "| The image above its base | 240 MB | – | – | 235 MB | **no** |"


def test_a_row_shows_both_figures_the_ratio_and_whether_its_limit_holds() -> None:
    row = claim("start", [(2.0, 4.0), (2.2, 4.0)]).row()
    shown = "| 2.1 s | 4 s, an empty Gradio app | 0.525 (0.5 to 0.55) | 0.9 | yes |"
    assert row == f"| {CLAIMS['start'][0]} {shown}"


def test_without_an_engine_or_an_image_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\nexit 125\n")
    engine.chmod(0o755)
    for name, said in (("no-such-engine", "there is no no-such-engine"), (str(engine), "run `make image`")):
        monkeypatch.setenv("ENGINE", name)
        assert measures.image(1) == {}
        assert said in capsys.readouterr().out
