"""Why the model answers as it does: similar and nearest cases, smallest changes that turn it, curves.

All answers are closed: a curve crosses a level where it crosses it. They speak of the model, not of the mass.
"""

import csv
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.classifier import ARTIFACT, Classifier, read_artifact
from model.features import FEATURES, NAMES, Feature
from model.prediction import Diagnosis, Prediction
from model.specimen import Specimen

_SUREST = 1e-5  # probabilities nearer to 0 or 1 count as this when the nearest are looked for


@dataclass(frozen=True)
class Reference:
    """Real specimens: ``values`` (n, 30), ``malignant`` (n,), ``probability`` (n,) out of fold."""

    values: NDArray[np.float64]
    malignant: NDArray[np.bool_]
    probability: NDArray[np.float64]

    @classmethod
    def load(cls, directory: Path = ARTIFACT) -> "Reference":
        """Read ``reference.csv``.

        Raises:
            ArtifactError: if it is missing or altered.
        """
        rows = list(csv.DictReader(read_artifact("reference.csv", directory).decode().splitlines()))
        return cls(
            np.array([[float(row[name]) for name in NAMES] for row in rows]),
            np.array([row["diagnosis"] == "malignant" for row in rows]),
            np.array([float(row["probability"]) for row in rows]),
        )


@dataclass(frozen=True, slots=True)
class NearestSpecimen:
    """A real specimen that scored nearly the same as the one in question."""

    row: int = field(metadata={"description": "Row of the published data, from 0", "ge": 0})
    diagnosis: Diagnosis = field(metadata={"description": "What it was"})
    probability: float = field(
        metadata={"description": "Out of fold: by models fitted without it", "ge": 0, "le": 1}
    )


@dataclass(frozen=True, slots=True)
class NearestOutcomes:
    """How specimens like this one turned out: those whose out-of-fold probability is nearest to its own."""

    malignant: int = field(metadata={"description": "How many of them were malignant", "ge": 0})
    specimens: tuple[NearestSpecimen, ...] = field(
        metadata={"description": "With the lowest probability first"}
    )


@dataclass(frozen=True, slots=True)
class Similar(NearestSpecimen):
    """A real specimen that the model sees as similar, for it has nearly the same contributions."""

    distance: float = field(metadata={"description": "Between the contributions, in logits", "ge": 0})
    differs: tuple[str, ...] = field(metadata={"description": "The features that set it apart most"})
    values: tuple[float, ...] = field(metadata={"description": "Its numbers, in the order of the features"})


