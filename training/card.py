"""MODEL_CARD.md: ``card.md`` filled in, so that every figure in it comes from the evidence."""

import json
from pathlib import Path
from string import Template
from typing import Any

from training import tables
from training.compare import ALL_TUNED

Evaluation = dict[str, Any]

_TEMPLATE = Path(__file__).with_name("card.md")
# the measures that the Hub shows beside the model
_HUB = ("accuracy", "auc", "log_loss", "brier", "sensitivity_at_95_specificity", "calibration_slope")


def card(evaluation: Evaluation) -> str:
    """The whole card, front matter of the Hugging Face Hub first."""
    model, data, hard = evaluation["model"], evaluation["data"], evaluation["hard"]
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        results=_results(evaluation),
        version=model["version"],
        sha256=model["sha256"],
        pieces=model["recipe"]["pieces"],
        scale=f"{model['recipe']['scale']:g}",
        penalty=f"{model['recipe']['C']:g}",
        specimens=data["specimens"],
        malignant=data["malignant"],
        share=f"{data['malignant'] / data['specimens']:.0%}",
        data=data["sha256"],
        protocol=evaluation["protocol"]["sentence"],
        measures=tables.measures(evaluation),
        comparison=tables.comparison(evaluation),
        optimism=evaluation["optimism"]["sentence"],
        all_tuned=tables.log_loss(evaluation, ALL_TUNED, 4),
        tried=tables.tried(evaluation),
        threshold=f"{evaluation['threshold']['chosen']:.2f}",
        rule=evaluation["threshold"]["rule"],
        thresholds=tables.thresholds(evaluation),
        conformal=tables.conformal(evaluation),
        interval_level=f"{evaluation['interval']['level']:.0%}",
        interval_coverage=f"{evaluation['interval']['coverage']:.1%}",
        interval_uncertain=_found(evaluation["interval"]["coverage_of_uncertain"]),
        interval=tables.interval(evaluation),
        hard=tables.hard(evaluation),
        suspicion=hard["sentence"],
        never_wrong=hard["never_wrong"],
        subgroups=tables.subgroups(evaluation),
    )


def _found(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _results(evaluation: Evaluation) -> str:
    """The ``metrics`` of ``model-index``."""
    return "\n".join(
        f"    - type: {name}\n      name: {json.dumps(tables.MEASURES[name][0])}\n"
        f"      value: {evaluation['metrics'][name]['mean']:.4f}"
        for name in _HUB
    )
