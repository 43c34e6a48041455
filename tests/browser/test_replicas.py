"""The page behind three replicas that answer by turns: no tab needs to come back to the one it came from."""

import re
from typing import Any

from playwright.sync_api import Browser, Response, expect


def test_whichever_replica_answers_every_tab_works(
    browser: Browser, balanced: tuple[str, str], cases: list[dict[str, Any]]
) -> None:
    close = next(case for case in cases if "borderline-malignant" in case["aliases"])  # one change turns it
    failed: list[str] = []

    def heard(answer: Response) -> None:
        if answer.status >= 400:
            failed.append(f"{answer.status} {answer.url}")

    with browser.new_context() as context:
        page = context.new_page()
        page.on("response", heard)

        def show(tab: str) -> None:
            page.locator(f'[role="tab"][data-tab-id="{tab}"]').click()

        page.goto(f"{balanced[0]}/?case={close['key']}")
        expect(page.locator(".case")).to_contain_text(close["title"], timeout=30_000)
        page.locator('[data-feature="area_worst"] input[type="range"]').press("ArrowRight")
        expect(page).to_have_url(re.compile("area_worst="))
        show("what_if")
        page.locator("table.flips").get_by_role("link", name="Try it").first.click()
        expect(page.locator(".case")).to_contain_text(re.compile("changed|changes"))
        page.get_by_label("Feature").select_option("texture_worst")
        expect(page.get_by_role("img", name=re.compile("against Texture, worst"))).to_be_visible()
        show("similar")
        page.locator("table.similar").get_by_role("link", name="Load").first.click()
        expect(page).to_have_url(re.compile(r"row=\d+$|case="))
        show("guess")
        for _ in range(2):
            page.locator('[data-guess="benign"]').click()
            expect(page.locator("#guess-card .was")).to_be_visible()
            page.locator("[data-next]").click()
        show("evidence")
        expect(page.locator('[data-out="missed"]')).to_have_text(re.compile(r"\d"))
        page.get_by_role("button", name="The model card").click()
        expect(page.get_by_role("heading", name="Intended use")).to_be_visible()
        show("use_it")
        expect(page.locator('[data-snippet="curl"] pre')).to_contain_text(f"{balanced[0]}/v1/predict")
        shared = page.url
        answer = page.locator("#answer .probability").inner_text()
        page.goto("about:blank")
        page.goto(shared)
        expect(page.locator("#answer .probability")).to_have_text(answer)
    assert not failed, failed
