"""The table of features may grow by what has no full set of statistics: all of model/ follows."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from model.features import NAMES
from tests.conftest import ROOT

# a measurement without a standard error, and a single number that may be below zero
MORE = """
    Measurement("contrast", "Contrast", "", "", ((0.5, 2.0, 2), None, (0.6, 4.0, 2))),
    Measurement("balance", "Balance", "", "", ((-3.0, 9.0, 1),), signed=True, synonyms=("tilt",)),
"""

# Makes a model of random curves for the features, calls all its methods, and prints what they return.
ASK = """
import json
import numpy as np
from model.classifier import Classifier
from model.explain import Explainer, Reference
from model.features import BY_NAME, FEATURES, NAMES
from model.geometry import RELATIONS
from model.names import resolve, suggest
from model.specimen import InvalidSpecimen, Specimen

random = np.random.default_rng(1)
p = len(NAMES)
low, high = np.array([(f.low, f.high) for f in FEATURES]).T
shift = np.array([f.shift for f in FEATURES])
values = random.uniform(low, high, (200, p))
knots = np.linspace(np.log(low + shift), np.log(high + shift), 9).T.tolist()
document = json.load(open("model/artifact/classifier.json"))
document |= {
    "curves": [
        {"feature": f.name, "offset": f.shift, "knots": knots[i], "values": random.normal(size=9).tolist()}
        for i, f in enumerate(FEATURES)
    ],
    "reference": {"logit": 0.0, "values": values[0].tolist()},
    "relations": [{"name": "contrast_worst >= mean", "low": 1.0, "high": None}],
    "novelty": {
        "limit": 99.0, "mean": [0.0] * p, "spread": [1.0] * p, "whitening": [0.01] * (p * (p + 1) // 2)
    },
}
classifier = Classifier(document)
explainer = Explainer(classifier, Reference(values, random.random(200) < 0.4, random.random(200)))
specimen = Specimen.parse(dict(zip(NAMES, values[1].tolist())))
one, many = classifier.predict(specimen), classifier.predict_many(values)
np.testing.assert_allclose(many.probability[1], one.probability)
odd = specimen.to_dict() | {"balance": -50.0, "contrast_worst": 0.4, "contrast_mean": 1.0}
try:
    Specimen.parse(specimen.to_dict() | {"balance": "x", "contrast_mean": -1})
except InvalidSpecimen as invalid:
    faults = [(fault.code, fault.feature) for fault in invalid.faults]
print(json.dumps([
    [len(NAMES), *(name for name in NAMES if name.startswith(("contrast", "balance")))],
    [BY_NAME["balance"].label, BY_NAME["balance"].spoken],
    [r.name for r in RELATIONS if "contrast" in r.name or "balance" in r.name],
    [resolve("Tilt"), resolve("worst contrast"), resolve("contrast_se"), suggest("balanse")],
    [w.features for w in classifier.predict(Specimen.parse(odd)).warnings],
    faults,
    [len(explainer.nearest(one.probability).specimens), len(explainer.similar(specimen))],
    all(flip.feature in NAMES for flip in explainer.flips(specimen)),
]))
"""


def test_features_without_a_full_set_of_statistics_are_scored_explained_and_warned_of(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "model", tmp_path / "model", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "model/features.py"
    text = table.read_text(encoding="utf-8")
    assert text.count("MEASUREMENTS = (\n") == 1
    table.write_text(text.replace("MEASUREMENTS = (\n", f"MEASUREMENTS = ({MORE}"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        [len(NAMES) + 3, "contrast_mean", "contrast_worst", "balance"],
        ["Balance", "balance"],
        ["contrast_worst >= mean"],
        ["balance", "contrast_worst", None, ["balance"]],
        [["contrast_worst"], ["balance"], ["contrast_worst", "contrast_mean"]],
        [["negative", "contrast_mean"], ["not_a_number", "balance"]],
        [20, 5],
        True,
    ]
