"""Warnings about a valid specimen: out of range, contradicting itself, or unlike the training data.

A warning is added to the answer; it never changes it.
"""

import math
from collections.abc import Iterable, Mapping
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

_BOUNDED: tuple[Feature | Relation, ...] = (*FEATURES, *RELATIONS)  # in the order of ``KINDS``
# smaller than any real value, so that the logarithm of zero stays finite
_FLOOR = min([1e-9, *(feature.low / 1000 for feature in FEATURES if feature.low > 0)])


@dataclass(frozen=True, slots=True)
class InputWarning:
    """A warning about a specimen that is valid, and gets an answer, but is unusual."""

    code: Literal["out_of_range", "contradiction", "novel"] = field(
        metadata={"description": "The kind of warning"}
    )
    features: tuple[str, ...] = field(metadata={"description": "Names of the features that it is about"})
    message: str = field(metadata={"description": "What is unusual, in a sentence"})


class Novelty:
    """The Mahalanobis distance on standardised logarithms: how unlike the training data a specimen is.

    With z = (log(x + ``offset``) - ``mean``) / ``spread``, each (30,), the distance is the length of
    ``whitening @ z``, (30, 30), which is lower triangular; ``limit`` is its 99 % quantile under
    cross-validation.
    """

    def __init__(self, offset: Floats, mean: Floats, spread: Floats, whitening: Floats, limit: float) -> None:
        self.offset, self.mean, self.spread, self.whitening = offset, mean, spread, whitening
        self.limit = limit
        self.weights = whitening.T / spread[:, None]  # the distance is the length of logs @ weights - centre
        self._centre = mean @ self.weights

    def logs(self, values: Floats) -> Floats:
        logs: Floats = np.log(np.maximum(values + self.offset, _FLOOR))
        return logs

    def whitened(self, values: Floats) -> Floats:
        """Values, (…, 30), whose squares sum to the squared distance."""
        # vecmat, because @ would start threads, which takes longer than the work itself
        white: Floats = np.vecmat(self.logs(values), self.weights) - self._centre
        return white

    def squared(self, values: Floats) -> Floats:
        """The squared distance of each specimen: (…, 30) to (…)."""
        white = self.whitened(values)
        squared: Floats = np.vecdot(white, white)
        return squared


class WarningRules:
    """Checks a valid specimen for everything that can be warned about.

    Args:
        relations: ``name``, ``low`` and ``high`` (None: no limit) of each relation that is checked, as
            in ``classifier.json``.
        novelty: the distance and its limit.
    """

    def __init__(self, relations: Iterable[Mapping[str, Any]], novelty: Novelty) -> None:
        bounds = {relation["name"]: (relation["low"], relation["high"] or math.inf) for relation in relations}
        quantities = np.array([bounds.get(relation.name, (0.0, math.inf)) for relation in RELATIONS])
        tolerance = np.array([-1e-9, 1e-9])  # for rounding, on the logarithm
        with np.errstate(divide="ignore"):
            log_bounds = np.log(quantities.reshape(-1, 2)) + tolerance
        self._minima, self._maxima = np.vstack([[(f.low, f.high) for f in FEATURES], log_bounds]).T
        self.novelty = novelty

    def warning_flags(self, values: Floats) -> NDArray[np.bool_]:
        """Which warnings each specimen has: (…, 30) to (…, len(``KINDS``))."""
        novel = self.novelty.squared(values) > self.novelty.limit**2
        return np.concatenate([self._violated(values), novel[..., None]], axis=-1)

    def of(self, values: Floats) -> tuple[InputWarning, ...]:
        """The warnings of one specimen, (30,)."""
        violated, warnings = self._violated(values), []
        if np.logical_or.reduce(violated):  # faster than violated.any(), which is written in Python
            warnings = [_out_of_bounds(_BOUNDED[i], values) for i in np.flatnonzero(violated)]
        if (squared := self.novelty.squared(values)) > self.novelty.limit**2:
            message = messages.NOVEL.format(distance=math.sqrt(squared), limit=self.novelty.limit)
            warnings.append(InputWarning("novel", (), message))
        return tuple(warnings)

    def _violated(self, values: Floats) -> NDArray[np.bool_]:
        """Which features, and after them which relations, are out of their bounds: (…, 30) to (…, m)."""
        bounded = np.concatenate([values, log_quantities(values)], axis=-1)
        violated: NDArray[np.bool_] = (bounded < self._minima) | (bounded > self._maxima)
        return violated


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
