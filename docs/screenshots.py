"""Takes the README's pictures from the running demo: stills, and a tour of twenty seconds.

Beside them it leaves in screenshots.json, for each picture, a digest of what it shows: the words, numbers,
shapes and colours that can be seen, as the browser has them, whatever font or release of Gradio they come by.
A test compares, so that `make screenshots` is asked for when a picture no longer shows what is there.
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
    """What each picture would show of the page that is open, as a digest."""
    found = {}
    for name, (width, height, scheme) in STILLS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(_SETTLED, arg=scheme)
        found[name] = hashlib.sha256(json.dumps(page.evaluate(_SHOWN)).encode()).hexdigest()[:16]
    return found | {TOUR.name: found["explore-light-1400.png"]}  # which begins with that view


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
        tour.go()
        tour.save(TOUR)
        shown = digests(_open(browser, server.url, 1400, 900, "light"))
        browser.close()
    RECORD.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


def _open(browser: Browser, url: str, width: int, height: int, scheme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    wait_for(page, url)
    return page


def wait_for(page: Page, url: str) -> None:
    """Open the page, until nothing more is to come."""
    page.goto(url)
    expect(page.locator("#answer .word")).to_be_visible()
    expect(page.locator("#first")).to_have_count(0)
    page.wait_for_load_state("networkidle")


@dataclass
class Tour:
    """A visit, kept as pictures, each with its milliseconds."""

    page: Page
    frames: list[tuple[Image.Image, int]] = field(default_factory=list)
    at: tuple[float, float] = (560.0, 420.0)

    def go(self) -> None:
        """What a first visitor would like to see, in their order."""
        page = self.page
        page.evaluate(_POINTER)
        self.look(1400)
        self.drag(page.get_by_label("Texture, worst", exact=True), 0.4, answered=True)
        self.look(1000)
        self.drag(page.get_by_label("Concave points, worst", exact=True), 0.75, answered=True)
        self.look(1000)
        self.click(".reason summary", ".reason")
        self.open("what_if", "#what_if table")
        self.open("similar", "#similar table")
        self.open("guess", ".choices")
        self.click('[data-guess="malignant"]', "#guess-card .was", 1800)
        self.open("evidence", ".line-drawing")
        self.drag(page.get_by_label("Threshold", exact=True), 0.25)
        self.look(700)
        self.drag(page.get_by_label("Threshold", exact=True), 0.7)
        self.look(1600)
        self.open("use_it", "#use_it pre")

    def look(self, milliseconds: int) -> None:
        """A picture of the page as it is now."""
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append((shot, milliseconds))

    def open(self, tab: str, content: str) -> None:
        """A tab, until it has its content."""
        self.click(f'[role="tab"][data-tab-id="{tab}"]', content)

    def click(self, target: str, shows: str, milliseconds: int = 1200) -> None:
        """The first of a kind, until what it leads to can be seen."""
        box = self.page.locator(target).first.bounding_box()
        assert box  # noqa: S101  # what is clicked is on the page
        self.glide(box["x"] + min(box["width"] / 2, 60), box["y"] + box["height"] / 2, 5)
        self.page.mouse.click(*self.at)
        expect(self.page.locator(shows).first).to_be_visible()
        self.look(milliseconds)

    def drag(self, slider: Locator, to: float, answered: bool = False) -> None:
        """The slider's thumb to a place on its track, from 0 to 1; the answer may have to follow."""
        before = self.page.locator(".probability").inner_text()
        box = slider.bounding_box()
        assert box  # noqa: S101  # what is dragged is on the page
        share = float(slider.input_value()) / float(slider.get_attribute("max") or 1)
        y = box["y"] + box["height"] / 2
        places = [box["x"] + 6 + (box["width"] - 12) * place for place in (share, to)]
        self.glide(places[0], y, 5)
        self.page.mouse.down()
        self.glide(places[1], y, 12)
        self.page.mouse.up()
        if answered:
            expect(self.page.locator(".probability")).not_to_have_text(before)
        self.page.wait_for_timeout(200)  # the bars have glided to their new lengths

    def glide(self, x: float, y: float, steps: int) -> None:
        """The pointer from where it is, in frames of a fifteenth of a second."""
        start = self.at
        for step in range(1, steps + 1):
            self.at = (start[0] + (x - start[0]) * step / steps, start[1] + (y - start[1]) * step / steps)
            self.page.mouse.move(*self.at)
            self.page.evaluate(_MOVE, list(self.at))
            self.look(66)

    def save(self, path: Path) -> None:
        first, *rest = [frame for frame, _ in self.frames]
        durations = [milliseconds for _, milliseconds in self.frames]
        # flat colours: lossless is a quarter the size of lossy, and leaves no ghosts
        first.save(
            path,
            save_all=True,
            append_images=rest,
            duration=durations,
            loop=0,
            lossless=True,
            quality=80,  # of the search for a small file
            method=4,
            minimize_size=True,
        )


if __name__ == "__main__":
    main()
