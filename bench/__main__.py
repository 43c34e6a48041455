"""`python -m bench`: measures every claim, writes bench/README.md and results.json, tells what got worse."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from bench.claims import Claim
from bench.measures import MEASURES

PACKAGES = ("gradio", "fastapi", "uvicorn", "numpy", "pandas", "scikit-learn")
TABLE = """# Benchmark

Written by `make bench`; do not edit. Each figure of ours stands beside the least that could do the same,
measured in the same run and in turns. The ratio is the median of the rounds, with its 99 % interval; less is
better.

| what | ours | the least possible | ratio | limit | holds |
|---|--:|---|--:|--:|---|
{rows}

Measured on {about}.
"""


def about() -> str:
    """The machine and the versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    machine = f"{os.cpu_count()} cores, {names[0] if names else platform.machine()}"
    return f"{machine}, {platform.platform(terse=True)}, Python {platform.python_version()}, {versions}"


def read(path: Path) -> list[Claim]:
    """The claims of a ``results.json``."""
    return [Claim(**claim) for claim in json.loads(path.read_text(encoding="utf-8"))["claims"]]


def compare(claims: Sequence[Claim], old: Sequence[Claim]) -> list[str]:
    """The rows of every claim that is worse than it was, beyond noise, before and after."""
    before = {claim.name: claim for claim in old}
    return [
        f"{before[claim.name].row()}\n{claim.row()}"
        for claim in claims
        if claim.name in before and claim.worse_than(before[claim.name])
    ]


def main() -> int:
    known = {measure.__name__: measure for measure in MEASURES}
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="measure", help=f"only these of: {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=12, help="how often each is measured (%(default)s)")
    parser.add_argument(
        "--against", type=Path, metavar="RESULTS", help="an older results.json to compare with"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="directory (%(default)s)")
    chosen = parser.parse_args()
    if unknown := set(chosen.only) - set(known):
        parser.error(f"{', '.join(sorted(unknown))}: expected some of {', '.join(known)}")
    old = read(chosen.against) if chosen.against else []
    claims: list[Claim] = []
    for name in chosen.only or known:
        print(f"Measuring: {name} …", flush=True)
        claims += known[name](chosen.rounds)
    text = TABLE.format(rows="\n".join(claim.row() for claim in claims), about=about())
    print(text)
    if not chosen.only:
        document = {"about": about(), "claims": [claim.to_dict() for claim in claims]}
        (chosen.output / "README.md").write_text(text, encoding="utf-8")
        results = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        (chosen.output / "results.json").write_text(results, encoding="utf-8")
    worse = compare(claims, old)
    print(*(f"Worse than before:\n{rows}" for rows in worse), sep="\n")
    return 1 if worse or not all(claim.holds for claim in claims) else 0


if __name__ == "__main__":
    sys.exit(main())
