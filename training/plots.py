"""PNG and SVG plots of the evidence, for talks and papers."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # before the import of pyplot, so that no screen is needed

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from model.evidence import Curve, Evidence
from model.features import FEATURES, MEASUREMENTS, STATISTICS

BENIGN, MALIGNANT, QUIET = "#0072B2", "#D55E00", "#777777"
_STYLE: Any = {
    "figure.figsize": (5.2, 4.4),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
    "svg.hashsalt": "0",  # makes the same bytes each time
    "savefig.bbox": "tight",
}


def roc(axes: Axes, evidence: Evidence) -> None:
    curve, auc = evidence.roc, evidence.metrics["auc"]
    _banded(axes, curve)
    axes.set(title=f"ROC, area {auc.mean:.4f} ({auc.low:.3f} to {auc.high:.4f})")
    axes.set(xlabel="share of benign called malignant", ylabel="sensitivity")
    if np.interp(0.05, curve.x, curve.y) > 0.8:
        axes.set(xlim=(0, 0.3), ylim=(0.7, 1.005))


def calibration(axes: Axes, evidence: Evidence) -> None:
    """A smooth curve with its band, and the share of malignant specimens in bins."""
    slope = evidence.metrics["calibration_slope"]
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.8)
    _banded(axes, evidence.calibration)
    for b in evidence.reliability:
        error_bars = [[max(b.observed - b.low, 0)], [max(b.high - b.observed, 0)]]
        axes.errorbar([b.predicted], [b.observed], yerr=error_bars, fmt="o", color=BENIGN, ms=4, lw=1)
    axes.set(title=f"Calibration, slope {slope.mean:.2f} ({slope.low:.2f} to {slope.high:.2f})")
    axes.set(xlabel="predicted probability", ylabel="observed share")


def confusion(axes: Axes, evidence: Evidence) -> None:
    chosen = evidence.threshold.chosen
    at = next(at for at in evidence.threshold.at if at.threshold == chosen)
    (cleared, alarms), (found, missed) = (
        (share.hits, share.of - share.hits) for share in (at.specificity, at.sensitivity)
    )
    counts = np.array([[cleared, alarms], [missed, found]])
    axes.imshow(counts, cmap="Blues", vmax=counts.max() * 1.6)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(column, row, f"{count:.1f}", ha="center", va="center")
    axes.set_xticks([0, 1], ["benign", "malignant"])
    axes.set_yticks([0, 1], ["benign", "malignant"], rotation=90, va="center")
    axes.set(xlabel="diagnosis by the model", ylabel="diagnosis", title=f"Mean counts at {chosen:.2f}")


def decision_curve(axes: Axes, evidence: Evidence) -> None:
    """Net benefit over the threshold: A. J. Vickers, E. B. Elkin, Medical Decision Making 26 (2006)."""
    threshold = evidence.threshold
    axes.plot(threshold.grid, threshold.net_benefit, color=BENIGN, label="this model")
    axes.plot(threshold.grid, threshold.treat_all, color=QUIET, ls="--", label="treat all")
    axes.axhline(0, color=QUIET, lw=0.8, label="treat none")
    axes.set(title="Decision curve", xlabel="threshold", ylabel="net benefit", ylim=(-0.05, 0.4))
    axes.legend(frameon=False)


def through_time(axes: Axes, evidence: Evidence) -> None:
    """Sensitivity and specificity on the years after those of the fit, with exact intervals."""
    years = [split.until for split in evidence.through_time]
    for name, color in (("sensitivity", MALIGNANT), ("specificity", BENIGN)):
        shares = [getattr(split, name) for split in evidence.through_time]
        error_bars = np.array([[s.share - s.low, s.high - s.share] for s in shares]).T.reshape(2, -1).clip(0)
        heights = [s.share for s in shares]
        axes.errorbar(years, heights, yerr=error_bars, fmt="o-", color=color, ms=4, lw=1, label=name)
    axes.set(title="Fitted up to a year, tested after it", xlabel="fitted up to", ylabel="share")
    axes.set(ylim=(0.6, 1.01))
    axes.legend(frameon=False)


def learning_curve(axes: Axes, evidence: Evidence) -> None:
    _banded(axes, evidence.learning_curve, "o-")
    axes.set(title="Learning curve", xlabel="specimens trained on", ylabel="log loss", ylim=(0, None))


def _banded(axes: Axes, curve: Curve, form: str = "-") -> None:
    axes.fill_between(curve.x, curve.low, curve.high, color=BENIGN, alpha=0.15, lw=0)
    axes.plot(curve.x, curve.y, form, color=BENIGN, ms=4)


PLOTS = (roc, calibration, confusion, decision_curve, through_time, learning_curve)


def draw(evidence: Evidence, classifier: dict[str, Any], directory: Path) -> None:
    """Every plot as PNG and SVG into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(_STYLE):
        for plot in PLOTS:
            figure, axes = plt.subplots()
            plot(axes, evidence)
            _save(figure, directory / plot.__name__.replace("_", "-"))
        _save(_curves(classifier), directory / "curves")


def _curves(classifier: dict[str, Any]) -> Any:
    """The thirty curves: a row per measurement, a column per statistic, all on one scale."""
    rows, columns = len(MEASUREMENTS), len(STATISTICS)
    figure, grid = plt.subplots(rows, columns, figsize=(3 * columns, 2 * rows), sharey=True, squeeze=False)
    for feature, curve in zip(FEATURES, classifier["curves"], strict=True):
        # A measurement that is a single number is drawn in the first column.
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
