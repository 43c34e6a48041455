"""The evidence as Markdown tables, for report, model card and README alike; computes nothing new."""

import re
from typing import Any

Evaluation = dict[str, Any]

# measure -> (what a reader calls it, digits)
MEASURES = {
    "log_loss": ("log loss", 4),
    "brier": ("Brier score", 4),
    "auc": ("ROC AUC", 4),
    "accuracy": ("accuracy at 0.5", 3),
    "sensitivity_at_95_specificity": ("sensitivity at 95 % specificity", 3),
    "specificity_at_99_sensitivity": ("specificity at 99 % sensitivity", 3),
    "calibration_slope": ("calibration slope", 2),
    "calibration_intercept": ("calibration intercept", 2),
    "ece": ("expected calibration error", 4),
    "sensitivity": ("sensitivity at the threshold", 3),
    "specificity": ("specificity at the threshold", 3),
}


_NUMBER = re.compile(r"[*+-]*\d|$")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; columns of numbers are aligned to the right."""
    columns = zip(*rows, strict=True)
    rule = ["---:" if all(_NUMBER.match(cell) for cell in column) else "---" for column in columns]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def spread(measured: dict[str, float], digits: int) -> str:
    """The mean over repeats and its standard deviation."""
    return f"{measured['mean']:.{digits}f} ± {measured['sd']:.{digits}f}"


def log_loss(evaluation: Evaluation, label: str, digits: int) -> str:
    """That of a compared model; it may not have been run."""
    found = (entry["metrics"] for entry in evaluation["comparison"] if entry["label"] == label)
    return next((spread(metrics["log_loss"], digits) for metrics in found), "not measured")


def measures(evaluation: Evaluation) -> str:
    """Each measure with its spread over repeats, its interval over specimens, and on fresh seeds."""
    rows = []
    for name, (label, digits) in MEASURES.items():
        value, fresh = evaluation["metrics"][name], evaluation["fresh"][name]
        rows.append(
            [
                label,
                spread(value, digits),
                f"{value['low']:.{digits}f} to {value['high']:.{digits}f}",
                spread(fresh, digits),
            ]
        )
    return table(["measure", "mean ± sd of repeats", "95 % over specimens", "fresh seeds"], rows)


def comparison(evaluation: Evaluation) -> str:
    """Every model in the same folds, with its paired difference to the served one."""
    rows, repeats = [], evaluation["protocol"]["repeats"]
    for entry in evaluation["comparison"]:
        label = f"**{entry['label']}**" if entry["served"] else entry["label"]
        figures = [_mean(entry, name, MEASURES[name][1]) for name in ("log_loss", "brier", "auc", "accuracy")]
        difference = entry["difference"]
        worse_in = f"{difference['worse_in']} of {repeats}" if difference else ""
        rows.append([label, *figures, _paired(difference), worse_in])
    header = ["model", "log loss", "Brier", "AUC", "accuracy", "log loss, minus ours (95 %)", "worse in"]
    return table(header, rows)


def _paired(difference: dict[str, float] | None) -> str:
    return "{mean:+.4f} ({low:+.4f} to {high:+.4f})".format(**difference) if difference else ""


def _mean(entry: dict[str, Any], name: str, digits: int) -> str:
    return f"{entry['metrics'][name]['mean']:.{digits}f}"


def thresholds(evaluation: Evaluation) -> str:
    """What a threshold costs, in counts: the chosen one, 0.5, and some round ones."""
    chosen, counts = evaluation["threshold"]["chosen"], evaluation["threshold"]["table"]
    cancers = evaluation["data"]["malignant"]
    benign = evaluation["data"]["specimens"] - cancers
    rows = []
    for threshold in sorted({0.05, 0.1, 0.2, chosen, 0.5, 0.8}):
        index = counts["threshold"].index(threshold)
        name = f"**{threshold:.2f}** (chosen)" if threshold == chosen else f"{threshold:.2f}"
        rows.append([name, f"{counts['missed'][index]:.1f}", f"{counts['false_alarms'][index]:.1f}"])
    return table(["threshold", f"missed, of {cancers} cancers", f"false alarms, of {benign} benign"], rows)


def conformal(evaluation: Evaluation) -> str:
    """Promised and found coverage of each class, and what it costs in inconclusive verdicts."""
    rows = []
    for entry in evaluation["conformal"]:
        found = [
            f"{part['coverage']:.3f} ({part['low']:.3f} to {part['high']:.3f})"
            for part in (entry["malignant"], entry["benign"])
        ]
        rows.append([f"{entry['level']:.0%}", *found, f"{entry['inconclusive']:.1%}"])
    return table(["promised", "malignant covered", "benign covered", "inconclusive"], rows)


def interval(evaluation: Evaluation) -> str:
    """How often the interval of the probability covers the true one."""
    rows = [
        [f"{b['from']:.0%} to {b['to']:.0%}", str(b["specimens"]), f"{b['coverage']:.1%}"]
        for b in evaluation["interval"]["by_probability"]
    ]
    return table(["true probability", "specimens", "covered"], rows)


def hard(evaluation: Evaluation) -> str:
    rows = [
        [str(s["row"]), s["diagnosis"], f"{s['probability']:.3f}", f"{s['wrong_in']:.0%}", s["why"]]
        for s in evaluation["hard"]["specimens"]
    ]
    return table(["row", "diagnosis", "probability", "models wrong", "what makes it hard"], rows)


def subgroups(evaluation: Evaluation) -> str:
    rows = [
        [
            group["label"],
            f"{group['malignant']} of {group['specimens']}",
            f"{group['log_loss']:.3f} ({group['low']:.3f} to {group['high']:.3f})",
            *("–" if group[key] is None else f"{group[key]:.3f}" for key in ("sensitivity", "specificity")),
        ]
        for group in evaluation["subgroups"]
    ]
    return table(["group", "malignant", "log loss (95 %)", "sensitivity", "specificity"], rows)


def tried(evaluation: Evaluation) -> str:
    """Variations of the served form; those run with the evidence have their paired difference to it."""
    rows = [
        [e["what"], spread({"mean": e["log_loss"], "sd": e["sd"]}, 4), _paired(e["difference"]), e["note"]]
        for e in evaluation["tried"]
    ]
    return table(["variation", "log loss", "minus ours (95 %)", "verdict"], rows)
