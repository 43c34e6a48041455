"""The tab of similar cases: the most similar real specimens, and what they were."""

from html import escape

import gradio as gr

from model.explain import Similar
from model.features import BY_NAME
from model.specimen import Specimen
from ui import charts, text
from ui.context import PageContext, digits
from ui.markup import explained, load_button, panel, section, table, verdict

_MAX_SHOWN = 5


def build(context: PageContext) -> gr.HTML:
    return panel("similar", lambda event: draw(context, context.case(event.link)))


def draw(context: PageContext, specimen: Specimen) -> str:
    """The nearest specimens as a table; the one on screen itself is left out."""
    similar = context.explainer.similar(specimen, _MAX_SHOWN + 1)
    nearest = [case for case in similar if case.values != specimen.values][:_MAX_SHOWN]
    malignant = sum(case.diagnosis == "malignant" for case in nearest)
    form = text.SIMILAR_COUNT.get(malignant, text.SIMILAR_MANY)
    lead = (text.SIMILAR_ALL if malignant == len(nearest) else form).format(
        malignant=malignant, count=len(nearest)
    )
    rows = (_row(case, specimen) for case in nearest)
    note = f'<p class="note">{explained(text.SIMILAR_NOTE)}</p>'
    return section(text.SIMILAR_TITLE, lead, table((*text.SIMILAR_HEADS, ""), rows, "stack similar") + note)


def _row(case: Similar, specimen: Specimen) -> tuple[str, ...]:
    here, there = specimen.to_dict(), Specimen(case.values).to_dict()
    differs = "".join(
        f"<li>{escape(BY_NAME[name].label)}: {digits(there[name])} "
        f"<span>{text.SIMILAR_HERE.format(here=digits(here[name]))}</span></li>"
        for name in case.differs
    )
    return (
        str(case.row),
        verdict(case.diagnosis),
        f"{case.distance:.1f}",
        charts.percent(case.probability),
        f"<ul>{differs}</ul>",
        load_button(f"row={case.row}"),
    )
