"""The tab for those who build on the demo: the case on screen as code to copy, and what exactly answers."""

import json
from html import escape

import gradio as gr

from model.features import FEATURES, MEASUREMENTS
from model.specimen import Specimen
from ui import text
from ui.explorer import Explorer
from ui.link import digits
from ui.markup import AT_ONCE, panel

_ADDRESS = "ADDRESS/"  # the browser knows what address it has the page from; the script puts it in
_SCRIPT = """
const chosen = () => ({});
let open = "";
element.addEventListener("toggle", ({ target }) => { if (target.open) open = target.dataset.snippet; }, true);
watch("value", () => {
  const here = new URL("./", document.baseURI).href;
  for (const code of element.querySelectorAll("pre")) {
    code.textContent = code.textContent.replaceAll("ADDRESS/", here);
  }
  const fold = element.querySelector(`[data-snippet="${open}"]`);
  if (fold) fold.open = true;
});
"""


def build(explorer: Explorer) -> gr.HTML:
    def show(event: gr.EventData) -> str:
        return draw(explorer, explorer.case(event.link))

    shown = panel("use_it", _SCRIPT)
    shown.open(show, None, shown, **AT_ONCE)
    return shown


def draw(explorer: Explorer, specimen: Specimen) -> str:
    """Programs first, pages of others next, the model's papers last."""
    link = explorer.links.encode(specimen)
    code = {
        "curl": curl(_ADDRESS, specimen),
        "python": python(_ADDRESS, specimen),
        "javascript": javascript(_ADDRESS, specimen),
        "agent": agent(_ADDRESS),
        "iframe": iframe(_ADDRESS, link, text.TITLE),
    }
    parts = "".join(_snippet(name, content, name == "curl") for name, content in code.items())
    return f'<h2>{text.USE_IT_TITLE}</h2><p class="lead">{text.USE_IT_LEAD}</p>{parts}{_papers(explorer)}'


def _snippet(name: str, code: str, shown: bool) -> str:
    """A fold, of which one is open at a time."""
    title, meaning = text.SNIPPETS[name]
    label = text.USE_IT_CODE.format(title=title)
    copy = f'data-do="copy-code" data-done="{text.COPIED}" aria-label="{text.USE_IT_COPY}: {title}"'
    return (
        f'<details class="snippet" name="snippet" data-snippet="{name}"{" open" * shown}>'
        f'<summary>{title}</summary><div class="titled"><p class="lead">{meaning}</p>'
        f'<button type="button" {copy}>{text.USE_IT_COPY}</button></div>'
        f'<pre tabindex="0" aria-label="{label}">{escape(code, quote=False)}</pre></details>'
    )


def _papers(explorer: Explorer) -> str:
    info = explorer.classifier.info
    facts = ((text.PAPERS_VERSION, info.version), (text.PAPERS_SHA256, f"<code>{info.sha256}</code>"))
    items = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in (*facts, *text.PAPERS))
    return f'<section><h2>{text.PAPERS_TITLE}</h2><dl class="papers">{items}</dl></section>'


# ---- the code, for an address and a case


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


def _named(specimen: Specimen) -> str:
    """The thirty numbers by name, a measurement a line; JSON, Python and JavaScript alike."""
    values = specimen.to_dict()
    lines = (
        ", ".join(f'"{f.name}": {digits(values[f.name])}' for f in FEATURES if f.measurement is measurement)
        for measurement in MEASUREMENTS
    )
    return ",\n".join(f"  {line}" for line in lines)
