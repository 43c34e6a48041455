"""What the tabs draw on the server: what if, similar cases, guess first, score a file."""

import csv
import json
import re
from html import unescape

import gradio as gr
import pytest

from model.explain import Reference
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from ui import charts, guess, score, similar, text, what_if
from ui.context import PageContext
from ui.markup import source

# ---- what if


def test_each_change_leads_to_the_other_verdict(context: PageContext, reference: Reference) -> None:
    leading = 0
    for values in (context.median.values, *reference.values[::12].tolist()):
        specimen = Specimen(tuple(values))
        before = context.classifier.predict(specimen)
        drawn = what_if.draw(context, specimen)
        assert f"<h2>{text.FLIPS_TITLE[before.verdict]}</h2>" in drawn
        links = re.findall(r'class="button" href="\?(.*?)" data-load', drawn)
        assert links or text.FLIPS_NONE in drawn
        rows = re.findall(r'data-head="Changes at">(.*?)</td>', drawn)
        for link, to in zip(links, rows, strict=True):
            changed = context.decode(unescape(link))
            assert context.classifier.predict(changed).verdict not in {before.verdict, "inconclusive"}
            assert float(to) in changed.values
            assert len(to.replace(".", "").lstrip("0")) <= 4, to  # no more digits than the data have
        leading += len(links)
    assert leading > 20


def test_all_thirty_curves_stand_in_the_order_of_their_weight_and_say_what_they_add(
    context: PageContext,
) -> None:
    prediction = context.classifier.predict(context.opening)
    drawn = what_if.draw(context, context.opening)
    shown = dict(re.findall(r'data-curve="(\w+)".*?<b>(.*?)</b>', drawn))
    shares = {share.feature: share.contribution for share in prediction.contributions}
    assert shown == {name: charts.signed(share) for name, share in shares.items()}
    spread = context.classifier.contributions(context.reference.values).std(axis=0)
    weight = dict(zip(NAMES, spread, strict=True))
    assert list(shown) == sorted(shown, key=lambda name: -weight[name])


def test_the_chosen_curve_shows_large_with_both_classes(context: PageContext) -> None:
    for feature in FEATURES[::7]:
        drawn = what_if.draw(context, context.opening, feature.name)
        large = drawn.partition('class="chosen"')[2].partition('class="curves"')[0]
        assert text.CURVE_TITLE.format(feature=feature.spoken) in large
        assert large.count('path class="benign"') == large.count('path class="malignant"') == 1
        assert drawn.count('aria-pressed="true"') == 1


# ---- similar cases


def test_the_five_nearest_are_shown_and_not_the_one_on_screen(
    context: PageContext, reference: Reference
) -> None:
    for row, said in ((40, ""), (452, "None of these 5 was malignant."), (26, "All 5 were malignant.")):
        specimen = Specimen(tuple(reference.values[row].tolist()))
        drawn = similar.draw(context, specimen)
        assert said in drawn
        nearest = [case.row for case in context.explainer.similar(specimen, 6)][1:]
        assert [int(row) for row in re.findall(r'<tr><th scope="row"[^>]*>(\d+)</th>', drawn)] == nearest
        assert [int(row) for row in re.findall(r'href="\?row=(\d+)" data-load', drawn)] == nearest
    nobody = Specimen.parse(context.median.to_dict() | {"area_worst": 4000})
    assert similar.draw(context, nobody).count('<tr><th scope="row"') == 5


# ---- guess first


def test_the_profile_shows_every_value(context: PageContext, reference: Reference) -> None:
    values = reference.values[0]
    drawn = guess.profile(context, 0)
    assert drawn.count('class="here"') == len(FEATURES)
    for column, feature in enumerate(FEATURES):
        assert f'"number">{values[column]:.10g}<' in drawn
        less = reference.values[:, column] < values[column]
        benign, malignant = less[~reference.malignant].mean(), less[reference.malignant].mean()
        said = text.PROFILE_ABOVE.format(benign=f"{benign:.0%}", malignant=f"{malignant:.0%}")
        assert f'title="{feature.label}: {said}"' in drawn


def test_the_question_tells_nothing_and_the_answer_who_was_right(
    context: PageContext, reference: Reference
) -> None:
    rows = (0, 19, 297, 541)  # of both kinds, and some that the model gets wrong
    assert len({guess.question(row).replace(f'data-row="{row}"', "") for row in rows}) == 1
    for row in rows:
        truth = "malignant" if reference.malignant[row] else "benign"
        models = context.classifier.diagnosis(float(reference.probability[row]))
        for guessed in ("benign", "malignant"):
            drawn = guess.answer(context, row, guessed)
            assert f'data-you="{int(guessed == truth)}" data-model="{int(models == truth)}"' in drawn


def test_a_specimen_comes_back_only_when_all_were_shown() -> None:
    assert guess.choose(3, {0, 2}) == 1
    assert guess.choose(3, {0, 1, 2}) in {0, 1, 2}


@pytest.mark.parametrize("row", [-1, 569, "0", None, 1.5])
def test_a_row_that_does_not_exist_is_refused_by_name(context: PageContext, row: object) -> None:
    with pytest.raises(gr.Error, match="There is no specimen"):
        guess.row_of(context, row)


# ---- score a file


def test_the_script_gets_every_word_that_it_asks_for(context: PageContext) -> None:
    found = re.search('data-words="(.*?)"', score.draw(context))
    assert found
    words = json.loads(unescape(found[1]))
    script = source("score.js")
    asked = set(re.findall(r"words\.([a-z_]+)", script))
    asked |= {f"{form}_{n}" for form in re.findall(r'say\("([a-z_]+)"', script) for n in ("one", "many")}
    assert asked <= words.keys()
    assert tuple(words["labels"]) == NAMES


def test_the_sample_holds_real_specimens_with_their_diagnoses(
    context: PageContext, reference: Reference
) -> None:
    rows = list(csv.DictReader(score.sample(context).splitlines()))
    assert len(rows) > 15
    for row in rows:
        number = int(row["id"])
        assert [float(row[name]) for name in NAMES] == reference.values[number].tolist()
        assert row["diagnosis"] == "BM"[int(reference.malignant[number])]
