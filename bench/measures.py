"""What is measured: servers, a table, the library and the image, ours and the floors in turns."""

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
"""What ours took and what its floor took (1 where there is none), by claim, once for each round."""

ROOT = Path(__file__).parents[1]
Program = tuple[str, ...]
OURS: Program = ("app.py",)
EMPTY, ROUTE, COPY = (("bench/floors.py", name) for name in ("gradio", "route", "copy"))

SPECIMEN: dict[str, float] = dict(zip(NAMES, Classifier.load().reference.tolist(), strict=True))
REST = ("/v1/predict", json.dumps({"features": SPECIMEN}))
# without a session Gradio makes one for each request; a page and the Gradio client always have one
SESSION = {"data": list(SPECIMEN.values()), "session_hash": "a-visitor"}
GRADIO = ("/gradio_api/run/predict", json.dumps(SESSION))

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


@dataclass(frozen=True)
class Server:
    """A running program: its address, seconds from its start to the first page, the memory it held then."""

    port: int
    seconds: float
    megabytes: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, ask: tuple[str, str], visitors: int = 1) -> float:
        """Milliseconds an answer, while so many visitors ask at once and share them; the median of 200."""
        ready = threading.Barrier(visitors)
        warm = 20

        def visit() -> list[float]:
            taken = []
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
                taken.append(time.perf_counter() - started)
            return taken[warm:]

        with ThreadPoolExecutor(visitors) as crowd:
            visits = [crowd.submit(visit) for _ in range(visitors)]
            return 1000 * median(chain(*(made.result() for made in visits))) / visitors


@contextlib.contextmanager
def serving(program: Program) -> Iterator[Server]:
    """Runs a program until its first page has come, and as long as the block lasts."""
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
    """Start, memory, answers, first visits; each round starts all anew, for no process is like another."""
    taken: Samples = {}
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
                    taken.setdefault(name, []).append(pair)
        browser.close()
    return taken


def _visit(browser: Browser, server: Server, ready: str) -> tuple[float, float]:
    """With an empty cache: seconds until ``ready`` is drawn and the page is idle; kilobytes."""
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


def table(rounds: int) -> Samples:
    """A file of a million specimens; a round takes about a minute, so five have to do."""
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
    """Microseconds a specimen, for many in one call, on one core."""
    classifier = Classifier.load()
    values = np.tile(classifier.reference, (100_000, 1)) * np.linspace(0.9, 1.1, 100_000)[:, None]
    taken = []
    with threadpool_limits(1):
        classifier.predict_many(values)
        for _ in range(rounds):
            started = time.perf_counter()
            classifier.predict_many(values)
            taken.append((1e6 * (time.perf_counter() - started) / len(values), 1.0))
    return {"library": taken}


def image(_: int) -> Samples:
    """What the image adds to its base; nothing, with a word on why, without an engine or an image."""
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
