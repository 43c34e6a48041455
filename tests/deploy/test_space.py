"""One command puts the demo on a Space; both kinds of Space run from exactly what is uploaded."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from deploy import card, space
from tests.conftest import ROOT, free_port
from tests.deploy.dockerfile import STAGES, copied
from tests.deploy.hub_server import OIDC_TOKEN, TOKEN, Fault, Hub, Repo, hub_server

Start = Callable[[Path, Path], tuple[list[str], Path]]
SDKS = pytest.mark.parametrize("sdk", card.SDKS)


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


def github(hub: Hub) -> dict[str, str]:
    """What a job with `id-token: write` finds in its environment."""
    return {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{hub.url}/oidc",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner",
        "HF_OIDC_RESOURCE": "spaces/ada/demo",
        "HF_TOKEN": "",
    }


def test_uploads_waits_and_asks_for_a_prediction_and_a_second_run_uploads_nothing(hub: Hub) -> None:
    repo = hub.repos["space", "ada/demo"]
    repo.files["stale.py"] = b"old"
    first = upload(hub)
    assert first.returncode == 0, first.stderr
    assert "delete stale.py" in first.stdout and "smoke test" in first.stdout
    assert set(repo.files) == {*space.collect("docker"), ".gitattributes"}
    hub.asked.clear()
    second = upload(hub)
    assert second.returncode == 0, second.stderr
    assert "nothing to upload" in second.stdout
    assert hub.count("^(POST|PUT)") == 0


def test_a_trusted_publisher_needs_no_secret(hub: Hub) -> None:
    hub.tokens = {OIDC_TOKEN}
    run = upload(hub, "--timeout", "0", **github(hub))
    assert run.returncode == 0, run.stderr
    assert hub.count("POST /oauth/token") == 1


def test_without_a_trusted_publisher_the_secret_is_used(hub: Hub) -> None:
    run = upload(hub, "--timeout", "0", **{**github(hub), "HF_TOKEN": TOKEN})
    assert run.returncode == 0, run.stderr
    assert "using HF_TOKEN" in run.stdout


@pytest.mark.parametrize(
    ("environment", "word"),
    [({"HF_TOKEN": "hf_stolen"}, "does not accept the token"), ({"HF_TOKEN": ""}, "HF_TOKEN")],
    ids=["a bad token", "no token"],
)
def test_says_what_is_wrong_with_the_token(hub: Hub, environment: dict[str, str], word: str) -> None:
    run = upload(hub, **environment)
    assert run.returncode == 1
    assert word in run.stderr and "Traceback" not in run.stderr


def test_a_publisher_that_is_not_trusted_says_so(hub: Hub) -> None:
    run = upload(hub, **github(hub))
    assert run.returncode == 1
    assert "Trusted Publisher" in run.stderr and "Traceback" not in run.stderr


def test_a_missing_space_that_may_not_be_created_says_so(hub: Hub) -> None:
    hub.repos.clear()
    hub.may_create = False
    run = upload(hub)
    assert run.returncode == 1
    assert "--sdk gradio" in run.stderr


@pytest.mark.parametrize("stage", ["BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "PAUSED"])
def test_a_space_that_does_not_run_is_an_error(hub: Hub, stage: str) -> None:
    hub.repos["space", "ada/demo"].after_a_commit = ["RUNNING", "BUILDING", stage]
    run = upload(hub)
    assert run.returncode == 1
    assert stage in run.stderr


def test_a_space_that_answers_wrongly_is_an_error(hub: Hub) -> None:
    hub.repos["space", "ada/demo"].host = f"{hub.url}/nowhere"
    run = upload(hub, "--timeout", "1")
    assert run.returncode == 1
    assert "smoke.py" in run.stderr and "health: not 200" in run.stderr


def test_a_cut_connection_while_waiting_is_not_the_end(hub: Hub) -> None:
    hub.faults.append(Fault("GET .*/ada/demo$", status=502, skip=1))
    run = upload(hub)
    assert run.returncode == 0, run.stderr


def test_an_unknown_sdk_is_named(hub: Hub) -> None:
    run = upload(hub, HF_SPACE_SDK="streamlit")
    assert run.returncode == 1
    assert "streamlit" in run.stderr and "Traceback" not in run.stderr
    assert hub.asked == []


@SDKS
def test_a_dry_run_prints_the_list_and_asks_nobody(hub: Hub, sdk: str) -> None:
    run = upload(hub, "--dry-run", "--sdk", sdk)
    listed = {line.split()[1] for line in run.stdout.splitlines()[:-1]}
    assert listed == set(space.collect(sdk))
    assert hub.asked == []


@SDKS
def test_the_front_matter_is_what_the_hub_allows(sdk: str) -> None:
    _, matter, text = space.collect(sdk)["README.md"].decode().split("---\n", 2)
    fields = yaml.safe_load(matter)
    assert list(card.faults(fields)) == []
    assert fields["sdk"] == sdk
    assert card.TITLE in text


@pytest.mark.parametrize(
    ("sdk", "field", "value"),
    [
        ("docker", "colorFrom", "vermilion"),
        ("docker", "sdk", "streamlit"),
        ("docker", "app_port", 80),
        ("docker", "sdk_version", "6.31.0"),
        ("docker", "short_description", 61 * "x"),
        ("docker", "emoji", "microscope"),
        ("docker", "header", "none"),
        ("docker", "color_from", "blue"),
        ("gradio", "sdk_version", "newest"),
        ("gradio", "python_version", "3.12"),
    ],
)
def test_a_value_that_the_hub_would_refuse_is_named(sdk: str, field: str, value: object) -> None:
    fields = card.front_matter(sdk, "gradio[mcp]==6.31.0\n")
    assert list(card.faults(fields)) == []
    assert any(fault.startswith(field) for fault in card.faults({**fields, field: value}))


def test_the_badges_of_the_readme_lead_to_the_repository_that_uploads() -> None:
    shown = re.findall(r"^\[!\[.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    filled = space.collect("docker", source="https://github.com/ada/fork")["README.md"].decode()
    assert "[![Space](../../actions/workflows/space.yml/badge.svg)](../../deployments/Space)" in shown
    for badge in shown:
        assert badge.replace("../..", "https://github.com/ada/fork") in filled
    assert "[![" not in space.collect("docker")["README.md"].decode()


def test_the_address_that_answers_is_handed_to_the_workflow(hub: Hub, server: str, tmp_path: Path) -> None:
    output = tmp_path / "output"
    assert upload(hub, GITHUB_OUTPUT=str(output)).returncode == 0
    assert output.read_text() == f"address={server}\n"


def test_the_gradio_version_is_the_pinned_one() -> None:
    pin = re.search(r"^gradio.*==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    fields = yaml.safe_load(space.collect("gradio")["README.md"].decode().split("---\n")[1])
    assert pin and fields["sdk_version"] == pin[1]


@SDKS
def test_nothing_but_what_runs_is_uploaded(sdk: str) -> None:
    files = space.collect(sdk)
    assert not [
        path for path in files if path.startswith(("tests/", "training/", "bench/", "docs/", ".github/"))
    ]
    assert ("Dockerfile" in files) == (sdk == "docker")
    assert max(map(len, files.values())) < 10_000_000


@contextmanager
def started(command: list[str], directory: Path) -> Iterator[str]:
    """Runs a command in a directory, which is all that it may import from, until the block ends."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "HOME": str(directory.parent),
    }
    with subprocess.Popen(command, cwd=directory, env=environment) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0


