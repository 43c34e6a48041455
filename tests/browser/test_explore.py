"""The first tab in a real browser: sliders, numbers, the answer, the address."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from model.classifier import Classifier
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from tests.browser import number, slider
from tests.browser.conftest import Open
from ui import text
from ui.charts import percent


def expect_answer(page: Page, classifier: Classifier, values: dict[str, float]) -> None:
    prediction = classifier.predict(Specimen.parse(values))
    expect(page.locator("#answer .word")).to_have_text(text.VERDICT[prediction.verdict])
    expect(page.locator("#answer .probability")).to_have_text(percent(prediction.probability))


def settled(page: Page) -> None:
    """Wait until the server has answered for the values on screen."""
    expect(page.locator("html:not(.unconfirmed)")).to_be_attached()
    page.wait_for_load_state("networkidle")


def test_the_page_opens_with_a_clear_case_and_one_invitation(
    page: Page, classifier: Classifier, cases: list[dict[str, Any]]
) -> None:
    for feature in FEATURES:
        value = cases[0]["features"][feature.name]
        expect(number(page, feature.name)).to_have_value(f"{value!r}".removesuffix(".0"))
        expect(slider(page, feature.name)).to_have_attribute("aria-valuetext", re.compile(rf"^{value:g}"))
    expect_answer(page, classifier, cases[0]["features"])
    expect(page.locator(".invitation")).to_have_text(text.INVITATION)
    assert page.locator(".cases a").all_inner_texts() == [case["title"] for case in cases[:6]]
    page.locator(".more summary").click()
    interval = page.locator('[data-out="interval"]')
    expect(interval).to_contain_text("interval goes from < 0.1 % to 0.8 %")
    page.get_by_role("link", name=cases[5]["title"], exact=True).click()
    expect(interval).to_contain_text("interval stays < 0.1 %")


def test_a_case_loads_with_its_answer_and_back_and_forward_walk_through_them(
    page: Page, classifier: Classifier, cases: list[dict[str, Any]]
) -> None:
    for case in cases[1:4]:
        page.get_by_role("link", name=case["title"], exact=True).click()
        expect_answer(page, classifier, case["features"])
        expect(number(page, "area_worst")).to_have_value(f"{case['features']['area_worst']:g}")
        expect(page).to_have_url(re.compile(f"case={case['key']}$"))
    for walk, case in ((page.go_back, cases[2]), (page.go_back, cases[1]), (page.go_forward, cases[2])):
        walk()
        expect(page.locator(".case")).to_contain_text(case["title"])


def test_the_chosen_case_is_in_view_on_a_phone(open_page: Open, cases: list[dict[str, Any]]) -> None:
    page = open_page(f"/?case={cases[5]['key']}", viewport={"width": 360, "height": 740})
    for case in (cases[5], cases[2]):
        chosen = page.locator('.cases a[aria-current="true"]')
        expect(chosen).to_have_text(case["title"])
        box = chosen.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
        page.get_by_role("link", name=cases[2]["title"], exact=True).click()


def test_a_slider_moves_by_key_and_a_number_is_typed_and_the_answer_follows(
    open_page: Open, classifier: Classifier
) -> None:
    page = open_page("/?case=median", locale="de-DE")
    case = page.locator("[data-out=case]")
    expect(case).to_have_text("The median of all specimens.")
    values = dict(zip(NAMES, classifier.median.tolist(), strict=True))
    slider(page, "area_worst").press("End")
    expect(case).to_have_text("The median of all specimens, with worst area changed.")
    values["area_worst"] = float(number(page, "area_worst").input_value())
    assert values["area_worst"] > 4254
    expect(slider(page, "area_worst")).to_have_attribute("aria-valuetext", f"{values['area_worst']:g} u²")
    expect_answer(page, classifier, values)
    expect(page.locator(".warnings")).to_contain_text("Worst area is")
    expect(page.locator('[data-feature="area_worst"]')).to_have_class(re.compile("marked"))
    for typed, value in (("33.33", 33.33), ("12,5", 12.5)):  # a comma may stand for the point
        number(page, "texture_mean").fill(typed)
        number(page, "texture_mean").press("Enter")
        expect(page).to_have_url(re.compile(rf"texture_mean={value}\b"))
        values["texture_mean"] = value
        expect_answer(page, classifier, values)
    expect(case).to_have_text("The median of all specimens, with 2 changes.")
    number(page, "radius_mean").focus()
    expect(number(page, "texture_mean")).to_have_value("12.5")
    place = float(slider(page, "texture_mean").input_value())
    number(page, "texture_mean").press("ArrowUp")  # its slider's step
    assert float(slider(page, "texture_mean").input_value()) == pytest.approx(place + 5, abs=1)
    above = float(number(page, "texture_mean").input_value())
    assert above > 12.5
    expect(page).to_have_url(re.compile(f"texture_mean={above}"))
    number(page, "texture_mean").press("ArrowDown")
    assert 12.4 < float(number(page, "texture_mean").input_value()) < above


def test_a_value_that_cannot_be_says_so_beside_its_box_and_is_not_asked_about(page: Page) -> None:
    settled(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    other, fault = number(page, "texture_mean"), page.locator('[data-feature="area_mean"] .fault')
    said = {
        "-3": "No area is below 0.", "": "Enter a number.", "a lot": "“a lot” is not a number.",
        "1,001": "“1,001” could be two numbers.", "12.5.6": "“12.5.6” is not a number.",
    }  # fmt: skip
    for i, (typed, why) in enumerate(said.items()):
        number(page, "area_mean").fill(typed)
        number(page, "area_mean").press("Enter")
        expect(number(page, "area_mean")).to_have_attribute("aria-invalid", "true")
        expect(fault).to_contain_text(why)
        other.fill(f"33.3{i + 1}")  # of the two changes only this one is asked about
        other.press("Enter")
        expect(page).to_have_url(re.compile(f"texture_mean=33.3{i + 1}$"))
        settled(page)
        assert len([url for url in asked if "/v1/predict" in url]) == i + 1, (typed, asked)


def test_of_hurried_choices_the_last_one_wins(page: Page, cases: list[dict[str, Any]]) -> None:
    page.wait_for_selector(".cases a")
    for case in cases[:6]:
        page.evaluate("key => document.querySelector(`.cases a[href='?case=${key}']`).click()", case["key"])
    expect(page).to_have_url(re.compile(cases[5]["key"]))
    expect(page.locator(".case")).to_contain_text(cases[5]["title"])
    expect(number(page, "area_worst")).to_have_value(f"{cases[5]['features']['area_worst']:g}")


def test_a_broken_link_says_what_is_wrong_and_shows_the_opening_case(
    open_page: Open, cases: list[dict[str, Any]]
) -> None:
    page = open_page("/?case=nobody&area_wrst=700&radius_mean=-1", viewport={"width": 360, "height": 740})
    alert = page.get_by_role("alert").filter(has_text="does not work")
    expect(alert).to_be_in_viewport(ratio=1)
    expect(alert).to_contain_text("'nobody'")
    expect(alert).to_contain_text("area_worst")
    expect(alert).to_contain_text("radius_mean is '-1'")
    expect(page.locator(".case")).to_contain_text(cases[0]["title"])


def test_the_reasons_that_a_visitor_opened_stay_open(page: Page, cases: list[dict[str, Any]]) -> None:
    page.get_by_role("link", name=cases[0]["title"], exact=True).click()
    expect(page).to_have_url(re.compile("case="))
    page.get_by_role("button", name="Show all 10").click()
    page.locator('[data-reason="texture"] summary').click()
    page.get_by_role("link", name=cases[1]["title"], exact=True).click()
    expect(page).to_have_url(re.compile(cases[1]["key"]))
    assert page.locator('[data-reason="texture"]').get_attribute("open") is not None
    assert page.locator(".reason[open]").count() == 1


def test_ten_rows_fit_a_small_laptop_and_the_verdict_stays_in_sight_at_any_size(page: Page) -> None:
    for feature in FEATURES:
        expect(slider(page, feature.name)).to_be_in_viewport(ratio=1)
    expect(page.locator("#answer .scale")).to_be_in_viewport(ratio=1)
    for width, height in ((1280, 720), (768, 900), (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        slider(page, "fractal_dimension_worst").scroll_into_view_if_needed()
        expect(page.locator("#answer .word")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("path", "width"), [("/", 1400), ("/", 360), ("/embed", 700)])
def test_the_densities_lie_on_the_scale_of_their_slider(open_page: Open, path: str, width: int) -> None:
    off = open_page(path, viewport={"width": width, "height": 800}).evaluate(
        """() => [...document.querySelectorAll("#grid .cell")].flatMap(cell => {
            if (!cell.checkVisibility()) return [];
            const densities = cell.querySelector(".densities").getBoundingClientRect();
            const slider = cell.querySelector('[type="range"]').getBoundingClientRect();
            const half = 6;  // half a thumb, which goes from end to end with its edges
            const ends = [densities.left - slider.left - half, slider.right - densities.right - half];
            const middle = densities.top + densities.height / 2, row = cell.getBoundingClientRect();
            return [...ends, middle - slider.top - slider.height / 2, middle - row.top - row.height / 2];
        })"""
    )
    assert len(off) == 4 * (10 if path == "/embed" else 30)
    assert max(map(abs, off)) < 0.5


def test_a_finger_that_scrolls_the_page_moves_no_slider(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    slider(page, "area_mean").scroll_into_view_if_needed()
    expect(slider(page, "area_mean")).to_be_in_viewport(ratio=1)
    box, scrolled = slider(page, "area_mean").bounding_box(), page.evaluate("scrollY")
    assert box
    before = [number(page, f.name).input_value() for f in FEATURES]
    touch = page.context.new_cdp_session(page)
    start = {"x": box["x"] + box["width"] * 0.9, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [start]})
    for way in range(0, 200, 20):
        points = [{"x": start["x"], "y": start["y"] - way}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("before => scrollY > before + 100", arg=scrolled)
    assert [number(page, f.name).input_value() for f in FEATURES] == before
