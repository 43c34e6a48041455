"""What the model says about a specimen: the one record that REST, Gradio, MCP and files all answer with.

Each field carries its description. REST's schema and docs/api.md derive from it, as pydantic reads the
metadata of a dataclass. The records have the shape of the JSON that ``to_dict`` makes.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.warnings import InputWarning

Diagnosis = Literal["malignant", "benign"]
Verdict = Literal["malignant", "benign", "inconclusive"]
_CHANCE = {"ge": 0, "le": 1}  # limits of a probability


@dataclass(frozen=True, slots=True)
class Interval:
    """The range in which the probability may lie; it is rough, because the data are few."""

    low: float = field(metadata={"description": "Lower end of the interval", **_CHANCE})
    high: float = field(metadata={"description": "Upper end of the interval", **_CHANCE})
    level: float = field(
        metadata={"description": "Share of intervals that should contain the truth", **_CHANCE}
    )


@dataclass(slots=True)  # not frozen: each answer makes thirty, and freezing takes three times as long
class Contribution:
    """How far one feature moves the log-odds from those of the median specimen."""

    feature: str = field(metadata={"description": "Name of the feature"})
    value: float = field(metadata={"description": "Its value in this specimen"})
    contribution: float = field(metadata={"description": "What it adds to the log-odds"})


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answered."""

    version: str = field(metadata={"description": "Version of the model"})
    sha256: str = field(metadata={"description": "SHA-256 of its file, `classifier.json`"})


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says about one specimen.

    The contributions and ``reference_logit`` add up to ``logit`` exactly. The verdict is the only class whose
    specimens score like this, at ``level``; it never contradicts the probability.
    """

    probability: float = field(metadata={"description": "Calibrated probability of malignancy", **_CHANCE})
    interval: Interval = field(metadata={"description": "A rough interval of the probability"})
    diagnosis: Diagnosis = field(
        metadata={"description": "Malignant where the probability is at or above the threshold, else benign"}
    )
    verdict: Verdict = field(
        metadata={"description": "The one class whose specimens score like this, else inconclusive"}
    )
    level: float = field(
        metadata={
            "description": "Share of each class for which the verdict is right or inconclusive",
            **_CHANCE,
        }
    )
    threshold: float = field(
        metadata={"description": "The diagnosis is malignant at or above this probability", **_CHANCE}
    )
    logit: float = field(metadata={"description": "Log-odds: reference_logit plus all contributions"})
    reference_logit: float = field(metadata={"description": "Log-odds of the median specimen"})
    contributions: tuple[Contribution, ...] = field(
        metadata={"description": "What each feature adds to the log-odds, in the order of /v1/features"}
    )
    warnings: tuple[InputWarning, ...] = field(metadata={"description": "What is unusual about the specimen"})
    model: ModelInfo = field(metadata={"description": "The model that answered"})

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values."""
        return {name: _json_ready(getattr(self, name)) for name in self.__slots__}


def _json_ready(value: Any) -> Any:
    """A record as a dict, with those inside it. ``dataclasses.asdict`` takes five times as long."""
    if isinstance(value, tuple):
        return [_json_ready(item) for item in value]
    names = getattr(value, "__slots__", None)
    return {name: _json_ready(getattr(value, name)) for name in names} if names else value


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the model says about n specimens, (n,) each; the same numbers and words as in ``Prediction``.

    ``warning_flags`` (n, m) says which of ``warnings.KINDS`` each specimen has.
    """

    logit: NDArray[np.float64]
    probability: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    diagnosis: NDArray[np.str_]
    verdict: NDArray[np.str_]
    warning_flags: NDArray[np.bool_]
