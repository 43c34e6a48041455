"""One command puts the demo on a Space; both kinds run from exactly what is uploaded, as the Hub does it."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import yaml

from deploy import card, space
from tests.conftest import ROOT, free_port
from tests.deploy.dockerfile import STAGES, copied
from tests.deploy.hub_server import OIDC_TOKEN, TOKEN, Fault, Hub, Repo, hub_server

Start = Callable[[Path, Path], tuple[str, Path, dict[str, str]]]
SMOKE = ROOT / "deploy" / "smoke.py"
# What every Space sets, and no Space sets HOST.
SPACE = {"SPACE_ID": "ada/demo", "SYSTEM": "spaces"}
GRADIO_SPACE = {"GRADIO_SERVER_NAME": str(IPv4Address(0)), "GRADIO_SSR_MODE": "True"}


@pytest.fixture
def hub(server: str) -> Iterator[Hub]:
    """A Hub with an empty Space, whose address is that of the running demo."""
    with hub_server() as running:
        running.repos["space", "ada/demo"] = Repo(host=server)
        yield running


def upload(hub: Hub, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    outside = {
        name: value for name, value in os.environ.items() if not re.match("HF_|GITHUB_|ACTIONS_", name)
    }
    return subprocess.run(
        [sys.executable, "-m", "deploy.space", "ada/demo", "--timeout", "20", "--poll", "0.1", *arguments],
        env={**outside, "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": "/nowhere", **environment},
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


def github(hub: Hub, **more: str) -> dict[str, str]:
    """What a job with `id-token: write` finds in its environment."""
    return {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{hub.url}/oidc",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner",
        "HF_OIDC_RESOURCE": "spaces/ada/demo",
        "HF_TOKEN": "",
    } | more


def test_uploads_waits_and_asks_for_a_prediction_and_a_second_run_uploads_nothing(
    hub: Hub, server: str, tmp_path: Path
) -> None:
    repo, output = hub.repos["space", "ada/demo"], tmp_path / "output"
    repo.files["stale.py"] = b"old"
    # a Hub that stumbles while the Space is waited for is not the end
    hub.faults.append(Fault("GET .*/ada/demo$", status=502, skip=2))
    first = upload(hub, GITHUB_OUTPUT=str(output))
    assert first.returncode == 0, first.stderr
    assert "smoke test" in first.stdout
    assert repo.held == space.collect("gradio", space="ada/demo")
    assert output.read_text() == f"address={server}\n"  # for the workflow
    second = upload(hub)
    assert second.returncode == 0, second.stderr
    assert "nothing to upload" in second.stdout
    assert len(repo.commits) == 2


def test_a_trusted_publisher_needs_no_secret_and_without_one_the_secret_is_used(hub: Hub) -> None:
    without = upload(hub, "--timeout", "0", **github(hub, HF_TOKEN=TOKEN))
    assert without.returncode == 0, without.stderr
    assert "using HF_TOKEN" in without.stdout
    hub.tokens = {OIDC_TOKEN}
    trusted = upload(hub, "--timeout", "0", **github(hub))
    assert trusted.returncode == 0, trusted.stderr


def test_what_is_wrong_is_said_in_a_line(hub: Hub) -> None:
    for environment, said in (
        ({"HF_TOKEN": "hf_stolen"}, "does not accept the token"),
        ({"HF_TOKEN": ""}, "set HF_TOKEN"),
        (github(hub), "Trusted Publisher"),
        ({"HF_SPACE_SDK": "streamlit"}, "streamlit"),
    ):
        run = upload(hub, **environment)
        assert run.returncode, said
        assert said in run.stderr and "Traceback" not in run.stderr
    hub.repos.clear()
    hub.may_create = False
    assert "--sdk gradio" in upload(hub, "--sdk", "docker").stderr


def test_a_space_that_does_not_run_or_answers_wrongly_is_an_error(hub: Hub) -> None:
    repo = hub.repos["space", "ada/demo"]
    for stage in ("BUILD_ERROR", "RUNTIME_ERROR", "PAUSED"):
        repo.files.clear()
        repo.after_a_commit = ["RUNNING", "BUILDING", stage]
        run = upload(hub)
        assert run.returncode == 1
        assert stage in run.stderr
    repo.stages, repo.host = ["RUNNING"], f"{hub.url}/nowhere"
    run = upload(hub, "--timeout", "1")
    assert run.returncode == 1
    assert "smoke.py" in run.stderr and "health: not 200" in run.stderr


@pytest.mark.parametrize("sdk", card.SDKS)
def test_what_is_uploaded_is_listed_and_nothing_but_what_runs(hub: Hub, sdk: str) -> None:
    files = space.collect(sdk, space="ada/demo")
    run = upload(hub, "--dry-run", "--sdk", sdk)
    assert {line.split()[1] for line in run.stdout.splitlines()[:-1]} == set(files)
    assert hub.asked == []
    assert {path.split("/")[0] for path in files} & {"tests", "training", "bench", "docs", ".github"} == set()
    assert ("Dockerfile" in files) == (sdk == "docker")
    assert sum(map(len, files.values())) < 3_000_000


def test_gradio_is_the_default_and_a_variable_chooses_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_SPACE_SDK", raising=False)
    assert space.arguments(["a/b"]).sdk == "gradio"
    monkeypatch.setenv("HF_SPACE_SDK", "docker")
    assert space.arguments(["a/b"]).sdk == "docker"


@pytest.mark.parametrize("sdk", card.SDKS)
def test_the_front_matter_is_what_the_hub_allows_and_names_all_that_belongs_to_the_demo(sdk: str) -> None:
    files = space.collect(sdk, space="ada/demo", model="ada/model", hardware="cpu-upgrade")
    _, matter, text = files["README.md"].decode().split("---\n", 2)
    fields = yaml.safe_load(matter)
    assert {fields["colorFrom"], fields["colorTo"]} < {"red", "yellow", "green", "blue", "purple", "gray"}
    assert fields["header"] == "mini" and 0 < len(fields["short_description"]) <= 60
    assert fields.get("python_version", "3.12.12") in ("3.10.13", "3.12.12")  # ZeroGPU has no other
    assert fields.get("app_port", 7860) == 7860
    assert fields["sdk"] == sdk
    assert card.TITLE in text
    assert (fields["models"], fields["suggested_hardware"]) == (["ada/model"], "cpu-upgrade")
    assert fields["datasets"]
    assert fields["thumbnail"] == "https://huggingface.co/spaces/ada/demo/resolve/main/ui/thumbnail.png"
    assert files["ui/thumbnail.png"].startswith(b"\x89PNG")
    pin = re.search(r"^gradio.*==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pin and fields.get("sdk_version", pin[1]) == pin[1]


def test_the_badges_of_the_readme_lead_to_the_repository_that_uploads() -> None:
    shown = re.findall(r"^\[!\[.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    filled = space.collect("docker", source="https://github.com/ada/fork")["README.md"].decode()
    assert "[![Space](../../actions/workflows/space.yml/badge.svg)](../../deployments/Space)" in shown
    for badge in shown:
        assert badge.replace("../..", "https://github.com/ada/fork") in filled
    assert "[![" not in space.collect("docker")["README.md"].decode()


def as_gradio_does(uploaded: Path, _: Path) -> tuple[str, Path, dict[str, str]]:
    """What a Gradio Space runs in the folder of the uploaded files, and what it sets."""
    fields = yaml.safe_load((uploaded / "README.md").read_text().split("---\n")[1])
    return fields["app_file"], uploaded, GRADIO_SPACE


def as_docker_does(uploaded: Path, built: Path) -> tuple[str, Path, dict[str, str]]:
    """What the image runs that the Dockerfile makes of the uploaded files, and what it sets."""
    built.mkdir()
    for name in copied("serve"):
        copy = shutil.copytree if (uploaded / name).is_dir() else shutil.copy
        copy(uploaded / name, built / name)
    serve = STAGES["serve"]
    (command,) = (yaml.safe_load(argument) for argument in serve.arguments("CMD"))
    settings = dict(word.split("=") for line in serve.arguments("ENV") for word in shlex.split(line))
    return command[-1], built, settings


@contextmanager
def started(file: str, directory: Path, settings: dict[str, str]) -> Iterator[int]:
    """Runs a file in a directory, which is all that it may import from, with no other settings; its port."""
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory.parent), "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, file], cwd=directory, env=environment | SPACE | settings
    ) as process:
        try:
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
@pytest.mark.parametrize(("sdk", "start"), [("gradio", as_gradio_does), ("docker", as_docker_does)])
def test_a_space_that_runs_what_is_staged_answers_on_every_address(
    tmp_path: Path, sdk: str, start: Start
) -> None:
    assert space.main(["ada/demo", "--sdk", sdk, "--stage", str(tmp_path / "uploaded")]) == 0
    file, directory, settings = start(tmp_path / "uploaded", tmp_path / "built")
    with started(file, directory, settings) as port:
        # what listens on 127.0.0.1 alone does not answer here, as it would not answer the Hub's proxy
        smoke = [sys.executable, str(SMOKE), f"http://127.0.0.2:{port}", "--timeout", "60"]
        run = subprocess.run(smoke, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
