"""What is measured: start, answers, page, table, library, image; each gives the claims that it backs."""

import csv
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Response, sync_playwright
from threadpoolctl import threadpool_limits

from bench.claims import Claim, claim, in_turns, restarted
from bench.programs import COPY, EMPTY, GRADIO, OURS, REST, ROUTE, Program, Server, run, serving
from model.classifier import ARTIFACT, Classifier
from model.features import NAMES

EMPTY_APP, EMPTY_ROUTE = "an empty Gradio app", "an empty FastAPI route"
ROWS = 1_000_000
IMAGE = "breast-fna-explorer"
WEIGH = (
    "import os; print(sum(os.lstat(os.path.join(at, name)).st_size"
    " for top in ('/venv', '/app') for at, _, names in os.walk(top) for name in names))"
)
# what a visitor came to see and can move; the empty app shows its footer once it is built
READY = {OURS: "#grid input[type=range]", EMPTY: "footer"}
# by the page's own clock: from outside, a busy page answers late, and Playwright looks every half second
WATCH = """(() => {
  const look = () => document.querySelector("READY")?.offsetHeight
    ? requestIdleCallback(() => { window.usable = performance.now(); }) : requestAnimationFrame(look);
  look();
})()"""
SETTLED = 1  # second that a new window of Chromium takes to build its own parts, on the same processors


def start(rounds: int) -> list[Claim]:
    """From the start of the process to the first page, and the memory that it holds then."""

    def once(program: Program) -> tuple[float, float]:
        with serving(program) as server:
            return server.seconds, server.megabytes

    taken = in_turns(rounds, {program: partial(once, program) for program in (OURS, EMPTY)})
    (seconds, memory), (base_seconds, base_memory) = (zip(*taken[p], strict=True) for p in (OURS, EMPTY))
    return [
        claim("Start to the first page", "s", 0.90, seconds, EMPTY_APP, base_seconds),
        claim("Memory after it", "MB", 1.10, memory, EMPTY_APP, base_memory),
    ]


def answers(rounds: int) -> list[Claim]:
    """One prediction by each door, and by ten visitors at once, against a server that does nothing."""
    doors = {
        "One prediction by REST": (REST, EMPTY_ROUTE, 1.35, 1),
        "One prediction by Gradio's /run": (GRADIO, EMPTY_APP, 1.30, 1),
        "REST for ten visitors at once, each answer": (REST, EMPTY_ROUTE, 1.35, 10),
    }

    def ask(part: int) -> dict[tuple[str, str], list[float]]:
        with serving(OURS) as ours, serving(EMPTY) as empty, serving(ROUTE) as route:
            floors = {EMPTY_APP: empty, EMPTY_ROUTE: route}
            return in_turns(
                part,
                {
                    (name, who): partial(server.ask, asked, 200 // visitors, visitors)
                    for name, (asked, floor, _, visitors) in doors.items()
                    for who, server in (("ours", ours), ("base", floors[floor]))
                },
            )

    taken = restarted(rounds, ask)
    return [
        claim(name, "ms", limit, taken[name, "ours"], floor, taken[name, "base"])
        for name, (_, floor, limit, _) in doors.items()
    ]


def page(rounds: int) -> list[Claim]:
    """The page in a real browser with an empty cache: when it can be used, and its weight."""

    def visits(part: int) -> dict[Program, list[tuple[float, float]]]:
        with sync_playwright() as playwright, serving(OURS) as ours, serving(EMPTY) as empty:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            servers = {OURS: ours, EMPTY: empty}
            taken = in_turns(part, {p: partial(_visit, browser, s, READY[p]) for p, s in servers.items()})
            browser.close()
        return taken

    taken = restarted(rounds, visits)
    (usable, weight), (base_usable, base_weight) = (zip(*taken[p], strict=True) for p in (OURS, EMPTY))
    return [
        claim("First visit until the page can be used", "s", 1.25, usable, EMPTY_APP, base_usable),
        claim("Weight of a first visit", "kB", 1.00, weight, EMPTY_APP, base_weight),
    ]


def _visit(browser: Browser, server: Server, ready: str) -> tuple[float, float]:
    """Seconds until ``ready`` is drawn and the page is idle; kilobytes."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(WATCH.replace("READY", ready))
    opened = context.new_page()
    came: list[Response] = []
    opened.on("response", lambda answer: came.append(answer))  # noqa: PLW0108  # playwright marks it
    time.sleep(SETTLED)
    opened.goto(server.url, wait_until="commit")
    opened.wait_for_function("window.usable", polling=100)
    opened.wait_for_load_state("networkidle")
    usable = float(opened.evaluate("usable"))
    sizes = [answer.request.sizes() for answer in came]
    context.close()
    weight = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    return usable / 1000, weight / 1000


def table(rounds: int) -> list[Claim]:
    """A file of a million specimens; a round takes about a minute, so five have to do."""
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory, "specimens.csv"), Path(directory, "out.csv")
        with (ARTIFACT / "reference.csv").open(encoding="utf-8", newline="") as file:
            rows = [[row[name] for name in NAMES] for row in csv.DictReader(file)]
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([NAMES, *islice(cycle(rows), ROWS)])
        programs: dict[str, Program] = {"ours": ("-m", "model.table"), "base": COPY}
        taken = in_turns(min(rounds, 5), {k: partial(run, p, source, target) for k, p in programs.items()})
    floor = "pandas reading and writing it"
    return [claim(f"A CSV file of {ROWS:,} specimens", "s", 1.00, taken["ours"], floor, taken["base"])]


def library(rounds: int) -> list[Claim]:
    """Many specimens in one call, on one core."""
    classifier = Classifier.load()
    values = np.tile(classifier.reference, (100_000, 1)) * np.linspace(0.9, 1.1, 100_000)[:, None]

    def once() -> float:
        started = time.perf_counter()
        classifier.predict_many(values)
        return 1e6 * (time.perf_counter() - started) / len(values)

    with threadpool_limits(1):
        once()
        taken = [once() for _ in range(rounds)]
    return [claim("A specimen among 100,000 in one library call", "µs", 2.0, taken)]


def image(_: int) -> list[Claim]:
    """What the image adds to its base; nothing, with a word on why, without an engine or an image."""
    engine = os.environ.get("ENGINE", "docker")
    if shutil.which(engine) is None:
        print(f"  not measured: there is no {engine} (set ENGINE to what runs containers here)")
        return []
    if subprocess.run([engine, "image", "inspect", IMAGE], check=False, capture_output=True).returncode:
        print(f"  not measured: {engine} has no image {IMAGE} (run `make image`)")
        return []
    weigh = [engine, "run", "--rm", "--network=none", IMAGE, "python", "-c", WEIGH]
    printed = subprocess.run(weigh, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [claim("The image above its base", "MB", 235, [float(printed) / 1e6])]


MEASURES: Sequence[Callable[[int], list[Claim]]] = (start, answers, page, table, library, image)
