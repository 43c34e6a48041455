"""`python -m bench`: measures every claim, writes bench/README.md and results.json, lists what got worse."""

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
MIN_GROWTH = 1.03  # smaller changes do not count, because figures that are measured once show no noise
APP, ROUTE, PANDAS = "an empty Gradio app", "an empty FastAPI route", "pandas reading and writing it"
CLAIMS = {  # what is measured, its unit, its floor, and the limit of the ratio to it (or of the value itself)
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

Written by `make bench`; do not edit. Each of our figures is compared with that of a minimal program, measured
in the same run, by turns. The ratio is the median of the rounds, with its 99 % interval; less is
better.

| measure | ours | minimal program | ratio | limit | holds |
|---|--:|---|--:|--:|---|
{rows}

Measured on {about}.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of the table; less is always better.

    ``limit`` bounds ``value``: the median over rounds of the ratio of ours to the floor, or of ours alone if
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
        """Whether it is worse beyond noise, which means that the intervals do not touch."""
        return self.low > old.high and self.value > MIN_GROWTH * old.value

    def row(self) -> str:
        """The claim as a line of a Markdown table."""
        figure, floor, limit = "–", "–", f"{self.limit:g} {self.unit}"
        if self.floor:
            figure = f"{digits(self.value)} ({digits(self.low)} to {digits(self.high)})"
            floor, limit = f"{digits(self.base)} {self.unit}, {self.floor}", f"{self.limit:g}"
        verdict = "yes" if self.holds else "**no**"
        return f"| {self.name} | {digits(self.ours)} {self.unit} | {floor} | {figure} | {limit} | {verdict} |"


def claim(key: str, samples: Sequence[tuple[float, float]]) -> Claim:
    """The claim from the samples of ours and of its floor in each round."""
    name, unit, floor, limit = CLAIMS[key]
    ours, base = (median(column) for column in zip(*samples, strict=True))
    ratios = [one / other for one, other in samples]
    return Claim(name, unit, limit, ours, floor, base if floor else 0.0, median(ratios), *interval(ratios))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 99 % interval of the median, for any distribution; if there are few values, their whole range.

    Each value is below the median with probability one half, so the ranks follow a binomial distribution.
    """
    ordered, n = sorted(values), len(values)
    tails = (sum(comb(n, i) for i in range(cut + 1)) / 2**n for cut in range(1, n))
    skipped = len(list(takewhile(lambda tail: tail <= 0.005, tails)))
    return ordered[skipped], ordered[-1 - skipped]


def digits(value: float) -> str:
    """The value with three significant digits, without trailing zeros."""
    return f"{value:.0f}" if value >= 100 else f"{float(f'{value:.3g}'):g}"


def machine_description() -> str:
    """The processor, system and versions of packages."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    machine = f"{os.cpu_count()} cores, {names[0] if names else platform.machine()}"
    return f"{machine}, {platform.platform(terse=True)}, Python {platform.python_version()}, {versions}"


def compare(claims: Sequence[Claim], old: Sequence[Claim]) -> list[str]:
    """The rows of every claim that got worse beyond noise, before and after."""
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
    options = parser.parse_args()
    if unknown := set(options.only) - set(MEASURES):
        parser.error(f"{', '.join(sorted(unknown))}: expected some of {', '.join(MEASURES)}")
    document = json.loads(options.against.read_text("utf-8")) if options.against else {"claims": []}
    old = [Claim(**fields) for fields in document["claims"]]
    claims: list[Claim] = []
    for name in options.only or MEASURES:
        print(f"Measuring: {name} …", flush=True)
        claims += [claim(key, samples) for key, samples in MEASURES[name](options.rounds).items()]
    machine = machine_description()
    text = TABLE.format(rows="\n".join(claim.row() for claim in claims), about=machine)
    print(text)
    if not options.only:
        rounded: list[dict[str, Any]] = [
            {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(claim).items()}
            for claim in claims
        ]
        results = json.dumps({"about": machine, "claims": rounded}, indent=1, ensure_ascii=False)
        (options.output / "README.md").write_text(text, encoding="utf-8")
        (options.output / "results.json").write_text(results + "\n", encoding="utf-8")
        plan.PAGE.write_text(plan.page(), encoding="utf-8")
    worse = compare(claims, old)
    print(*(f"Worse than before:\n{rows}" for rows in worse), sep="\n")
    return 1 if worse or not all(claim.holds for claim in claims) else 0


if __name__ == "__main__":
    sys.exit(main())
