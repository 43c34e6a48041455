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


def test_only_an_artifact_that_is_not_worse_and_as_it_was_written_is_promoted(
    cloud: Cloud, tmp_path: Path
) -> None:
    # a copy of what promotion reads and writes, with an old model, and the output of a training
    checkout, trained = tmp_path / "checkout", tmp_path / "trained"
    shutil.copytree(ROOT / "model" / "artifact", checkout / "model" / "artifact")
    shutil.copytree(ROOT / "model" / "artifact", trained)
    shutil.copytree(ROOT / "deploy", checkout / "deploy")
    (checkout / MODEL).write_text("the old model\n")
    (trained / "pipeline.joblib").write_bytes(b"a pickle that runs code")

    def promote() -> Done:
        script = str(checkout / "deploy/google-cloud.sh")
        return cloud.run("promote", script=script, RUN="20261123-081500", GCLOUD_ARTIFACT=str(trained))

    make, right = (cloud.state / "bin/make").read_text(), (trained / "classifier.json").read_text()
    cloud.command("make", "#!/bin/sh\necho 'log loss is worse' >&2\nexit 1\n")
    for content, complaint in ((right, "not worse"), ("something else", "whole and as it was written")):
        (trained / "classifier.json").write_text(content)
        refused = promote()
        assert refused.code == 1 and complaint in refused.stderr
        assert (checkout / MODEL).read_text() == "the old model\n"
    cloud.command("make", make)
    assert promote().code == 1  # still something else
    (trained / "classifier.json").write_text(right)
    done = promote()
    assert done.code == 0, done.stderr
    assert (checkout / MODEL).read_text() == (ROOT / MODEL).read_text()
    assert not (checkout / "model/artifact/pipeline.joblib").exists()  # no checksum covers it
    report, figures = (cloud.state / "made").read_text().splitlines()
    assert " report " in report and figures.endswith("figures")
