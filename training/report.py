"""``report.md`` for a pull request: compares the evidence with the base branch's; GitHub draws the charts."""

from collections.abc import Sequence

from model.evidence import Evidence
from training import figures
from training.gate import Comparison

_SIGN = {"better": "▲ better", "same": "same", "worse": "▼ worse"}


def report(new: Evidence, result: Comparison) -> str:
    """Markdown; ``result`` compares ``new`` with an older evaluation, or judges it alone."""
    verdict = f"Against the base: **{result.verdict}**." if result.changes else "Nothing to compare with."
    protocol = new.protocol
    sections = [
        f"## Model report\n\n{verdict}",
        _list("Fails", result.failures),
        _list("Warnings", result.warnings),
        _changes(result) if result.changes else figures.measures(new),
        "### Compared in the same folds\n\n" + figures.comparison(new),
        _losses(new),
        "### Threshold\n\n" + figures.thresholds(new),
        _roc(new),
        "### Coverage of the verdict\n\n" + figures.conformal(new),
        "### Through time\n\n" + figures.through_time(new),
        "### Learning curve\n\n" + _learning_curve(new),
        "<details><summary>Hard specimens, subgroups</summary>\n\n"
        f"{figures.hard(new)}\n\n{figures.subgroups(new)}\n\n</details>",
        f"Protocol: {protocol.repeats} repeats of stratified {protocol.folds}-fold cross-validation, seeds "
        f"from {protocol.first_seed} on. Model {new.model.version}, `{new.model.sha256[:12]}`.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _list(title: str, items: tuple[str, ...]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def _changes(result: Comparison) -> str:
    rows = []
    for change in result.changes:
        form = f".{change.kind.digits}f"
        rows.append(
            f"{change.kind.label} | {change.old:{form}} | {change.new:{form}} | "
            f"{change.new - change.old:+{form}} ± {change.noise:{form}} | {_SIGN[change.verdict]}"
        )
    text = figures.table("measure | base | this | change ± noise | verdict", rows)
    if result.interval:
        low, high = result.interval
        text += f"\n\nChange of log loss over specimens, 95 %: {low:+.4f} to {high:+.4f}."
    return text


def _chart(title: str, x_axis: str, y_axis: str, kind: str, values: Sequence[float]) -> str:
    numbers = ", ".join(f"{value:.4g}" for value in values)
    lines = (f'title "{title}"', f"x-axis {x_axis}", f"y-axis {y_axis}", f"{kind} [{numbers}]")
    return "\n".join(["```mermaid", "xychart-beta", *(f"    {line}" for line in lines), "```"])


def _losses(evidence: Evidence) -> str:
    models = evidence.comparison
    losses = [model.metrics["log_loss"].mean for model in models]
    names = ", ".join(f'"{index}"' for index in range(1, len(models) + 1))
    y_axis = f'"log loss" 0 --> {max(losses) * 1.1:.2f}'
    legend = " · ".join(f"{index} {model.label}" for index, model in enumerate(models, 1))
    return f"{_chart('Log loss, lower is better', f'[{names}]', y_axis, 'bar', losses)}\n\n{legend}"


def _roc(evidence: Evidence) -> str:
    """Sensitivity over false alarms, up to a tenth of them."""
    curve = evidence.roc
    corner = [s for f, s in zip(curve.x, curve.y, strict=True) if f <= 0.1]
    lowest = 0.8 if corner[len(corner) // 2] > 0.8 else 0
    x_axis, y_axis = '"share of benign called malignant" 0 --> 0.1', f'"sensitivity" {lowest} --> 1'
    return _chart("ROC, up to a tenth of false alarms", x_axis, y_axis, "line", corner)


def _learning_curve(evidence: Evidence) -> str:
    curve = evidence.learning_curve
    sizes = ", ".join(f'"{size:g}"' for size in curve.x)
    y_axis = f'"log loss" 0 --> {max(0.15, *(round(1.1 * loss, 2) for loss in curve.y))}'
    return _chart("Log loss by specimens trained on", f"[{sizes}]", y_axis, "line", curve.y)
