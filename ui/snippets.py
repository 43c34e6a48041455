"""How programs and other pages reach this demo: code to copy, for one case; knows an address, asks nobody."""

import json
import re
from pathlib import Path

import gradio as gr

from model.features import FEATURES, MEASUREMENTS
from model.specimen import Specimen
from ui.link import digits


def curl(address: str, specimen: Specimen) -> str:
    return (
        f"curl -s {address}v1/predict -H 'Content-Type: application/json' -d '{{\"features\": {{\n"
        f"{_named(specimen)}\n}}}}'"
    )


def python(address: str, specimen: Specimen) -> str:
    return (
        "from gradio_client import Client  # pip install gradio_client\n\n"
        f"specimen = {{\n{_named(specimen)},\n}}\n"
        f'client = Client("{address}")\n'
        'answer = client.predict(**specimen, api_name="/predict")\n'
        'print(answer["verdict"], answer["probability"])'
    )


def javascript(address: str, specimen: Specimen) -> str:
    return (
        'import { Client } from "@gradio/client"; // npm install @gradio/client\n\n'
        f"const specimen = {{\n{_named(specimen)},\n}};\n"
        f'const client = await Client.connect("{address}");\n'
        'const { data: [answer] } = await client.predict("/predict", specimen);\n'
        "console.log(answer.verdict, answer.probability);"
    )


def agent(address: str) -> str:
    return json.dumps({"mcpServers": {"breast-fna": {"url": f"{address}gradio_api/mcp/"}}}, indent=2)


def iframe(address: str, link: str, title: str) -> str:
    """A frame that follows the height of its content; the page in it tells that height."""
    query = f"?{link}" if link else ""
    return (
        f'<iframe id="fna" src="{address}embed{query}" title="{title}"\n'
        '  style="width: 100%; height: 600px; border: 0"></iframe>\n'
        "<script>\n"
        '  const fna = document.querySelector("#fna");\n'
        '  addEventListener("message", ({ source, data }) => {\n'
        "    if (source === fna.contentWindow && data.height) fna.style.height = `${data.height}px`;\n"
        "  });\n"
        "</script>"
    )


def element(address: str) -> str:
    """The whole page as an element of another; its script comes from here, by the name it has here."""
    loader = (Path(gr.__file__).parent / "templates/frontend/gradio.js").read_text(encoding="utf-8")
    script = re.search(r"assets/[\w.-]+\.js", loader)
    return (
        f'<script type="module" src="{address}{script[0] if script else "gradio.js"}"></script>\n'
        f'<gradio-app src="{address}"></gradio-app>'
    )


def _named(specimen: Specimen) -> str:
    """The thirty numbers by name, a measurement a line; JSON, Python and JavaScript alike."""
    values = specimen.to_dict()
    lines = (
        ", ".join(f'"{f.name}": {digits(values[f.name])}' for f in FEATURES if f.measurement is measurement)
        for measurement in MEASUREMENTS
    )
    return ",\n".join(f"  {line}" for line in lines)
