"""Training on Vertex AI, and the promotion of what it left in the bucket."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.google_project import NAME, PROJECT, Cloud
from tests.deploy.google_schema import faults
from training.storage import place


def test_the_job_that_is_submitted_is_filled_in_and_what_google_accepts(cloud: Cloud) -> None:
    result = cloud.run("train")
    job = yaml.safe_load((cloud.state / "job.yaml").read_text())
    run = re.search(r"RUN=(\d{8}-\d{6}) ", result.stdout)
    assert run
    assert faults(job, "GoogleCloudAiplatformV1CustomJobSpec", "aiplatform.v1") == []
    assert job["baseOutputDirectory"]["outputUriPrefix"] == f"gs://{PROJECT}-{NAME}/training/{run[1]}"
    assert job["serviceAccount"] == f"{NAME}-train@{PROJECT}.iam.gserviceaccount.com"
    assert job["workerPoolSpecs"][0]["containerSpec"]["imageUri"].endswith(f"/{PROJECT}/{NAME}/train:latest")


def test_the_command_of_the_job_trains_and_evaluates_into_the_bucket(tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "deploy/vertex-job.yaml").read_text("utf-8"))
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n')
    python.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "AIP_MODEL_DIR": "gs://bucket/training/1/model/",
    }
    subprocess.run(job["workerPoolSpecs"][0]["containerSpec"]["command"], env=environment, check=True)
    called = [call.split() for call in (tmp_path / "calls").read_text().splitlines()]
    assert called == [
        ["-m", "training", "--output", "gs://bucket/training/1/model/"],
        ["-m", "training", "evaluate", "--output", "gs://bucket/training/1/model/"],
    ]
    assert place(called[0][-1]) == Path("/gcs/bucket/training/1/model")


@pytest.mark.parametrize("state", ["JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED"])
def test_a_training_that_did_not_succeed_is_reported(cloud: Cloud, state: str) -> None:
    result = cloud.run("train", GCLOUD_JOB_STATE=state)
    assert result.returncode == 1
    assert state in result.stderr
    assert "stream-logs" in result.stderr


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """An artifact as a training leaves it in the bucket: the one of this checkout."""
    folder = tmp_path / "trained"
    shutil.copytree(ROOT / "model" / "artifact", folder)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what promotion reads and writes, so that no test touches the real artifact."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    shutil.copytree(ROOT / "model" / "artifact", folder / "model" / "artifact")
    (folder / "model" / "artifact" / "classifier.json").write_text("the old model\n")
    return folder


def promote(cloud: Cloud, checkout: Path, trained: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{cloud.state / 'bin'}:{os.environ['PATH']}", "GCLOUD_STATE": str(cloud.state),
        "GCLOUD_ARTIFACT": str(trained), "PROJECT_ID": PROJECT, "RUN": "20261123-081500",
    }  # fmt: skip
    return subprocess.run(
        [checkout / "deploy/google-cloud.sh", "promote"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_whole_artifact_that_is_not_worse_is_promoted(cloud: Cloud, checkout: Path, trained: Path) -> None:
    result = promote(cloud, checkout, trained)
    assert result.returncode == 0, result.stderr
    name = "model/artifact/classifier.json"
    assert (checkout / name).read_text() == (ROOT / name).read_text()
    made = (cloud.state / "made").read_text()
    assert "report" in made and "figures" in made


def test_what_the_checksums_do_not_cover_is_not_promoted(cloud: Cloud, checkout: Path, trained: Path) -> None:
    (trained / "pipeline.joblib").write_bytes(b"a pickle that runs code")
    assert promote(cloud, checkout, trained).returncode == 0
    assert not (checkout / "model/artifact/pipeline.joblib").exists()


def test_an_artifact_that_was_changed_after_training_is_not_promoted(
    cloud: Cloud, checkout: Path, trained: Path
) -> None:
    (trained / "classifier.json").write_text("something else\n")
    result = promote(cloud, checkout, trained)
    assert result.returncode == 1
    assert "whole and as it was written" in result.stderr
    assert (checkout / "model/artifact/classifier.json").read_text() == "the old model\n"


def test_an_artifact_that_evaluates_worse_is_not_promoted(
    cloud: Cloud, checkout: Path, trained: Path
) -> None:
    cloud.command("make", "#!/bin/sh\necho 'log loss is worse' >&2\nexit 1\n")
    result = promote(cloud, checkout, trained)
    assert result.returncode == 1
    assert "not worse" in result.stderr
    assert (checkout / "model/artifact/classifier.json").read_text() == "the old model\n"
