"""The model repository holds what was trained; its card's code runs anywhere, with our answers."""

import hashlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
import yaml
from huggingface_hub import hf_hub_download
from packaging.requirements import Requirement

from deploy import model_repo
from model.classifier import ARTIFACT, Classifier
from model.features import NAMES
from model.specimen import Specimen
from tests.deploy.hub_stand_in import HUB, Hub

Cases = list[dict[str, Any]]


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """A copy of the artifact, to be changed."""
    return Path(shutil.copytree(ARTIFACT, tmp_path / "artifact"))


def write_card(directory: Path, text: str) -> None:
    """Write the card and checksums that match it."""
    (directory / "MODEL_CARD.md").write_text(text)
    sums = (directory / "SHA256SUMS").read_text().splitlines()
    others = [line for line in sums if not line.endswith("MODEL_CARD.md")]
    vouched = f"{hashlib.sha256(text.encode()).hexdigest()}  MODEL_CARD.md"
    (directory / "SHA256SUMS").write_text("\n".join([vouched, *others]) + "\n")


def test_holds_the_artifact_the_card_the_pipeline_and_sums_that_vouch_for_all_of_it(artifact: Path) -> None:
    (artifact / "notes.txt").write_text("not the model's")
    files = model_repo.collect(artifact, "ada/model")
    assert {"classifier.json", "cases.json", "README.md", "config.json", model_repo.SKOPS} <= set(files)
    assert not {"MODEL_CARD.md", "notes.txt"} & set(files)
    sums = files.pop("SHA256SUMS").decode().splitlines()
    assert sums == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]
    _, matter, text = files["README.md"].decode().split("---\n", 2)
    fields = yaml.safe_load(matter)
    assert {"skops", "tabular-classification"} <= set(fields["tags"])
    assert list(fields["widget"][0]["structuredData"]) == list(NAMES)
    assert text.index("## Use it") < text.index("## Intended use")
    config = json.loads(files["config.json"])["sklearn"]
    assert config["columns"] == list(NAMES) and config["model"]["file"] in files


def test_what_is_missing_changed_or_of_another_model_is_refused(
    artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refusal() -> str:
        return str(model_repo.main(["--artifact", str(artifact), "--dry-run"]))

    card = (artifact / "MODEL_CARD.md").read_text()
    write_card(artifact, "---\nlibrary_name: sklearn\n---\n")
    assert "make evaluate" in refusal()
    write_card(artifact, card.replace("## Intended use", "## Uses"))
    assert "no part about its intended use" in refusal()
    (artifact / "MODEL_CARD.md").unlink()
    assert "MODEL_CARD.md" in refusal()
    write_card(artifact, card)
    (artifact / "classifier.json").write_bytes(b"{}")
    assert "classifier.json has sha256" in refusal()
    assert capsys.readouterr().out == ""


def test_the_pipeline_is_the_model_in_and_out_of_range_and_no_class_of_ours(classifier: Classifier) -> None:
    file = model_repo.collect(ARTIFACT, "ada/model")[model_repo.SKOPS]
    assert skops.io.get_untrusted_types(data=file) == []
    pipeline = skops.io.loads(file)
    curves = classifier.document["curves"]
    specimens = model_repo.wide_range_specimens(curves)
    low, high = (np.exp([curve["knots"][end] for curve in curves]) for end in (0, -1))
    x = specimens + [curve["offset"] for curve in curves]
    out_of_range = (x < low) | (x > high)
    assert specimens.shape == (10_000, len(NAMES)) and 0.2 < out_of_range.mean() < 0.9
    model_repo.check_parity(pipeline, classifier, specimens)
    pipeline["sum"].coef_[0, 7] += 1e-6
    with pytest.raises(ValueError, match="away from the model"):
        model_repo.check_parity(pipeline, classifier, specimens)


def environment(directory: Path, *packages: str) -> dict[str, str]:
    """The environment of a Python that can import only these packages and their dependencies."""
    wanted, there = list(packages), set[str]()
    directory.mkdir()
    while wanted:
        name = wanted.pop()
        distribution = metadata.distribution(name)
        if name in there:
            continue
        there.add(name)
        needs = map(Requirement, distribution.requires or ())
        wanted += [need.name for need in needs if not need.marker or need.marker.evaluate({"extra": ""})]
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
            if not (directory / top).exists():
                (directory / top).symlink_to(str(distribution.locate_file(top)))
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(directory)}


MALIGNANT = "pipeline.predict_proba([list(specimen.values())])[0][1]"
# Runs blocks of code for each case of the showcase in turn, and prints an expression of their names.
DRIVER = """
import json, sys
blocks, cases, wanted = json.load(sys.stdin)
for case in range(cases):
    there = {"print": lambda *shown: None}
    for block in blocks:
        exec(block.replace('["cases"][0]', f'["cases"][{case}]'), there)
    print(float(eval(wanted, there)))
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the Hub's own client
def test_is_published_once_and_the_code_of_its_card_predicts_the_showcase_anywhere(
    hub: Hub, tmp_path: Path, cases: Cases, classifier: Classifier
) -> None:
    expected = [classifier.predict(Specimen.parse(case["features"])).probability for case in cases]
    for _ in range(2):
        assert model_repo.main(["ada/model"]) is None
    repo = hub.repos["model", "ada/model"]
    assert repo.held == model_repo.collect(ARTIFACT, "ada/model")
    assert len(repo.commits) == 2

    numpy_only, scikit_learn = re.findall(r"```python\n(.*?)```", repo.files["README.md"].decode(), re.DOTALL)
    inspect.signature(hf_hub_download).bind("ada/model", "classifier.json")  # as the code calls it
    for path, content in repo.held.items():
        (tmp_path / path).write_bytes(content)
    for blocks, wanted, packages in (
        ([numpy_only], "probability", ["numpy"]),
        ([numpy_only, scikit_learn], MALIGNANT, ["scikit-learn", "skops"]),
    ):
        there = environment(tmp_path / f"{len(packages)} packages", *packages)
        Path(there["PYTHONPATH"], "huggingface_hub.py").write_text(HUB.format(folder=tmp_path))
        done = subprocess.run(
            [sys.executable, "-S", "-c", DRIVER], input=json.dumps([blocks, len(cases), wanted]),
            env=there, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert list(map(float, done.stdout.split())) == pytest.approx(expected, abs=1e-9)
