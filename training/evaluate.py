"""Gathers the evidence, see ``model.evidence``: every published figure of the model comes from here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from model.classifier import Classifier
from model.evidence import (
    FORMAT,
    ComparedModel,
    Curve,
    DataRecord,
    Evidence,
    Measure,
    ModelRecord,
    ProtocolRecord,
)
from training import metrics
from training.ablations import ablations
from training.compare import SERVED, comparison
from training.data import Specimens, follow_up
from training.decision import describe_threshold, verdict_checks
from training.error_analysis import hard_specimens, subgroups, warning_rates
from training.estimator import make_quick_estimator
from training.protocol import Protocol
from training.selection import learning_curve, optimism
from training.through_time import later_patients, repeatability, texture_drift, time_splits
from training.uncertainty import interval_check

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

FRESH_SEED = 100  # from here on nothing was chosen: model, threshold and verdict come from the seeds below
_EDGES = np.array([0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 1.0])


def evaluate(
    protocol: Protocol,
    classifier: Classifier,
    models: Mapping[str, BaseEstimator] | None = None,
    variations: Mapping[str, BaseEstimator] | None = None,
    draws: int = 500,
) -> Evidence:
    """The whole evidence about ``classifier``, by folds from ``protocol.first_seed`` on.

    ``models`` and ``variations`` are those of ``comparison`` and ``ablations``, unless fewer are wanted;
    ``draws`` are of the bootstrap.
    """
    data, cut, document = protocol.data, classifier.threshold, classifier.document
    models = comparison() if models is None else models
    runs = protocol.run(models)
    varied = protocol.run(ablations() if variations is None else variations)
    served, malignant = runs[SERVED], data.malignant
    chosen_on = replace(protocol, first_seed=0).run({SERVED: models[SERVED]})[SERVED]
    as_fitted = make_quick_estimator(**document["recipe"])
    conformal, neighbours, covered = verdict_checks(protocol, as_fitted)
    hard, never_wrong = hard_specimens(data, runs, SERVED)
    in_sample, out_of_fold = warning_rates(protocol, classifier.warning_rules)
    own, reach = classifier.probabilities(data.values), document["interval"]["reach"]
    known = follow_up(data)
    judged: _Judged = protocol.map(cast("Any", _judged), {"": (runs, varied, cut, draws)})[""]  # type: ignore[assignment]
    by_repeat = metrics.by_repeat(served, malignant, cut)
    coverages = zip(("covered_malignant", "covered_benign"), covered.tolist(), strict=True)
    return Evidence(
        format=FORMAT,
        model=ModelRecord(document["version"], classifier.info.sha256, document["recipe"]),
        data=DataRecord(data.sha256, len(data), int(malignant.sum())),
        protocol=ProtocolRecord(protocol.repeats, protocol.folds, protocol.first_seed),
        metrics=judged.measures,
        by_repeat=by_repeat | {name: tuple(values) for name, values in coverages},
        row_probability=tuple(served.mean(axis=0).tolist()),
        row_log_loss=tuple(metrics.row_losses(served, malignant).mean(axis=0).tolist()),
        chosen_on=metrics.spreads(metrics.by_repeat(chosen_on, malignant, cut)),
        comparison=judged.comparison,
        ablations=judged.ablations,
        roc=judged.roc,
        reliability=metrics.reliability(served.mean(axis=0), malignant, _EDGES),
        calibration=judged.calibration,
        threshold=describe_threshold(cut, chosen_on, served, malignant, draws),
        conformal=conformal,
        interval=interval_check(protocol, own, document["recipe"], reach),
        neighbours=neighbours,
        through_time=time_splits(data, known, document["recipe"], cut) if known else (),
        later_patients=later_patients(known, classifier) if known else None,
        repeatability=repeatability(data, known, classifier) if known else None,
        texture_drift=texture_drift(data, known, classifier) if known else None,
        warnings_in_sample=in_sample,
        warnings_out_of_fold=out_of_fold,
        hard=hard,
        never_wrong=never_wrong,
        subgroups=subgroups(data, served, cut),
        learning_curve=learning_curve(protocol, as_fitted),
        optimism=optimism(protocol),
    )


class _Judged(NamedTuple):
    """What takes a while to say of out-of-fold probabilities, and is kept as they are."""

    measures: dict[str, Measure]
    comparison: tuple[ComparedModel, ...]
    ablations: tuple[ComparedModel, ...]
    roc: Curve
    calibration: Curve


def _judged(
    data: Specimens, runs: Mapping[str, Floats], varied: Mapping[str, Floats], cut: float, draws: int
) -> _Judged:
    served, malignant = runs[SERVED], data.malignant
    return _Judged(
        metrics.measures(served, malignant, cut, draws),
        _compared(runs, served, malignant, cut),
        _compared(varied, served, malignant, cut),
        metrics.roc(served, malignant, draws),
        metrics.calibration(served, malignant, max(draws // 5, 10)),  # each draw is a fit
    )


def _compared(
    runs: Mapping[str, Floats], served: Floats, malignant: Labels, cut: float
) -> tuple[ComparedModel, ...]:
    """Every model by log loss, with its paired difference to the served one."""
    ours, found = metrics.row_losses(served, malignant), []
    for label, repeats in runs.items():
        apart = metrics.row_losses(repeats, malignant) - ours
        spread = metrics.spreads(metrics.by_repeat(repeats, malignant, cut))
        found.append(
            ComparedModel(
                label=label,
                served=label == SERVED,
                metrics=spread,
                difference=None if label == SERVED else metrics.paired(apart, malignant),
            )
        )
    return tuple(sorted(found, key=lambda model: model.metrics["log_loss"].mean))


def rounded(value: Any, digits: int = 5) -> Any:
    """The document with its floats in as many digits as mean anything."""
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return round(value, digits) if isinstance(value, float) else value
