"""The classifier: thirty curves, read from the artifact, for one specimen or for a million."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.features import NAMES
from model.prediction import Contribution, Diagnosis, Interval, ModelInfo, Prediction, Predictions, Verdict
from model.specimen import Specimen
from model.warnings import KINDS, Novelty, WarningRules

ARTIFACT = Path(__file__).parent / "artifact"
FORMAT = 1
_BLOCK_SIZE = 512  # specimens at a time, so that intermediate results stay in the processor's cache
_VERDICTS = np.array(["benign", "inconclusive", "malignant"])  # in the order of the probability


class ArtifactError(RuntimeError):
    """The artifact is missing, altered, or made for other features."""


def read_artifact(name: str, directory: Path = ARTIFACT) -> bytes:
    """The content of a file of the artifact, after checking it against ``SHA256SUMS``.

    Raises:
        ArtifactError: if it is missing or altered.
    """
    try:
        content = (directory / name).read_bytes()
        sums = (directory / "SHA256SUMS").read_text(encoding="utf-8").split()
    except OSError as error:
        raise ArtifactError(f"no artifact in {directory}: {error}; `make train` writes one") from error
    sha256 = hashlib.sha256(content).hexdigest()
    recorded = dict(zip(sums[1::2], sums[::2], strict=True)).get(name)
    if sha256 != recorded:
        raise ArtifactError(f"{directory / name} has sha256 {sha256}, expected {recorded} (SHA256SUMS)")
    return content


def read_artifacts(directory: Path = ARTIFACT) -> dict[str, bytes]:
    """The content of each file that ``SHA256SUMS`` lists, after a check of all.

    Raises:
        ArtifactError: if one is missing or altered.
    """
    try:
        sums = (directory / "SHA256SUMS").read_text(encoding="utf-8").split()
    except OSError as error:
        raise ArtifactError(f"no artifact in {directory}: {error}; `make train` writes one") from error
    return {name: read_artifact(name, directory) for name in sums[1::2]}


def sigmoid(logit: float) -> float:
    """The probability for log-odds, without overflow."""
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1.0 + odds)


def sigmoids(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities for many log-odds."""
    odds = np.exp(-np.abs(logits))
    probabilities: NDArray[np.float64] = np.where(logits >= 0, 1.0, odds) / (1.0 + odds)
    return probabilities


