"""Training on Vertex AI, and the promotion of what it left in the bucket."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.google_project import NAME, PROJECT, Cloud, Done
from tests.deploy.test_google_files import faults

MODEL = "model/artifact/classifier.json"


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


def test_the_job_is_filled_in_is_what_google_accepts_and_is_reported_when_it_fails(cloud: Cloud) -> None:
    run = re.search(r"RUN=(\d{8}-\d{6}) ", cloud.run("train").stdout)
    job = yaml.safe_load((cloud.state / "job.yaml").read_text())
    assert run
    assert faults(job, "GoogleCloudAiplatformV1CustomJobSpec", "aiplatform.v1") == []
    assert job["baseOutputDirectory"]["outputUriPrefix"] == f"gs://{PROJECT}-{NAME}/training/{run[1]}"
    assert job["serviceAccount"] == f"{NAME}-train@{PROJECT}.iam.gserviceaccount.com"
    assert job["workerPoolSpecs"][0]["containerSpec"]["imageUri"].endswith(f"/{PROJECT}/{NAME}/train:latest")
    for state in ("JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED"):
        done = cloud.run("train", GCLOUD_JOB_STATE=state)
        assert done.code == 1
        assert state in done.stderr and "stream-logs" in done.stderr


def test_the_command_of_the_job_trains_and_evaluates_into_the_bucket(cloud: Cloud, tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "deploy/vertex-job.yaml").read_text("utf-8"))
    cloud.command("python", f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n')
    place = "gs://bucket/training/1/model/"
    environment = {"PATH": f"{cloud.state}/bin:{os.environ['PATH']}", "AIP_MODEL_DIR": place}
    subprocess.run(job["workerPoolSpecs"][0]["containerSpec"]["command"], env=environment, check=True)
    assert (tmp_path / "calls").read_text().splitlines() == [
        f"-m training --output {place}",
        f"-m training evaluate --output {place}",
    ]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what promotion reads and writes, with an old model, and the output of a training."""
    for name in ("checkout", "trained"):
        shutil.copytree(ROOT / "model" / "artifact", tmp_path / name / "model" / "artifact")
    shutil.copytree(ROOT / "deploy", tmp_path / "checkout" / "deploy")
    (tmp_path / "checkout" / MODEL).write_text("the old model\n")
    return tmp_path / "checkout"


def promote(checkout: Path, cloud: Cloud) -> Done:
    trained = checkout.parent / "trained/model/artifact"
    script = checkout / "deploy/google-cloud.sh"
    return cloud.run("promote", script=str(script), RUN="20261123-081500", GCLOUD_ARTIFACT=str(trained))


def test_only_what_the_checksums_cover_of_an_artifact_that_is_not_worse_is_promoted(
    checkout: Path, cloud: Cloud
) -> None:
    (checkout.parent / "trained/model/artifact/pipeline.joblib").write_bytes(b"a pickle that runs code")
    make = (cloud.state / "bin/make").read_text()
    cloud.command("make", "#!/bin/sh\necho 'log loss is worse' >&2\nexit 1\n")
    worse = promote(checkout, cloud)
    assert worse.code == 1 and "not worse" in worse.stderr
    assert (checkout / MODEL).read_text() == "the old model\n"
    cloud.command("make", make)
    done = promote(checkout, cloud)
    assert done.code == 0, done.stderr
    assert (checkout / MODEL).read_text() == (ROOT / MODEL).read_text()
    assert not (checkout / "model/artifact/pipeline.joblib").exists()
    report, figures = (cloud.state / "made").read_text().splitlines()
    assert " report " in report and figures.endswith("figures")


def test_an_artifact_that_was_changed_after_training_is_not_promoted(checkout: Path, cloud: Cloud) -> None:
    (checkout.parent / "trained" / MODEL).write_text("something else\n")
    done = promote(checkout, cloud)
    assert done.code == 1
    assert "whole and as it was written" in done.stderr
    assert (checkout / MODEL).read_text() == "the old model\n"
