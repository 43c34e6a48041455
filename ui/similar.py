"""The tab of similar cases: the nearest real specimens, with what became of them."""

from html import escape

import gradio as gr

from model.explain import Similar
from model.features import BY_NAME
from model.specimen import Specimen
from ui import charts, text
from ui.explorer import Explorer
from ui.link import digits
from ui.markup import AT_ONCE, panel, table

_SHOWN = 5


def build(explorer: Explorer) -> gr.HTML:
    def show(event: gr.EventData) -> str:
        return draw(explorer, explorer.case(event.link))

    shown = panel("similar")
    shown.open(show, None, shown, **AT_ONCE)
    return shown


def draw(explorer: Explorer, specimen: Specimen) -> str:
    """The nearest specimens as a table; the one on screen itself is left out."""
    found = explorer.explainer.similar(specimen, _SHOWN + 1)
    nearest = [case for case in found if case.values != specimen.values][:_SHOWN]
    malignant = sum(case.diagnosis == "malignant" for case in nearest)
    count = text.SIMILAR_COUNT.format(malignant=malignant, count=len(nearest))
    return (
        f'<h2>{text.SIMILAR_TITLE}</h2><p class="lead">{count}</p>'
        f"{table((*text.SIMILAR_HEADS, ''), (_row(case, specimen) for case in nearest), 'similar')}"
        f'<p class="note">{text.SIMILAR_NOTE}</p>'
    )


def _row(case: Similar, specimen: Specimen) -> str:
    here, there = specimen.to_dict(), Specimen(case.values).to_dict()
    names = "<br>".join(escape(BY_NAME[name].label) for name in case.differs)
    values = "".join(
        f"<td>{'<br>'.join(digits(own[name]) for name in case.differs)}</td>" for own in (there, here)
    )
    return (
        f'<tr><th scope="row">{case.row}</th><td>{charts.mark(case.diagnosis)} {case.diagnosis}</td>'
        f"<td>{case.distance:.1f}</td><td>{charts.percent(case.probability)}</td><td>{names}</td>{values}"
        f'<td><a class="button" href="?row={case.row}" data-load>{text.LOAD}</a></td></tr>'
    )
