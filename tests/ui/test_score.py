"""The tab for a table hands the script every word that it needs, and a sample that can be scored."""

import csv
import json
import re
from html import unescape

from model.features import NAMES
from model.specimen import Specimen
from ui import score
from ui.explorer import Explorer


def test_the_script_gets_every_word_that_it_asks_for(explorer: Explorer) -> None:
    found = re.search('data-words="(.*?)"', score.draw(explorer))
    assert found
    words = json.loads(unescape(found[1]))
    script = score._SCRIPT
    asked = set(re.findall(r"words\.([a-z_]+)", script))
    asked |= {f"{form}_{n}" for form in re.findall(r'say\("([a-z_]+)"', script) for n in ("one", "many")}
    assert asked <= words.keys()
    assert tuple(words["labels"]) == NAMES


def test_the_sample_holds_real_specimens_with_their_diagnoses(explorer: Explorer) -> None:
    rows = list(csv.DictReader(score.sample(explorer).splitlines()))
    assert len(rows) > 15
    for row in rows:
        values = explorer.reference.values[int(row["id"])].tolist()
        assert Specimen.parse({name: float(row[name]) for name in NAMES}).values == tuple(values)
        assert row["diagnosis"] == "BM"[int(explorer.reference.malignant[int(row["id"])])]
