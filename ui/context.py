"""What every tab draws from: the model, the data, and each case as a short query string.

Such a link starts from a known case, which is a showcase case, the median (``case=median``) or a specimen of
the data (``row=41``), and lists what differs: ``row=41&area_worst=700``; without a start it means the median.
If there are many differences, it lists all thirty values: ``x=17.99_10.38_…``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from model.classifier import Classifier
from model.evidence import Evidence
from model.explain import Explainer, Reference
from model.features import NAMES
from model.messages import any_of
from model.names import resolve, suggest
from model.specimen import InvalidSpecimen, Specimen
from ui import text
from ui.scales import class_densities

MAX_CHANGES = 8
"""The most changes of a case that a link names; with more of them it has all thirty numbers."""

_STARTING_CASES = 6
_MAX_KEYS = 100  # in a link; if it has more, misspelt names are not searched for


class BrokenLink(ValueError):
    """A query that does not say which case it means; its arguments are sentences for a visitor."""


@dataclass(frozen=True, slots=True)
class Start:
    """A known case with what is known about it; the median has no diagnosis, as it is no real specimen."""

    link: str
    title: str
    values: tuple[float, ...]
    diagnosis: str = ""
    why: str = ""


class PageContext:
    """The model and the data of the page, which opens with the first showcase case, or with the median.

    Args:
        classifier: makes the predictions.
        cases: the parsed ``cases.json``, the showcase cases, which were kept out of the fit.
        reference: the real specimens with their diagnoses.
    """

    def __init__(self, classifier: Classifier, cases: Mapping[str, Any], reference: Reference) -> None:
        self.classifier = classifier
        self.cases: list[dict[str, Any]] = cases["cases"]
        self.reference = reference
        self.evidence = _evidence(classifier)
        self.explainer = Explainer(classifier, reference)
        self.median = Specimen.parse(classifier.median.tolist())
        self.spread = class_densities(reference.values, reference.malignant)

        median = Start("case=median", text.FROM_MEDIAN, self.median.values)
        showcase = []
        older = []  # so that old links still work
        for case in self.cases:
            values = Specimen.parse(case["features"]).values
            showcase.append(
                Start(f"case={case['key']}", case["title"], values, case["diagnosis"], case["why"])
            )
            older += [replace(showcase[-1], link=f"case={alias}") for alias in case["aliases"]]
        diagnoses = np.where(reference.malignant, "malignant", "benign").tolist()
        rows = [
            Start(f"row={row}", text.FROM_ROW.format(row=row), tuple(values), diagnosis)
            for row, (values, diagnosis) in enumerate(zip(reference.values.tolist(), diagnoses, strict=True))
        ]
        self.starting = showcase[:_STARTING_CASES] or [median]
        self.opening = Specimen(self.starting[0].values)
        self._starts = {start.link: start for start in (median, *showcase, *older, *rows)}
        self._table = np.array([start.values for start in self._starts.values()])

    def origin(self, specimen: Specimen) -> tuple[Start, tuple[str, ...]]:
        """The first start with the fewest differences, and the features that differ from it."""
        differs = self._table != np.array(specimen.values)
        nearest = int(differs.sum(axis=1).argmin())
        changed = tuple(name for name, off in zip(NAMES, differs[nearest], strict=True) if off)
        return list(self._starts.values())[nearest], changed

    def encode(self, specimen: Specimen) -> str:
        """The query of a case, without the question mark."""
        start, changed = self.origin(specimen)
        if len(changed) > MAX_CHANGES:
            return "x=" + "_".join(map(digits, specimen.values))
        values = specimen.to_dict()
        return "&".join([start.link, *(f"{name}={digits(values[name])}" for name in changed)])

    def decode(self, query: str) -> Specimen:
        """The case that a query means; parameters that other sites add to links are ignored.

        Raises:
            BrokenLink: with everything that is wrong.
        """
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        keys = {key for key, _ in pairs}
        known = keys & {"case", "row", "x"} or any(map(resolve, keys))
        start = self.median if known else self.opening
        values: dict[str, object] = dict(start.to_dict())
        problems = []
        for key, value in pairs:
            if key in ("case", "row"):
                if known_start := self._starts.get(f"{key}={value}"):
                    values |= zip(NAMES, known_start.values, strict=True)
                else:
                    problems.append(text.NO_START.format(key=key, value=value[:40]))
            elif key == "x":
                numbers = value.split("_")
                if len(numbers) != len(NAMES):
                    problems.append(text.WRONG_COUNT.format(found=len(numbers), count=len(NAMES)))
                values |= zip(NAMES, numbers, strict=False)
        for key, value in pairs:
            if name := resolve(key):
                values[name] = value
            elif len(keys) <= _MAX_KEYS and (near := suggest(key)):
                problems.append(text.MISSPELT.format(key=key[:40], names=any_of(near)))
        try:
            specimen = Specimen.parse(values)
        except InvalidSpecimen as invalid:
            problems += [f"{fault.message}." for fault in invalid.faults]
        if problems:
            raise BrokenLink(*problems)
        return specimen

    def case(self, link: object) -> Specimen:
        """The case of an address of the page, or the opening case if the address does not name one."""
        try:
            return self.decode(str(link))
        except BrokenLink:
            return self.opening


def digits(value: float) -> str:
    """A number in the shortest form that loses nothing: ``0.1184``, ``1001``."""
    return repr(value).removesuffix(".0").replace("e+", "e")  # a plus in a query means a blank


def _evidence(classifier: Classifier) -> Evidence | None:
    """The evidence of the artifact, if it is about the served model."""
    try:
        evidence = Evidence.load()
    except ValueError:
        return None
    return evidence if evidence.model.sha256 == classifier.info.sha256 else None
