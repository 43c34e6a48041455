"""The evidence in Markdown: tables and the blocks that README marks, so that no figure is typed.

A block stands between ``<!-- figures: NAME -->`` and ``<!-- end -->``; NAME is a key of ``BLOCKS``.
"""

import re
from collections.abc import Callable, Iterable

from model.evidence import ComparedModel, Difference, Evidence, Share, Subgroup
from model.features import BY_NAME
from training.ablations import ALL_TUNED, RECORD
from training.gate import MEASURES

_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NUMBER = re.compile(r"[*+\N{MINUS SIGN}-]*\d|$")


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    """A Markdown table; columns of numbers are aligned to the right."""
    body = list(rows)
    columns = zip(*body, strict=True)
    rule = ["---:" if all(_NUMBER.match(cell) for cell in column) else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *body))


def _between(low: float, high: float, form: str) -> str:
    return f"{low:{form}} to {high:{form}}"


def _share(share: Share | None, form: str = ".1%") -> str:
    if share is None:
        return "–"
    return f"{share.share:{form}} ({_between(share.low, share.high, form)})"


def _count(share: Share) -> str:
    return f"{share.hits:g} of {share.of}"


def headline(evidence: Evidence) -> str:
    """The level that a stranger would find, in a few sentences."""
    loss, auc, slope = (evidence.metrics[name] for name in ("log_loss", "auc", "calibration_slope"))
    found, cleared = (evidence.metrics[name] for name in ("sensitivity", "specificity"))
    protocol = evidence.protocol
    return (
        f"Log loss {loss.mean:.3f} ({_between(loss.low, loss.high, '.3f')}), ROC AUC {auc.mean:.4f} "
        f"({_between(auc.low, auc.high, '.4f')}); at the threshold {found.mean:.1%} of cancers are found "
        f"({_between(found.low, found.high, '.1%')}) and {cleared.mean:.1%} of benign specimens cleared "
        f"({_between(cleared.low, cleared.high, '.1%')}); calibration slope {slope.mean:.2f} "
        f"({_between(slope.low, slope.high, '.2f')}). In brackets are 95 % intervals over specimens: what "
        f"another {evidence.data.specimens} patients might give. Means of {protocol.repeats} repeats of "
        f"stratified {protocol.folds}-fold cross-validation, by splits with which nothing was chosen; by "
        f"the splits on which the model was chosen, log loss is {evidence.chosen_on['log_loss'].mean:.3f}, "
        f"and with the form of the curves tuned inside the folds, too, {tuned_inside(evidence)}."
        f"{through_time_sentence(evidence)}"
    )


def five_rows(evidence: Evidence) -> str:
    """What a stranger asks first, each with its interval."""
    metrics, protocol, later = evidence.metrics, evidence.protocol, evidence.later_patients
    asked = [
        ("Cancers found at the threshold", "sensitivity", ".1%"),
        ("Benign specimens called benign", "specificity", ".1%"),
        ("Ranks a malignant above a benign specimen (ROC AUC)", "auc", ".4f"),
        ("Penalty for confident mistakes (log loss; guessing has 0.693)", "log_loss", ".3f"),
    ]
    rows = [
        [question, f"{metrics[name].mean:{form}}", _between(metrics[name].low, metrics[name].high, form)]
        for question, name, form in asked
    ]
    if later:
        between = _between(later.found.low, later.found.high, ".0%")
        rows.append(["Cancers of later years found, same hospital", _count(later.found), between])
    return (
        f"{table(['question', 'answer', '95 % interval'], rows)}\n\nMeans of {protocol.repeats} repeats of "
        f"{protocol.folds}-fold cross-validation, on splits with which nothing was chosen; the intervals are "
        f"over specimens."
    )


def tuned_inside(evidence: Evidence) -> str:
    """Log loss with nothing fixed beforehand; it may not have been run."""
    found = (model.metrics["log_loss"].mean for model in evidence.ablations if model.label == ALL_TUNED)
    return next((f"{mean:.3f}" for mean in found), "not measured")


