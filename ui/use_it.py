"""The tab for programmers: the case on screen as code to copy, and which model answers."""

from html import escape

import gradio as gr

from model.features import FEATURES, MEASUREMENTS
from model.specimen import Specimen
from ui import text
from ui.context import PageContext, digits
from ui.markup import panel, source

_CODE = {
    "curl": """\
curl -s ADDRESS/v1/predict -H 'Content-Type: application/json' -d '{"features": {
NUMBERS
}}'""",
    "python": """\
from gradio_client import Client  # pip install gradio_client

specimen = {
NUMBERS,
}
client = Client("ADDRESS/")
answer = client.predict(**specimen, api_name="/predict")
print(answer["verdict"], answer["probability"])""",
    "javascript": """\
import { Client } from "@gradio/client"; // npm install @gradio/client

const specimen = {
NUMBERS,
};
const client = await Client.connect("ADDRESS/");
const { data: [answer] } = await client.predict("/predict", specimen);
console.log(answer.verdict, answer.probability);""",
    "agent": """\
{
  "mcpServers": {
    "breast-fna": {
      "url": "ADDRESS/gradio_api/mcp/"
    }
  }
}""",
    # The page inside reports its height, and the frame takes it.
    "iframe": """\
<iframe id="fna" src="ADDRESS/embed?LINK" title="TITLE"
  style="width: 100%; height: 600px; border: 0"></iframe>
<script>
  const fna = document.querySelector("#fna");
  addEventListener("message", ({ source, data }) => {
    if (source === fna.contentWindow && data.height) fna.style.height = `${data.height}px`;
  });
</script>""",
}


def build(context: PageContext) -> gr.HTML:
    return panel("use_it", lambda event: draw(context, context.case(event.link)), source("use_it.js"))


def draw(context: PageContext, specimen: Specimen) -> str:
    """The code for programs, for agents and for other pages, then facts about the model."""
    code = snippets(specimen, context.encode(specimen))
    parts = "".join(_snippet(name, content, name == "curl") for name, content in code.items())
    return f'<h2>{text.USE_IT_TITLE}</h2><p class="lead">{text.USE_IT_LEAD}</p>{parts}{_papers(context)}'


def snippets(specimen: Specimen, link: str) -> dict[str, str]:
    """Code for a case, by the kind of program; the script replaces ``ADDRESS/`` by the address of the demo.

    Numbers are listed by name, a line for each measurement, in the same way for JSON, Python and JavaScript.
    """
    values = specimen.to_dict()
    lines = (
        ", ".join(f'"{f.name}": {digits(values[f.name])}' for f in FEATURES if f.measurement is measurement)
        for measurement in MEASUREMENTS
    )
    numbers = ",\n".join(f"  {line}" for line in lines)
    return {
        name: code.replace("NUMBERS", numbers).replace("LINK", link).replace("TITLE", text.TITLE)
        for name, code in _CODE.items()
    }


def _snippet(name: str, code: str, shown: bool) -> str:
    """A part that can be unfolded; only one is open at a time."""
    title, meaning = text.SNIPPETS[name]
    label = text.USE_IT_CODE.format(title=title)
    copy = f'data-do="copy-code" data-done="{text.COPIED}" aria-label="{text.USE_IT_COPY}: {title}"'
    return (
        f'<details class="snippet" name="snippet" data-snippet="{name}"{" open" * shown}>'
        f'<summary>{title}</summary><div class="titled"><p class="lead">{meaning}</p>'
        f'<button type="button" {copy}>{text.USE_IT_COPY}</button></div>'
        f'<pre tabindex="0" aria-label="{label}">{escape(code, quote=False)}</pre></details>'
    )


def _papers(context: PageContext) -> str:
    info = context.classifier.info
    facts = ((text.PAPERS_VERSION, info.version), (text.PAPERS_SHA256, f"<code>{info.sha256}</code>"))
    items = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in (*facts, *text.PAPERS))
    return f'<section><h2>{text.PAPERS_TITLE}</h2><dl class="papers">{items}</dl></section>'
