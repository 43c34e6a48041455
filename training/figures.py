"""Keeps published figures true: rewrites marked blocks of Markdown from the evidence.

A block stands between ``<!-- figures: NAME -->`` and ``<!-- end -->``; NAME is a key of ``BLOCKS``.
"""

import re
from collections.abc import Callable
from typing import Any

from training import tables

Evaluation = dict[str, Any]

_BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _headline(evaluation: Evaluation) -> str:
    metrics = evaluation["metrics"]
    loss, fresh = (
        f"{m['log_loss']['mean']:.3f} ± {m['log_loss']['sd']:.3f}" for m in (metrics, evaluation["fresh"])
    )
    return (
        f"Log loss {loss}, on fresh seeds {fresh}; ROC AUC {metrics['auc']['mean']:.4f}, "
        f"{metrics['sensitivity']['mean']:.1%} of cancers found at {metrics['specificity']['mean']:.1%} "
        f"specificity, calibration slope {metrics['calibration_slope']['mean']:.2f}: means of "
        f"{evaluation['protocol']['repeats']} repeats of stratified {evaluation['protocol']['folds']}-fold "
        "cross-validation, with everything that is tuned tuned inside the folds."
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
