"""The other tabs, as a visitor uses them: guess, score a file, move the threshold, copy code."""

import json
import re
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from model.classifier import Classifier
from model.evidence import Evidence
from model.explain import Reference
from model.features import NAMES
from model.table import score
from tests.browser.conftest import Open


def show(page: Page, tab: str) -> None:
    page.locator(f'[role="tab"][data-tab-id="{tab}"]').click()


def test_a_guess_by_the_keyboard_is_answered_and_counted(page: Page, reference: Reference) -> None:
    show(page, "guess")
    expect(page.locator(".choices")).to_be_visible()
    for count in (1, 2):
        expect(page.locator("[data-you]")).to_have_count(0)  # nothing tells who will be right
        page.keyboard.press("b")
        expect(page.locator("#guess-card")).to_contain_text("It was")
        row = int(page.locator("#guess-card [data-row]").get_attribute("data-row") or "")
        was = "Malignant" if reference.malignant[row] else "Benign"
        expect(page.locator("#guess-card .was")).to_contain_text(was)
        expect(page.locator('[data-tally="all"]').first).to_have_text(str(count))
        page.keyboard.press("n")
        expect(page.locator('[data-guess="benign"]')).to_be_visible()
    page.reload()
    show(page, "guess")
    expect(page.locator('[data-tally="all"]').first).to_have_text("2")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".tally")).to_be_hidden()


def test_a_specimen_guessed_opens_in_the_explorer(page: Page) -> None:
    seen = (
        "{seen: [...Array(569).keys()].filter(row => row !== 40)}"  # so that row 40 is what is left to guess
    )
    page.evaluate(f"localStorage.setItem('breast-fna-explorer:guesses', JSON.stringify({seen}))")
    show(page, "guess")
    page.locator('[data-guess="malignant"]').click()
    page.get_by_role("link", name="Open in Explore").click()
    expect(page.locator("#grid")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?row=40$"))


def counts(threshold: float) -> tuple[float, float]:
    """Missed cancers and false alarms at a threshold, according to the evidence."""
    found = Evidence.load().threshold
    row = found.grid.index(threshold)
    return found.missed[row], found.false_alarms[row]


def test_counts_and_predictive_values_follow_threshold_and_prevalence(
    page: Page, classifier: Classifier
) -> None:
    show(page, "evidence")
    slider, count = page.get_by_label("Threshold", exact=True), page.locator('[data-out="missed"]')
    typed = page.locator('[data-dial="threshold"] input[type="text"]')
    before = str(count.text_content())
    slider.press("End")
    expect(count).not_to_have_text(before)
    page.locator('[data-dial="threshold"] [data-back]').click()
    expect(count).to_have_text(before)
    expect(slider).to_have_attribute("aria-valuetext", f"{100 * classifier.threshold:g} %")
    typed.fill("much")
    expect(typed).to_have_attribute("aria-invalid", "true")
    expect(count).to_have_text(before)
    page.locator('[data-dial="prevalence"] input[type="text"]').fill("1 %")
    for threshold in (0.05, 0.3, 0.9):
        typed.fill(str(threshold))
        missed, alarms = counts(threshold)
        whole = {"missed": int(missed + 0.5), "alarms": int(alarms + 0.5)}
        whole |= {"found": 212 - whole["missed"], "cleared": 357 - whole["alarms"]}
        shares = {"sensitivity": 1 - missed / 212, "specificity": 1 - alarms / 357}
        found, alarmed = 0.01 * shares["sensitivity"], 0.99 * alarms / 357
        shares["ppv"] = found / (found + alarmed)
        shown = {name: f"{100 * share:.1f} %" for name, share in shares.items()}
        for name, words in (whole | shown).items():
            expect(page.locator(f'[data-out="{name}"]')).to_have_text(str(words))
        expect(page.locator(".marks .wrong")).to_have_count(whole["missed"] + whole["alarms"])
    page.get_by_role("button", name="The model card").click()
    expect(page.get_by_role("heading", name="Intended use")).to_be_visible()


def answer_as_rest(page: Page, content: bytes) -> None:
    """Answer the page's script with the results of ``model.table``."""
    made = BytesIO()
    summary = score(BytesIO(content), made, Classifier.load()).to_dict()

    def fulfil(route: Route) -> None:
        if route.request.headers["accept"] == "application/json":
            route.fulfill(json=summary)
        else:
            route.fulfill(body=made.getvalue(), content_type="text/csv")

    page.route("**/v1/score*", fulfil)


def test_a_table_is_summed_up_and_comes_back_whole(page: Page, tmp_path: Path, reference: Reference) -> None:
    rows = [",".join(map(repr, row)) for row in reference.values[:3].tolist()]
    content = "\n".join([",".join(NAMES), rows[0], "wide" + rows[1], rows[2]])
    (tmp_path / "mine.csv").write_text(content, encoding="utf-8")
    answer_as_rest(page, content.encode())
    show(page, "score")
    page.set_input_files("#score input[type=file]", tmp_path / "mine.csv")
    expect(page.locator("#score [role=status]")).to_contain_text("2 of the 3 rows of mine.csv were scored.")
    expect(page.locator("#score table.faults")).to_contain_text("Radius, mean")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all rows").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert download.value.suggested_filename == "scored-mine.csv"
    assert lines[0].endswith("warnings,error")
    assert len(lines) == 4


def test_the_code_has_the_address_of_the_page_and_the_case_on_screen(open_page: Open, server: str) -> None:
    page = open_page("/?row=40")
    show(page, "use_it")
    code = page.locator('[data-snippet="curl"] pre')
    expect(code).to_contain_text(f"{server}/v1/predict")
    assert (
        json.loads((code.text_content() or "").partition("-d '")[2].rstrip("'"))["features"]["radius_mean"]
        == 13.44
    )


def test_gradios_own_description_still_lists_every_endpoint(browser: Browser, server: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(server)
        page.get_by_role("link", name="Use via API").click()
        page.locator(".api-docs").get_by_text("Python", exact=True).first.click()
        for name in ("/predict", "/explain", "/score_csv", "fractal_dimension_worst"):
            expect(page.locator(".api-docs")).to_contain_text(name)


def test_the_frame_shows_the_case_and_takes_its_height(open_page: Open) -> None:
    page = open_page("/?row=40")
    show(page, "use_it")
    expect(page.locator('[data-snippet="iframe"] pre')).to_contain_text("http")
    code = page.locator('[data-snippet="iframe"] pre').text_content()
    another = page.url.split("?")[0] + "another"
    page.route(
        another, lambda route: route.fulfill(content_type="text/html", body=f"<p>Another page</p>{code}")
    )
    page.goto(another)
    expect(page.frame_locator("#fna").locator(".answer .word")).to_be_visible()
    page.wait_for_function("document.querySelector('#fna').style.height !== '600px'")
