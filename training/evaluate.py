"""Makes the evidence, see ``model.evidence``: every published figure of the model comes from here.

Two parts of it are computed here: the optimism of choosing by cross-validation, and the learning curve.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from model.classifier import Classifier
from model.evidence import FORMAT, ComparedModel, Curve, DataRecord, Evidence, ModelRecord, ProtocolRecord
from training import metrics
from training.baselines import SERVED
from training.data import Floats, Labels, Specimens
from training.decision import describe_threshold, verdict_checks
from training.error_analysis import hard_specimens, subgroups, warning_rates
from training.estimator import make_quick_estimator
from training.protocol import Protocol, splits
from training.through_time import through_time
from training.uncertainty import interval_check

FRESH_SEED = 100  # the first seed with which nothing was chosen; model, threshold and verdict used lower ones
_EDGES = np.array([0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 1.0])
_SETTINGS = {
    f"{pieces} pieces, scale {scale:g}, C {C:g}": make_quick_estimator(pieces, scale, C)
    for pieces in (4, 8, 16)
    for scale in (0.25, 0.5, 1.0)
    for C in (1.0, 3.0, 10.0)
}
_SIZES = (50, 100, 200, 300, 400)  # and in addition the whole training part


def evaluate(
    protocol: Protocol,
    classifier: Classifier,
    models: Mapping[str, BaseEstimator],
    variations: Mapping[str, BaseEstimator],
    draws: int = 500,
) -> Evidence:
    """The whole evidence about ``classifier``, from folds with the seeds of the protocol.

    ``models`` include the served one, as ``SERVED``; ``draws`` is the number of bootstrap draws.
    """
    data, cut, document = protocol.data, classifier.threshold, classifier.document
    runs, varied_runs = protocol.run(models), protocol.run(variations)
    served, malignant, recipe = runs[SERVED], data.malignant, document["recipe"]
    chosen_on = replace(protocol, first_seed=0).run({SERVED: models[SERVED]})[SERVED]
    as_fitted = make_quick_estimator(**recipe)
    conformal, neighbours, covered = verdict_checks(protocol, as_fitted)
    hard, never_wrong = hard_specimens(data, runs, SERVED)
    in_sample, out_of_fold = warning_rates(protocol, classifier.warning_rules)
    own, reach = classifier.probabilities(data.values), document["interval"]["reach"]
    (bootstrapped,) = protocol.map(bootstraps, [(runs, varied_runs, cut, draws)])
    return Evidence(
        format=FORMAT,
        model=ModelRecord(document["version"], classifier.info.sha256, recipe),
        data=DataRecord(data.sha256, len(data), int(malignant.sum())),
        protocol=ProtocolRecord(protocol.repeats, protocol.folds, protocol.first_seed),
        by_repeat=metrics.by_repeat(served, malignant, cut) | covered,
        row_log_loss=tuple(metrics.row_losses(served, malignant).mean(axis=0).tolist()),
        chosen_on=metrics.spreads(metrics.by_repeat(chosen_on, malignant, cut)),
        reliability=metrics.reliability(served.mean(axis=0), malignant, _EDGES),
        threshold=describe_threshold(cut, chosen_on, served, malignant, draws),
        conformal=conformal,
        interval=interval_check(protocol, models, own, recipe, reach),
        neighbours=neighbours,
        warnings_in_sample=in_sample,
        warnings_out_of_fold=out_of_fold,
        hard=hard,
        never_wrong=never_wrong,
        subgroups=subgroups(data, served, cut),
        learning_curve=learning_curve(protocol, as_fitted),
        optimism=optimism(protocol),
        **through_time(data, classifier),
        **bootstrapped,
    )


def bootstraps(
    data: Specimens, runs: Mapping[str, Floats], varied_runs: Mapping[str, Floats], cut: float, draws: int
) -> dict[str, Any]:
    """The fields of the evidence that need a bootstrap of out-of-fold probabilities."""
    served, malignant = runs[SERVED], data.malignant
    return {
        "metrics": metrics.measures(served, malignant, cut, draws),
        "comparison": _compared(runs, served, malignant, cut),
        "ablations": _compared(varied_runs, served, malignant, cut),
        "roc": metrics.roc(served, malignant, draws),
        "calibration": metrics.calibration(served, malignant, max(draws // 5, 10)),  # each draw is a fit
    }


def _compared(
    runs: Mapping[str, Floats], served: Floats, malignant: Labels, cut: float
) -> tuple[ComparedModel, ...]:
    """Every model by log loss, with its paired difference to the served one."""
    ours, models = metrics.row_losses(served, malignant), []
    for label, repeats in runs.items():
        differences = metrics.row_losses(repeats, malignant) - ours
        spread = metrics.spreads(metrics.by_repeat(repeats, malignant, cut))
        difference = None if label == SERVED else metrics.paired(differences, malignant)
        models.append(ComparedModel(label, label == SERVED, spread, difference))
    return tuple(sorted(models, key=lambda model: model.metrics["log_loss"].mean))


def optimism(protocol: Protocol, halvings: int = 500) -> dict[str, float]:
    """Choose the best setting on one half of the specimens, and evaluate it on the other half.

    ``apparent`` is its gain over the average setting on the first half, ``honest`` on the second.
    """
    malignant = protocol.data.malignant
    runs = protocol.run(_SETTINGS)
    loss = np.array([metrics.row_losses(repeats, malignant).mean(axis=0) for repeats in runs.values()])
    gain = loss.mean(axis=0) - loss  # (settings, n), over the average setting
    random, apparent, honest = np.random.default_rng(0), [], []
    for _ in range(halvings):
        chosen_on = random.permutation(len(malignant)) < len(malignant) // 2
        best = gain[:, chosen_on].mean(axis=1).argmax()
        apparent.append(gain[best, chosen_on].mean())
        honest.append(gain[best, ~chosen_on].mean())
    return {
        "settings": len(_SETTINGS),
        "apparent": float(np.mean(apparent)),
        "honest": float(np.mean(honest)),
    }


def sizes(specimens: int, folds: int) -> list[int]:
    """The numbers of specimens in the fits of the learning curve."""
    largest = specimens - math.ceil(specimens / folds)
    return [*(size for size in _SIZES if size < largest), largest]


def sized_losses(data: Specimens, estimator: Pipeline, seed: int, folds: int) -> Floats:
    """Log loss on each fold after fits on growing parts of the rest: (sizes, folds).

    NaN where a part has only one class, so that nothing can be learnt from it.
    """
    steps = sizes(len(data), folds)
    losses = np.full((len(steps), folds), np.nan)
    random = np.random.default_rng(seed)
    for fold, (fit, held_out) in enumerate(splits(data, seed, folds)):
        order = random.permutation(fit)
        for index, size in enumerate(steps):
            part = data[order[:size]]
            if np.ptp(part.malignant):
                fitted = clone(estimator).fit(part.values, part.malignant)
                probability = fitted.predict_proba(data.values[held_out])[:, 1]
                losses[index, fold] = metrics.row_losses(probability, data.malignant[held_out]).mean()
    return losses


def learning_curve(protocol: Protocol, estimator: Pipeline) -> Curve:
    """Log loss by number of specimens trained on, with the central 95 % of repeats."""
    losses = np.array(protocol.by_seed(sized_losses, estimator))  # (repeats, sizes, folds)
    points = []
    for size, each in zip(sizes(len(protocol.data), protocol.folds), losses.swapaxes(0, 1), strict=True):
        if not np.isnan(each).all(axis=1).any():
            column = np.nanmean(each, axis=1)
            points.append((float(size), float(column.mean()), *metrics.interval(column)))
    return Curve(*zip(*points, strict=True))
