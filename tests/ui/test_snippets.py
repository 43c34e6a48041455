"""The code that the page offers is ready to run against the demo."""

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
    return Specimen(tuple(reference.values[40].tolist()))


@pytest.fixture(scope="module")
def code(server: str, specimen: Specimen) -> dict[str, str]:
    """The code as the browser shows it."""
    snippets = use_it.snippets(specimen, "row=40")
    return {name: code.replace("ADDRESS", server) for name, code in snippets.items()}


def test_shell_and_python_get_the_models_answer(
    code: dict[str, str], classifier: Classifier, specimen: Specimen
) -> None:
    prediction = classifier.predict(specimen)
    shell = subprocess.run(["bash", "-c", code["curl"]], capture_output=True, text=True, check=True)
    assert json.loads(shell.stdout)["probability"] == prediction.probability
    python = subprocess.run(
        [sys.executable, "-c", code["python"]], capture_output=True, text=True, check=True
    )
    assert python.stdout.splitlines()[-1] == f"{prediction.verdict} {prediction.probability}"


def test_the_agent_gets_one_address(server: str, code: dict[str, str]) -> None:
    servers = json.loads(code["agent"])["mcpServers"]
    assert [entry["url"] for entry in servers.values()] == [f"{server}/gradio_api/mcp/"]


def test_the_frames_address_is_a_page_of_the_case(code: dict[str, str]) -> None:
    source = re.search('src="(.*?)"', code["iframe"])
    assert source
    with urllib.request.urlopen(source[1], timeout=10) as answer:  # noqa: S310  # our own server
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "Specimen 40 of the data" in answer.read().decode()


def test_javascript_names_every_value(code: dict[str, str], specimen: Specimen) -> None:
    found = re.findall(r'"(\w+)": ([\d.e-]+)', code["javascript"])
    assert {name: float(value) for name, value in found} == specimen.to_dict()
