"""Takes the README's pictures from the running demo: stills, and a tour of twenty seconds.

For each picture, screenshots.json gets a digest of the words, numbers, shapes and colours that are visible in
it, which depends neither on fonts nor on the release of Gradio. A test compares the digests, so that it fails
when a picture no longer shows the page, and asks for `make screenshots`.
"""

import hashlib
import io
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bench.measures import OURS, serving

HERE = Path(__file__).parent
RECORD = HERE / "screenshots.json"
TOUR = HERE / "tour.webp"
STILLS: dict[str, tuple[int, int, Literal["light", "dark"]]] = {
    "explore-light-1400.png": (1400, 900, "light"),
    "explore-dark-1400.png": (1400, 900, "dark"),
    "explore-360.png": (360, 740, "light"),
    "../ui/thumbnail.png": (1200, 630, "light"),  # of a shared link, and of the Space on the Hub
}
_POINTER = """() => document.body.insertAdjacentHTML("beforeend", `
  <svg id="pointer" width="22" height="22" style="position: fixed; z-index: 99; pointer-events: none">
    <path d="M3 2v16l4.4-4 2.8 6.3 2.6-1.1-2.8-6.2H16z" fill="#1b1c1f" stroke="#fff" stroke-width="1.3"/>
  </svg>`)"""
_MOVE = """([x, y]) => {
  Object.assign(document.querySelector("#pointer").style, { left: `${x - 3}px`, top: `${y - 2}px` });
}"""


_SHOWN = """() => [...document.body.querySelectorAll("*")].filter(e => e.checkVisibility()).flatMap(e => {
  const style = getComputedStyle(e), words = [...e.childNodes].filter(n => n.nodeType === 3)
    .map(n => n.data.trim()).join(" ").trim();
  const shape = ["d", "points", "cx", "cy", "r", "x", "y", "width", "height"]
    .map(name => e instanceof SVGElement && e.getAttribute(name)).filter(Boolean);
  const filled = !["rgba(0, 0, 0, 0)", "transparent"].includes(style.backgroundColor);
  const seen = [
    words && [words, style.color, style.fontSize, style.fontWeight],
    e.matches("input, select") && [e.type, e.value],
    shape.length && [shape.join(" "), style.fill, style.stroke],
    filled && [style.backgroundColor],
  ].filter(Boolean);
  return seen.length ? [seen] : [];
})"""

_SETTLED = """scheme => Boolean(document.querySelector("body.dark, .dark body")) === (scheme === "dark") &&
  !document.getAnimations().some(a => a.playState === "running")"""


def digests(page: Page) -> dict[str, str]:
    """A digest of what each picture of the open page would show, by its file name."""
    shown = {}
    for name, (width, height, scheme) in STILLS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_SETTLED, arg=scheme)
        shown[name] = hashlib.sha256(json.dumps(page.evaluate(_SHOWN)).encode()).hexdigest()[:16]
    return shown | {TOUR.name: shown["explore-light-1400.png"]}  # it begins with that view


def main() -> None:
    with serving(OURS) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--hide-scrollbars"]
        )
        for name, (width, height, scheme) in STILLS.items():
            page = _open(browser, server.url, width, height, scheme)
            still = Image.open(io.BytesIO(page.screenshot()))
            still.quantize(256, dither=Image.Dither.NONE).save(HERE / name, optimize=True)
        tour = Tour(_open(browser, f"{server.url}/?case=case-3", 1100, 690, "light"))
        tour.record()
        tour.save(TOUR)
        shown = digests(_open(browser, server.url, 1400, 900, "light"))
        browser.close()
    RECORD.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


