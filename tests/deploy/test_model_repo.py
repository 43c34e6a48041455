"""The model repository holds what was trained, with the card as its README and sums that vouch for it."""

import hashlib
import shutil
from pathlib import Path

import pytest

from deploy import model_repo


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """The artifact with stand-ins for the pipeline, which git does not hold, and the card."""
    directory = tmp_path / "artifact"
    shutil.copytree(model_repo.ARTIFACT, directory)
    (directory / "pipeline.joblib").write_bytes(b"\x80a pickle")
    (directory / "MODEL_CARD.md").write_text("---\nlibrary_name: sklearn\n---\n")
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


@pytest.mark.parametrize("name", ["pipeline.joblib", "MODEL_CARD.md"])
def test_what_is_missing_is_named_with_the_way_to_make_it(artifact: Path, name: str) -> None:
    (artifact / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name}.*make train"):
        model_repo.collect(artifact)
