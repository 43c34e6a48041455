"""``report.md`` for a pull request: the evidence against the base branch's, with charts that GitHub draws."""

from collections.abc import Sequence

from model.evidence import Evidence
from training import figures
from training.gate import MEASURES, Comparison

_SIGN = {"better": "▲ better", "same": "same", "worse": "▼ worse"}


def report(new: Evidence, found: Comparison, based: bool) -> str:
    """Markdown; ``found`` compares with an older evaluation if ``based``, else judges ``new`` alone."""
    verdict = f"Against the base: **{found.verdict}**." if based else "Nothing to compare with."
    protocol = new.protocol
    sections = [
        f"## Model report\n\n{verdict}",
        _list("Fails", found.failures),
        _list("Warnings", found.warnings),
        _changes(found) if based else figures.measures(new),
        "### Compared in the same folds\n\n" + figures.comparison(new),
        bars(new),
        "### Threshold\n\n" + figures.thresholds(new),
        roc(new),
        "### Coverage of the verdict\n\n" + figures.conformal(new),
        "### Through time\n\n" + figures.through_time(new),
        "### Learning curve\n\n" + learning_curve(new),
        "<details><summary>Hard specimens, subgroups</summary>\n\n"
        f"{figures.hard(new)}\n\n{figures.subgroups(new)}\n\n</details>",
        f"Protocol: {protocol.repeats} repeats of stratified {protocol.folds}-fold cross-validation, seeds "
        f"from {protocol.first_seed} on. Model {new.model.version}, `{new.model.sha256[:12]}`.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _list(title: str, items: tuple[str, ...]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def _changes(found: Comparison) -> str:
    rows = []
    for change in found.changes:
        label, digits = MEASURES[change.name]
        rows.append(
            [
                label,
                f"{change.old:.{digits}f}",
                f"{change.new:.{digits}f}",
                f"{change.new - change.old:+.{digits}f} ± {change.noise:.{digits}f}",
                _SIGN[change.verdict],
            ]
        )
    text = figures.table(["measure", "base", "this", "change ± noise", "verdict"], rows)
    if found.interval:
        low, high = found.interval
        text += f"\n\nChange of log loss over specimens, 95 %: {low:+.4f} to {high:+.4f}."
    return text


def _chart(*lines: str) -> str:
    return "\n".join(["```mermaid", "xychart-beta", *(f"    {line}" for line in lines), "```"])


def _numbers(values: Sequence[float]) -> str:
    return "[" + ", ".join(f"{value:.4g}" for value in values) + "]"


def bars(evidence: Evidence) -> str:
    """Log loss of every model."""
    models = evidence.comparison
    losses = [model.metrics["log_loss"].mean for model in models]
    names = ", ".join(f'"{index}"' for index in range(1, len(models) + 1))
    legend = " · ".join(f"{index} {model.label}" for index, model in enumerate(models, 1))
    top = f"{max(losses) * 1.1:.2f}"
    chart = _chart(
        'title "Log loss, lower is better"',
        f"x-axis [{names}]",
        f'y-axis "log loss" 0 --> {top}',
        f"bar {_numbers(losses)}",
    )
    return f"{chart}\n\n{legend}"


def roc(evidence: Evidence) -> str:
    """Sensitivity over false alarms, the corner that matters."""
    curve = evidence.roc
    corner = [s for f, s in zip(curve.x, curve.y, strict=True) if f <= 0.1]
    lowest = 0.8 if corner[len(corner) // 2] > 0.8 else 0
    return _chart(
        'title "ROC, up to a tenth of false alarms"',
        'x-axis "share of benign called malignant" 0 --> 0.1',
        f'y-axis "sensitivity" {lowest} --> 1',
        f"line {_numbers(corner)}",
    )


def learning_curve(evidence: Evidence) -> str:
    """Log loss over the number of specimens trained on."""
    curve = evidence.learning_curve
    sizes = ", ".join(f'"{size:g}"' for size in curve.x)
    top = max(0.15, *(round(1.1 * loss, 2) for loss in curve.y))
    return _chart(
        'title "Log loss by specimens trained on"',
        f"x-axis [{sizes}]",
        f'y-axis "log loss" 0 --> {top}',
        f"line {_numbers(curve.y)}",
    )
