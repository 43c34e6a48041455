"""Picks the showcase cases, the sample inputs that are kept out of the fit, by stated rules."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.features import BY_NAME, FEATURES, NAMES
from training.data import SIZE, SIZED, ZEROS, Specimens
from training.metrics import logits


@dataclass(frozen=True)
class Case:
    """A showcase specimen: its row, what a visitor reads, and the rule that picked it.

    ``key`` stands in links, so it does not tell the diagnosis; ``alias`` is the key of older links.
    """

    key: str
    alias: str
    row: int
    title: str
    why: str

    def to_dict(self, data: Specimens) -> dict[str, Any]:
        digits = (round(float(v), f.decimals) for f, v in zip(FEATURES, data.values[self.row], strict=True))
        return {
            "key": self.key,
            "aliases": [self.alias],
            "row": self.row,
            "title": self.title,
            "why": self.why,
            "diagnosis": "malignant" if data.malignant[self.row] else "benign",
            "features": dict(zip(NAMES, digits, strict=True)),
        }


def pick(
    data: Specimens, probability: NDArray[np.float64], distance: NDArray[np.float64]
) -> tuple[Case, ...]:
    """Ten cases by out-of-fold probability (n,) and novelty distance (n,), each row once.

    The page opens with the first; the first six are its starting cases. A rule that no row fits picks none.
    """
    malignant = data.malignant == 1
    logit = logits(probability, floor=1e-12)
    size, zeros = data.values[:, NAMES.index(SIZE)], (data.values == 0).any(axis=1)
    what = BY_NAME[SIZE].spoken

    def typical(group: NDArray[np.bool_]) -> NDArray[np.float64]:
        apart: NDArray[np.float64] = np.abs(logit - np.median(logit[group]))
        return apart

    rules = (
        ("typical-benign", "Clear benign",
         "It was benign. For the model it is the middle one of all benign specimens.",
         ~malignant, typical(~malignant)),
        ("typical-malignant", "Clear malignant",
         "It was malignant. For the model it is the middle one of all malignant specimens.",
         malignant, typical(malignant)),
        ("borderline-benign", "Close call",
         "It was benign. Of all benign specimens, the model was least sure of this one.",
         ~malignant, np.abs(logit)),
        ("missed", "Surprise 1",
         "It was malignant. Of all malignant specimens, this one looks most benign to the model; nearly "
         "every model misses it.",
         malignant, logit),
        ("false-alarm", "Surprise 2",
         "It was benign. Of all benign specimens, this one looks most malignant to the model: a false alarm.",
         ~malignant, -logit),
        ("outlier", "Unlike the data",
         "Of all specimens, this one is least like the others, so its answer deserves the least trust.",
         malignant | ~malignant, -distance),
        ("borderline-malignant", "Another close call",
         "It was malignant. Of all malignant specimens, the model was least sure of this one.",
         malignant, np.abs(logit)),
        (*ZEROS, zeros, -distance),
        ("small-malignant", f"Small {SIZED}",
         f"It was malignant. Of all malignant specimens, it has the smallest {what}.", malignant, size),
        ("large-benign", f"Large {SIZED}",
         f"It was benign. Of all benign specimens, it has the largest {what}.", ~malignant, -size),
    )  # fmt: skip
    cases: list[Case] = []
    for alias, title, why, group, badness in rules:
        free = group.copy()
        free[[case.row for case in cases]] = False
        if rows := np.flatnonzero(free).tolist():
            row = min(rows, key=badness.__getitem__)
            cases.append(Case(f"case-{len(cases) + 1}", alias, row, title, why))
    return tuple(cases)