def through_time_sentence(evidence: Evidence) -> str:
    """One sentence on time; nothing where the data have no years."""
    if not (evidence.through_time and (later := evidence.later_patients)):
        return ""
    split = evidence.through_time[0]
    return (
        f" Fitted on the years up to {split.until} and judged on the years after, it found "
        f"{_count(split.sensitivity)} cancers and cleared {_count(split.specificity)} benign specimens; of "
        f"{later.found.of} later cancers of the same hospital it finds {later.found.hits:g} "
        f"(95 %: {_between(later.found.low, later.found.high, '.0%')})."
    )


def measures(evidence: Evidence) -> str:
    """Each measure with its interval over specimens, and its spread over repeats."""
    rows = []
    for name, metric in evidence.metrics.items():
        label, digits = MEASURES[name]
        form = f".{digits}f"
        rows.append(
            [label, f"{metric.mean:{form}}", _between(metric.low, metric.high, form), f"{metric.sd:{form}}"]
        )
    return table(["measure", "mean", "95 % over specimens", "sd over repeats"], rows)


def _difference(difference: Difference | None) -> str:
    return (
        f"{difference.mean:+.4f} ({_between(difference.low, difference.high, '+.4f')})" if difference else ""
    )


def comparison(evidence: Evidence) -> str:
    """Every model in the same folds, with its paired difference to the served one."""
    repeats = evidence.protocol.repeats

    def row(model: ComparedModel) -> list[str]:
        label = f"**{model.label}**" if model.served else model.label
        named = ("log_loss", "brier", "auc", "accuracy")
        figures = [f"{model.metrics[name].mean:.{MEASURES[name][1]}f}" for name in named]
        worse_in = f"{model.difference.worse_in} of {repeats}" if model.difference else ""
        return [label, *figures, _difference(model.difference), worse_in]

    header = ["model", "log loss", "Brier", "AUC", "accuracy", "log loss, minus ours (95 %)", "worse in"]
    return table(header, map(row, evidence.comparison))


def ablations(evidence: Evidence) -> str:
    """Variations that were run with the evidence, in the same folds."""
    rows = (
        [model.label, f"{model.metrics['log_loss'].mean:.4f}", _difference(model.difference)]
        for model in evidence.ablations
    )
    return table(["variation", "log loss", "minus ours (95 %)"], rows)


def record() -> str:
    """Variations that were measured once."""
    return table(
        ["variation", "log loss ± sd over repeats", "in a word"],
        ([w, f"{m:.4f} ± {s:.4f}", n] for w, m, s, n in RECORD),
    )


def thresholds(evidence: Evidence) -> str:
    """What thresholds do: the chosen one, and others that other specimens would have chosen."""
    rows = []
    for at in evidence.threshold.at:
        name = (
            f"**{at.threshold:.0%}** (chosen)"
            if at.threshold == evidence.threshold.chosen
            else f"{at.threshold:.0%}"
        )
        missed, alarms = (share.of - share.hits for share in (at.sensitivity, at.specificity))
        ratios = [f"{r[0]:.3g} ({r[1]:.2g} to {r[2]:.2g})" for r in (at.positive_ratio, at.negative_ratio)]
        rows.append(
            [name, f"{missed:.1f}", f"{alarms:.1f}", _share(at.sensitivity), _share(at.specificity), *ratios]
        )
    cancers, benign = evidence.data.malignant, evidence.data.specimens - evidence.data.malignant
    header = ["threshold", f"missed, of {cancers}", f"false alarms, of {benign}", "sensitivity",
              "specificity", "positive likelihood ratio", "negative likelihood ratio"]  # fmt: skip
    return table(header, rows)


def conformal(evidence: Evidence) -> str:
    """Promised and found coverage of each class, and what it costs in inconclusive verdicts."""
    rows = (
        [f"{e.level:.0%}", _share(e.malignant), _share(e.benign), f"{e.inconclusive:.1%}", f"{e.empty:.1%}"]
        for e in evidence.conformal
    )
    return table(["promised", "malignant covered", "benign covered", "inconclusive", "neither, before"], rows)


