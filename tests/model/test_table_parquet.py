"""Parquet gets the results that the same table gets as CSV, batch by batch."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from model.classifier import Classifier
from model.features import NAMES
from model.table import RESULTS, Summary, WrongTable, parquet, score
from tests.model.conftest import UCI, Cells


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a table of 64 rows comes in several."""
    monkeypatch.setattr(parquet, "BATCH", 20)


@pytest.fixture
def frame(cells: Cells) -> pd.DataFrame:
    frame = pd.DataFrame(cells, columns=list(UCI))
    return frame.astype(dict.fromkeys(NAMES, float)).sample(frac=1, axis=1, random_state=3)


def both(frame: pd.DataFrame, classifier: Classifier, directory: Path) -> tuple[Summary, pd.DataFrame]:
    """The frame scored as Parquet; it must come to what it comes to as CSV."""
    frame.to_parquet(directory / "in.parquet")
    frame.to_csv(directory / "in.csv", index=False)
    summary = score(directory / "in.parquet", directory / "out.parquet", classifier)
    as_csv = score(directory / "in.csv", directory / "out.csv", classifier)
    found = pd.read_parquet(directory / "out.parquet")
    expected = pd.read_csv(directory / "out.csv", keep_default_na=False, dtype=str)
    for name in RESULTS:
        texts = ["" if pd.isna(value) else str(value) for value in found[name].tolist()]
        assert texts == expected[name].tolist()
    mine, theirs = summary.evaluation, as_csv.evaluation
    assert mine and theirs
    assert (summary.rows, summary.verdicts, mine.confusion) == (
        as_csv.rows,
        as_csv.verdicts,
        theirs.confusion,
    )
    sums = (mine.log_loss, mine.brier, mine.auc)  # of batches, so they are rounded otherwise
    assert sums == pytest.approx((theirs.log_loss, theirs.brier, theirs.auc))
    return summary, found


def test_parquet_gets_the_results_of_csv(classifier: Classifier, frame: pd.DataFrame, tmp_path: Path) -> None:
    summary, found = both(frame, classifier, tmp_path)
    assert summary.scored == len(frame)
    pd.testing.assert_frame_equal(found[frame.columns], frame)


def test_wrong_rows_of_parquet_say_why(classifier: Classifier, frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.loc[3, "area_se"] = -2.0
    frame.loc[5, "area_se"] = np.nan
    frame.loc[47, ["area_se", "radius_mean"]] = np.inf
    frame.to_parquet(tmp_path / "in.parquet")
    summary = score(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier)
    assert [(fault.line, fault.feature) for fault in summary.faults] == [
        (4, "area_se"), (6, "area_se"), (48, "radius_mean"), (48, "area_se")
    ]  # fmt: skip
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found["probability"].isna().to_numpy().nonzero()[0].tolist() == [3, 5, 47]
    assert found["error"][5].startswith("area_se is empty")


def test_a_wrong_parquet_file_is_refused(classifier: Classifier, frame: pd.DataFrame, tmp_path: Path) -> None:
    wrong = {
        "expected numbers": frame.astype({"area_se": str}),
        "no column for area_se": frame.drop(columns="area_se"),
        "more than once": frame.assign(**{"mean radius": 1.0}),
    }
    for words, table in wrong.items():
        table.to_parquet(tmp_path / "in.parquet")
        with pytest.raises(WrongTable, match=words):
            score(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier)
    (tmp_path / "in.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(WrongTable, match="no Parquet file"):
        score(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_columns_of_other_kinds_pass_through_parquet(
    classifier: Classifier, frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame["seen"] = pd.Timestamp("1995-11-01")
    frame["list"] = [[1, 2]] * len(frame)
    frame["area_mean"] = frame["area_mean"].round().astype("int32")
    frame.to_parquet(tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier)
    before, after = pq.read_table(tmp_path / "in.parquet"), pq.read_table(tmp_path / "out.parquet")
    assert after.select(before.column_names).equals(before)
