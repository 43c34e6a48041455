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
    """A showcase specimen: its row, what a visitor reads, and the rule that picked it."""

    key: str
    row: int
    title: str
    why: str

    def to_dict(self, data: Specimens) -> dict[str, Any]:
        digits = (round(float(v), f.decimals) for f, v in zip(FEATURES, data.values[self.row], strict=True))
        return {
            "key": self.key,
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

    A rule that no row fits picks none.
    """
    malignant = data.malignant == 1
    logit = logits(probability, floor=1e-12)
    size, zeros = data.values[:, NAMES.index(SIZE)], (data.values == 0).any(axis=1)
    what = BY_NAME[SIZE].spoken

    def typical(group: NDArray[np.bool_]) -> NDArray[np.float64]:
        apart: NDArray[np.float64] = np.abs(logit - np.median(logit[group]))
        return apart

    rules = (
        ("typical-benign", "Typical benign", "Its out-of-fold log-odds is the median of all benign.",
         ~malignant, typical(~malignant)),
        ("typical-malignant", "Typical malignant", "Its out-of-fold log-odds is the median of all malignant.",
         malignant, typical(malignant)),
        ("borderline-benign", "Borderline",
         "The benign specimen with an out-of-fold probability nearest to 0.5.",
         ~malignant, np.abs(logit)),
        ("borderline-malignant", "Borderline, too",
         "The malignant specimen with an out-of-fold probability nearest to 0.5.",
         malignant, np.abs(logit)),
        ("missed", "Hard one", "The malignant specimen with the lowest out-of-fold probability.",
         malignant, logit),
        ("false-alarm", "Hard, too", "The benign specimen with the highest out-of-fold probability.",
         ~malignant, -logit),
        ("outlier", "Outlier", "The specimen least like all others, by its novelty distance.",
         malignant | ~malignant, -distance),
        (*ZEROS, zeros, -distance),
        ("small-malignant", f"Small {SIZED}", f"The malignant specimen with the smallest {what}.",
         malignant, size),
        ("large-benign", f"Large {SIZED}", f"The benign specimen with the largest {what}.",
         ~malignant, -size),
    )  # fmt: skip
    cases: list[Case] = []
    for key, title, why, group, badness in rules:
        free = group.copy()
        free[[case.row for case in cases]] = False
        if rows := np.flatnonzero(free).tolist():
            cases.append(Case(key, min(rows, key=badness.__getitem__), title, why))
    return tuple(cases)
