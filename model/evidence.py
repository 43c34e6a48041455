"""How good the model is: ``evaluation.json`` as dataclasses, which training writes and page and docs read.

Rates are from 0 to 1. ``low`` and ``high`` are the ends of a 95 % interval over specimens; ``sd`` is the
standard deviation over repeats of the cross-validation. A likelihood ratio is (value, low, high); half a
specimen is added to each count, so that no ratio is infinite.
"""

import json
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

from model.classifier import read_artifact

FORMAT = 3


@dataclass(frozen=True)
class Spread:
    """A measure over the repeats of cross-validation."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Measure(Spread):
    """The same, with the interval in which it may be for another sample of patients."""

    low: float
    high: float


@dataclass(frozen=True)
class LossDifference(Measure):
    """A log loss minus that of the served model, paired by specimen; ``worse_in`` counts repeats."""

    worse_in: int


@dataclass(frozen=True)
class Share:
    """``hits`` of ``of`` specimens; a mean over repeats may be a fraction."""

    hits: float
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.hits / self.of


@dataclass(frozen=True)
class Curve:
    """A line and its band, at the same points."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Bin:
    """Specimens with a prediction from ``start`` to ``stop``, and the share of them that was malignant."""

    start: float
    stop: float
    predicted: float
    observed: float
    low: float
    high: float
    specimens: int


@dataclass(frozen=True)
class ModelRecord:
    """The model that was evaluated; ``recipe`` has pieces, scale and C."""

    version: str
    sha256: str
    recipe: dict[str, float]


@dataclass(frozen=True)
class DataRecord:
    """The specimens that it was evaluated on."""

    sha256: str
    specimens: int
    malignant: int


@dataclass(frozen=True)
class ProtocolRecord:
    """How the cross-validation was run; evaluations with the same protocol can be compared by repeat."""

    repeats: int
    folds: int
    first_seed: int


@dataclass(frozen=True)
class ComparedModel:
    """A model in the same folds; ``difference`` is None for the served one."""

    label: str
    served: bool
    metrics: dict[str, Spread]
    difference: LossDifference | None


@dataclass(frozen=True)
class AtThreshold:
    """The effect of one threshold: mean counts over the repeats, and likelihood ratios of both diagnoses."""

    threshold: float
    sensitivity: Share
    specificity: Share
    positive_ratio: tuple[float, ...]
    negative_ratio: tuple[float, ...]


@dataclass(frozen=True)
class Threshold:
    """The chosen threshold; it is empirical, and resampled specimens choose one from ``low`` to ``high``.

    For each threshold of ``grid``: mean counts, and the net benefit of deciding by it or of treating all.
    """

    chosen: float
    cost_ratio: float
    low: float
    high: float
    at: tuple[AtThreshold, ...]
    grid: tuple[float, ...]
    missed: tuple[float, ...]
    false_alarms: tuple[float, ...]
    net_benefit: tuple[float, ...]
    treat_all: tuple[float, ...]


@dataclass(frozen=True)
class VerdictCount:
    """How many specimens of each class got a verdict, as a mean over repeats, and its likelihood ratio."""

    verdict: str
    malignant: float
    benign: float
    ratio: tuple[float, ...]


@dataclass(frozen=True)
class Coverage:
    """How many of each class the prediction sets at ``level`` cover; other specimens set the cut points.

    ``empty`` is the share of sets with neither class, before the cut points were moved to one half.
    """

    level: float
    malignant: Share
    benign: Share
    inconclusive: float
    empty: float
    verdicts: tuple[VerdictCount, ...]


@dataclass(frozen=True)
class IntervalCheck:
    """The interval is the log-odds plus and minus ``reach``; ``coverage`` is how often it covers the truth.

    The truth is known because diagnoses are drawn from a model's probabilities, by the name of the model;
    only specimens with a fitted probability of 5 to 95 % count.
    """

    level: float
    reach: float
    coverage: dict[str, float]


@dataclass(frozen=True)
class TimeSplit:
    """A model fitted up to a year and evaluated on all later specimens, at the served threshold.

    The figures with ``followed`` are after the intercept was adapted to the later share of malignant ones.
    """

    until: int
    fitted_on: int
    judged: int
    malignant: int
    auc: float
    log_loss: float
    slope: float
    intercept: float
    sensitivity: Share
    specificity: Share
    log_loss_followed: float
    sensitivity_followed: Share
    specificity_followed: Share


