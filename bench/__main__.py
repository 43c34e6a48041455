"""`python -m bench`: measures every claim, writes bench/README.md and results.json, tells what got worse."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from itertools import takewhile
from math import comb
from pathlib import Path
from statistics import median
from typing import Any

from bench import plan
from bench.measures import MEASURES, ROWS

PACKAGES = ("gradio", "fastapi", "uvicorn", "numpy", "pandas", "scikit-learn")
MATTERS = 1.03  # the least that a figure must have grown: what is measured once shows no noise of its own
APP, ROUTE, PANDAS = "an empty Gradio app", "an empty FastAPI route", "pandas reading and writing it"
CLAIMS = {  # what it is, its unit, its floor, and the most that it may be over that, or alone
    "start": ("Start to the first page", "s", APP, 0.90),
    "memory": ("Memory after it", "MB", APP, 1.10),
    "rest": ("One prediction by REST", "ms", ROUTE, 1.35),
    "gradio": ("One prediction by Gradio's /run", "ms", APP, 1.30),
    "crowd": ("REST for ten visitors at once, each answer", "ms", ROUTE, 1.35),
    "usable": ("First visit until the page can be used", "s", APP, 1.25),
    "weight": ("Weight of a first visit", "kB", APP, 1.00),
    "table": (f"A CSV file of {ROWS:,} specimens", "s", PANDAS, 1.00),
    "library": ("A specimen among 100,000 in one library call", "µs", "", 2.0),
    "image": ("The image above its base", "MB", "", 235),
}
TABLE = """# Benchmark

Written by `make bench`; do not edit. Each figure of ours stands beside the least that could do the same,
measured in the same run and in turns. The ratio is the median of the rounds, with its 99 % interval; less is
better.

| what | ours | the least possible | ratio | limit | holds |
|---|--:|---|--:|--:|---|
{rows}

Measured on {about}.
"""


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

    def worse_than(self, old: "Claim") -> bool:
        """Beyond noise: the intervals do not touch."""
        return self.low > old.high and self.value > MATTERS * old.value

    def row(self) -> str:
        """As a line of a Markdown table."""
        figure, floor, limit = "–", "–", f"{self.limit:g} {self.unit}"
        if self.floor:
            figure = f"{digits(self.value)} ({digits(self.low)} to {digits(self.high)})"
            floor, limit = f"{digits(self.base)} {self.unit}, {self.floor}", f"{self.limit:g}"
        verdict = "yes" if self.holds else "**no**"
        return f"| {self.name} | {digits(self.ours)} {self.unit} | {floor} | {figure} | {limit} | {verdict} |"


def claim(key: str, taken: Sequence[tuple[float, float]]) -> Claim:
    """From what ours and its floor took in each round."""
    name, unit, floor, limit = CLAIMS[key]
    ours, base = (median(column) for column in zip(*taken, strict=True))
    ratios = [one / other for one, other in taken]
    return Claim(name, unit, limit, ours, floor, base if floor else 0.0, median(ratios), *interval(ratios))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 99 % interval of their median, however they are distributed; where they are few, all of them.

    A value is below the median as often as a coin falls heads: the extremes of so many go as seldom miss it.
    """
    ordered, n = sorted(values), len(values)
    tails = (sum(comb(n, i) for i in range(cut + 1)) / 2**n for cut in range(1, n))
    outside = len(list(takewhile(lambda tail: tail <= 0.005, tails)))
    return ordered[outside], ordered[-1 - outside]


def digits(value: float) -> str:
    """Three of them, and no more than the value has to say."""
    return f"{value:.0f}" if value >= 100 else f"{float(f'{value:.3g}'):g}"


def about() -> str:
    """The machine and the versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    machine = f"{os.cpu_count()} cores, {names[0] if names else platform.machine()}"
    return f"{machine}, {platform.platform(terse=True)}, Python {platform.python_version()}, {versions}"


def compare(claims: Sequence[Claim], old: Sequence[Claim]) -> list[str]:
    """The rows of every claim that is worse than it was, beyond noise, before and after."""
    before = {claim.name: claim for claim in old}
    return [
        f"{before[claim.name].row()}\n{claim.row()}"
        for claim in claims
        if claim.name in before and claim.worse_than(before[claim.name])
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="measure", help=f"only these of: {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, default=12, help="how often each is measured (%(default)s)")
    parser.add_argument(
        "--against", type=Path, metavar="RESULTS", help="an older results.json to compare with"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="directory (%(default)s)")
    chosen = parser.parse_args()
    if unknown := set(chosen.only) - set(MEASURES):
        parser.error(f"{', '.join(sorted(unknown))}: expected some of {', '.join(MEASURES)}")
    document = json.loads(chosen.against.read_text("utf-8")) if chosen.against else {"claims": []}
    old = [Claim(**fields) for fields in document["claims"]]
    claims: list[Claim] = []
    for name in chosen.only or MEASURES:
        print(f"Measuring: {name} …", flush=True)
        claims += [claim(key, taken) for key, taken in MEASURES[name](chosen.rounds).items()]
    text = TABLE.format(rows="\n".join(claim.row() for claim in claims), about=about())
    print(text)
    if not chosen.only:
        rounded: list[dict[str, Any]] = [
            {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(claim).items()}
            for claim in claims
        ]
        results = json.dumps({"about": about(), "claims": rounded}, indent=1, ensure_ascii=False)
        (chosen.output / "README.md").write_text(text, encoding="utf-8")
        (chosen.output / "results.json").write_text(results + "\n", encoding="utf-8")
        plan.PAGE.write_text(plan.page(), encoding="utf-8")
    worse = compare(claims, old)
    print(*(f"Worse than before:\n{rows}" for rows in worse), sep="\n")
    return 1 if worse or not all(claim.holds for claim in claims) else 0


if __name__ == "__main__":
    sys.exit(main())
