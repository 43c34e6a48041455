"""Results as a file to compare with and as a table to read; knows nothing of how they were measured."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.claim import Claim

HEAD = """# Benchmark

Written by `make bench`; do not edit. Every figure of ours stands beside its floor, measured in the same run
and in turns. The ratio is the median of the rounds, with its 99 % interval; less is better.
"""


def write(directory: Path, claims: Sequence[Claim], about: dict[str, str]) -> None:
    """``results.json`` and ``README.md``."""
    document = {"about": about, "claims": [claim.to_dict() for claim in claims]}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (directory / "results.json").write_text(text, encoding="utf-8")
    (directory / "README.md").write_text(table(claims, about), encoding="utf-8")


def read(path: Path) -> list[Claim]:
    """The claims of a ``results.json``."""
    return [Claim(**claim) for claim in json.loads(path.read_text(encoding="utf-8"))["claims"]]


def table(claims: Sequence[Claim], about: dict[str, str]) -> str:
    """As Markdown."""
    lines = [HEAD]
    for story in dict.fromkeys(claim.story for claim in claims):
        lines += [
            f"## {story.capitalize()}",
            "",
            "| what | ours | floor | its figure | ratio |",
            "|---|--:|---|--:|--:|",
        ]
        lines += [_row(claim) for claim in claims if claim.story == story] + [""]
    lines += ["## Measured on", "", *(f"- {name}: {value}" for name, value in about.items()), ""]
    return "\n".join(lines)


def compare(claims: Sequence[Claim], old: Sequence[Claim]) -> list[str]:
    """A line for every claim that is worse than it was, beyond noise."""
    before = {claim.key: claim for claim in old}
    return [
        f"{claim.key}: {_ratio(claim)}, was {_ratio(before[claim.key])}"
        for claim in claims
        if claim.key in before and claim.worse_than(before[claim.key])
    ]


def _row(claim: Claim) -> str:
    ours, base = (f"{_digits(value)} {claim.unit}" for value in (claim.ours, claim.base))
    return f"| {claim.name} | {ours} | {claim.floor} | {base} | {_ratio(claim)} |"


def _ratio(claim: Claim) -> str:
    return f"{_digits(claim.ratio)} ({_digits(claim.low)} to {_digits(claim.high)})"


def _digits(value: float) -> str:
    """Three of them, and no more than the value has to say."""
    return f"{value:.0f}" if value >= 100 else f"{float(f'{value:.3g}'):g}"
