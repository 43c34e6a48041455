"""Why the model answers as it does: similar cases, smallest changes that flip the answer, response curves.

All answers are closed: a curve crosses a level where it crosses it. They speak of the model, not of the mass.
"""

import csv
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.classifier import ARTIFACT, Classifier
from model.features import FEATURES, NAMES, Feature
from model.prediction import Diagnosis
from model.specimen import Specimen

_ROW = {"description": "Row of the published data, from 0", "ge": 0}
_TRUTH = {"description": "What it was"}
_UNSEEN = {
    "description": "Its out-of-fold probability, from models fitted without it",
    "ge": 0,
    "le": 1,
}
_SUREST = 1e-5  # probabilities nearer to 0 or 1 count as this when the nearest are looked for


@dataclass(frozen=True)
class Reference:
    """Real specimens: ``values`` (n, 30), ``malignant`` (n,), ``probability`` (n,) out of fold."""

    values: NDArray[np.float64]
    malignant: NDArray[np.bool_]
    probability: NDArray[np.float64]

    @classmethod
    def load(cls, directory: Path = ARTIFACT) -> "Reference":
        """Read ``reference.csv``."""
        with (directory / "reference.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return cls(
            np.array([[float(row[name]) for name in NAMES] for row in rows]),
            np.array([row["diagnosis"] == "malignant" for row in rows]),
            np.array([float(row["probability"]) for row in rows]),
        )


@dataclass(frozen=True, slots=True)
class Similar:
    """A real specimen that the model sees as similar to the one in question."""

    row: int = field(metadata=_ROW)
    diagnosis: Diagnosis = field(metadata=_TRUTH)
    probability: float = field(metadata=_UNSEEN)
    distance: float = field(
        metadata={
            "description": "Euclidean distance of the contributions, in logits",
            "ge": 0,
        }
    )
    differs: tuple[str, ...] = field(
        metadata={"description": "The three features whose contributions differ most"}
    )
    values: tuple[float, ...] = field(
        metadata={"description": "Its measurements, in the order of /v1/features"}
    )


