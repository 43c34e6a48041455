"""What every tab uses: the model, the data, and values that are computed from them once, at the start."""

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
        showcase = [
            Start(f"case={case['key']}", case["title"], _values(case), case["diagnosis"], case["why"])
            for case in self.cases
        ]
        older = [  # so that old links still work
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
        """The case of an address of the page, or the opening case if the address does not name one."""
        try:
            return self.links.decode(str(link))
        except BrokenLink:
            return self.opening


def _values(case: Mapping[str, Any]) -> tuple[float, ...]:
    return Specimen.parse(case["features"]).values


def _evidence(classifier: Classifier) -> Evidence | None:
    """The evidence of the artifact, if it is about the served model."""
    try:
        evidence = Evidence.load()
    except ValueError:
        return None
    return evidence if evidence.model.sha256 == classifier.info.sha256 else None
