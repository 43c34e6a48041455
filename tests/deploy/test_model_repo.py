"""The model repository holds what was trained, with the card as its README and sums that vouch for it."""

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml
from huggingface_hub import constants

from deploy import model_repo
from tests.deploy.hub_server import TOKEN, hub_server


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """The artifact with stand-ins for the pipeline, which git does not hold, and the card."""
    directory = tmp_path / "artifact"
    shutil.copytree(model_repo.ARTIFACT, directory)
    (directory / "pipeline.joblib").write_bytes(b"\x80a pickle")
    sha256 = model_repo.sha256((directory / "classifier.json").read_bytes())
    (directory / "MODEL_CARD.md").write_text(f"---\nlibrary_name: sklearn\n---\n{sha256}\n")
    return directory


def test_the_card_becomes_the_readme(artifact: Path) -> None:
    files = model_repo.collect(artifact)
    assert files["README.md"] == (artifact / "MODEL_CARD.md").read_bytes()
    assert "MODEL_CARD.md" not in files
    assert {"classifier.json", "pipeline.joblib"} <= set(files)


def test_the_sums_vouch_for_every_file(artifact: Path) -> None:
    files = model_repo.collect(artifact)
    sums = files.pop("SHA256SUMS").decode().splitlines()
    assert sums == [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]


def test_a_file_that_was_changed_after_training_is_refused(artifact: Path) -> None:
    (artifact / "classifier.json").write_bytes(b"{}")
    with pytest.raises(ValueError, match="classifier"):
        model_repo.collect(artifact)


def test_a_model_that_was_trained_anew_is_refused_with_the_card_of_the_old_one(artifact: Path) -> None:
    (artifact / "MODEL_CARD.md").write_text("---\nlibrary_name: sklearn\n---\n")
    with pytest.raises(ValueError, match=r"MODEL_CARD.*make evaluate"):
        model_repo.collect(artifact)


def test_the_workflow_publishes_the_model_that_serves_not_the_one_it_trained() -> None:
    workflow = yaml.safe_load((model_repo.ARTIFACT.parents[1] / ".github/workflows/space.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["model"]["steps"] if "run" in step]
    assert commands == ["make train", "git restore model/artifact", "make model-repo"]


@pytest.mark.parametrize("name", ["pipeline.joblib", "MODEL_CARD.md"])
def test_what_is_missing_is_named_with_the_way_to_make_it(artifact: Path, name: str) -> None:
    (artifact / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name}.*make train"):
        model_repo.collect(artifact)


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # the Hub's own client
def test_publishes_all_of_it_once(
    artifact: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", constants.HF_HUB_DISABLE_XET)  # set back afterwards
    with hub_server() as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        assert model_repo.main(["ada/model", "--artifact", str(artifact)]) == 0
        held = hub.repos["model", "ada/model"]
        assert {**held.files} == {
            **model_repo.collect(artifact),
            ".gitattributes": held.files[".gitattributes"],
        }
        commits = len(held.commits)
        assert model_repo.main(["ada/model", "--artifact", str(artifact)]) == 0
        assert len(held.commits) == commits
    assert "nothing to upload" in capsys.readouterr().out
