"""From file to file: a scored file, or a folder of them, appears whole or not at all."""

import gzip
import io
from pathlib import Path

import pytest

from model.classifier import Classifier
from model.table import RESULTS, WrongTable, score
from tests.model.conftest import GOOD, UCI, as_table


def test_nothing_is_left_of_a_table_that_fails(classifier: Classifier, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    source = tmp_path / "in.csv.gz"
    source.write_bytes(gzip.compress(as_table([GOOD] * 99).encode())[:-9])
    with pytest.raises(WrongTable):
        score(source, out, classifier)
    assert out.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv.gz", "out.csv"}


def test_a_file_may_be_replaced_by_its_scored_self(classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(as_table([GOOD]).encode()))
    calls: list[tuple[int, int | None]] = []
    size = path.stat().st_size
    summary = score(path, path, classifier, progress=lambda done, all_: calls.append((done, all_)))
    assert summary.scored == 1
    assert gzip.decompress(path.read_bytes()).decode().split("\n")[0] == ",".join((*UCI, *RESULTS))
    assert calls == [(size, size)]


def test_open_files_may_be_given(classifier: Classifier) -> None:
    sink = io.BytesIO()
    assert score(io.BytesIO(as_table([GOOD]).encode()), sink, classifier).rows == 1
    assert sink.getvalue().count(b"\n") == 2
