"""What every tab draws from: the model, the data, and what is computed from them once, at the start."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model.classifier import Classifier
from model.evidence import Evidence
from model.explain import Explainer, Reference
from model.specimen import Specimen
from ui import text
from ui.link import BrokenLink, Links, Start
from ui.scales import class_densities

_STARTING_CASES = 6


class Explorer:
    """The page's sources. It opens with the first showcase case; where there are none, with the median.

    Args:
        classifier: answers.
        cases: the parsed ``cases.json``, the showcase, kept out of the fit.
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
        showcase = [
            Start(f"case={case['key']}", case["title"], _values(case), case["diagnosis"], case["why"])
            for case in self.cases
        ]
        older = [  # links from before the keys go on working
            replace(start, link=f"case={alias}")
            for start, case in zip(showcase, self.cases, strict=True)
            for alias in case["aliases"]
        ]
        diagnoses = ("malignant" if malignant else "benign" for malignant in reference.malignant)
        rows = [
            Start(f"row={row}", text.FROM_ROW.format(row=row), tuple(values), diagnosis)
            for row, (values, diagnosis) in enumerate(zip(reference.values.tolist(), diagnoses, strict=True))
        ]
        self.starting = showcase[:_STARTING_CASES] or [median]
        self.opening = Specimen(self.starting[0].values)
        self.links = Links([median, *showcase, *older, *rows], self.starting[0])

    def case(self, link: object) -> Specimen:
        """The case of the page's address; the one that the page opens with, if that means none."""
        try:
            return self.links.decode(str(link))
        except BrokenLink:
            return self.opening


def _values(case: Mapping[str, Any]) -> tuple[float, ...]:
    return Specimen.parse(case["features"]).values


def _evidence(classifier: Classifier) -> Evidence | None:
    """The evidence of the artifact, if it is about the model that serves."""
    try:
        evidence = Evidence.load()
    except ValueError:
        return None
    return evidence if evidence.model.sha256 == classifier.info.sha256 else None
