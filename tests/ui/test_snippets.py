"""The code that the page offers is ready to run against the demo."""

import json
import re
import subprocess
import sys

from model.classifier import Classifier
from model.explain import Reference
from model.specimen import Specimen
from ui import use_it


def test_shell_and_python_get_the_models_answer_and_all_name_the_same_values(
    server: str, classifier: Classifier, reference: Reference
) -> None:
    specimen = Specimen(tuple(reference.values[40].tolist()))
    snippets = use_it.snippets(specimen, "row=40")
    code = {name: written.replace("ADDRESS", server) for name, written in snippets.items()}
    prediction = classifier.predict(specimen)
    shell = subprocess.run(["bash", "-c", code["curl"]], capture_output=True, text=True, check=True)
    assert json.loads(shell.stdout)["probability"] == prediction.probability
    python = subprocess.run(
        [sys.executable, "-c", code["python"]], capture_output=True, text=True, check=True
    )
    assert python.stdout.splitlines()[-1] == f"{prediction.verdict} {prediction.probability}"
    named = re.findall(r'"(\w+)": ([\d.e-]+)', code["javascript"])
    assert {name: float(value) for name, value in named} == specimen.to_dict()
    agent = json.loads(code["agent"])["mcpServers"]
    assert [entry["url"] for entry in agent.values()] == [f"{server}/gradio_api/mcp/"]
    assert f'src="{server}/embed?row=40"' in code["iframe"]