@dataclass(frozen=True, slots=True)
class NearestSpecimen:
    """A real specimen with nearly the same probability as the one in question."""

    row: int = field(metadata=_ROW)
    diagnosis: Diagnosis = field(metadata=_TRUTH)
    probability: float = field(metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class NearestOutcomes:
    """How specimens like this one turned out: those whose out-of-fold probability is nearest to its own."""

    malignant: int = field(metadata={"description": "How many of the specimens were malignant", "ge": 0})
    specimens: tuple[NearestSpecimen, ...] = field(
        metadata={"description": "The real specimens with the nearest probabilities, the lowest first"}
    )


@dataclass(frozen=True, slots=True)
class Flip:
    """One feature changed as little as turns the diagnosis; ``effort`` is the change over the span."""

    feature: str = field(metadata={"description": "Name of the feature that changes"})
    value: float = field(metadata={"description": "Its value now"})
    to: float = field(metadata={"description": "The nearest value that turns the answer"})
    effort: float = field(metadata={"description": "The change over the span of the feature", "ge": 0})
    probability: float = field(metadata={"description": "The probability there", "ge": 0, "le": 1})


@dataclass(frozen=True)
class Response:
    """How the probability follows one feature, the others held: ``values`` (m,), ``probability`` (m,)."""

    feature: str
    values: NDArray[np.float64]
    probability: NDArray[np.float64]


class Explainer:
    """Answers the questions behind a prediction.

    Args:
        classifier: the model in question.
        reference: the real specimens to compare with.
    """

    def __init__(self, classifier: Classifier, reference: Reference) -> None:
        self.classifier = classifier
        self._reference = reference
        self._contributions = classifier.contributions(reference.values)
        self._logits = _clipped_logit(reference.probability)

    def similar(self, specimen: Specimen, n: int = 5) -> tuple[Similar, ...]:
        """The ``n`` nearest real specimens in the space of the contributions, nearest first."""
        own = self.classifier.contributions(np.array(specimen.values))
        apart = self._contributions - own
        distance = np.sqrt(np.vecdot(apart, apart))
        return tuple(
            Similar(
                row=row,
                diagnosis=self._diagnosis(row),
                probability=float(self._reference.probability[row]),
                distance=float(distance[row]),
                differs=tuple(NAMES[i] for i in np.argsort(-np.abs(apart[row]), kind="stable")[:3]),
                values=tuple(self._reference.values[row].tolist()),
            )
            for row in np.argsort(distance, kind="stable")[:n].tolist()
        )

    def nearest(self, probability: float, n: int = 20) -> NearestOutcomes:
        """How the ``n`` real specimens turned out that unseen models scored nearest to ``probability``.

        Near is meant on the scale of the log-odds; of two that are equally near, the first row counts.
        """
        apart = np.abs(self._logits - _clipped_logit(np.float64(probability)))
        nearest: list[int] = np.argsort(apart, kind="stable")[:n].tolist()
        rows = sorted(nearest, key=lambda row: (self._reference.probability[row], row))
        return NearestOutcomes(
            malignant=int(self._reference.malignant[rows].sum()),
            specimens=tuple(
                NearestSpecimen(row, self._diagnosis(row), float(self._reference.probability[row]))
                for row in rows
            ),
        )

    def _diagnosis(self, row: int) -> Diagnosis:
        return "malignant" if self._reference.malignant[row] else "benign"

    def flips(self, specimen: Specimen) -> tuple[Flip, ...]:
        """For each feature that alone can turn the diagnosis within its observed range, the smallest change.

        Least effort first; the new value is on the slider's step.
        """
        before = self.classifier.predict(specimen)
        level = math.log(self.classifier.threshold / (1 - self.classifier.threshold))
        flips = []
        for index, feature in enumerate(FEATURES):
            wanted = before.contributions[index].contribution + level - before.logit
            for value in self._crossings(index, wanted, specimen.values[index]):
                to = _beyond(feature, value, specimen.values[index])
                changed = Specimen((*specimen.values[:index], to, *specimen.values[index + 1 :]))
                after = self.classifier.predict(changed)
                if feature.low <= to <= feature.high and after.diagnosis != before.diagnosis:
                    effort = abs(to - specimen.values[index]) / (feature.high - feature.low)
                    effort = min(effort, sys.float_info.max)  # JSON knows no infinity
                    flips.append(Flip(feature.name, specimen.values[index], to, effort, after.probability))
                    break
        return tuple(sorted(flips, key=lambda flip: flip.effort))

    def response(self, specimen: Specimen, name: str, values: Iterable[float]) -> Response:
        """The probability over ``values`` of one feature, its own value, and the knots of its curve between.

        Raises:
            KeyError: if there is no feature of that name.
        """
        if name not in NAMES:
            raise KeyError(f"{name!r} is not a feature, expected one of {', '.join(NAMES)}")
        index = NAMES.index(name)
        curve = self.classifier.document["curves"][index]
        over = np.append(list(values), specimen.values[index])
        knots = np.exp(curve["knots"]) - curve["offset"]
        over = np.unique(np.append(over, knots[(over.min() < knots) & (knots < over.max())]))
        rows = np.tile(specimen.values, (len(over), 1))
        rows[:, index] = over
        return Response(name, over, self.classifier.probabilities(rows))

    def _crossings(self, index: int, wanted: float, value: float) -> list[float]:
        """Where the curve of a feature takes the value ``wanted``; nearest to ``value`` first."""
        curve = self.classifier.document["curves"][index]
        knots, heights = np.array(curve["knots"]), np.array(curve["values"]) - wanted
        cells = np.flatnonzero(heights[:-1] * heights[1:] < 0)
        share = heights[cells] / (heights[cells] - heights[cells + 1])
        u = knots[cells] + share * (knots[cells + 1] - knots[cells])
        return sorted((np.exp(u) - curve["offset"]).tolist(), key=lambda x: abs(x - value))


def _beyond(feature: Feature, crossing: float, value: float) -> float:
    """The first value on the slider's step at or past the crossing, seen from ``value``."""
    steps = crossing * 10**feature.decimals
    whole = math.ceil(steps) if crossing > value else math.floor(steps)
    return float(round(whole / 10**feature.decimals, feature.decimals))


def _clipped_logit(probability: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Log-odds, not beyond those of ``_SUREST``."""
    clipped = np.clip(probability, _SUREST, 1 - _SUREST)
    logit: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return logit
