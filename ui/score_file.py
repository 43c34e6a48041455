"""The tab for a file of specimens: scored, summed up, and given back with the results behind each row.

Reads no table itself; ``model.table`` does. Files are gone minutes after use.
"""

import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from model.features import DIAGNOSES, NAMES
from model.table import Progress, Summary, WrongTable, preview
from ui import text
from ui.explorer import Explorer
from ui.link import digits
from ui.markup import AT_ONCE
from ui.score_report import report

_KINDS = [".csv", ".tsv", ".txt", ".data", ".gz"]
_SHOWN = 10  # rows
_SAMPLE_EVERY = 57  # rows, ten in all; beside the showcase cases
_SCRIPT = """
element.addEventListener("click", ({ target }) => target.closest("button") && trigger("sample"));
trigger("open");
"""

Score = Callable[[Path, Path, Progress], Summary]
"""Scores a file into another, telling how far it has come; raises WrongTable."""

Shown = tuple[None, dict[str, Any], str]


def build(explorer: Explorer) -> gr.HTML:
    """The place to drop a file comes when the tab is first opened: its code is the page's heaviest part."""

    def uploaded(path: str, progress: gr.Progress = gr.Progress()) -> Shown:  # noqa: B008  # Gradio's way
        return score_file(explorer, Path(path), explorer.score, progress)

    def sampled() -> Shown:
        folder = Path(tempfile.mkdtemp(dir=upload.GRADIO_CACHE))
        (folder / "sample.csv").write_text(sample(explorer), encoding="utf-8")
        return score_file(explorer, folder / "sample.csv", explorer.score)

    with gr.Column(elem_id="score"):
        intro = gr.HTML(_intro(explorer), js_on_load=_SCRIPT, apply_default_css=False, elem_id="score-intro")
        upload = gr.File(
            label=text.SCORE_DROP, file_types=[*_KINDS], height=144, visible=False, elem_id="score-upload"
        )
        download = gr.DownloadButton(text.SCORE_DOWNLOAD, visible=False, size="sm", elem_id="score-download")
        shown = gr.HTML("", apply_default_css=False, elem_id="score-report")
    outputs = [upload, download, shown]
    upload.upload(
        uploaded, upload, outputs, show_progress_on=shown, concurrency_limit=2, api_visibility="private"
    )
    intro.open(lambda: gr.update(visible=True), None, upload, **AT_ONCE)
    intro.sample(sampled, None, outputs, **AT_ONCE)
    return intro


def score_file(explorer: Explorer, path: Path, score: Score, progress: gr.Progress | None = None) -> Shown:
    """The place to drop the next file, the scored one to take away, and what it came to."""

    def tell(done: int, size: int | None) -> None:
        if progress and size:
            progress((done, size), desc=text.SCORE_PROGRESS, unit="bytes")

    # a folder of its own: two visitors may bring the same file at once
    scored = Path(tempfile.mkdtemp(dir=path.parent)) / text.SCORE_NAME.format(name=path.name)
    try:
        summary = score(path, scored, tell)
    except WrongTable as wrong:
        problem = text.SCORE_WRONG.format(name=escape(path.name), why=escape(str(wrong)))
        return None, gr.update(visible=False), f'<p class="problem" role="alert">{problem}</p>'
    drawn = report(path.name, summary, preview(scored, _SHOWN), explorer.classifier.threshold)
    return None, gr.update(value=str(scored), visible=True), drawn


def sample(explorer: Explorer) -> str:
    """The showcase cases and other real specimens, with M and B as in the file that most people have."""
    reference = explorer.reference
    showcase = {case["row"] for case in explorer.cases}
    words = {code: min((word for word, c in DIAGNOSES.items() if c == code), key=len) for code in (0, 1)}
    rows = (
        f"{row},{words[int(reference.malignant[row])].upper()},"
        f"{','.join(map(digits, reference.values[row].tolist()))}"
        for row in sorted(showcase.union(range(0, len(reference.malignant), _SAMPLE_EVERY)))
    )
    return "\n".join([f"id,diagnosis,{','.join(NAMES)}", *rows, ""])


def _intro(explorer: Explorer) -> str:
    content = quote(sample(explorer), safe=",")
    link = f'<a class="button" download="sample.csv" href="data:text/csv;charset=utf-8,{content}">'
    return (
        f'<h2>{text.SCORE_TITLE}</h2><p class="lead">{text.SCORE_LEAD}</p>'
        f'<p class="offers"><button type="button" class="button">{text.SCORE_SAMPLE}</button> '
        f"{link}{text.SCORE_SAMPLE_FILE}</a></p>"
    )
