"""Each of the other tabs, as a visitor uses it."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from model.classifier import Classifier
from model.evidence import Evidence
from model.explain import Reference
from model.features import NAMES
from model.specimen import Specimen
from tests.browser import number, open_tab
from tests.browser.conftest import Open
from ui import text


def test_a_change_that_flips_the_answer_is_tried_with_one_click(
    open_page: Open, classifier: Classifier
) -> None:
    page = open_page("/?case=case-3")
    open_tab(page, "what_if")
    before = page.locator("#answer .word").inner_text()
    row = page.locator("table.flips tbody tr").first
    turns_at = row.locator("td").nth(1).inner_text()
    row.get_by_role("link", name="Try it").click()
    expect(page).to_have_url(re.compile(re.escape(f"={turns_at}")))
    values = {name: float(number(page, name).input_value()) for name in NAMES}
    flipped = classifier.predict(Specimen.parse(values)).verdict
    assert text.VERDICT[flipped] != before
    assert flipped != "inconclusive"
    expect(page.locator("table.flips")).to_be_visible()
    page.locator(".case").get_by_role("link", name="Undo").click()
    expect(page.locator("#answer .word")).to_have_text(before)


def test_the_curve_is_that_of_the_chosen_feature_and_stays_with_it(
    page: Page, cases: list[dict[str, Any]]
) -> None:
    open_tab(page, "what_if")
    page.locator('[data-curve="texture_worst"]').click()
    curve = page.get_by_role("img", name=re.compile("Texture, worst"))
    expect(curve).to_be_visible()
    expect(page).to_have_url(re.compile("curve=texture_worst"))
    here = curve.locator(".caption").inner_text()
    open_tab(page, "explore")
    page.get_by_role("link", name=cases[1]["title"], exact=True).click()
    expect(page).to_have_url(re.compile(cases[1]["key"]))
    open_tab(page, "what_if")
    expect(curve).to_be_visible()
    expect(curve.locator(".caption")).not_to_have_text(here)


def test_what_is_pressed_while_an_answer_comes_stays_until_it_is_let_go(open_page: Open) -> None:
    page = open_page("/?case=case-3&tab=what_if")
    change = page.locator("table.flips").get_by_role("link", name="Try it").first
    expect(change).to_be_visible()
    held: list[Route] = []
    page.route("**/gradio_api/run/**", lambda route, _: held.append(route))
    page.evaluate("document.querySelector('.cases a').click()")  # of this case no change leads elsewhere
    expect(page.locator(".awaited")).to_have_count(1)
    change.hover()
    page.mouse.down()
    with page.expect_response("**/gradio_api/run/**"):
        held[0].continue_()
    page.unroute("**/gradio_api/run/**")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")  # in which the table would go
    page.mouse.up()
    expect(page).to_have_url(re.compile("case=case-3&.+="))


def test_a_similar_case_loads_with_a_click_and_tells_its_diagnosis(page: Page) -> None:
    open_tab(page, "similar")
    row = page.locator("table.similar tbody tr").first
    specimen, was = row.locator("th").inner_text(), row.locator("td").first.inner_text()
    row.get_by_role("link", name="Open").click()
    expect(page.locator("table.similar tbody th").first).not_to_have_text(specimen)
    page.locator(".truth summary").click()
    expect(page.locator(".truth p")).to_contain_text(was.strip().lower())


def test_guesses_by_the_keyboard_are_answered_and_counted(page: Page, reference: Reference) -> None:
    seen = "{seen: [...Array(569).keys()].filter(row => row !== 40)}"  # so row 40 is left to guess
    page.evaluate(f"localStorage.setItem('breast-fna-explorer:guesses', JSON.stringify({seen}))")
    open_tab(page, "guess")
    for count in (1, 2):
        expect(page.locator("[data-you]")).to_have_count(0)  # nothing tells who will be right
        row = int(str(page.locator("#guess-card [data-row]").get_attribute("data-row")))
        assert count == 2 or row == 40
        page.keyboard.press("b")
        was = "Malignant" if reference.malignant[row] else "Benign"
        expect(page.locator("#guess-card .was")).to_contain_text(f"It was{was}")
        expect(page.locator('[data-tally="all"]').first).to_have_text(str(count))
        page.keyboard.press("n")
        expect(page.locator('[data-guess="benign"]')).to_be_visible()
    page.reload()
    open_tab(page, "guess")
    expect(page.locator('[data-tally="all"]').first).to_have_text("2")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".tally")).to_be_hidden()
    row = int(str(page.locator("#guess-card [data-row]").get_attribute("data-row")))
    page.locator('[data-guess="malignant"]').click()
    page.get_by_role("link", name="Open in Explore").click()
    expect(page.locator("#grid")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"row={row}$|case="))


def test_counts_and_predictive_values_follow_threshold_and_prevalence(
    page: Page, classifier: Classifier
) -> None:
    open_tab(page, "evidence")
    slider, missed = page.get_by_label("Threshold", exact=True), page.locator('[data-out="missed"]')
    typed, prevalence = (
        page.locator(f'[data-dial="{dial}"] input[type="text"]') for dial in ("threshold", "prevalence")
    )
    before = str(missed.text_content())
    slider.press("End")
    expect(missed).not_to_have_text(before)
    page.locator('[data-dial="threshold"] [data-back]').click()
    expect(missed).to_have_text(before)
    expect(slider).to_have_attribute("aria-valuetext", f"{100 * classifier.threshold:g} %")
    typed.fill("much")
    expect(typed).to_have_attribute("aria-invalid", "true")
    expect(missed).to_have_text(before)
    for entered, value, said in (
        ("0.5", "50 %", "0.5 is read as 50 %."),
        ("12,5 %", "12.5 %", ""),
        ("1", "1 %", "1 is read as 1 %."),
    ):
        prevalence.fill(entered)
        expect(page.locator('[data-dial="prevalence"] .taken')).to_have_text(said)
        prevalence.blur()
        expect(prevalence).to_have_value(value)
    found = Evidence.load().threshold
    for threshold in (0.05, 0.3, 0.9):
        typed.fill(str(threshold))
        at = found.grid.index(threshold)
        shares = {"sensitivity": 1 - found.missed[at] / 212, "specificity": 1 - found.false_alarms[at] / 357}
        hits, alarms = 0.01 * shares["sensitivity"], 0.99 * (1 - shares["specificity"])
        shares["ppv"] = hits / (hits + alarms)
        whole = {"missed": int(found.missed[at] + 0.5), "alarms": int(found.false_alarms[at] + 0.5)}
        expect(page.locator(".marks .wrong")).to_have_count(sum(whole.values()))
        whole |= {"found": 212 - whole["missed"], "cleared": 357 - whole["alarms"]}
        for name, shown in (whole | {name: f"{100 * share:.1f} %" for name, share in shares.items()}).items():
            expect(page.locator(f'[data-out="{name}"]')).to_have_text(str(shown))
    page.get_by_role("button", name="The model card").click()
    expect(page.get_by_role("heading", name="Intended use")).to_be_visible()


def test_a_table_is_summed_up_and_comes_back_whole(page: Page, tmp_path: Path, reference: Reference) -> None:
    rows = [",".join(map(repr, row)) for row in reference.values[:3].tolist()]
    content = "\n".join([",".join(NAMES), rows[0], "wide" + rows[1], rows[2]])
    (tmp_path / "mine.csv").write_text(content, encoding="utf-8")
    open_tab(page, "score")
    page.set_input_files("#score input[type=file]", tmp_path / "mine.csv")
    expect(page.locator("#score [role=status]")).to_contain_text("2 of the 3 rows of mine.csv were scored.")
    expect(page.locator("#score table.faults")).to_contain_text("Radius, mean")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all rows").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert download.value.suggested_filename == "scored-mine.csv"
    assert lines[0].endswith("warnings,error")
    assert len(lines) == 4


def test_the_code_is_of_this_page_and_case_and_its_frame_takes_its_height(
    open_page: Open, server: str
) -> None:
    page = open_page("/?row=40")
    open_tab(page, "use_it")
    shell, frame = (
        str(page.locator(f'[data-snippet="{name}"] pre').text_content()) for name in ("curl", "iframe")
    )
    assert f"{server}/v1/predict" in shell
    assert json.loads(shell.partition("-d '")[2].rstrip("'"))["features"]["radius_mean"] == 13.44
    another = f"{server}/another"
    page.route(
        another, lambda route: route.fulfill(content_type="text/html", body=f"<p>Another page</p>{frame}")
    )
    page.goto(another)
    expect(page.frame_locator("#fna").locator(".case")).to_contain_text("Specimen 40 of the data")
    page.wait_for_function("parseInt(document.querySelector('#fna').style.height) > 600")


def test_gradios_own_description_still_lists_every_endpoint(browser: Browser, server: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(server)
        page.get_by_role("link", name="Use via API").click()
        page.locator(".api-docs").get_by_text("Python", exact=True).first.click()
        for name in ("/predict", "/explain", "/score_csv", "fractal_dimension_worst"):
            expect(page.locator(".api-docs")).to_contain_text(name)
