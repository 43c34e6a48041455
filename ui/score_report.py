"""What scoring a file came to, as HTML: counts, histogram, metrics where the truth is known, errors, rows."""

from html import escape
from textwrap import shorten

from model.features import BY_NAME
from model.table import Evaluation, RowFault, Summary
from ui import charts, evidence_plots, text
from ui.markup import section, table

_FAULTS_SHOWN = 30
_ERROR = 160  # characters of a row's errors

Row = dict[str, str]


def report(name: str, summary: Summary, rows: list[Row], threshold: float) -> str:
    """The counts first, then how well they fit the truth, then what could not be scored."""
    parts = [_histogram(summary, threshold)] if summary.scored else []
    if summary.evaluation:
        parts.append(_evaluation(summary.evaluation))
    faults = _faults(summary) if summary.faults else ""
    counts = text.SCORE_COUNTS.format(name=escape(name), rows=summary.rows, scored=summary.scored)
    faulty = f" {text.SCORE_FAULTY.format(count=summary.faulty)}" if summary.faulty else ""
    return (
        f'<div role="status"><h2>{counts}{faulty}</h2>{_figures(summary)}</div>'
        f'<div class="pair">{"".join(parts)}</div>{faults}{_first(rows)}'
    )


def _figures(summary: Summary) -> str:
    counts = (
        (charts.mark("malignant"), "malignant", summary.diagnoses["malignant"]),
        (charts.mark("benign"), "benign", summary.diagnoses["benign"]),
        (charts.mark("inconclusive"), "inconclusive", summary.verdicts["inconclusive"]),
        ("", "warned", summary.warned),
    )
    items = "".join(
        f"<div><dt>{mark} {text.SCORE_FIGURES[key][0]}</dt><dd><b>{count}</b></dd>"
        f"<dd>{text.SCORE_FIGURES[key][1]}</dd></div>"
        for mark, key, count in counts
    )
    return f'<dl class="figures">{items}</dl>'


def _histogram(summary: Summary, threshold: float) -> str:
    ticks = [(p, charts.percent(p)) for p in (0.25, 0.5, 0.75)]
    figure = evidence_plots.histogram(
        summary.histogram, [(0, "0"), *ticks, (1, "1")], threshold, text.SCORE_HISTOGRAM
    )
    return section(text.SCORE_HISTOGRAM, text.SCORE_HISTOGRAM_LEAD, figure)


def _evaluation(found: Evaluation) -> str:
    rows = (
        f'<tr><th scope="row">{charts.mark(truth)} {text.SCORE_TRULY.format(diagnosis=truth)}</th>'
        + "".join(f"<td><b>{found.confusion[truth, said]}</b></td>" for said in ("malignant", "benign"))
        + "</tr>"
        for truth in ("malignant", "benign")
    )
    rates = {
        "sensitivity": _rate(found.sensitivity),
        "specificity": _rate(found.specificity),
        "auc": "–" if found.auc is None else f"{found.auc:.3f}",
        "log_loss": f"{found.log_loss:.3f}",
    }
    items = "".join(f"<dt>{text.METRICS[key]}</dt><dd>{value}</dd>" for key, value in rates.items())
    content = f'{table(("", *text.LINE_HEADS), rows, "counts")}<dl class="papers">{items}</dl>'
    return section(text.SCORE_TRUTH, text.SCORE_TRUTH_LEAD.format(rows=found.rows), content)


def _rate(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _faults(summary: Summary) -> str:
    shown = summary.faults[:_FAULTS_SHOWN]
    rows = map(_fault, shown)
    lead = text.SCORE_FAULTS_LEAD.format(shown=len(shown), count=summary.fault_count)
    return section(text.SCORE_FAULTS, lead, table(text.SCORE_FAULTS_HEADS, rows, "faults"))


def _fault(fault: RowFault) -> str:
    label = BY_NAME[fault.feature].label if fault.feature in BY_NAME else fault.feature
    return (
        f'<tr><th scope="row">{fault.line}</th><td>{escape(label)}</td><td>{escape(fault.value)}</td>'
        f"<td>{escape(fault.message)}</td></tr>"
    )


def _first(rows: list[Row]) -> str:
    drawn = (_row(number, row) for number, row in enumerate(rows, 1))
    return section(text.SCORE_FIRST, text.SCORE_FIRST_LEAD, table(text.SCORE_FIRST_HEADS, drawn, "rows"))


def _row(number: int, row: Row) -> str:
    name = escape(row.get("id", "") or str(number))
    if row["error"]:
        error = shorten(row["error"], _ERROR, placeholder=" …")
        return f'<tr><th scope="row">{name}</th><td colspan="4">{escape(error)}</td></tr>'
    bounds = [charts.percent(float(row[key])) for key in ("interval_low", "interval_high")]
    interval = " – ".join(dict.fromkeys(bounds))  # both may be > 99.99 %
    return (
        f'<tr><th scope="row">{name}</th><td>{charts.percent(float(row["probability"]))}</td>'
        f"<td>{interval}</td><td>{charts.mark(row['verdict'])} {row['verdict']}</td>"
        f"<td>{_warnings(row['warnings'])}</td></tr>"
    )


def _warnings(words: str) -> str:
    """``out_of_range:radius_mean`` and its like, as a visitor reads them."""
    said = []
    for word in words.split():
        code, _, names = word.partition(":")
        labels = ", ".join(BY_NAME[name].label for name in names.split("+") if name)
        said.append(text.SCORE_WARNINGS[code] + (f" ({labels})" if labels else ""))
    return escape("; ".join(said))
