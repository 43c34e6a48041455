"""What if: the flips lead where they say, and the whole model is drawn with the specimen on every curve."""

import re

import pytest

from model.features import FEATURES, NAMES
from ui import charts, text, what_if
from ui.explorer import Explorer


@pytest.mark.parametrize("query", ["case=case-1", "case=case-2", "case=case-3", "case=median"])
def test_each_change_leads_to_the_other_verdict(explorer: Explorer, query: str) -> None:
    specimen = explorer.links.decode(query)
    before = explorer.classifier.predict(specimen)
    drawn = what_if.draw(explorer, specimen)
    assert f"<h2>{text.FLIPS_TITLE[before.verdict]}</h2>" in drawn
    links = re.findall(r'class="button" href="\?(.*?)" data-load', drawn)
    assert links or text.FLIPS_NONE in drawn
    for link in links:
        after = explorer.classifier.predict(explorer.links.decode(link.replace("&amp;", "&")))
        assert after.verdict not in {before.verdict, "inconclusive"}


def test_all_thirty_curves_stand_in_the_order_of_their_weight(explorer: Explorer) -> None:
    drawn = what_if.draw(explorer, explorer.opening)
    shown = re.findall(r'data-curve="(\w+)"', drawn)
    assert sorted(shown) == sorted(NAMES)
    spread = dict(
        zip(NAMES, explorer.classifier.contributions(explorer.reference.values).std(axis=0), strict=True)
    )
    assert shown == sorted(shown, key=lambda name: -spread[name])


def test_each_curve_says_what_it_adds_here(explorer: Explorer) -> None:
    prediction = explorer.classifier.predict(explorer.opening)
    drawn = what_if.draw(explorer, explorer.opening)
    for share in prediction.contributions:
        said = re.search(f'data-curve="{share.feature}".*?<b>(.*?)</b>', drawn)
        assert said
        assert said[1] == charts.signed(share.contribution)


def test_the_chosen_curve_shows_large_with_both_classes(explorer: Explorer) -> None:
    for feature in FEATURES[::7]:
        drawn = what_if.draw(explorer, explorer.opening, feature.name)
        large = drawn.partition('class="chosen"')[2].partition('class="curves"')[0]
        assert text.CURVE_TITLE.format(feature=feature.spoken) in large
        assert large.count('path class="benign"') == large.count('path class="malignant"') == 1
        assert drawn.count('aria-pressed="true"') == 1
