"""How the thirty numbers of one specimen depend on each other; training finds the bounds.

A relation is a product of powers of features, such as area / (pi radius^2). In real specimens each stays
between two bounds; a specimen outside them contradicts itself. One matrix on logarithms holds all relations.
"""

import math
from dataclasses import dataclass
from itertools import pairwise, starmap

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.features import BY_NAME, MEASUREMENTS, NAMES, Measurement

_TINY = 1e-300  # replaces zero in logarithms, so that zero divided by zero is one


@dataclass(frozen=True, slots=True)
class Relation:
    """``factor`` times the product of ``powers``; ``rise_*`` is worst minus mean of a measurement.

    ``claim`` is the sentence that says why values out of bounds do not fit. ``fixed`` are bounds that are
    known; if None, training finds the tightest ones that hold on all specimens. A ``certain`` relation holds
    by definition: no specimen can break it.
    """

    name: str
    powers: tuple[tuple[str, int], ...]
    claim: str
    factor: float = 1.0
    fixed: tuple[float, float] | None = None
    certain: bool = False

    @property
    def features(self) -> tuple[str, ...]:
        """The features that contradict each other when the relation is out of bounds."""
        names: list[str] = []
        for name, _ in self.powers:
            measurement = name.removeprefix("rise_")
            names += [name] if name in BY_NAME else [f"{measurement}_mean", f"{measurement}_worst"]
        return tuple(names)


def _order_relations(measurement: Measurement) -> tuple[Relation, ...]:
    mean, se, worst = (f"{measurement.name}_{statistic}" for statistic in ("mean", "se", "worst"))
    patterns = (messages.WORST_BELOW_MEAN, messages.ERROR_ABOVE_MEAN, messages.WORST_FAR_ABOVE_MEAN)
    below, above, far = (pattern.format(measurement=measurement.label.lower()) for pattern in patterns)
    return (
        Relation(f"{worst} >= mean", ((worst, 1), (mean, -1)), below, fixed=(1.0, math.inf), certain=True),
        # true of values that are not negative: the error is largest if all of them but one are zero
        Relation(f"{se} <= mean", ((se, 1), (mean, -1)), above, fixed=(0.0, 1.0), certain=True),
        Relation(f"{worst} - mean by {se}", ((f"rise_{measurement.name}", 1), (se, -1)), far),
    )


def _shape_relations(statistic: str) -> tuple[Relation, ...]:
    radius, perimeter, area = (f"{name}_{statistic}" for name in ("radius", "perimeter", "area"))
    patterns = (messages.AREA_AND_RADIUS, messages.PERIMETER_AND_RADIUS, messages.PERIMETER_AND_AREA)
    squared, round_, isometric = (pattern.format(statistic=statistic) for pattern in patterns)
    return (
        Relation(f"{area} of a circle", ((area, 1), (radius, -2)), squared, 1 / math.pi),
        Relation(f"{perimeter} of a circle", ((perimeter, 1), (radius, -1)), round_, 1 / (2 * math.pi)),
        Relation(f"{perimeter} round {area}", ((perimeter, 2), (area, -1)), isometric, 1 / (4 * math.pi)),
    )


def _zero_together(one: str, other: str) -> Relation:
    # The ratio is out of these bounds exactly if one of the two is zero and the other is not.
    powers, bounds = ((one, 1), (other, -1)), (1e-100, 1e100)
    error = one.endswith("_se") or other.endswith("_se")  # an error of zero is unlikely, but possible
    name = f"{one} and {other} zero together"
    return Relation(name, powers, messages.ZERO_TOGETHER, fixed=bounds, certain=not error)


_RISING = [m.name for m in MEASUREMENTS if {f"{m.name}_mean", f"{m.name}_worst"} <= BY_NAME.keys()]
_COLUMNS = (*NAMES, *(f"rise_{name}" for name in _RISING))

RELATIONS = (
    *(
        relation
        for measurement in MEASUREMENTS
        if not measurement.signed
        for relation in _order_relations(measurement)
        if all(name in _COLUMNS for name, _ in relation.powers)  # a measurement may lack a statistic
    ),
    *_shape_relations("mean"),
    *_shape_relations("worst"),
    *starmap(_zero_together, pairwise(n for n in NAMES if n.startswith(("concavity", "concave_points")))),
    Relation(
        "area_se of a circle",
        (("area_se", 1), ("radius_mean", -1), ("radius_se", -1)),
        messages.AREA_ERROR,
        1 / (2 * math.pi),
    ),
)

_MEANS = np.array([NAMES.index(f"{name}_mean") for name in _RISING], np.intp)
_WORSTS = np.array([NAMES.index(f"{name}_worst") for name in _RISING], np.intp)
_POWERS = np.zeros((len(_COLUMNS), len(RELATIONS)))
"""A column for each relation: its powers of the features and, below them, of the rises."""
for _column, _relation in enumerate(RELATIONS):
    for _name, _power in _relation.powers:
        _POWERS[_COLUMNS.index(_name), _column] = _power
_LOG_FACTORS = np.log([relation.factor for relation in RELATIONS])


def log_quantities(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The natural logarithm of every relation: (…, 30) to (…, len(RELATIONS))."""
    rises = values.take(_WORSTS, axis=-1) - values.take(_MEANS, axis=-1)
    logs = np.log(np.maximum(np.concatenate([values, rises], axis=-1), _TINY))
    # vecmat, because @ would start threads, which takes longer than the work itself
    quantities: NDArray[np.float64] = np.vecmat(logs, _POWERS) + _LOG_FACTORS
    return quantities
