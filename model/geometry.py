"""What the thirty numbers of one specimen have to do with each other; training finds the bounds.

A relation is a product of powers of features, such as area / (pi radius^2). On real specimens each stays
between two bounds; a specimen outside them contradicts itself. All relations are one matrix on logarithms.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.features import BY_NAME, MEASUREMENTS, NAMES

_TINY = 1e-300  # stands for zero under a logarithm; zero over zero is then one


@dataclass(frozen=True, slots=True)
class Relation:
    """``factor`` times the product of ``powers``; ``rise_*`` stands for worst less mean of a measurement.

    ``claim`` says in words why values out of bounds do not fit. ``fixed`` are bounds that are known; where
    they are None, training finds the tightest that hold on all specimens. A ``certain`` relation holds by
    definition: no specimen can break it.
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


def _orders(measurement: str, label: str) -> tuple[Relation, ...]:
    mean, se, worst = (f"{measurement}_{statistic}" for statistic in ("mean", "se", "worst"))
    return (
        Relation(
            f"{worst} >= mean",
            ((worst, 1), (mean, -1)),
            messages.WORST_BELOW_MEAN.format(measurement=label),
            fixed=(1.0, math.inf),
            certain=True,
        ),
        Relation(
            f"{se} <= mean",
            ((se, 1), (mean, -1)),
            messages.ERROR_ABOVE_MEAN.format(measurement=label),
            fixed=(0.0, 1.0),
            certain=True,  # of values that are not negative: it is largest where all but one are zero
        ),
        Relation(
            f"{worst} - mean by {se}",
            ((f"rise_{measurement}", 1), (se, -1)),
            messages.WORST_FAR_ABOVE_MEAN.format(measurement=label),
        ),
    )


def _shapes(statistic: str) -> tuple[Relation, ...]:
    radius, perimeter, area = (f"{name}_{statistic}" for name in ("radius", "perimeter", "area"))
    return (
        Relation(
            f"{area} of a circle",
            ((area, 1), (radius, -2)),
            messages.AREA_AND_RADIUS.format(statistic=statistic),
            1 / math.pi,
        ),
        Relation(
            f"{perimeter} of a circle",
            ((perimeter, 1), (radius, -1)),
            messages.PERIMETER_AND_RADIUS.format(statistic=statistic),
            1 / (2 * math.pi),
        ),
        Relation(
            f"{perimeter} round {area}",
            ((perimeter, 2), (area, -1)),
            messages.PERIMETER_AND_AREA.format(statistic=statistic),
            1 / (4 * math.pi),
        ),
    )


_RISING = [m.name for m in MEASUREMENTS if {f"{m.name}_mean", f"{m.name}_worst"} <= BY_NAME.keys()]
_COLUMNS = (*NAMES, *(f"rise_{name}" for name in _RISING))

RELATIONS = (
    *(
        relation
        for measurement in MEASUREMENTS
        if not measurement.signed
        for relation in _orders(measurement.name, measurement.label.lower())
        if all(name in _COLUMNS for name, _ in relation.powers)  # it may lack a statistic
    ),
    *_shapes("mean"),
    *_shapes("worst"),
    *(
        Relation(
            f"{one} and {other} zero together",
            ((one, 1), (other, -1)),
            messages.ZERO_TOGETHER,
            fixed=(1e-100, 1e100),  # the ratio is out of these bounds just where one of the two is zero
            certain=not (
                one.endswith("_se") or other.endswith("_se")
            ),  # an error of zero is only next to impossible
        )
        for one, other in pairwise(n for n in NAMES if n.startswith(("concavity", "concave_points")))
    ),
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
"""The relations as a matrix on the logarithms of the features and, behind them, the rises, a column each."""
for _column, _relation in enumerate(RELATIONS):
    for _name, _power in _relation.powers:
        _POWERS[_COLUMNS.index(_name), _column] = _power
_LOG_FACTORS = np.log([relation.factor for relation in RELATIONS])


def log_quantities(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm of every relation's quantity: (…, 30) to (…, len(RELATIONS))."""
    rises = values.take(_WORSTS, axis=-1) - values.take(_MEANS, axis=-1)
    logs = np.log(np.maximum(np.concatenate([values, rises], axis=-1), _TINY))
    # @ would set threads to work, and wait for them longer
    quantities: NDArray[np.float64] = np.vecmat(logs, _POWERS) + _LOG_FACTORS
    return quantities
