"""The code that the page offers runs as it stands, against the running demo."""

import json
import re
import subprocess
import sys
import urllib.request

import pytest

from model.classifier import Classifier
from model.explain import Reference
from model.specimen import Specimen
from ui import use_it


@pytest.fixture(scope="module")
def specimen(reference: Reference) -> Specimen:
    return Specimen.parse(reference.values[40].tolist())


def fetch(address: str, origin: str = "") -> tuple[int, str, str | None]:
    request = urllib.request.Request(address, headers={"Origin": origin} if origin else {})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # our own server
        return answer.status, answer.headers["content-type"], answer.headers["access-control-allow-origin"]


def test_the_shell_gets_the_models_answer(server: str, classifier: Classifier, specimen: Specimen) -> None:
    code = use_it.curl(f"{server}/", specimen)
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["probability"] == classifier.predict(specimen).probability


def test_python_gets_the_models_answer(server: str, classifier: Classifier, specimen: Specimen) -> None:
    code = use_it.python(f"{server}/", specimen)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    prediction = classifier.predict(specimen)
    assert done.stdout.splitlines()[-1] == f"{prediction.verdict} {prediction.probability}"


def test_the_agent_is_told_one_address(server: str) -> None:
    servers = json.loads(use_it.agent(f"{server}/"))["mcpServers"]
    assert [entry["url"] for entry in servers.values()] == [f"{server}/gradio_api/mcp/"]


def test_the_frames_address_is_a_page(server: str) -> None:
    source = re.search('src="(.*?)"', use_it.iframe(f"{server}/", "row=40", "A title"))
    assert source
    status, kind, _ = fetch(source[1])
    assert (status, kind) == (200, "text/html; charset=utf-8")


def test_javascript_names_every_value(specimen: Specimen) -> None:
    code = use_it.javascript("http://a.test/", specimen)
    found = {name: float(value) for name, value in re.findall(r'"(\w+)": ([\d.e-]+)', code)}
    assert found == specimen.to_dict()
