"""Why the model answers as it does: similar cases, nearest outcomes, smallest changes of verdict, curves.

All of it is computed exactly, without a search. It is about the model, not about the patient.
"""

import csv
import math
import sys
from collections.abc import Container, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.classifier import ARTIFACT, Classifier, read_artifact
from model.features import FEATURES, NAMES, Feature
from model.prediction import Diagnosis, Prediction
from model.specimen import Specimen

NEAREST = 20
"""The number of specimens whose outcomes an answer shows."""

_MIN_PROBABILITY = 1e-5  # probabilities are clipped to this, and to 1 less this, before they are compared


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
    """How the real specimens turned out whose out-of-fold probability is nearest to this one's."""

    malignant: int = field(metadata={"description": "How many of these specimens were malignant", "ge": 0})
    specimens: tuple[NearestSpecimen, ...] = field(
        metadata={"description": "With the lowest probability first"}
    )


@dataclass(frozen=True, slots=True)
class Similar(NearestSpecimen):
    """A real specimen that the model sees as similar, because it has nearly the same contributions."""

    distance: float = field(metadata={"description": "Between the contributions, in logits", "ge": 0})
    differs: tuple[str, ...] = field(metadata={"description": "The features that set it apart most"})
    values: tuple[float, ...] = field(metadata={"description": "Its numbers, in the order of the features"})


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of one feature that leads to another verdict than this or "inconclusive"."""

    feature: str = field(metadata={"description": "Name of the feature that changes"})
    value: float = field(metadata={"description": "Its value now"})
    to: float = field(metadata={"description": "The nearest value that leads to the other verdict"})
    effort: float = field(metadata={"description": "In standard deviations of the logarithm", "ge": 0})
    probability: float = field(metadata={"description": "The probability there", "ge": 0, "le": 1})
    verdict: Diagnosis = field(metadata={"description": "The verdict there"})
    new_warnings: int = field(metadata={"description": "How many warnings it has there but not now", "ge": 0})


@dataclass(frozen=True)
class Answer(Prediction):
    """A prediction, and the further parts that a caller may ask for."""

    similar: tuple[Similar, ...] | None = field(
        default=None, metadata={"description": "The five most similar real specimens"}
    )
    flips: tuple[Flip, ...] | None = field(
        default=None,
        metadata={"description": "The smallest change of each feature that leads to the other verdict"},
    )
    nearest: NearestOutcomes | None = field(
        default=None, metadata={"description": "How the real specimens that scored nearest turned out"}
    )


PARTS = tuple(Answer.__annotations__)
"""The parts of an answer that a prediction does not have."""


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
        self._logits = clipped_logit(reference.probability)
        shift = np.array([feature.shift for feature in FEATURES])
        # The tiny number avoids a division by zero for a column that is constant.
        self._spread = np.log(reference.values + shift).std(axis=0) + sys.float_info.min
        with np.errstate(divide="ignore"):  # cut points of 0 and 1 become infinite, and are never crossed
            cuts = np.array([classifier.malignant_from, classifier.benign_to])
            benign, malignant = (np.log(cuts) - np.log1p(-cuts)).tolist()
        self._levels: dict[Diagnosis, float] = {"benign": benign, "malignant": malignant}

    def answer(self, specimen: Specimen, parts: Container[str] = ()) -> dict[str, Any]:
        """The prediction for a specimen with those of ``PARTS`` that are asked for, ready for JSON."""
        answer = self.classifier.predict(specimen).to_dict()
        if "similar" in parts:
            answer["similar"] = list(map(asdict, self.similar(specimen)))
        if "flips" in parts:
            answer["flips"] = list(map(asdict, self.flips(specimen)))
        if "nearest" in parts:
            answer["nearest"] = asdict(self.nearest(answer["probability"]))
        return answer

    def similar(self, specimen: Specimen, n: int = 5) -> tuple[Similar, ...]:
        """The ``n`` nearest real specimens in the space of the contributions, nearest first."""
        difference = self._contributions - self.classifier.contributions(np.array(specimen.values))
        distance = np.sqrt(np.vecdot(difference, difference))
        return tuple(
            Similar(
                *self._outcome(row),
                distance=float(distance[row]),
                differs=tuple(NAMES[i] for i in np.argsort(-np.abs(difference[row]), kind="stable")[:3]),
                values=tuple(self._reference.values[row].tolist()),
            )
            for row in np.argsort(distance, kind="stable")[:n].tolist()
        )

    def nearest(self, probability: float, n: int = NEAREST) -> NearestOutcomes:
        """The ``n`` real specimens whose out-of-fold probability is nearest to ``probability``.

        Distances are measured in log-odds; of two that are equally near, the earlier row is taken.
        """
        difference = np.abs(self._logits - clipped_logit(np.float64(probability)))
        nearest: list[int] = np.argsort(difference, kind="stable")[:n].tolist()
        rows = sorted(nearest, key=lambda row: (self._reference.probability[row], row))
        malignant = int(self._reference.malignant[rows].sum())
        return NearestOutcomes(malignant, tuple(NearestSpecimen(*self._outcome(row)) for row in rows))

    def _outcome(self, row: int) -> tuple[int, Diagnosis, float]:
        diagnosis: Diagnosis = "malignant" if self._reference.malignant[row] else "benign"
        return row, diagnosis, float(self._reference.probability[row])

    def flips(self, specimen: Specimen) -> tuple[Flip, ...]:
        """The smallest change of each feature that alone can lead to the other verdict.

        From "inconclusive" either verdict counts. New values are within the range of the data, on a step
        of the slider. Changes that raise no new warning come first, and then those of least effort.
        """
        before = self.classifier.predict(specimen)
        changes = (list(self._changes(specimen, before, index)) for index in range(len(NAMES)))
        return tuple(sorted((min(flips, key=_by_ease) for flips in changes if flips), key=_by_ease))

    def _changes(self, specimen: Specimen, before: Prediction, index: int) -> Iterator[Flip]:
        """The changes of one feature that lead to another verdict, one for each crossing of its curve."""
        feature, value = FEATURES[index], specimen.values[index]
        known = {(warning.code, warning.features) for warning in before.warnings}
        for verdict, level in self._levels.items():
            if verdict == before.verdict:
                continue
            target = before.contributions[index].contribution + level - before.logit
            for crossing in self._crossings(index, target):
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
        """How the probability depends on one feature while the others stay: its values and the probabilities.

        The values, (m,), are ``values``, the specimen's own, and the knots of the curve between them.
        """
        index = NAMES.index(name)
        curve = self.classifier.document["curves"][index]
        grid = np.append(list(values), specimen.values[index])
        knots = np.exp(curve["knots"]) - curve["offset"]
        grid = np.unique(np.append(grid, knots[(grid.min() < knots) & (knots < grid.max())]))
        rows = np.tile(specimen.values, (len(grid), 1))
        rows[:, index] = grid
        return grid, self.classifier.probabilities(rows)

    def _crossings(self, index: int, target: float) -> list[float]:
        """The values of a feature where its curve crosses ``target``."""
        curve = self.classifier.document["curves"][index]
        knots, heights = np.array(curve["knots"]), np.array(curve["values"]) - target
        cells = np.flatnonzero((heights[:-1] > 0) != (heights[1:] > 0))
        share = heights[cells] / (heights[cells] - heights[cells + 1])
        u = knots[cells] + share * (knots[cells + 1] - knots[cells])
        crossings: list[float] = (np.exp(u) - curve["offset"]).tolist()
        return crossings


def _by_ease(flip: Flip) -> tuple[bool, float]:
    return flip.new_warnings > 0, flip.effort


def _steps_beyond(feature: Feature, crossing: float, value: float) -> list[float]:
    """The slider's first step past the crossing, coming from ``value``; two steps if rounding hides which."""
    steps, up = crossing * 10**feature.decimals, crossing > value
    whole = math.ceil if up else math.floor
    wholes = sorted({whole(steps - 1e-6), whole(steps + 1e-6)}, reverse=not up)
    return [round(whole / 10**feature.decimals, feature.decimals) for whole in wholes]


def clipped_logit(probability: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Log-odds of probabilities, clipped by ``_MIN_PROBABILITY``."""
    clipped = np.clip(probability, _MIN_PROBABILITY, 1 - _MIN_PROBABILITY)
    logit: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return logit
