"""What every tab draws from: the model, the data, and what is computed from them once, at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.classifier import Classifier
from model.explain import Explainer, Reference
from model.specimen import Specimen
from ui.link import BrokenLink, Links, Origin
from ui.scales import class_densities


@dataclass(frozen=True, slots=True)
class Truth:
    """What the data say of a specimen: kept folded away until a visitor asks."""

    diagnosis: str
    title: str
    why: str


class Explorer:
    """The page's sources. It opens with the first showcase case.

    Args:
        classifier: answers.
        cases: the parsed ``cases.json``, the showcase, kept out of the fit.
        reference: the real specimens with their diagnoses.
    """

    def __init__(self, classifier: Classifier, cases: Mapping[str, Any], reference: Reference) -> None:
        self.classifier = classifier
        self.cases: list[dict[str, Any]] = cases["cases"]
        self.reference = reference
        self.explainer = Explainer(classifier, reference)
        self.median = Specimen.parse(classifier.reference.tolist())
        self.spread = class_densities(reference.values, reference.malignant)
        showcase = {
            key: Specimen.parse(case["features"])
            for case in self.cases
            for key in (case["key"], *case["aliases"])  # links that are older than the keys go on working
        }
        known = {"median": self.median} | showcase
        first = next(iter(showcase or known))
        self.opening: Specimen = known[first]
        self.links = Links(
            first,
            {key: specimen.values for key, specimen in known.items()},
            dict(enumerate(map(tuple, reference.values.tolist()))),
        )

    def case(self, link: object) -> Specimen:
        """The case of the page's address; the one that the page opens with, if that means none."""
        try:
            return self.links.decode(str(link))
        except BrokenLink:
            return self.opening

    def truth(self, origin: Origin) -> Truth | None:
        """What the data say of the specimen that a case comes from; None for the median."""
        for case in self.cases:
            if origin.key in (case["key"], *case["aliases"]):
                return Truth(case["diagnosis"], case["title"], case["why"])
        if origin.row is None:
            return None
        return Truth("malignant" if self.reference.malignant[origin.row] else "benign", "", "")
