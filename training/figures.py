"""Keeps published figures true: rewrites marked blocks of Markdown from the evidence.

A block stands between ``<!-- figures: NAME -->`` and ``<!-- end -->``; NAME is a key of ``BLOCKS``.
"""

import re
from collections.abc import Callable
from typing import Any

from training import tables
from training.compare import ALL_TUNED

Evaluation = dict[str, Any]

_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _headline(evaluation: Evaluation) -> str:
    metrics, protocol = evaluation["metrics"], evaluation["protocol"]
    loss, fresh = (tables.spread(group["log_loss"], 3) for group in (metrics, evaluation["fresh"]))
    return (
        f"Log loss {loss}, on fresh seeds {fresh}; with the form of the curves tuned inside the folds, too, "
        f"as C is, {tables.log_loss(evaluation, ALL_TUNED, 3)}. ROC AUC {metrics['auc']['mean']:.4f}, "
        f"{metrics['sensitivity']['mean']:.1%} of cancers found at {metrics['specificity']['mean']:.1%} "
        f"specificity, calibration slope {metrics['calibration_slope']['mean']:.2f}. Means of "
        f"{protocol['repeats']} repeats of stratified {protocol['folds']}-fold cross-validation."
    )


BLOCKS: dict[str, Callable[[Evaluation], str]] = {
    "headline": _headline,
    "measures": tables.measures,
    "comparison": tables.comparison,
    "thresholds": tables.thresholds,
    "conformal": tables.conformal,
    "hard": tables.hard,
    "tried": tables.tried,
}


def refreshed(text: str, evaluation: Evaluation) -> str:
    """``text`` with every marked block as the evidence has it.

    Raises:
        KeyError: for a block with an unknown name.
    """

    def fill(block: re.Match[str]) -> str:
        return f"{block[1]}{BLOCKS[block[2]](evaluation)}\n{block[3]}"

    return _BLOCK.sub(fill, text)
