"""The tab for those who build on the demo: the case on screen as code to copy, and what exactly answers."""

from html import escape
from pathlib import Path

import gradio as gr

from model.specimen import Specimen
from ui import snippets, text
from ui.explorer import Explorer
from ui.markup import AT_ONCE, panel

_SCRIPT = (Path(__file__).parent / "use_it.js").read_text(encoding="utf-8")
_ADDRESS = "ADDRESS/"  # the browser knows what address it has the page from; its script puts it in


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
        "curl": snippets.curl(_ADDRESS, specimen),
        "python": snippets.python(_ADDRESS, specimen),
        "javascript": snippets.javascript(_ADDRESS, specimen),
        "agent": snippets.agent(_ADDRESS),
        "iframe": snippets.iframe(_ADDRESS, link, text.TITLE),
        "element": snippets.element(_ADDRESS),
    }
    parts = "".join(_snippet(name, content, name == "curl") for name, content in code.items())
    return f'<p class="lead">{text.USE_IT_LEAD}</p>{parts}{_papers(explorer)}'


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