@dataclass(frozen=True, slots=True)
class Flip:
    """One feature changed as little as leads to another verdict that is not "inconclusive"."""

    feature: str = field(metadata={"description": "Name of the feature that changes"})
    value: float = field(metadata={"description": "Its value now"})
    to: float = field(metadata={"description": "The nearest value that leads to the other verdict"})
    effort: float = field(metadata={"description": "In standard deviations of the logarithm", "ge": 0})
    probability: float = field(metadata={"description": "The probability there", "ge": 0, "le": 1})
    verdict: Diagnosis = field(metadata={"description": "The verdict there"})
    new_warnings: int = field(metadata={"description": "Warnings there that it does not have now", "ge": 0})


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
        shift = np.array([feature.shift for feature in FEATURES])
        # a column that never changes has no spread, and no curve to cross either
        self._spread = np.log(reference.values + shift).std(axis=0) + sys.float_info.min
        with np.errstate(divide="ignore"):  # cut points of 0 and 1 are never passed
            cuts = np.array([classifier.malignant_from, classifier.benign_to])
            benign, malignant = (np.log(cuts) - np.log1p(-cuts)).tolist()
        self._levels: dict[Diagnosis, float] = {"benign": benign, "malignant": malignant}

    def similar(self, specimen: Specimen, n: int = 5) -> tuple[Similar, ...]:
        """The ``n`` nearest real specimens in the space of the contributions, nearest first."""
        apart = self._contributions - self.classifier.contributions(np.array(specimen.values))
        distance = np.sqrt(np.vecdot(apart, apart))
        return tuple(
            Similar(
                *self._known(row),
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
        malignant = int(self._reference.malignant[rows].sum())
        return NearestOutcomes(malignant, tuple(NearestSpecimen(*self._known(row)) for row in rows))

    def _known(self, row: int) -> tuple[int, Diagnosis, float]:
        diagnosis: Diagnosis = "malignant" if self._reference.malignant[row] else "benign"
        return row, diagnosis, float(self._reference.probability[row])

    def flips(self, specimen: Specimen) -> tuple[Flip, ...]:
        """For each feature that alone can lead to the other verdict, the smallest change that does.

        From "inconclusive" either verdict counts. New values are within the range of the data, on the
        slider's step. Changes that raise no new warning come first, then those of least effort.
        """
        before = self.classifier.predict(specimen)
        ways = (list(self._ways(specimen, before, index)) for index in range(len(NAMES)))
        return tuple(sorted((min(flips, key=_ease) for flips in ways if flips), key=_ease))

    def _ways(self, specimen: Specimen, before: Prediction, index: int) -> Iterator[Flip]:
        """The changes of one feature that lead to another verdict, one for each crossing of its curve."""
        feature, value = FEATURES[index], specimen.values[index]
        known = {(warning.code, warning.features) for warning in before.warnings}
        for verdict, level in self._levels.items():
            if verdict == before.verdict:
                continue
            wanted = before.contributions[index].contribution + level - before.logit
            for crossing in self._crossings(index, wanted):
                for to in _steps_beyond(feature, crossing, value):
                    changed = Specimen((*specimen.values[:index], to, *specimen.values[index + 1 :]))
                    after = self.classifier.predict(changed)
                    if after.verdict == verdict:
                        new = sum((w.code, w.features) not in known for w in after.warnings)
                        logs = np.log(np.maximum(np.array([value, to]) + feature.shift, sys.float_info.min))
                        effort = float(abs(logs[1] - logs[0]) / self._spread[index])
                        yield Flip(feature.name, value, to, effort, after.probability, verdict, new)
                        break

    def response(
        self, specimen: Specimen, name: str, values: Iterable[float]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How the probability follows one feature, the others held: values of it and the probability there.

        The values, (m,), are those given, the specimen's own, and the knots of the curve between them.
        """
        index = NAMES.index(name)
        curve = self.classifier.document["curves"][index]
        over = np.append(list(values), specimen.values[index])
        knots = np.exp(curve["knots"]) - curve["offset"]
        over = np.unique(np.append(over, knots[(over.min() < knots) & (knots < over.max())]))
        rows = np.tile(specimen.values, (len(over), 1))
        rows[:, index] = over
        return over, self.classifier.probabilities(rows)

    def _crossings(self, index: int, wanted: float) -> list[float]:
        """Where the curve of a feature takes the value ``wanted``."""
        curve = self.classifier.document["curves"][index]
        knots, heights = np.array(curve["knots"]), np.array(curve["values"]) - wanted
        cells = np.flatnonzero((heights[:-1] > 0) != (heights[1:] > 0))
        share = heights[cells] / (heights[cells] - heights[cells + 1])
        u = knots[cells] + share * (knots[cells + 1] - knots[cells])
        crossings: list[float] = (np.exp(u) - curve["offset"]).tolist()
        return crossings


def _ease(flip: Flip) -> tuple[bool, float]:
    return flip.new_warnings > 0, flip.effort


def _steps_beyond(feature: Feature, crossing: float, value: float) -> list[float]:
    """The slider's first step past the crossing, seen from ``value``; two where rounding hides which."""
    steps, up = crossing * 10**feature.decimals, crossing > value
    whole = math.ceil if up else math.floor
    wholes = sorted({whole(steps - 1e-6), whole(steps + 1e-6)}, reverse=not up)
    return [round(whole / 10**feature.decimals, feature.decimals) for whole in wholes]


def _clipped_logit(probability: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Log-odds, not beyond those of ``_SUREST``."""
    clipped = np.clip(probability, _SUREST, 1 - _SUREST)
    logit: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return logit
