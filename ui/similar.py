"""The tab of similar cases: the nearest real specimens, with what became of them."""

from html import escape

import gradio as gr

from model.explain import Similar
from model.features import BY_NAME
from model.specimen import Specimen
from ui import charts, text
from ui.explorer import Explorer
from ui.link import digits
from ui.markup import AT_ONCE, explained, panel, section, table

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
    form = (
        text.SIMILAR_ALL
        if malignant == len(nearest)
        else text.SIMILAR_COUNT.get(malignant, text.SIMILAR_MANY)
    )
    said = form.format(malignant=malignant, count=len(nearest))
    rows = (_row(case, specimen) for case in nearest)
    note = f'<p class="note">{explained(text.SIMILAR_NOTE)}</p>'
    return section(text.SIMILAR_TITLE, said, table((*text.SIMILAR_HEADS, ""), rows, "stack similar") + note)


def _row(case: Similar, specimen: Specimen) -> str:
    here, there = specimen.to_dict(), Specimen(case.values).to_dict()
    differs = "".join(
        f"<li>{text.SIMILAR_DIFFERS.format(feature=escape(BY_NAME[name].label), there=digits(there[name]))} "
        f"<span>{text.SIMILAR_HERE.format(here=digits(here[name]))}</span></li>"
        for name in case.differs
    )
    return (
        f'<tr><th scope="row">{case.row}</th>'
        f"<td>{charts.mark(case.diagnosis)} {text.VERDICT[case.diagnosis]}</td>"
        f"<td>{case.distance:.1f}</td><td>{charts.percent(case.probability)}</td><td><ul>{differs}</ul></td>"
        f'<td><a class="button" href="?row={case.row}" data-load>{text.LOAD}</a></td></tr>'
    )
