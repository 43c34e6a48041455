"""Warnings about a valid specimen: out of range, contradicting itself, or unlike all that training saw.

A warning never changes an answer, it stands beside it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.features import BY_NAME, FEATURES, NAMES, Feature
from model.geometry import RELATIONS, Relation, log_quantities

KINDS = (
    *(("out_of_range", (name,)) for name in NAMES),
    *(("contradiction", relation.features) for relation in RELATIONS),
    ("novel", ()),
)
"""Every warning there is: its code and the features that it names."""

# below any real value; keeps the logarithm of a zero finite
_FLOOR = min([1e-9, *(feature.low / 1000 for feature in FEATURES if feature.low > 0)])


@dataclass(frozen=True, slots=True)
class InputWarning:
    """A warning about a specimen that is valid, and answered, but out of the ordinary."""

    code: Literal["out_of_range", "contradiction", "novel"] = field(
        metadata={"description": "The kind of warning"}
    )
    features: tuple[str, ...] = field(metadata={"description": "Names of the features that it is about"})
    message: str = field(metadata={"description": "What is out of the ordinary, in words"})

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return {"code": self.code, "features": list(self.features), "message": self.message}


@dataclass(frozen=True)
class Novelty:
    """Mahalanobis distance on standardised logarithms: how unlike the training specimens one is as a whole.

    With z = (log(x + ``offset``) - ``mean``) / ``spread``, each (30,), the distance is the length of
    ``whitening @ z``, (30, 30); ``limit`` is its 99 % quantile under cross-validation.
    """

    offset: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    whitening: NDArray[np.float64]
    limit: float


class WarningRules:
    """Everything that a valid specimen can be warned of.

    Args:
        bounds: relation name to (low, high); a relation that training did not bound is not looked at.
        novelty: the distance and its limit.
    """

    def __init__(self, bounds: Mapping[str, tuple[float, float]], novelty: Novelty) -> None:
        self._low, self._high = np.array([(f.low, f.high) for f in FEATURES]).T
        between = np.array([bounds.get(relation.name, (0.0, math.inf)) for relation in RELATIONS])
        slack = np.array([-1e-9, 1e-9])  # of rounding, on the logarithm
        with np.errstate(divide="ignore"):
            self._least, self._most = (np.log(between.reshape(-1, 2)) + slack).T
        self._limit = novelty.limit
        self._offset = novelty.offset
        # whitened: (log(x + offset) - mean) / spread times the matrix, as one product and one sum
        self._whitening = novelty.whitening.T / novelty.spread[:, None]
        self._centre = novelty.mean @ self._whitening

    def marks(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which warnings each specimen has: (…, 30) to (…, len(``KINDS``))."""
        squared = self._squared_distance(values)
        return np.concatenate([*self._out(values), (squared > self._limit**2)[..., None]], axis=-1)

    def of(self, values: NDArray[np.float64]) -> tuple[InputWarning, ...]:
        """The warnings of one specimen, (30,)."""
        features, relations = self._out(values)
        warnings = []
        if np.logical_or.reduce(features):  # any() does the same by a detour through Python
            warnings += [_out_of_range(FEATURES[i], values[i]) for i in np.flatnonzero(features)]
        if np.logical_or.reduce(relations):
            warnings += [_contradiction(RELATIONS[i], values) for i in np.flatnonzero(relations)]
        squared = self._squared_distance(values)
        if squared > self._limit**2:
            warnings.append(_novel(math.sqrt(squared), self._limit))
        return tuple(warnings)

    def _out(self, values: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which features, and which relations, are out of their bounds."""
        quantities = log_quantities(values)
        return (
            (values < self._low) | (values > self._high),
            (quantities < self._least) | (quantities > self._most),
        )

    def _squared_distance(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        logs = np.log(np.maximum(values + self._offset, _FLOOR))
        # @ would set threads to work, and wait for them longer
        white = np.vecmat(logs, self._whitening) - self._centre
        squared: NDArray[np.float64] = np.vecdot(white, white)
        return squared


def _out_of_range(feature: Feature, value: float) -> InputWarning:
    pattern = messages.BELOW_THE_DATA if value < feature.low else messages.ABOVE_THE_DATA
    name = feature.spoken[0].upper() + feature.spoken[1:]
    message = pattern.format(feature=name, value=value, low=feature.low, high=feature.high)
    return InputWarning("out_of_range", (feature.name,), message)


def _contradiction(relation: Relation, values: NDArray[np.float64]) -> InputWarning:
    numbers = [f"{BY_NAME[name].spoken} {values[NAMES.index(name)]:.15g}" for name in relation.features]
    pattern = messages.IMPOSSIBLE if relation.certain else messages.UNUSUAL
    message = pattern.format(
        count=messages.COUNTS[len(numbers)],
        all="both" if len(numbers) == 2 else "all",
        values=", ".join(numbers),
        claim=relation.claim,
    )
    return InputWarning("contradiction", relation.features, message)


def _novel(distance: float, limit: float) -> InputWarning:
    return InputWarning("novel", (), messages.NOVEL.format(distance=distance, limit=limit))
