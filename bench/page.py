"""The page in a real browser with an empty cache: its weight, when it shows its answer and can be used."""

import shutil
import time
from functools import partial

from playwright.sync_api import Browser, Response, sync_playwright

from bench.claim import Claim, claim, in_turns, restarted
from bench.server import EMPTY, NAIVE, OURS, Server, serving

FLOORS = {"an empty Gradio app": EMPTY, "a naive 30-slider app": NAIVE}
# what a visitor came to see; then what they can move. The empty app shows its footer once it is built
SHOWN = {OURS: ".answer .word", EMPTY: "footer", NAIVE: "input[type=range]"}
READY = SHOWN | {OURS: "#grid input[type=range]"}

# by the page's own clock: from outside, a busy page answers late, and Playwright looks every half second
WATCH = """(() => {{
  const once = (part, then) => {{
    const look = () => document.querySelector(part)?.offsetHeight ? then() : requestAnimationFrame(look);
    look();
  }};
  once("{shown}", () => {{ window.seen = performance.now(); }});
  once("{ready}", () => requestIdleCallback(() => {{ window.usable = performance.now(); }}));
}})()"""
SETTLED = 1  # second that a new window of Chromium takes to build its own parts, on the same processors

FIGURES = {
    "first visit until it shows the answer": "s",
    "first visit until it can be used": "s",
    "weight of a first visit": "kB",
}


def measure(rounds: int) -> list[Claim]:
    taken = restarted(rounds, _visits)
    return [
        claim("page", name, floor, unit, [one[i] for one in taken[OURS]], [one[i] for one in taken[program]])
        for i, (name, unit) in enumerate(FIGURES.items())
        for floor, program in FLOORS.items()
    ]


def _visits(rounds: int) -> dict[str, list[tuple[float, float, float]]]:
    """Every page once a round; by program, what each visit took."""
    with (
        sync_playwright() as playwright,
        serving(OURS) as ours,
        serving(EMPTY) as empty,
        serving(NAIVE) as naive,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        servers = {OURS: ours, EMPTY: empty, NAIVE: naive}
        taken = in_turns(
            rounds, {p: partial(_visit, browser, server, SHOWN[p], READY[p]) for p, server in servers.items()}
        )
        browser.close()
    return taken


def _visit(browser: Browser, server: Server, shown: str, ready: str) -> tuple[float, float, float]:
    """In the order of ``FIGURES``; it can be used when ``ready`` is drawn and the page is idle."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(WATCH.format(shown=shown, ready=ready))
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # playwright marks the function
    time.sleep(SETTLED)
    page.goto(server.url, wait_until="commit")
    page.wait_for_function("window.usable", polling=100)
    page.wait_for_load_state("networkidle")
    seen, usable = page.evaluate("[seen, usable]")
    weight = sum(_weight(answer) for answer in answers)
    context.close()
    return seen / 1000, usable / 1000, weight / 1000


def _weight(answer: Response) -> int:
    sizes = answer.request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
