"""``report.md`` for a pull request: the evidence against the base branch's, with charts that GitHub draws."""

from typing import Any

from training import tables
from training.regression import Comparison

Evaluation = dict[str, Any]

_SIGN = {"better": "▲ better", "same": "same", "worse": "▼ worse"}


def report(new: Evaluation, found: Comparison, based: bool) -> str:
    """Markdown; ``found`` compares with an older evaluation if ``based``, else judges ``new`` alone."""
    verdict = f"Against the base: **{found.verdict}**." if based else "Nothing to compare with."
    sections = [
        f"## Model report\n\n{verdict}",
        _list("Fails", found.failures),
        _list("Warnings", found.warnings),
        _changes(found) if based else tables.measures(new),
        "### Compared in the same folds\n\n" + tables.comparison(new),
        bars(new),
        "### Threshold\n\n" + tables.thresholds(new),
        roc(new),
        "### Coverage of the verdict\n\n" + tables.conformal(new),
        "### Learning curve\n\n" + learning_curve(new),
        "<details><summary>Hard specimens, subgroups</summary>\n\n"
        f"{tables.hard(new)}\n\n{tables.subgroups(new)}\n\n</details>",
        f"Protocol: {new['protocol']['sentence']}. Model {new['model']['version']}, "
        f"`{new['model']['sha256'][:12]}`.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _list(title: str, items: tuple[str, ...]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def _changes(found: Comparison) -> str:
    rows = []
    for change in found.changes:
        label, digits = tables.MEASURES[change.name]
        rows.append(
            [
                label,
                f"{change.old:.{digits}f}",
                f"{change.new:.{digits}f}",
                f"{change.new - change.old:+.{digits}f} ± {change.noise:.{digits}f}",
                _SIGN[change.verdict],
            ]
        )
    text = tables.table(["measure", "base", "this", "change ± noise", "verdict"], rows)
    if found.interval:
        low, high = found.interval
        text += f"\n\nChange of log loss over specimens, 95 %: {low:+.4f} to {high:+.4f}."
    return text


def _chart(*lines: str) -> str:
    return "\n".join(["```mermaid", "xychart-beta", *(f"    {line}" for line in lines), "```"])


def _numbers(values: list[float]) -> str:
    return "[" + ", ".join(f"{value:.4g}" for value in values) + "]"


def bars(evaluation: Evaluation) -> str:
    """Log loss of every model."""
    entries = evaluation["comparison"]
    losses = [entry["metrics"]["log_loss"]["mean"] for entry in entries]
    names = ", ".join(f'"{index}"' for index in range(1, len(entries) + 1))
    legend = " · ".join(f"{index} {entry['label']}" for index, entry in enumerate(entries, 1))
    top = f"{max(losses) * 1.1:.2f}"
    chart = _chart(
        'title "Log loss, lower is better"',
        f"x-axis [{names}]",
        f'y-axis "log loss" 0 --> {top}',
        f"bar {_numbers(losses)}",
    )
    return f"{chart}\n\n{legend}"


def roc(evaluation: Evaluation) -> str:
    """Sensitivity over false alarms, the corner that matters."""
    curve = evaluation["roc"]
    corner = [s for f, s in zip(curve["false_alarms"], curve["sensitivity"], strict=True) if f <= 0.1]
    lowest = 0.8 if corner[len(corner) // 2] > 0.8 else 0
    return _chart(
        'title "ROC, up to a tenth of false alarms"',
        'x-axis "share of benign called malignant" 0 --> 0.1',
        f'y-axis "sensitivity" {lowest} --> 1',
        f"line {_numbers(corner)}",
    )


def learning_curve(evaluation: Evaluation) -> str:
    """Log loss over the number of specimens trained on."""
    curve = evaluation["learning_curve"]
    sizes = ", ".join(f'"{point["specimens"]}"' for point in curve)
    top = max(0.15, *(round(1.1 * point["log_loss"], 2) for point in curve))
    return _chart(
        'title "Log loss by specimens trained on"',
        f"x-axis [{sizes}]",
        f'y-axis "log loss" 0 --> {top}',
        f"line {_numbers([point['log_loss'] for point in curve])}",
    )
