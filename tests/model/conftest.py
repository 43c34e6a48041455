"""Fixtures for the tests of tables: the specimens as text, and a table that is scored and read back."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from model.classifier import Classifier
from model.features import NAMES
from model.table import Options, Summary, score
from training.data import Specimens

UCI = ("id", "diagnosis", *NAMES)

Cells = list[list[str]]


@dataclass(frozen=True)
class Answer:
    """A scored table, read back: ``rows`` by column name, ``text`` as it came."""

    text: str
    rows: list[dict[str, str]]
    summary: Summary

    @property
    def probabilities(self) -> list[str]:
        return [row["probability"] for row in self.rows]


Score = Callable[..., Answer]


def as_table(
    cells: Iterable[Sequence[str]],
    header: Sequence[str] | None = UCI,
    delimiter: str = ",",
    end: str = "\n",
) -> str:
    lines = [*([header] if header else []), *cells]
    return "".join(delimiter.join(line) + end for line in lines)


def scored_bytes(
    content: bytes, classifier: Classifier, limit: int | None = None, **options: Any
) -> tuple[bytes, Summary]:
    """The scored table and its summary."""
    sink = io.BytesIO()
    summary = score(io.BytesIO(content), sink, classifier, Options(**options), limit=limit)
    return sink.getvalue(), summary


@pytest.fixture(scope="session")
def cells(rows: Specimens) -> Cells:
    """Every ninth real specimen as in UCI's file: id, M or B, thirty numbers."""
    truth = ["M" if malignant else "B" for malignant in rows.malignant]
    return [[str(842302 + i), truth[i], *map(repr, rows.values[i].tolist())] for i in range(0, 569, 9)]


@pytest.fixture(scope="session")
def good(cells: Cells) -> list[str]:
    """One row."""
    return cells[0]


@pytest.fixture(scope="session")
def answer(classifier: Classifier) -> Score:
    def scored(
        table: str | bytes,
        encoding: str = "utf-8",
        delimiter: str = ",",
        limit: int | None = None,
        **options: Any,
    ) -> Answer:
        content = table.encode(encoding) if isinstance(table, str) else table
        made, summary = scored_bytes(content, classifier, limit, **options)
        text = made.decode(encoding)
        found = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
        return Answer(text, list(found), summary)

    return scored


@pytest.fixture(scope="session")
def expected(answer: Score, cells: Cells) -> list[str]:
    """The probabilities of ``cells`` in a table of the simplest form."""
    return answer(as_table(cells)).probabilities