@dataclass(frozen=True)
class LaterPatients:
    """Later cancers of the same hospital: how many were found at the threshold, and at one half."""

    found: Share
    found_at_half: Share
    verdicts: dict[str, int]
    log_loss: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Repeatability:
    """Patients of the data who were measured again: the relative variation by measurement.

    If all thirty values vary by that much, ``turned`` specimens get the other diagnosis, and ``opposed`` the
    opposite verdict; both are means over draws.
    """

    found: Share
    variation: dict[str, float]
    turned: Share
    opposed: Share


@dataclass(frozen=True)
class TextureDrift:
    """The texture that the instrument measures rose by ``factors`` in 1992.

    Such a rise in all benign specimens raises false alarms from ``alarms_before`` to ``alarms_after``; the
    later cancers are ``found_without`` it.
    """

    factors: dict[str, float]
    alarms_before: Share
    alarms_after: Share
    found_without: Share


@dataclass(frozen=True)
class HardSpecimen:
    """A specimen that models get wrong; ``wrong_in`` is the share of all models and repeats that do.

    ``unusual`` has its most unusual features, with the share of its own class that has smaller values or, as
    a negative number, larger ones.
    """

    row: int
    diagnosis: str
    probability: float
    wrong_in: float
    share_of_loss: float
    unusual: dict[str, float]


@dataclass(frozen=True)
class Subgroup:
    """Specimens with a ``feature`` above ``above`` and up to ``to``; a share of no specimens is None."""

    feature: str
    above: float | None
    to: float | None
    specimens: int
    malignant: int
    log_loss: float
    low: float
    high: float
    sensitivity: Share | None
    specificity: Share | None


@dataclass(frozen=True)
class Evidence:
    """The whole document; ``chosen_on`` has the measures on the folds that were used to choose the model."""

    format: int
    model: ModelRecord
    data: DataRecord
    protocol: ProtocolRecord
    metrics: dict[str, Measure]
    by_repeat: dict[str, tuple[float, ...]]
    row_log_loss: tuple[float, ...]  # mean out of fold, in the order of the data
    chosen_on: dict[str, Spread]
    comparison: tuple[ComparedModel, ...]
    ablations: tuple[ComparedModel, ...]  # variations of the served form
    roc: Curve  # sensitivity over the share of false alarms
    reliability: tuple[Bin, ...]
    calibration: Curve  # observed over predicted share, smoothed
    threshold: Threshold
    conformal: tuple[Coverage, ...]
    interval: IntervalCheck
    neighbours: tuple[Bin, ...]  # by the share of malignant ones among the 20 nearest
    through_time: tuple[TimeSplit, ...]
    later_patients: LaterPatients | None
    repeatability: Repeatability | None
    texture_drift: TextureDrift | None
    warnings_in_sample: dict[str, float]  # share of specimens warned of, by code and "any"
    warnings_out_of_fold: dict[str, float]
    hard: tuple[HardSpecimen, ...]
    never_wrong: int  # specimens that no model gets wrong
    subgroups: tuple[Subgroup, ...]
    learning_curve: Curve  # log loss over specimens trained on; the band is of repeats
    optimism: dict[str, float]  # gain of the best of so many settings: apparent, and honest

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the document at ``path``, else that of the artifact.

        Raises:
            ValueError: if it has another format, or a field that is not known.
        """
        document = json.loads(path.read_bytes() if path else read_artifact("evaluation.json"))
        if document.get("format") != FORMAT:
            raise ValueError(f"the evidence has format {document.get('format')}, expected {FORMAT}")
        evidence: Self = _read(cls, document, "evaluation.json")
        return evidence


def _read(kind: Any, value: Any, where: str) -> Any:
    """``value`` from JSON as the type ``kind``; ``where`` names it in errors."""
    inner = get_args(kind)
    if get_origin(kind) in (types.UnionType, Union):
        return None if value is None else _read(inner[0], value, where)
    if get_origin(kind) is tuple:
        return tuple(_read(inner[0], item, f"{where}[{index}]") for index, item in enumerate(value))
    if get_origin(kind) is dict:
        return {key: _read(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    if not isinstance(value, dict):
        return value
    known = get_type_hints(kind)
    if value.keys() != known.keys():
        raise ValueError(f"{where} has the fields {sorted(value)}, expected {sorted(known)}")
    return kind(**{name: _read(known[name], item, f"{where}.{name}") for name, item in value.items()})
