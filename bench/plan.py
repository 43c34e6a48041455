"""The capacity plan: how many visitors one instance can serve, and what many visitors cost.

`python -m bench.plan` writes it into docs/serving.md, and so does every full run of the benchmark.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from api.reference import filled

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "serving.md"
ANSWERS, FILES = 40, 30  # per visit: answers to moved sliders, and files of a millisecond each
BUSY_SHARE = 0.5  # how much of the busiest hour an instance computes; that hour has three times the average
REST = "REST for ten visitors at once, each answer"
ANSWER = "One prediction by Gradio's /run"
WEIGHT = "Weight of a first visit"


def plan(figures: Mapping[str, float]) -> str:
    """The plan as Markdown; ``figures`` has our figures by the name of the claim."""
    visit = (ANSWERS * figures[ANSWER] + FILES) / 1000
    a_second, predictions = BUSY_SHARE / visit, _rounded(1000 * BUSY_SHARE / figures[REST])
    rows = "\n".join(_row(visits, visit, figures[WEIGHT]) for visits in (1_000, 100_000, 10_000_000))
    return f"""\
A prediction over REST takes {figures[REST]:.2g} ms of one processor, an answer to the page
{figures[ANSWER]:.2g} ms, and a first visit loads {figures[WEIGHT]:.0f} kB. With {ANSWERS} answers and
{FILES} files, of 1 ms each, a visit takes {visit:.2g} s of one processor.

| | is enough for |
| --- | --- |
| One instance of one processor and 512 MB | {a_second:.2g} new visits a second; if one stays five minutes, \
{_rounded(300 * a_second)} visitors at once; or {predictions} REST predictions a second |
| The limit of 1,200 requests a minute for one client | a class of 30 behind one address, each moving a \
slider every other second |
| The limit of 60,000 requests a minute overall | a flood; one instance alone cannot answer so many \
from the page |

| visits a day | processor time a day | instances in the busiest hour | computing a month | requests | bytes |
| --- | --- | --- | --- | --- | --- |
{rows}
"""


def _row(visits: int, visit: float, weight: float) -> str:
    """A row for so many visits; ``visit`` is in seconds of a processor, ``weight`` in kB."""
    seconds_a_day, month = visits * visit, 30 * visits
    computing = 24e-6 * max(0, month * visit - 180_000) + 2.5e-6 * max(0, month * visit / 2 - 360_000)
    asking = 0.4e-6 * max(0, month * (ANSWERS + FILES) - 2_000_000)
    gb = month * weight / 1e6
    sending = 0.12 * min(gb, 1_000) + 0.11 * min(max(0, gb - 1_000), 9_000) + 0.08 * max(0, gb - 10_000)
    time = f"{_rounded(seconds_a_day)} s" if seconds_a_day < 3_600 else f"{_rounded(seconds_a_day / 3_600)} h"
    instances = math.ceil(3 * seconds_a_day / 86_400 / BUSY_SHARE)
    dollars = " | ".join(f"${_rounded(part)}" for part in (computing, asking, sending))
    return f"| {visits:,} | {time} | {instances:,} | {dollars} |"


def _rounded(value: float) -> str:
    """A number with two significant digits."""
    return f"{float(f'{value:.2g}'):,.0f}"


def page() -> str:
    """docs/serving.md with the plan for the published figures."""
    claims = json.loads((HERE / "results.json").read_text(encoding="utf-8"))["claims"]
    text = plan({claim["name"]: claim["ours"] for claim in claims})
    return filled(PAGE.read_text(encoding="utf-8"), "plan", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
