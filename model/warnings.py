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
from model.geometry import LOG_FACTORS, POWERS, RELATIONS, TINY, Relation, with_rises

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
    """All that can be said against a valid specimen.

    Both the relations and the novelty are linear in logarithms, so one matrix product judges them together.

    Args:
        bounds: relation name to (low, high); a relation that training did not bound is not judged.
        novelty: the distance and its limit.
    """

    def __init__(self, bounds: Mapping[str, tuple[float, float]], novelty: Novelty) -> None:
        between = [bounds.get(relation.name, (0.0, math.inf)) for relation in RELATIONS]
        # no relation speaks of what can be below zero, which is judged by another logarithm
        shift = [feature.shift if feature.minimum < 0 else 0.0 for feature in FEATURES]
        with np.errstate(divide="ignore"):
            seen = [(f.low + s, max(f.high + s, TINY)) for f, s in zip(FEATURES, shift, strict=True)]
            low, high = np.log(seen + between).T
        slack = 1e-9  # of rounding, on the logarithm
        self._low, self._high = low - slack, high + slack
        self._limit = novelty.limit
        p, q = len(FEATURES), len(POWERS)
        # to the values with their rises, and to the values with their offsets behind them
        self._columns = np.hstack([with_rises(np.eye(p)), np.eye(p)])
        self._offset = np.concatenate([shift, np.zeros(q - p), novelty.offset])
        self._floor = np.concatenate([np.full(q, TINY), np.full(p, _FLOOR)])
        # from the logarithms of those: of the values themselves, of the relations, and the whitened ones
        bounded, white = np.hstack([np.eye(q, p), POWERS]), novelty.whitening.T / novelty.spread[:, None]
        self._matrix = _block_diagonal(bounded, white)
        self._shift = np.concatenate([np.zeros(p), LOG_FACTORS, -novelty.mean @ white])

    def flags(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which specimens have any warning at all: (…, 30) to (…); cheap, for many at once."""
        flags: NDArray[np.bool_] = np.any(self.marks(values), axis=-1)
        return flags

    def marks(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which warnings each specimen has: (…, 30) to (…, len(``KINDS``))."""
        out, squared = self._judge(values)
        return np.concatenate([out, (squared > self._limit**2)[..., None]], axis=-1)

    def of(self, values: NDArray[np.float64]) -> tuple[InputWarning, ...]:
        """The warnings of one specimen, (30,)."""
        out, squared = self._judge(values)
        warnings = []
        if np.logical_or.reduce(out):  # any() does the same by a detour through Python
            warnings += [_out_of_range(FEATURES[i], values[i]) for i in np.flatnonzero(out[: len(FEATURES)])]
            warnings += [_contradiction(RELATIONS[i], values) for i in np.flatnonzero(out[len(FEATURES) :])]
        if squared > self._limit**2:
            warnings.append(_novel(math.sqrt(squared), self._limit))
        return tuple(warnings)

    def _judge(self, values: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which values and relations are out of bounds, and the square of the novelty distance."""
        # @ would set threads to work, and wait for them longer
        columns = np.vecmat(values, self._columns) + self._offset
        judged = np.vecmat(np.log(np.maximum(columns, self._floor)), self._matrix) + self._shift
        bounded, white = judged[..., : len(self._low)], judged[..., len(self._low) :]
        return (bounded < self._low) | (bounded > self._high), np.vecdot(white, white)


def _block_diagonal(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The two matrices along the diagonal of a larger one, zeros elsewhere."""
    matrix = np.zeros(np.add(one.shape, other.shape))
    matrix[: one.shape[0], : one.shape[1]] = one
    matrix[one.shape[0] :, one.shape[1] :] = other
    return matrix


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