def start_docker(uploaded: Path, empty: Path) -> tuple[list[str], Path]:
    """The command and the folder that the Dockerfile makes of the uploaded files."""
    for name in copied("serve"):
        copy = shutil.copytree if (uploaded / name).is_dir() else shutil.copy
        copy(uploaded / name, empty / name)
    return json.loads(STAGES["serve"].arguments("CMD")[0]), empty


def start_gradio(uploaded: Path, _empty: Path) -> tuple[list[str], Path]:
    """The command that a Gradio Space runs in the folder of the uploaded files."""
    matter = (uploaded / "README.md").read_text().split("---\n")[1]
    return ["python", yaml.safe_load(matter)["app_file"]], uploaded


@pytest.mark.parametrize(("sdk", "start"), [("docker", start_docker), ("gradio", start_gradio)])
def test_runs_from_exactly_what_is_uploaded(tmp_path: Path, sdk: str, start: Start) -> None:
    uploaded, empty = tmp_path / "uploaded", tmp_path / "empty"
    empty.mkdir()
    assert space.main(["--sdk", sdk, "--stage", str(uploaded)]) == 0
    (_, *arguments), directory = start(uploaded, empty)
    with started([sys.executable, *arguments], directory) as url:
        smoke = subprocess.run(
            [sys.executable, ROOT / "deploy" / "smoke.py", url], capture_output=True, text=True
        )
        assert smoke.returncode == 0, smoke.stderr
