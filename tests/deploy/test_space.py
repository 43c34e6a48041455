"""The Space holds what runs there and nothing else; what is uploaded answers as the Hub runs it."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import yaml

from deploy import space
from tests.conftest import ROOT, free_port
from tests.deploy.hub_stand_in import OIDC_TOKEN, URL, Fault, Hub, Repo
from tests.deploy.test_dockerfile import STAGES, copied

SMOKE = ROOT / "deploy" / "smoke.py"
# What every Space sets, and no Space sets HOST.
SPACE = {"SPACE_ID": "ada/demo", "SYSTEM": "spaces"}
GRADIO_SPACE = {"GRADIO_SERVER_NAME": str(IPv4Address(0)), "GRADIO_SSR_MODE": "True"}
# The Hub's own client uploads large files in a way that its HTTP library is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def repo(hub: Hub, server: str) -> Repo:
    """An empty Space, whose address is that of the running demo."""
    hub.repos["space", "ada/demo"] = Repo(host=server)
    return hub.repos["space", "ada/demo"]


def upload(*arguments: str) -> str | None:
    """The error message of a run."""
    return space.main(["ada/demo", "--timeout", "20", *arguments])


def test_uploads_waits_and_asks_for_a_prediction_and_a_second_run_uploads_nothing(
    hub: Hub, repo: Repo, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    repo.files["stale.py"] = b"old"
    # an error of the Hub while the Space is waited for does not end the wait
    hub.faults.append(Fault("GET .*/ada/demo$", status=502, skip=2))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    assert upload() is None
    assert "smoke test" in capfd.readouterr().out
    assert repo.held == space.collect("gradio", space="ada/demo")
    assert (tmp_path / "output").read_text() == f"address={server}\n"  # for the workflow
    assert upload() is None
    assert "nothing to upload" in capfd.readouterr().out
    assert len(repo.commits) == 2


def test_a_trusted_publisher_needs_no_secret_and_without_one_the_secret_is_used(
    hub: Hub, repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # what a job with `id-token: write` finds in its environment
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{URL}/oidc",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner",
        "HF_OIDC_RESOURCE": "spaces/ada/demo",
    }.items():
        monkeypatch.setenv(name, value)
    assert upload("--timeout", "0") is None
    assert "using HF_TOKEN" in capsys.readouterr().out
    assert repo.held
    monkeypatch.setenv("HF_OIDC_RESOURCE", "spaces/ada/demo")
    monkeypatch.setenv("HF_TOKEN", "")
    assert "add it as a Trusted Publisher" in str(upload())
    hub.tokens = {OIDC_TOKEN}
    repo.files.clear()
    assert upload("--timeout", "0") is None
    assert repo.held


def test_what_is_wrong_is_said_in_a_line(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.may_create = False
    assert "--sdk gradio" in str(upload("--sdk", "docker"))
    for token, said in (("hf_stolen", "does not accept the token"), ("", "set HF_TOKEN")):
        monkeypatch.setenv("HF_TOKEN", token)
        assert said in str(upload())
    for sdk, arguments, said in (("streamlit", ["ada/demo"], "streamlit"), ("", [], "NAMESPACE/NAME")):
        monkeypatch.setenv("HF_SPACE_SDK", sdk)
        with pytest.raises(SystemExit, match="2"):
            space.main(arguments)
        assert said in capsys.readouterr().err


def test_a_space_that_does_not_run_or_answers_wrongly_is_an_error(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    for stage in ("BUILD_ERROR", "RUNTIME_ERROR", "PAUSED"):
        repo.files.clear()
        repo.after_a_commit = ("RUNNING", "BUILDING", stage)
        assert stage in str(upload())
    repo.stages = ["BUILDING"]
    assert "still BUILDING after 0 s" in str(upload("--timeout", "0.1"))
    repo.stages, repo.host = ["RUNNING"], f"http://127.0.0.1:{free_port()}"
    assert "smoke.py" in str(upload("--timeout", "0.3"))
    assert "health: not 200" in capfd.readouterr().err


@pytest.mark.parametrize("sdk", space.HARDWARE)
def test_what_runs_is_uploaded_with_what_the_hub_asks_for_and_links_to_all_that_belongs_to_it(
    hub: Hub, sdk: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_SPACE_SDK", "" if sdk == "gradio" else sdk)  # which is the default
    plain = space.collect(sdk, space="ada/demo")
    assert upload("--dry-run") is None
    assert {line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]} == set(plain)
    assert hub.asked == []
    assert {path.split("/")[0] for path in plain} & {"tests", "training", "bench", "docs", ".github"} == set()
    assert ("Dockerfile" in plain) == (sdk == "docker")
    assert sum(map(len, plain.values())) < 3_000_000
    assert plain["ui/thumbnail.png"].startswith(b"\x89PNG")

    about = {"space": "ada/demo", "model": "ada/model", "hardware": "cpu-upgrade"}
    readme = space.collect(sdk, **about, source="https://github.com/ada/fork")["README.md"].decode()
    fields = yaml.safe_load(readme.split("---\n")[1])
    assert {fields["colorFrom"], fields["colorTo"]} < {"red", "yellow", "green", "blue", "purple", "gray"}
    assert fields["header"] == "mini" and 0 < len(fields["short_description"]) <= 60
    assert fields.get("python_version", "3.12.12") in ("3.10.13", "3.12.12")  # ZeroGPU has no other
    assert fields["sdk"] == sdk
    assert (fields["models"], fields["suggested_hardware"]) == (["ada/model"], "cpu-upgrade")
    assert fields["thumbnail"] == "https://huggingface.co/spaces/ada/demo/resolve/main/ui/thumbnail.png"
    pin = re.search(r"^gradio.*==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert pin and fields.get("sdk_version", pin[1]) == pin[1]
    badges = re.findall(r"^\[!\[.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert badges and all(badge.replace("../..", "https://github.com/ada/fork") in readme for badge in badges)
    assert "[![" not in plain["README.md"].decode()


def as_the_hub_does(sdk: str, uploaded: Path, built: Path) -> tuple[str, Path, dict[str, str]]:
    """The command, folder and environment with which a Space runs the uploaded files."""
    if sdk == "gradio":
        fields = yaml.safe_load((uploaded / "README.md").read_text().split("---\n")[1])
        return fields["app_file"], uploaded, GRADIO_SPACE
    built.mkdir()
    for name in copied("serve"):
        copy = shutil.copytree if (uploaded / name).is_dir() else shutil.copy
        copy(uploaded / name, built / name)
    serve = STAGES["serve"]
    (command,) = (yaml.safe_load(argument) for argument in serve["CMD"])
    return command[-1], built, dict(word.split("=") for line in serve["ENV"] for word in shlex.split(line))


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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
@pytest.mark.parametrize("sdk", space.HARDWARE)
def test_a_space_that_runs_what_is_staged_answers_on_every_address(tmp_path: Path, sdk: str) -> None:
    assert space.main(["ada/demo", "--sdk", sdk, "--stage", str(tmp_path / "uploaded")]) is None
    file, directory, settings = as_the_hub_does(sdk, tmp_path / "uploaded", tmp_path / "built")
    with started(file, directory, settings) as port:
        # a server that listens only on 127.0.0.1 would answer neither here nor the Hub's proxy
        smoke = [sys.executable, str(SMOKE), f"http://127.0.0.2:{port}", "--timeout", "60"]
        run = subprocess.run(smoke, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
