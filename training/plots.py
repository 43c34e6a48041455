"""PNG and SVG plots of the evidence, for talks and papers; reads the artifact, computes nothing new."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # before pyplot: no screen is needed

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from model.features import FEATURES, MEASUREMENTS, STATISTICS

Evaluation = dict[str, Any]

BENIGN, MALIGNANT, QUIET = "#0072B2", "#D55E00", "#777777"
_STYLE: Any = {
    "figure.figsize": (5.2, 4.4),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
    "svg.hashsalt": "0",  # the same bytes for the same figures
    "savefig.bbox": "tight",
}


def roc(axes: Axes, evaluation: Evaluation) -> None:
    curve = evaluation["roc"]
    axes.fill_between(curve["false_alarms"], curve["low"], curve["high"], color=BENIGN, alpha=0.15, lw=0)
    axes.plot(curve["false_alarms"], curve["sensitivity"], color=BENIGN)
    auc = evaluation["metrics"]["auc"]
    axes.set(title=f"ROC, area {auc['mean']:.4f} ({auc['low']:.3f} to {auc['high']:.4f})")
    axes.set(xlabel="share of benign called malignant", ylabel="sensitivity")
    if np.interp(0.05, curve["false_alarms"], curve["sensitivity"]) > 0.8:
        axes.set(xlim=(0, 0.3), ylim=(0.7, 1.005))


def precision_recall(axes: Axes, evaluation: Evaluation) -> None:
    curve = evaluation["precision_recall"]
    axes.plot(curve["sensitivity"], curve["precision"], color=BENIGN)
    axes.set(
        title="Precision and recall", xlabel="sensitivity (recall)", ylabel="precision",
        ylim=(min(0.35, *curve["precision"]), 1.01),
    )  # fmt: skip


def reliability(axes: Axes, evaluation: Evaluation) -> None:
    bins = evaluation["reliability"]
    predicted, observed = (np.array([b[key] for b in bins]) for key in ("predicted", "observed"))
    reach = np.array([[b["observed"] - b["low"], b["high"] - b["observed"]] for b in bins]).T
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.8)
    axes.errorbar(predicted, observed, yerr=reach.clip(0), fmt="o", color=BENIGN, ms=4, lw=1)
    slope = evaluation["metrics"]["calibration_slope"]["mean"]
    axes.set(title=f"Reliability, slope {slope:.2f}", xlabel="predicted probability", ylabel="observed share")


def confusion(axes: Axes, evaluation: Evaluation) -> None:
    data, table = evaluation["data"], evaluation["threshold"]["table"]
    at = table["threshold"].index(evaluation["threshold"]["chosen"])
    missed, alarms = table["missed"][at], table["false_alarms"][at]
    benign = data["specimens"] - data["malignant"]
    counts = np.array([[benign - alarms, alarms], [missed, data["malignant"] - missed]])
    axes.imshow(counts, cmap="Blues", vmax=counts.max() * 1.6)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(column, row, f"{count:.1f}", ha="center", va="center")
    axes.set_xticks([0, 1], ["benign", "malignant"])
    axes.set_yticks([0, 1], ["benign", "malignant"], rotation=90, va="center")
    axes.set(xlabel="diagnosis by the model", ylabel="diagnosis")
    axes.set(title=f"Mean counts at {evaluation['threshold']['chosen']:.2f}")


def decision(axes: Axes, evaluation: Evaluation) -> None:
    """Net benefit over the threshold: A. J. Vickers, E. B. Elkin, Medical Decision Making 26 (2006)."""
    data, table = evaluation["data"], evaluation["threshold"]["table"]
    threshold, missed, alarms = (np.array(table[k]) for k in ("threshold", "missed", "false_alarms"))
    n, cancers = data["specimens"], data["malignant"]
    odds = threshold / (1 - threshold)
    axes.plot(threshold, (cancers - missed) / n - alarms / n * odds, color=BENIGN, label="this model")
    axes.plot(threshold, cancers / n - (n - cancers) / n * odds, color=QUIET, ls="--", label="treat all")
    axes.axhline(0, color=QUIET, lw=0.8, label="treat none")
    axes.set(title="Decision curve", xlabel="threshold", ylabel="net benefit", ylim=(-0.05, 0.4))
    axes.legend(frameon=False)


def learning_curve(axes: Axes, evaluation: Evaluation) -> None:
    points = evaluation["learning_curve"]
    sizes, loss, low, high = (
        np.array([point[key] for point in points]) for key in ("specimens", "log_loss", "low", "high")
    )
    axes.fill_between(sizes, low, high, color=BENIGN, alpha=0.15, lw=0)
    axes.plot(sizes, loss, "o-", color=BENIGN, ms=4)
    axes.set(title="Learning curve", xlabel="specimens trained on", ylabel="log loss", ylim=(0, None))


PLOTS: dict[str, Callable[[Axes, Evaluation], None]] = {
    "roc": roc,
    "precision-recall": precision_recall,
    "reliability": reliability,
    "confusion": confusion,
    "decision-curve": decision,
    "learning-curve": learning_curve,
}


def draw(evaluation: Evaluation, classifier: dict[str, Any], directory: Path) -> None:
    """Every plot as PNG and SVG into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(_STYLE):
        for name, plot in PLOTS.items():
            figure, axes = plt.subplots()
            plot(axes, evaluation)
            _save(figure, directory / name)
        _save(_curves(classifier), directory / "curves")


def _curves(classifier: dict[str, Any]) -> Any:
    """The thirty curves: a row per measurement, a column per statistic, all on one scale."""
    rows, columns = len(MEASUREMENTS), len(STATISTICS)
    figure, grid = plt.subplots(rows, columns, figsize=(3 * columns, 2 * rows), sharey=True, squeeze=False)
    for feature, curve in zip(FEATURES, classifier["curves"], strict=True):
        # a single number stands in the first column, where its row has nothing else
        column = STATISTICS.index(feature.statistic) if feature.statistic in STATISTICS else 0
        axes = grid[MEASUREMENTS.index(feature.measurement), column]
        axes.plot(np.exp(curve["knots"]) - curve["offset"], curve["values"], color=BENIGN)
        axes.axhline(0, color=QUIET, lw=0.6)
        axes.set_title(feature.label, fontsize=9)
    figure.supylabel("contribution to the log-odds of malignant")
    figure.tight_layout()
    return figure


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path.with_suffix(".png"), dpi=150, metadata={"Software": None})
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    plt.close(figure)
