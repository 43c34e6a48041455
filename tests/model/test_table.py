"""A table of any common dialect is scored row by row, and comes back as it was with results behind it."""

import csv
import io
from collections.abc import Callable, Iterable

import pytest

from model.classifier import Classifier
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from model.table import Summary, stream
from training.data import Specimens

Cells = list[list[str]]


@pytest.fixture(scope="module")
def cells(rows: Specimens) -> Cells:
    """All specimens as text: id, M or B, thirty numbers."""
    return [
        [str(842302 + i), "M" if malignant else "B", *map(repr, values)]
        for i, (values, malignant) in enumerate(zip(rows.values.tolist(), rows.malignant, strict=True))
    ]


@pytest.fixture
def answers(classifier: Classifier) -> Callable[[bytes], tuple[list[dict[str, str]], Summary]]:
    def answer(table: bytes) -> tuple[list[dict[str, str]], Summary]:
        scored = stream([table], classifier)
        text = b"".join(scored).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""))), scored.summary

    return answer


def table(header: Iterable[str], cells: Cells, delimiter: str = ",", end: str = "\n") -> bytes:
    return "".join(delimiter.join(row) + end for row in [list(header), *cells]).encode()


UCI = ("id", "diagnosis", *NAMES)
KAGGLE = tuple(n.replace("concave_points", "concave points") for n in UCI)
SKLEARN = ("id", "diagnosis", *(f.aliases[0].replace("_", " ") for f in FEATURES))


def test_results_are_those_of_one_specimen_at_a_time(
    classifier: Classifier,
    cells: Cells,
    rows: Specimens,
    answers: Callable[[bytes], tuple[list[dict[str, str]], Summary]],
) -> None:
    found, summary = answers(table(UCI, cells))
    assert summary.rows == summary.scored == len(found) == 569
    for row, values in zip(found, rows.values.tolist(), strict=True):
        one = classifier.predict(Specimen(tuple(values)))
        assert float(row["probability"]) == pytest.approx(one.probability, rel=1e-12)
        assert float(row["interval_low"]) == pytest.approx(one.interval[0], rel=1e-12)
        assert float(row["interval_high"]) == pytest.approx(one.interval[1], rel=1e-12)
        assert (row["predicted_diagnosis"], row["verdict"], row["error"]) == (one.diagnosis, one.verdict, "")
        labels = [":".join(filter(None, (c.code, "+".join(c.features)))) for c in one.warnings]
        assert row["warnings"].split() == labels
