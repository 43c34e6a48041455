"""The measurements: servers, a table, the library and the image, ours and the floors by turns."""

import contextlib
import csv
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import Browser, Response, sync_playwright
from threadpoolctl import threadpool_limits

from model.classifier import ARTIFACT, Classifier
from model.features import NAMES

Samples = dict[str, list[tuple[float, float]]]
"""By claim, for each round: the figure of ours and that of its floor, or 1 if there is no floor."""

ROOT = Path(__file__).parents[1]
Program = tuple[str, ...]
OURS: Program = ("app.py",)
EMPTY, ROUTE, COPY = (("bench/floors.py", name) for name in ("gradio", "route", "copy"))

SPECIMEN: dict[str, float] = dict(zip(NAMES, Classifier.load().median.tolist(), strict=True))
REST = ("/v1/predict", json.dumps({"features": SPECIMEN}))
# With a session, as pages and Gradio's clients have; without one, Gradio makes one for each request.
SESSION = {"data": list(SPECIMEN.values()), "session_hash": "a-visitor"}
GRADIO = ("/gradio_api/run/predict", json.dumps(SESSION))

ROWS = 1_000_000
IMAGE = "breast-fna-explorer"
WEIGH = (
    "import os; print(sum(os.lstat(os.path.join(at, name)).st_size"
    " for top in ('/venv', '/app') for at, _, names in os.walk(top) for name in names))"
)
# the element that shows that a page is ready: a slider that can be moved, or the footer of the empty app
READY = {OURS: "#grid input[type=range]", EMPTY: "footer"}
# Measured in the page itself: Playwright looks only every half second, and a busy page answers late.
WATCH = """(() => {
  const look = () => document.querySelector("READY")?.offsetHeight
    ? requestIdleCallback(() => { window.usable = performance.now(); }) : requestAnimationFrame(look);
  look();
})()"""
SETTLE_SECONDS = 1  # a new window of Chromium builds its own parts first, on the same processors


@dataclass(frozen=True)
class Server:
    """A running program: its port, the seconds from its start to the first page, and its memory then."""

    port: int
    seconds: float
    megabytes: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, ask: tuple[str, str], visitors: int = 1) -> float:
        """Milliseconds per answer if so many visitors ask at once: the median of 200 answers."""
        ready = threading.Barrier(visitors)
        warm = 20

        def visit() -> list[float]:
            samples = []
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            for asked in range(warm + 200 // visitors):
                if asked == warm:
                    ready.wait(60)
                started = time.perf_counter()
                connection.request("POST", ask[0], ask[1], {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{ask[0]} answered {answer.status}")
                samples.append(time.perf_counter() - started)
            return samples[warm:]

        with ThreadPoolExecutor(visitors) as pool:
            visits = [pool.submit(visit) for _ in range(visitors)]
            return 1000 * median(chain(*(made.result() for made in visits))) / visitors


@contextlib.contextmanager
def serving(program: Program) -> Iterator[Server]:
    """Run a program, wait for its first page, and stop it at the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(ROOT), "GRADIO_ANALYTICS_ENABLED": "False",
    }  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *program], cwd=ROOT, env=os.environ | settings,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60).read()
                break
            if process.poll() is not None or time.perf_counter() - started > 120:
                raise RuntimeError(f"{program} gave no first page; it ended with {process.returncode}")
            time.sleep(0.005)
        seconds = time.perf_counter() - started
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        resident = re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        yield Server(port, seconds, int(resident[0]) / 1024)
    finally:
        process.terminate()
        process.wait(timeout=20)


def servers(rounds: int) -> Samples:
    """Start, memory, answers and first visits; each round starts new processes, as they differ."""
    samples: Samples = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(rounds):
            with serving(OURS) as ours, serving(EMPTY) as empty, serving(ROUTE) as route:
                usable, weight = zip(
                    _visit(browser, ours, READY[OURS]), _visit(browser, empty, READY[EMPTY]), strict=True
                )
                for name, pair in {
                    "start": (ours.seconds, empty.seconds),
                    "memory": (ours.megabytes, empty.megabytes),
                    "rest": (ours.ask(REST), route.ask(REST)),
                    "gradio": (ours.ask(GRADIO), empty.ask(GRADIO)),
                    "crowd": (ours.ask(REST, 10), route.ask(REST, 10)),
                    "usable": usable,
                    "weight": weight,
                }.items():
                    samples.setdefault(name, []).append(pair)
        browser.close()
    return samples


def _visit(browser: Browser, server: Server, ready: str) -> tuple[float, float]:
    """For an empty cache: the seconds until ``ready`` is drawn and the page is idle, and the kilobytes."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(WATCH.replace("READY", ready))
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda answer: responses.append(answer))  # noqa: PLW0108  # playwright marks it
    time.sleep(SETTLE_SECONDS)
    page.goto(server.url, wait_until="commit")
    page.wait_for_function("window.usable", polling=100)
    page.wait_for_load_state("networkidle")
    usable = float(page.evaluate("usable"))
    sizes = [answer.request.sizes() for answer in responses]
    context.close()
    weight = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    return usable / 1000, weight / 1000


def table(rounds: int) -> Samples:
    """A file of a million specimens; a round takes about a minute, so there are at most five."""
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory, "specimens.csv"), Path(directory, "out.csv")
        with (ARTIFACT / "reference.csv").open(encoding="utf-8", newline="") as file:
            rows = [[row[name] for name in NAMES] for row in csv.DictReader(file)]
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([NAMES, *islice(cycle(rows), ROWS)])

        def seconds(program: Program) -> float:
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, *program, source, target], cwd=ROOT, check=True, capture_output=True,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            return time.perf_counter() - started

        return {"table": [(seconds(("-m", "model.table")), seconds(COPY)) for _ in range(min(rounds, 5))]}


def library(rounds: int) -> Samples:
    """Microseconds per specimen, for many specimens in one call, on one core."""
    classifier = Classifier.load()
    values = np.tile(classifier.median, (100_000, 1)) * np.linspace(0.9, 1.1, 100_000)[:, None]
    samples = []
    with threadpool_limits(1):
        classifier.predict_many(values)
        for _ in range(rounds):
            started = time.perf_counter()
            classifier.predict_many(values)
            samples.append((1e6 * (time.perf_counter() - started) / len(values), 1.0))
    return {"library": samples}


def image(_: int) -> Samples:
    """Megabytes that the image adds to its base; empty if there is no container engine or no image."""
    engine = os.environ.get("ENGINE", "docker")
    if shutil.which(engine) is None:
        print(f"  not measured: there is no {engine} (set ENGINE to what runs containers here)")
        return {}
    if subprocess.run([engine, "image", "inspect", IMAGE], check=False, capture_output=True).returncode:
        print(f"  not measured: {engine} has no image {IMAGE} (run `make image`)")
        return {}
    weigh = [engine, "run", "--rm", "--network=none", IMAGE, "python", "-c", WEIGH]
    printed = subprocess.run(weigh, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {"image": [(float(printed) / 1e6, 1.0)]}


MEASURES = {measure.__name__: measure for measure in (servers, table, library, image)}
