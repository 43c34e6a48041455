"""The evidence as blocks of Markdown for README and model card, so that nobody has to type a figure.

In README a block is between ``<!-- figures: NAME -->`` and ``<!-- end -->``; NAME is a key of ``BLOCKS``.
MODEL_CARD.md is ``card.md`` with all blocks filled in.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from model.evidence import Bin, ComparedModel, Evidence, Measure, Share, Subgroup
from model.explain import NEAREST
from model.features import BY_NAME
from training.baselines import ALL_TUNED
from training.decision import LEVEL
from training.gate import MEASURES

_TEMPLATE = Path(__file__).with_name("card.md")
_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NUMBER = re.compile(r"[*+\N{MINUS SIGN}-]*\d|$")
# the measures that the Hub shows next to the model
_HUB = ("accuracy", "auc", "log_loss", "brier", "sensitivity", "specificity", "calibration_slope")


def table(header: str, rows: Iterable[str]) -> str:
    """A Markdown table from rows of cells between `` | ``; columns of numbers are aligned to the right."""
    body = [row.split(" | ") for row in rows]
    columns = zip(*body, strict=True)
    rule = ["---:" if all(_NUMBER.match(cell) for cell in column) else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header.split(" | "), rule, *body))


def _between(ends: Measure | Share | Bin | Subgroup, form: str) -> str:
    return f"{ends.low:{form}} to {ends.high:{form}}"


def _share(share: Share | None) -> str:
    return f"{share.share:.1%} ({_between(share, '.1%')})" if share else "–"


def _count(share: Share) -> str:
    return f"{share.hits:g} of {share.of}"


def _ratio(ratio: tuple[float, ...]) -> str:
    return "{:.3g} ({:.2g} to {:.2g})".format(*ratio)


def headline(evidence: Evidence) -> str:
    """The most important figures in a few sentences."""
    loss, auc, slope = (evidence.metrics[name] for name in ("log_loss", "auc", "calibration_slope"))
    found, cleared = (evidence.metrics[name] for name in ("sensitivity", "specificity"))
    protocol, time = evidence.protocol, ""
    if evidence.through_time and (later := evidence.later_patients):
        split = evidence.through_time[0]
        time = (
            f" Fitted on the years up to {split.until} and tested on the years after, the model found "
            f"{_count(split.sensitivity)} cancers and cleared {_count(split.specificity)} benign specimens; "
            f"of {later.found.of} later cancers of the same hospital the served model finds "
            f"{later.found.hits:g} "
            f"(95 %: {_between(later.found, '.0%')})."
        )
    return (
        f"Log loss is {loss.mean:.3f} ({_between(loss, '.3f')}), and ROC AUC is {auc.mean:.4f} "
        f"({_between(auc, '.4f')}). At the threshold {found.mean:.1%} of cancers are found "
        f"({_between(found, '.1%')}) and {cleared.mean:.1%} of benign specimens cleared "
        f"({_between(cleared, '.1%')}). The calibration slope is {slope.mean:.2f} "
        f"({_between(slope, '.2f')}). In brackets are 95 % intervals over specimens, which show what "
        f"another {evidence.data.specimens} patients might give. All figures are means of {protocol.repeats} "
        f"repeats of stratified {protocol.folds}-fold cross-validation, with splits that were not used to "
        f"choose anything. With the splits that were used to choose the model, log loss is "
        f"{evidence.chosen_on['log_loss'].mean:.3f}, and with the form of the curves tuned inside the folds, "
        f"too, it is {tuned_inside(evidence)}.{time}"
    )


def tuned_inside(evidence: Evidence) -> str:
    """Log loss with everything tuned inside the folds, if it was measured."""
    means = (model.metrics["log_loss"].mean for model in evidence.ablations if model.label == ALL_TUNED)
    return next((f"{mean:.3f}" for mean in means), "not measured")


def five_rows(evidence: Evidence) -> str:
    """Answers to the first questions of a reader, each with its interval."""
    metrics, protocol, later = evidence.metrics, evidence.protocol, evidence.later_patients
    questions = (
        ("Cancers found at the threshold", "sensitivity", ".1%"),
        ("Benign specimens called benign", "specificity", ".1%"),
        ("Ranks a malignant above a benign specimen (ROC AUC)", "auc", ".4f"),
        ("Penalty for confident mistakes (log loss; guessing has 0.693)", "log_loss", ".3f"),
    )
    rows = [
        f"{q} | {metrics[name].mean:{form}} | {_between(metrics[name], form)}" for q, name, form in questions
    ]
    if later:
        between = _between(later.found, ".0%")
        rows.append(f"Cancers of later years found, same hospital | {_count(later.found)} | {between}")
    return (
        f"{table('question | answer | 95 % interval', rows)}\n\nThese are means of {protocol.repeats} "
        f"repeats of {protocol.folds}-fold cross-validation, with splits that were not used to choose "
        "anything. The intervals show what other specimens might give."
    )


def measures(evidence: Evidence) -> str:
    """Every measure with its interval over specimens and its spread over repeats."""
    forms = {name: f".{MEASURES[name].digits}f" for name in evidence.metrics}
    rows = (
        f"{MEASURES[name].label} | {m.mean:{forms[name]}} | {_between(m, forms[name])} | {m.sd:{forms[name]}}"
        for name, m in evidence.metrics.items()
    )
    return table("measure | mean | 95 % over specimens | sd over repeats", rows)


def _difference(model: ComparedModel) -> str:
    difference = model.difference
    return f"{difference.mean:+.4f} ({_between(difference, '+.4f')})" if difference else ""


def comparison(evidence: Evidence) -> str:
    """Every model in the same folds, with its paired difference to the served one."""

    def row(model: ComparedModel) -> str:
        label = f"**{model.label}**" if model.served else model.label
        named = ("log_loss", "brier", "auc", "accuracy")
        figures = " | ".join(f"{model.metrics[name].mean:.{MEASURES[name].digits}f}" for name in named)
        difference = model.difference
        worse_in = f"{difference.worse_in} of {evidence.protocol.repeats}" if difference else ""
        return f"{label} | {figures} | {_difference(model)} | {worse_in}"

    header = "model | log loss | Brier | AUC | accuracy | log loss, minus ours (95 %) | worse in"
    return table(header, map(row, evidence.comparison))


def ablations(evidence: Evidence) -> str:
    """Every variation of the served model, in the same folds."""
    rows = (f"{m.label} | {m.metrics['log_loss'].mean:.4f} | {_difference(m)}" for m in evidence.ablations)
    return table("variation | log loss | minus ours (95 %)", rows)


def thresholds(evidence: Evidence) -> str:
    """The effect of the chosen threshold and of some others."""
    rows = []
    for at in evidence.threshold.at:
        name, chosen = f"{at.threshold:.0%}", at.threshold == evidence.threshold.chosen
        missed, alarms = (share.of - share.hits for share in (at.sensitivity, at.specificity))
        rows.append(
            f"{f'**{name}** (chosen)' if chosen else name} | {missed:.1f} | {alarms:.1f} | "
            f"{_share(at.sensitivity)} | {_share(at.specificity)} | "
            f"{_ratio(at.positive_ratio)} | {_ratio(at.negative_ratio)}"
        )
    cancers, benign = evidence.data.malignant, evidence.data.specimens - evidence.data.malignant
    header = f"threshold | missed, of {cancers} | false alarms, of {benign} | sensitivity | specificity"
    return table(f"{header} | positive likelihood ratio | negative likelihood ratio", rows)


def conformal(evidence: Evidence) -> str:
    """Promised and measured coverage of each class, and the share of inconclusive verdicts."""
    rows = (
        f"{c.level:.0%} | {_share(c.malignant)} | {_share(c.benign)} | {c.inconclusive:.1%} | {c.empty:.1%}"
        for c in evidence.conformal
    )
    return table("promised | malignant covered | benign covered | inconclusive | neither, before", rows)


def verdicts(evidence: Evidence) -> str:
    """What the specimens with each verdict of the served level were, as mean counts."""
    served = next(entry for entry in evidence.conformal if entry.level == LEVEL)
    rows = (f"{v.verdict} | {v.malignant:.1f} | {v.benign:.1f} | {_ratio(v.ratio)}" for v in served.verdicts)
    return table("verdict | malignant | benign | likelihood ratio", rows)


def interval(evidence: Evidence) -> str:
    """How often the interval covers the truth, by the model that the truth comes from."""
    rows = (f"{truth} | {coverage:.1%}" for truth, coverage in evidence.interval.coverage.items())
    return table("diagnoses drawn from | covered, where P is 5 % to 95 %", rows)


def neighbours(evidence: Evidence) -> str:
    """How specimens turned out, by the number of malignant ones among the nearest."""
    rows = (
        f"{NEAREST * b.start + 0.49:.0f} to {NEAREST * b.stop - 0.49:.0f} | {b.specimens} | "
        f"{b.predicted:.1%} | {b.observed:.1%} ({_between(b, '.1%')})"
        for b in evidence.neighbours
    )
    return table(f"malignant among the {NEAREST} | specimens | mean share | was malignant", rows)


def through_time(evidence: Evidence) -> str:
    """Fits up to a year, evaluated on the years after it."""
    rows = (
        f"up to {s.until} | {s.fitted_on} | {s.auc:.4f} | {s.log_loss:.4f} | {s.slope:.2f} / "
        f"{s.intercept:+.2f} | {_count(s.sensitivity)} | {_count(s.specificity)} | {s.log_loss_followed:.4f}"
        f" | {_count(s.sensitivity_followed)} | {_count(s.specificity_followed)}"
        for s in evidence.through_time
    )
    header = "fitted | on | AUC | log loss | slope / intercept | cancers found | benign cleared"
    if not evidence.through_time:
        return "The data have no years."
    return table(f"{header} | log loss, intercept followed | found | cleared", rows)


def later(evidence: Evidence) -> str:
    """The later patients, the repeated measurements and the drift of texture, in sentences."""
    later, again, drift = evidence.later_patients, evidence.repeatability, evidence.texture_drift
    if not (later and again and drift):
        return ""
    variation = ", ".join(f"{name.replace('_', ' ')} {w:.1%}" for name, w in again.variation.items())
    return (
        f"Of {later.found.of} cancers of other patients, nearly all from after the data, the model finds "
        f"{later.found.hits:g} at the threshold (95 %: {_between(later.found, '.1%')}) and "
        f"{later.found_at_half.hits:g} at one half; by verdict {later.verdicts['malignant']} are malignant, "
        f"{later.verdicts['inconclusive']} inconclusive and {later.verdicts['benign']} benign. Log loss is "
        f"{later.log_loss:.3f}. None of them is benign, so this only tests sensitivity.\n\n"
        f"{again.found.of} patients of the data were measured again, and by the second measurements, too, "
        f"the model finds {again.found.hits:g}. Within a pair the means vary by {variation} (one pair is "
        f"left out, because its first measurement was of three nuclei only). If all thirty values of the "
        f"{again.turned.of} specimens vary by as much, {again.turned.share:.1%} get the other diagnosis and "
        f"{again.opposed.share:.1%} the opposite verdict.\n\nIn 1992 the instrument began to measure larger "
        f"textures, by {drift.factors['texture_mean'] - 1:.0%} in the mean. The same rise in all benign "
        f"specimens would raise the false alarms from {_count(drift.alarms_before)} to "
        f"{_count(drift.alarms_after)} (in sample). With their texture lowered by as much, "
        f"{_count(drift.found_without)} of the later cancers are found."
    )


def hard(evidence: Evidence) -> str:
    """The specimens that most models get wrong, and their unusual features."""
    rows = []
    for s in evidence.hard:
        # ``{"radius_worst": -1.0}``: worst radius smaller than in 100 % of malignant specimens
        unusual = ", ".join(
            f"{BY_NAME[name].spoken} {'larger' if share > 0 else 'smaller'} than in {abs(share):.0%}"
            for name, share in s.unusual.items()
        )
        reason = f"{unusual} of {s.diagnosis} specimens"
        rows.append(f"{s.row} | {s.diagnosis} | {s.probability:.3f} | {s.wrong_in:.0%} | {reason}")
    return table("row | diagnosis | probability | models wrong | what makes it hard", rows)


def subgroups(evidence: Evidence) -> str:
    """The measures for small, medium and large nuclei."""

    def name(group: Subgroup) -> str:
        what, unit = BY_NAME[group.feature].spoken, BY_NAME[group.feature].unit
        ends = [f"above {group.above:.3g}"] if group.above is not None else []
        ends += [f"up to {group.to:.3g}"] if group.to is not None else []
        return f"{what} {' and '.join(ends)} {unit}".strip()

    rows = (
        f"{name(g)} | {g.malignant} of {g.specimens} | {g.log_loss:.3f} ({_between(g, '.3f')}) | "
        f"{_share(g.sensitivity)} | {_share(g.specificity)}"
        for g in evidence.subgroups
    )
    return table("group | malignant | log loss (95 %) | sensitivity | specificity", rows)


def hub_results(evidence: Evidence) -> str:
    """The ``metrics`` of ``model-index`` in the card's front matter, which the Hub shows."""
    return "\n".join(
        f"    - type: {name}\n      name: {json.dumps(MEASURES[name].label)}\n"
        f"      value: {evidence.metrics[name].mean:.4f}"
        for name in _HUB
    )


BLOCKS: dict[str, Callable[[Evidence], str]] = {
    block.__name__.replace("_", "-"): block
    for block in (
        *(headline, tuned_inside, five_rows, measures, comparison, ablations, thresholds, conformal),
        *(verdicts, interval, neighbours, through_time, later, hard, subgroups, hub_results),
    )
}


def refreshed(text: str, evidence: Evidence) -> str:
    """``text`` with every block replaced by the one for this evidence.

    Raises:
        KeyError: for a block with an unknown name.
    """

    def fill(block: re.Match[str]) -> str:
        return f"{block[1]}{BLOCKS[block[2]](evidence)}\n{block[3]}"

    return _BLOCK.sub(fill, text)


def card(evidence: Evidence) -> str:
    """MODEL_CARD.md, which begins with front matter for the Hugging Face Hub."""
    blocks = {name.replace("-", "_"): block(evidence) for name, block in BLOCKS.items()}
    data, optimism = evidence.data, evidence.optimism
    return _TEMPLATE.read_text(encoding="utf-8").format(
        evidence=evidence,
        level=LEVEL,
        share=data.malignant / data.specimens,
        flattered=optimism["apparent"] - optimism["honest"],
        **blocks,
    )
