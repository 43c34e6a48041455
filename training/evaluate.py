"""Gathers the evidence into ``evaluation.json``; computes nothing itself and draws nothing.

The document, all rates from 0 to 1, ``low`` and ``high`` 95 % intervals over specimens unless said otherwise:

- ``format`` 1 · ``model`` version, sha256, recipe · ``data`` sha256, specimens, malignant
- ``protocol`` repeats, folds, seeds, sentence
- ``metrics`` name -> mean, sd (over repeats), low, high; ``fresh`` the same on seeds nothing was chosen on
- ``comparison`` by log loss: label, served, metrics (mean, sd), difference (that model's log loss minus the
  served one's, paired: mean, sd, low, high, worse_in of the repeats)
- ``roc`` · ``precision_recall`` · ``reliability`` see ``discrimination``
- ``threshold`` chosen, cost_ratio, rule, table (threshold, missed, false_alarms: mean counts over repeats)
- ``conformal`` see ``coverage`` · ``interval`` see ``uncertainty`` · ``hard``, ``subgroups`` see ``failures``
- ``learning_curve``, ``optimism`` see ``selection`` · ``tried`` what, log_loss, sd, note, difference as above
- ``by_repeat`` each measure of each repeat, ``rows`` mean out-of-fold probability and log loss of each
  specimen: for a paired comparison with a later run
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from model.classifier import Classifier
from training.bootstrap import metric_interval, paired
from training.compare import SERVED, comparison
from training.coverage import coverage
from training.discrimination import precision_recall, reliability, roc
from training.estimator import make_quick_estimator
from training.failures import hard_specimens, subgroups
from training.metrics import METRICS, row_losses
from training.protocol import Protocol
from training.selection import learning_curve, optimism
from training.threshold import COST_RATIO, GRID, RULE, Counts
from training.tried import tried
from training.uncertainty import interval_check
from training.variants import variants

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

FORMAT = 1
FRESH_SEED = 100


def evaluate(
    protocol: Protocol,
    classifier: dict[str, Any],
    sha256: str,
    models: Mapping[str, BaseEstimator] | None = None,
    rivals: Mapping[str, BaseEstimator] | None = None,
) -> dict[str, Any]:
    """The whole evidence for the recipe and threshold in ``classifier`` (the parsed classifier.json).

    ``models`` and ``rivals`` are those of ``comparison`` and ``variants``, unless fewer are wanted.
    """
    data, threshold = protocol.data, float(classifier["threshold"])
    models = comparison() if models is None else models
    rivals = variants() if rivals is None else rivals
    runs = protocol.run(models)
    fresh = replace(protocol, first_seed=FRESH_SEED).run({SERVED: models[SERVED]})[SERVED]
    own = Classifier(classifier).probabilities(data.values)
    as_fitted = make_quick_estimator(**classifier["recipe"])
    document = {
        "format": FORMAT,
        "model": {"version": classifier["version"], "sha256": sha256, "recipe": classifier["recipe"]},
        "data": {
            "sha256": data.sha256,
            "specimens": len(data),
            "malignant": int(data.malignant.sum()),
        },
        "protocol": describe(protocol),
        **judge(runs[SERVED], data.malignant, threshold),
        "fresh": summary(fresh, data.malignant, threshold),
        "comparison": compare(runs, data.malignant, threshold),
        "conformal": coverage(protocol, as_fitted),
        "interval": asdict(
            interval_check(protocol, own, classifier["recipe"], classifier["interval"]["reach"])
        ),
        "hard": hard_specimens(data, _different(runs), SERVED),
        "subgroups": subgroups(data, runs[SERVED], threshold),
        "learning_curve": learning_curve(protocol, as_fitted),
        "optimism": optimism(protocol),
        "tried": tried(protocol.run(rivals), runs[SERVED], data.malignant),
    }
    evidence: dict[str, Any] = rounded(document)
    return evidence


def judge(repeats: Floats, malignant: Labels, threshold: float, draws: int = 500) -> dict[str, Any]:
    """What is said of one model's out-of-fold probabilities (repeats, n), with ``draws`` of the bootstrap."""
    counts = Counts.of(repeats, malignant)
    metrics = summary(repeats, malignant, threshold)
    for name, metric in _metrics(threshold).items():
        metrics[name]["low"], metrics[name]["high"] = metric_interval(metric, malignant, repeats, draws)
    return {
        "metrics": metrics,
        "by_repeat": by_repeat(repeats, malignant, threshold),
        "roc": roc(repeats, malignant, draws),
        "precision_recall": precision_recall(repeats, malignant),
        "reliability": reliability(repeats.mean(axis=0), malignant),
        "threshold": {
            "chosen": threshold,
            "cost_ratio": COST_RATIO,
            "rule": RULE,
            "by_ratio": [{"cost_ratio": r, "threshold": counts.cheapest(r)} for r in (1, 2, 5, 10, 20, 50)],
            "table": {
                "threshold": GRID.tolist(),
                "missed": counts.missed.tolist(),
                "false_alarms": counts.false_alarms.tolist(),
            },
        },
        "rows": {
            "probability": repeats.mean(axis=0).tolist(),
            "log_loss": row_losses(repeats, malignant).mean(axis=0).tolist(),
        },
    }


def summary(repeats: Floats, malignant: Labels, threshold: float) -> dict[str, dict[str, float]]:
    """Mean and spread over repeats of every measure."""
    values = by_repeat(repeats, malignant, threshold)
    return {
        name: {"mean": float(np.mean(column)), "sd": float(np.std(column, ddof=1))}
        for name, column in values.items()
    }


def by_repeat(repeats: Floats, malignant: Labels, threshold: float) -> dict[str, list[float]]:
    """Every measure of every repeat."""
    return {
        name: [metric(malignant, probability) for probability in repeats]
        for name, metric in _metrics(threshold).items()
    }


def compare(runs: dict[str, Floats], malignant: Labels, threshold: float) -> list[dict[str, Any]]:
    """Every model by log loss, with its paired difference to the served one."""
    served = row_losses(runs[SERVED], malignant)
    rows = []
    for label, repeats in runs.items():
        metrics = summary(repeats, malignant, threshold)
        is_served = label == SERVED
        rows.append(
            {
                "label": label,
                "served": is_served,
                "metrics": metrics,
                "difference": None
                if is_served
                else paired(row_losses(repeats, malignant) - served, malignant),
            }
        )
    return sorted(rows, key=lambda row: row["metrics"]["log_loss"]["mean"])


def rounded(value: Any, digits: int = 5) -> Any:
    """The document with its floats in as many digits as mean anything."""
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return round(value, digits) if isinstance(value, float) else value


def _metrics(threshold: float) -> dict[str, Any]:
    return METRICS | {
        "sensitivity": lambda y, p: float((p[y == 1] >= threshold).mean()),
        "specificity": lambda y, p: float((p[y == 0] < threshold).mean()),
    }


def _different(runs: dict[str, Floats]) -> dict[str, Floats]:
    """One of the thirty-curve models is enough where models vote."""
    return {label: p for label, p in runs.items() if label == SERVED or "curves" not in label}


def describe(protocol: Protocol) -> dict[str, Any]:
    """What two evaluations must share for their repeats to be paired."""
    return {
        "repeats": protocol.repeats,
        "folds": protocol.folds,
        "seeds": list(range(protocol.repeats)),
        "sentence": (
            f"{protocol.repeats} times repeated stratified {protocol.folds}-fold cross-validation, all "
            "preprocessing and tuning inside the folds, measures on pooled out-of-fold predictions of a "
            "repeat, then mean and standard deviation over repeats"
        ),
    }
