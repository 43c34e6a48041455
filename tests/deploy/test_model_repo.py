"""The model repository holds what was trained; its card's code runs anywhere, with our answers."""

import hashlib
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
from huggingface_hub import constants
from packaging.requirements import Requirement

from deploy import model_repo
from model.classifier import Classifier
from model.features import NAMES
from model.specimen import Specimen
from tests.conftest import ROOT
from tests.deploy.hub_server import TOKEN, hub_server

Cases = list[dict[str, Any]]


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """The artifact with a short card of this very model."""
    directory = tmp_path / "artifact"
    shutil.copytree(model_repo.ARTIFACT, directory)
    sha256 = model_repo.sha256((directory / "classifier.json").read_bytes())
    front = "---\nlibrary_name: sklearn\ntags:\n- medical\n---\n"
    (directory / "MODEL_CARD.md").write_text(f"{front}\n# Card\n{sha256}\n\n## Intended use\n\nTeaching.\n")
    return directory


def test_holds_the_artifact_the_card_the_pipeline_and_sums_that_vouch_for_all_of_it(artifact: Path) -> None:
    (artifact / "notes.txt").write_text("not the model's")
    files = model_repo.collect(artifact, "ada/model")
    assert {"classifier.json", "cases.json", "README.md", "config.json", model_repo.SKOPS} <= set(files)
    assert not {"MODEL_CARD.md", "notes.txt"} & set(files)
    sums = files.pop("SHA256SUMS").decode().splitlines()
    assert sums == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]
    _, matter, text = files["README.md"].decode().split("---\n", 2)
    fields = yaml.safe_load(matter)
    assert {"skops", "medical"} <= set(fields["tags"])
    assert list(fields["widget"][0]["structuredData"]) == list(NAMES)
    assert text.index("# Card") < text.index("## Use it") < text.index("## Intended use")
    config = json.loads(files["config.json"])["sklearn"]
    assert config["columns"] == list(NAMES) and config["model"]["file"] in files


def test_what_is_missing_changed_or_of_another_model_is_refused(artifact: Path) -> None:
    def refused(match: str) -> None:
        with pytest.raises((OSError, ValueError), match=match):
            model_repo.collect(artifact, "ada/model")

    card = (artifact / "MODEL_CARD.md").read_text()
    (artifact / "MODEL_CARD.md").write_text("---\nlibrary_name: sklearn\n---\n")
    refused("MODEL_CARD.*make evaluate")
    (artifact / "MODEL_CARD.md").unlink()
    refused("MODEL_CARD.*make train")
    (artifact / "MODEL_CARD.md").write_text(card)
    (artifact / "classifier.json").write_bytes(b"{}")
    refused("classifier.json is not what SHA256SUMS")


def test_the_pipeline_is_the_model_in_and_out_of_range_and_no_class_of_ours(artifact: Path) -> None:
    file = model_repo.collect(artifact, "ada/model")[model_repo.SKOPS]
    assert skops.io.get_untrusted_types(data=file) == []
    pipeline, classifier = skops.io.loads(file), Classifier.load()
    curves = json.loads((artifact / "classifier.json").read_text())["curves"]
    specimens = model_repo.hostile_specimens(curves)
    low, high = (np.exp([curve["knots"][end] for curve in curves]) for end in (0, -1))
    x = specimens + [curve["offset"] for curve in curves]
    out_of_range = (x < low) | (x > high)
    assert specimens.shape == (10_000, len(NAMES)) and 0.2 < out_of_range.mean() < 0.9
    model_repo.check_parity(pipeline, classifier, specimens)
    pipeline["sum"].coef_[0, 7] += 1e-6
    with pytest.raises(ValueError, match="away from the model"):
        model_repo.check_parity(pipeline, classifier, specimens)


def environment(directory: Path, *packages: str) -> dict[str, str]:
    """Variables for a Python that can import these packages, what they need, and nothing else."""
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
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(directory), "HF_HOME": f"{directory}/.hub"}


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


def answers(blocks: list[str], wanted: str, cases: Cases, settings: dict[str, str]) -> list[float]:
    run = subprocess.run(
        [sys.executable, "-S", "-c", DRIVER], input=json.dumps([blocks, len(cases), wanted]),
        env=settings, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return [float(line) for line in run.stdout.splitlines()]


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the Hub's own client
def test_is_published_once_and_the_code_of_its_card_predicts_the_showcase_anywhere(
    artifact: Path, tmp_path: Path, cases: Cases, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [classifier.predict(Specimen.parse(case["features"])).probability for case in cases]
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", constants.HF_HUB_DISABLE_XET)  # set back afterwards
    with hub_server() as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        for _ in range(2):
            assert model_repo.main(["ada/model", "--artifact", str(artifact)]) == 0
        held = hub.repos["model", "ada/model"]
        assert held.held == model_repo.collect(artifact, "ada/model")
        assert len(held.commits) == 2

        numpy_only, scikit_learn = re.findall(
            r"```python\n(.*?)```", held.files["README.md"].decode(), re.DOTALL
        )
        endpoint = {"HF_ENDPOINT": hub.url}
        bare = environment(tmp_path / "bare", "numpy", "huggingface_hub") | endpoint
        assert answers([numpy_only], "probability", cases, bare) == pytest.approx(expected, abs=1e-9)
        theirs = environment(tmp_path / "sklearn", "scikit-learn", "skops", "huggingface_hub") | endpoint
        malignant = "pipeline.predict_proba([list(specimen.values())])[0][1]"
        found = answers([numpy_only, scikit_learn], malignant, cases, theirs)
        assert found == pytest.approx(expected, abs=1e-9)


def test_the_workflow_publishes_the_model_that_serves() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/space.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["model"]["steps"] if "run" in step]
    assert commands == ["make model-repo"]