class Classifier:
    """Thirty curves on the log-odds scale.

    With u = log(x + offset), clipped to the range of the knots, a feature contributes the value of its
    piecewise-linear curve at u. The curves are zero at the reference specimen, which has the median values.

    Args:
        document: the parsed ``classifier.json``.
        sha256: the SHA-256 of that file, which every answer repeats.

    Raises:
        ArtifactError: if the document has another format or other features.
    """

    def __init__(self, document: dict[str, Any], sha256: str = "") -> None:
        if document.get("format") != FORMAT:
            raise ArtifactError(f"the artifact has format {document.get('format')}, expected {FORMAT}")
        names = tuple(curve["feature"] for curve in document["curves"])
        if names != NAMES:
            raise ArtifactError(f"the artifact has the features {names}, expected {NAMES}")
        self.document = document
        self.info = ModelInfo(document["version"], sha256)
        self.threshold: float = document["threshold"]
        self.level: float = document["verdict"]["level"]
        self._interval_level: float = document["interval"]["level"]
        self._reach: float = document["interval"]["reach"]
        # benign below ``malignant_from``, malignant from ``benign_to`` on, inconclusive between the two
        self.malignant_from: float = document["verdict"]["malignant_from"]
        self.benign_to: float = document["verdict"]["benign_to"]
        self.median = np.array(document["reference"]["values"])
        self.reference_logit: float = document["reference"]["logit"]
        knots = np.array([curve["knots"] for curve in document["curves"]])  # (30, k + 1)
        self._offset = np.array([curve["offset"] for curve in document["curves"]])
        self._low, self._high = _lowest(knots[:, 0], self._offset), knots[:, -1]
        # One sorted row holds the knots of all curves: each curve is shifted beyond the one before.
        self._shift = np.arange(len(knots)) * (np.ptp(knots) + 1.0)
        self._ends = (knots + self._shift[:, None]).ravel()[1:]
        self._start, self._slope = _lines(knots, np.array([curve["values"] for curve in document["curves"]]))
        self.warning_rules = _read_warning_rules(document, self._offset)

    @classmethod
    def load(cls, directory: Path = ARTIFACT) -> Self:
        """Read ``classifier.json``.

        Raises:
            ArtifactError: if it is missing, altered or of another kind.
        """
        content = read_artifact("classifier.json", directory)
        try:
            return cls(json.loads(content), hashlib.sha256(content).hexdigest())
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ArtifactError(f"classifier.json is not as `make train` writes it: {error!r}") from error

    def predict(self, specimen: Specimen) -> Prediction:
        """The probability, interval, verdict, contributions and warnings of one specimen."""
        values = np.array(specimen.values)
        shares = self.contributions(values).tolist()
        logit = self.reference_logit + math.fsum(shares)
        probability = sigmoid(logit)
        low, high = sigmoid(logit - self._reach), sigmoid(logit + self._reach)
        return Prediction(
            probability=probability,
            interval=Interval(low, high, self._interval_level),
            diagnosis=self.diagnosis(probability),
            verdict=self.verdict(probability),
            level=self.level,
            threshold=self.threshold,
            logit=logit,
            reference_logit=self.reference_logit,
            contributions=tuple(map(Contribution, NAMES, specimen.values, shares)),
            warnings=self.warning_rules.of(values),
            model=self.info,
        )

    def predict_many(self, values: NDArray[np.float64]) -> Predictions:
        """The same for many valid specimens, (n, 30), but without contributions."""
        logit = np.empty(len(values))
        warning_flags = np.empty((len(values), len(KINDS)), np.bool_)
        for start in range(0, len(values), _BLOCK_SIZE):
            block = slice(start, start + _BLOCK_SIZE)
            logit[block] = self.logits(values[block])
            warning_flags[block] = self.warning_rules.warning_flags(values[block])
        probability = sigmoids(logit)
        position = np.searchsorted([self.malignant_from, self.benign_to], probability, side="right")
        return Predictions(
            logit=logit,
            probability=probability,
            low=sigmoids(logit - self._reach),
            high=sigmoids(logit + self._reach),
            diagnosis=np.where(probability >= self.threshold, "malignant", "benign"),
            verdict=_VERDICTS[position],
            warning_flags=warning_flags,
        )

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Each feature's share of the logit, relative to the reference specimen: (n, 30) to (n, 30)."""
        u = np.minimum(np.log(np.maximum(values, self._low) + self._offset), self._high)
        cell = self._ends.searchsorted(u + self._shift, side="right")  # the pair of knots around u
        contributions: NDArray[np.float64] = self._start.take(cell) + u * self._slope.take(cell)
        return contributions

    def logits(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of malignancy: (n, 30) to (n,)."""
        logits: NDArray[np.float64] = self.contributions(values).sum(axis=-1) + self.reference_logit
        return logits

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated P(malignant): (n, 30) to (n,)."""
        return sigmoids(self.logits(values))

    def diagnosis(self, probability: float) -> Diagnosis:
        return "malignant" if probability >= self.threshold else "benign"

    def verdict(self, probability: float) -> Verdict:
        """The one class that specimens of this probability belong to at ``level``, or "inconclusive"."""
        if probability >= self.benign_to:
            return "malignant"
        return "inconclusive" if probability >= self.malignant_from else "benign"


def _lines(
    knots: NDArray[np.float64], heights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Value at 0 and slope, (cells,) each, of the line from each knot to the next; flat after the last."""
    width = np.maximum(np.diff(knots, axis=1, append=np.inf), 1e-9)  # equal knots would give 0
    slope = np.diff(heights, axis=1, append=heights[:, -1:]) / width
    return (heights - slope * knots).ravel(), slope.ravel()


def _lowest(knots: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest values whose log(value + offset), as rounded, is not below the first knots."""
    low = np.exp(knots) - offset
    while (short := np.log(low + offset) < knots).any():
        # The next value alone may round to the same sum.
        low[short] = np.maximum(np.nextafter(low, np.inf), np.nextafter(low + offset, np.inf) - offset)[short]
    return low


def _read_warning_rules(document: dict[str, Any], offset: NDArray[np.float64]) -> WarningRules:
    novelty = document["novelty"]
    whitening = np.zeros((len(NAMES), len(NAMES)))
    whitening[np.tril_indices(len(NAMES))] = novelty["whitening"]
    mean, spread = np.array(novelty["mean"]), np.array(novelty["spread"])
    return WarningRules(document["relations"], Novelty(offset, mean, spread, whitening, novelty["limit"]))