def _open(browser: Browser, url: str, width: int, height: int, scheme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    wait_for(page, url)
    return page


def wait_for(page: Page, url: str) -> None:
    """Open the page and wait until it is complete."""
    page.goto(url)
    expect(page.locator("#answer .word")).to_be_visible()
    expect(page.locator("#first")).to_have_count(0)
    page.wait_for_load_state("networkidle")


@dataclass
class Tour:
    """A visit as a list of frames, each with its duration in milliseconds."""

    page: Page
    frames: list[tuple[Image.Image, int]] = field(default_factory=list)
    position: tuple[float, float] = (560.0, 420.0)

    def record(self) -> None:
        """Show a first visitor the page, step by step."""
        page = self.page
        page.evaluate(_POINTER)
        self.take_frame(1400)
        self.drag(page.get_by_label("Texture, worst", exact=True), 0.4, answered=True)
        self.take_frame(1000)
        self.drag(page.get_by_label("Concave points, worst", exact=True), 0.75, answered=True)
        self.take_frame(1000)
        self.click(".reason summary", ".reason")
        self.open("what_if", "#what_if table")
        self.open("similar", "#similar table")
        self.open("guess", ".choices")
        self.click('[data-guess="malignant"]', "#guess-card .was", 1800)
        self.open("evidence", ".line-drawing")
        self.drag(page.get_by_label("Threshold", exact=True), 0.25)
        self.take_frame(700)
        self.drag(page.get_by_label("Threshold", exact=True), 0.7)
        self.take_frame(1600)
        self.open("use_it", "#use_it pre")

    def take_frame(self, milliseconds: int) -> None:
        """Add a picture of the page as it is now."""
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append((shot, milliseconds))

    def open(self, tab: str, content: str) -> None:
        """Open a tab and wait for its content."""
        self.click(f'[role="tab"][data-tab-id="{tab}"]', content)

    def click(self, target: str, shows: str, milliseconds: int = 1200) -> None:
        """Click the first match of ``target`` and wait until ``shows`` is visible."""
        box = self.page.locator(target).first.bounding_box()
        assert box  # noqa: S101  # what is clicked is on the page
        self.move_pointer(box["x"] + min(box["width"] / 2, 60), box["y"] + box["height"] / 2, 5)
        self.page.mouse.click(*self.position)
        expect(self.page.locator(shows).first).to_be_visible()
        self.take_frame(milliseconds)

    def drag(self, slider: Locator, to: float, answered: bool = False) -> None:
        """Drag a slider to a share of its track, from 0 to 1; wait for a new answer if ``answered``."""
        before = self.page.locator(".probability").inner_text()
        box = slider.bounding_box()
        assert box  # noqa: S101  # what is dragged is on the page
        share = float(slider.input_value()) / float(slider.get_attribute("max") or 1)
        y = box["y"] + box["height"] / 2
        ends = [box["x"] + 6 + (box["width"] - 12) * place for place in (share, to)]
        self.move_pointer(ends[0], y, 5)
        self.page.mouse.down()
        self.move_pointer(ends[1], y, 12)
        self.page.mouse.up()
        if answered:
            expect(self.page.locator(".probability")).not_to_have_text(before)
        self.page.wait_for_timeout(200)  # until the bars have their new lengths

    def move_pointer(self, x: float, y: float, steps: int) -> None:
        """Move the pointer, with a frame every fifteenth of a second."""
        start = self.position
        for step in range(1, steps + 1):
            share = step / steps
            self.position = (start[0] + (x - start[0]) * share, start[1] + (y - start[1]) * share)
            self.page.mouse.move(*self.position)
            self.page.evaluate(_MOVE, list(self.position))
            self.take_frame(66)

    def save(self, path: Path) -> None:
        first, *rest = [frame for frame, _ in self.frames]
        durations = [milliseconds for _, milliseconds in self.frames]
        # For flat colours, lossless takes a quarter of the size of lossy and has no artefacts.
        first.save(
            path,
            save_all=True,
            append_images=rest,
            duration=durations,
            loop=0,
            lossless=True,
            quality=80,  # effort of the compression, as it is lossless
            method=4,
            minimize_size=True,
        )


if __name__ == "__main__":
    main()
