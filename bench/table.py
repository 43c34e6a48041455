"""A file of a million specimens scored, against pandas only reading and writing it."""

import csv
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from bench.claim import Claim, claim, in_turns
from bench.server import ROOT
from model.classifier import ARTIFACT
from model.features import NAMES

ROWS = 1_000_000
SCORE, COPY = ("-m", "model.table"), ("bench/floors/copy_table.py",)


def measure(rounds: int) -> list[Claim]:
    """Each in a fresh process; a round takes about a minute, so five have to do."""
    with tempfile.TemporaryDirectory() as directory:
        table = Path(directory) / "specimens.csv"
        _write(table)
        taken = in_turns(
            min(rounds, 5), {program: partial(_run, program, table) for program in (SCORE, COPY)}
        )
    name, floor = f"{ROWS:,} specimens in a CSV file", "pandas reading and writing it"
    return [
        claim("table", what, floor, unit, [one[i] for one in taken[SCORE]], [one[i] for one in taken[COPY]])
        for i, (what, unit) in enumerate({name: "s", f"{name}, memory at most": "MB"}.items())
    ]


def _write(path: Path) -> None:
    with (ARTIFACT / "reference.csv").open(encoding="utf-8", newline="") as file:
        rows = [[row[name] for name in NAMES] for row in csv.DictReader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows(islice(cycle(rows), ROWS))


def _run(program: tuple[str, ...], table: Path) -> tuple[float, float]:
    """Seconds, and the most megabytes that it held at any time."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *program, table, table.with_name("out.csv")], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{program} ended with {process.returncode}")
    return time.perf_counter() - started, used.ru_maxrss / 1024