def verdicts(evidence: Evidence, level: float) -> str:
    """What each verdict of the served level meant, mean counts."""
    served = next(entry for entry in evidence.conformal if entry.level == level)
    rows = (
        [
            v.verdict,
            f"{v.malignant:.1f}",
            f"{v.benign:.1f}",
            f"{v.ratio[0]:.3g} ({v.ratio[1]:.2g} to {v.ratio[2]:.2g})",
        ]
        for v in served.verdicts
    )
    return table(["verdict", "malignant", "benign", "likelihood ratio"], rows)


def interval(evidence: Evidence) -> str:
    """How often the interval covers, by what was true."""
    rows = ([truth, f"{coverage:.1%}"] for truth, coverage in evidence.interval.coverage.items())
    return table(["diagnoses drawn from", "covered, where P is 5 % to 95 %"], rows)


def neighbours(evidence: Evidence) -> str:
    """Of the 20 nearest so many were malignant; and then?"""
    rows = (
        [
            _between(20 * b.start + 0.49, 20 * b.stop - 0.49, ".0f"),
            str(b.specimens),
            f"{b.predicted:.1%}",
            f"{b.observed:.1%} ({_between(b.low, b.high, '.1%')})",
        ]
        for b in evidence.neighbours
    )
    return table(["malignant among the 20", "specimens", "mean share", "was malignant"], rows)


def through_time(evidence: Evidence) -> str:
    rows = (
        [
            f"up to {s.until}",
            f"{s.fitted_on}",
            f"{s.auc:.4f}",
            f"{s.log_loss:.4f}",
            f"{s.slope:.2f} / {s.intercept:+.2f}",
            _count(s.sensitivity),
            _count(s.specificity),
            f"{s.log_loss_followed:.4f}",
            _count(s.sensitivity_followed),
            _count(s.specificity_followed),
        ]
        for s in evidence.through_time
    )
    header = ["fitted", "on", "AUC", "log loss", "slope / intercept", "cancers found", "benign cleared",
              "log loss, intercept followed", "found", "cleared"]  # fmt: skip
    return table(header, rows) if evidence.through_time else "The data have no years."


def hard(evidence: Evidence) -> str:
    rows = (
        [
            str(s.row),
            s.diagnosis,
            f"{s.probability:.3f}",
            f"{s.wrong_in:.0%}",
            _unusual(s.unusual, s.diagnosis),
        ]
        for s in evidence.hard
    )
    return table(["row", "diagnosis", "probability", "models wrong", "what makes it hard"], rows)


def _unusual(unusual: dict[str, float], diagnosis: str) -> str:
    """``{"radius_worst": -1.0}``: worst radius smaller than in 100 % of malignant specimens."""
    said = [
        f"{BY_NAME[name].spoken} {'larger' if share > 0 else 'smaller'} than in {abs(share):.0%}"
        for name, share in unusual.items()
    ]
    return f"{', '.join(said)} of {diagnosis} specimens"


def subgroups(evidence: Evidence) -> str:
    rows = (
        [
            _group(g),
            f"{g.malignant} of {g.specimens}",
            f"{g.log_loss:.3f} ({_between(g.low, g.high, '.3f')})",
            _share(g.sensitivity),
            _share(g.specificity),
        ]
        for g in evidence.subgroups
    )
    return table(["group", "malignant", "log loss (95 %)", "sensitivity", "specificity"], rows)


def _group(group: Subgroup) -> str:
    what, unit = BY_NAME[group.feature].spoken, BY_NAME[group.feature].unit
    ends = [f"above {group.above:.3g}"] if group.above is not None else []
    ends += [f"up to {group.to:.3g}"] if group.to is not None else []
    return f"{what} {' and '.join(ends)} {unit}".strip()


BLOCKS: dict[str, Callable[[Evidence], str]] = {
    "headline": headline,
    "five-rows": five_rows,
    "measures": measures,
    "comparison": comparison,
    "thresholds": thresholds,
    "conformal": conformal,
    "through-time": through_time,
    "hard": hard,
}


def refreshed(text: str, evidence: Evidence) -> str:
    """``text`` with every marked block as the evidence has it.

    Raises:
        KeyError: for a block with an unknown name.
    """

    def fill(block: re.Match[str]) -> str:
        return f"{block[1]}{BLOCKS[block[2]](evidence)}\n{block[3]}"

    return _BLOCK.sub(fill, text)
