"""What a fit says and how far it may be off: its curves, and the directions in which they would move."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from training.export import collapse, curves

Floats = NDArray[np.float64]


def fit_entries(estimator: Pipeline, values: Floats, reference: Floats) -> dict[str, Any]:
    """The entries of classifier.json that come from ``estimator``, fitted on ``values`` (n, 30)."""
    directions = np.round(deviations(estimator, values, reference), 4) + 0.0  # machines differ in -0.0
    return {
        "reference": {
            "logit": float(estimator.decision_function(reference[None])[0]),
            "values": reference.tolist(),
        },
        "curves": curves(estimator, reference),
        "interval": {"level": 0.95, "z": 1.96, "deviations": directions.tolist()},
    }


def deviations(estimator: Pipeline, values: Floats, reference: Floats, rank: int = 16) -> Floats:
    """The main directions in which the fit on ``values`` (n, 30) varies: (30, k + 1, rank), as curves.

    The squares of what they give for a specimen sum to the variance of its logit. The last one is a constant:
    the mean of the variance that the others leave out.

    The covariance of ridge logistic regression is H⁻¹ X'WX H⁻¹ with H = X'WX + 1/C and W = p (1 - p): S. le
    Cessie and J. C. van Houwelingen, "Ridge estimators in logistic regression", Applied Statistics 41 (1992).
    A bootstrap of the specimens finds a third of it, because a fit on so many columns leaves residuals that
    are too small.
    """
    basis, logistic = estimator["basis"], estimator["logistic"]
    columns = np.column_stack([basis.transform(values), np.ones(len(values))])
    probability = estimator.predict_proba(values)[:, 1]
    weighted = columns * np.sqrt(probability * (1 - probability))[:, None]
    penalty = np.append(np.full(columns.shape[1] - 1, 1 / logistic.C), 0.0)
    moves = np.linalg.solve(weighted.T @ weighted + np.diag(penalty), weighted.T)
    _, sizes, turn = np.linalg.svd(columns @ moves)
    main = turn[: rank - 1]
    # a direction's sign is arbitrary: its largest entry is made positive, so that every machine agrees
    main *= np.sign(main[:, np.abs(main).argmax(axis=1)].diagonal())[:, None]
    rest = np.zeros(columns.shape[1])
    rest[-1] = np.sqrt((sizes[rank - 1 :] ** 2).sum() / len(values))
    lines = [*(moves @ main.T).T, rest]
    return np.stack([_curves(estimator, line, reference) for line in lines], axis=-1)


def _curves(estimator: Pipeline, line: Floats, reference: Floats) -> Floats:
    """The curves of other coefficients (q + 1,), with what they give at the reference in the first one."""
    heights = collapse(estimator["basis"], line[:-1], reference)
    heights[0] += estimator["basis"].transform(reference[None])[0] @ line[:-1] + line[-1]
    return heights
