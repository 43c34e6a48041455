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

Floats = NDArray[np.float64]

KINDS = (
    *(("out_of_range", (name,)) for name in NAMES),
    *(("contradiction", relation.features) for relation in RELATIONS),
    ("novel", ()),
)
"""Every warning there is: its code and the features that it names."""

_BOUNDED: tuple[Feature | Relation, ...] = (*FEATURES, *RELATIONS)  # in the order of the kinds
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


class Novelty:
    """Mahalanobis distance on standardised logarithms: how unlike the training specimens one is as a whole.

    With z = (log(x + ``offset``) - ``mean``) / ``spread``, each (30,), the distance is the length of
    ``whitening @ z``, (30, 30); ``limit`` is its 99 % quantile under cross-validation.
    """

    def __init__(self, offset: Floats, mean: Floats, spread: Floats, whitening: Floats, limit: float) -> None:
        self.offset, self.limit = offset, limit
        self.weights = whitening.T / spread[:, None]  # the distance is the length of logs @ weights - centre
        self._centre = mean @ self.weights

    def logs(self, values: Floats) -> Floats:
        logs: Floats = np.log(np.maximum(values + self.offset, _FLOOR))
        return logs

    def whitened(self, values: Floats) -> Floats:
        """(…, 30) whose squares sum to the squared distance."""
        # @ would set threads to work, and wait for them longer
        white: Floats = np.vecmat(self.logs(values), self.weights) - self._centre
        return white

    def squared(self, values: Floats) -> Floats:
        """The squared distance of each specimen: (…, 30) to (…)."""
        white = self.whitened(values)
        squared: Floats = np.vecdot(white, white)
        return squared


class WarningRules:
    """Everything that a valid specimen can be warned of.

    Args:
        bounds: relation name to (low, high); a relation that training did not bound is not looked at.
        novelty: the distance and its limit.
    """

    def __init__(self, bounds: Mapping[str, tuple[float, float]], novelty: Novelty) -> None:
        between = np.array([bounds.get(relation.name, (0.0, math.inf)) for relation in RELATIONS])
        slack = np.array([-1e-9, 1e-9])  # of rounding, on the logarithm
        with np.errstate(divide="ignore"):
            related = np.log(between.reshape(-1, 2)) + slack
        self._least, self._most = np.vstack([[(f.low, f.high) for f in FEATURES], related]).T
        self.novelty = novelty

    def marks(self, values: Floats) -> NDArray[np.bool_]:
        """Which warnings each specimen has: (…, 30) to (…, len(``KINDS``))."""
        novel = self.novelty.squared(values) > self.novelty.limit**2
        return np.concatenate([self._out(values), novel[..., None]], axis=-1)

    def of(self, values: Floats) -> tuple[InputWarning, ...]:
        """The warnings of one specimen, (30,)."""
        out, warnings = self._out(values), []
        if np.logical_or.reduce(out):  # any() does the same by a detour through Python
            warnings = [_out_of_bounds(_BOUNDED[i], values) for i in np.flatnonzero(out)]
        if (squared := self.novelty.squared(values)) > self.novelty.limit**2:
            told = messages.NOVEL.format(distance=math.sqrt(squared), limit=self.novelty.limit)
            warnings.append(InputWarning("novel", (), told))
        return tuple(warnings)

    def _out(self, values: Floats) -> NDArray[np.bool_]:
        """Which features, and behind them which relations, are out of their bounds."""
        bounded = np.concatenate([values, log_quantities(values)], axis=-1)
        out: NDArray[np.bool_] = (bounded < self._least) | (bounded > self._most)
        return out


def _out_of_bounds(bounded: Feature | Relation, values: Floats) -> InputWarning:
    if isinstance(bounded, Feature):
        value, name = values[NAMES.index(bounded.name)], bounded.spoken
        pattern = messages.BELOW_THE_DATA if value < bounded.low else messages.ABOVE_THE_DATA
        message = pattern.format(
            feature=name[0].upper() + name[1:], value=value, low=bounded.low, high=bounded.high
        )
        return InputWarning("out_of_range", (bounded.name,), message)
    numbers = [f"{BY_NAME[name].spoken} {values[NAMES.index(name)]:.15g}" for name in bounded.features]
    message = (messages.IMPOSSIBLE if bounded.certain else messages.UNUSUAL).format(
        count=messages.COUNTS[len(numbers)],
        all="both" if len(numbers) == 2 else "all",
        values=", ".join(numbers),
        claim=bounded.claim,
    )
    return InputWarning("contradiction", bounded.features, message)
