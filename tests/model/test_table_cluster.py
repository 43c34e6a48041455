"""Dask and Parquet give the same result as one process and CSV."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from model.classifier import Classifier
from model.features import NAMES
from model.table import RESULTS, Summary, WrongTable, score
from model.table import scoring as scoring_module
from model.table.__main__ import main
from model.table.cluster import engine_on
from model.table.scoring import Engine
from tests.model.conftest import UCI, as_table


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def engine(cluster: LocalCluster) -> Iterator[Engine]:
    with Client(cluster) as client:
        yield engine_on(client)


@pytest.fixture
def folder(tmp_path: Path, cells: list[list[str]]) -> Path:
    """A folder of parts as a cluster leaves them: three of CSV in different dialects, one faulty row."""
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "part-0.csv").write_text(as_table(cells * 40))
    (parts / "part-1.csv").write_text(as_table([*cells, ["1", "M", "x", *cells[0][3:]]], UCI, ";"))
    (parts / "part-2.csv").write_text(as_table(cells, None))
    (parts / "_SUCCESS").write_text("")
    return parts


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_cluster_gives_the_same_bytes_and_the_same_summary(
    classifier: Classifier, engine: Engine, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring_module, "BLOCK", 50_000)  # so that there are many blocks
    alone = score(folder, tmp_path / "alone", classifier)
    spread = score(folder, tmp_path / "spread", classifier, engine=engine)
    assert contents(tmp_path / "spread") == contents(tmp_path / "alone")
    assert set(contents(tmp_path / "spread")) == {"part-0.csv", "part-1.csv", "part-2.csv"}
    assert spread == alone
    assert [(fault.part, fault.line) for fault in spread.faults] == [("part-1.csv", 66)]


def test_the_command_line_spreads_over_a_running_cluster(
    cluster: LocalCluster, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = cluster.scheduler_address
    out = tmp_path / "out"
    assert main([str(folder), str(out), "--engine", "dask", "--scheduler", address]) == 0
    assert "part-1.csv line 66: radius_mean is 'x'" in capsys.readouterr().err
    assert len(contents(out)) == 3


@pytest.fixture
def frame(cells: list[list[str]]) -> pd.DataFrame:
    frame = pd.DataFrame(cells, columns=list(UCI))
    return frame.astype(dict.fromkeys(NAMES, float)).sample(frac=1, axis=1, random_state=3)


def both(
    frame: pd.DataFrame, classifier: Classifier, directory: Path, engine: Engine
) -> tuple[Summary, pd.DataFrame]:
    """The frame scored as Parquet; it must come to what it comes to as CSV."""
    frame.to_parquet(directory / "in.parquet", row_group_size=20)
    frame.to_csv(directory / "in.csv", index=False)
    summary = score(directory / "in.parquet", directory / "out.parquet", classifier, engine=engine)
    as_csv = score(directory / "in.csv", directory / "out.csv", classifier)
    found = pd.read_parquet(directory / "out.parquet")
    expected = pd.read_csv(directory / "out.csv", keep_default_na=False, dtype=str)
    for name in RESULTS:
        texts = ["" if pd.isna(value) else str(value) for value in found[name].tolist()]
        assert texts == expected[name].tolist()
    assert (summary.rows, summary.verdicts, summary.evaluation) == (
        as_csv.rows,
        as_csv.verdicts,
        as_csv.evaluation,
    )
    return summary, found


def test_parquet_gets_the_results_of_csv(
    classifier: Classifier, frame: pd.DataFrame, tmp_path: Path, engine: Engine
) -> None:
    summary, found = both(frame, classifier, tmp_path, engine)
    assert summary.scored == len(frame)
    pd.testing.assert_frame_equal(found[frame.columns], frame)


def test_wrong_rows_of_parquet_say_why(
    classifier: Classifier, frame: pd.DataFrame, tmp_path: Path, engine: Engine
) -> None:
    frame.loc[3, "area_se"] = -2.0
    frame.loc[5, "area_se"] = np.nan
    frame.loc[7, ["area_se", "radius_mean"]] = np.inf
    frame.to_parquet(tmp_path / "in.parquet")
    summary = score(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier, engine=engine)
    assert [(fault.line, fault.feature) for fault in summary.faults] == [
        (4, "area_se"), (6, "area_se"), (8, "radius_mean"), (8, "area_se")
    ]  # fmt: skip
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found["probability"].isna().to_numpy().nonzero()[0].tolist() == [3, 5, 7]
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


def test_a_folder_appears_whole_or_not_at_all(classifier: Classifier, folder: Path, tmp_path: Path) -> None:
    (folder / "part-3.csv").write_text("no table")
    with pytest.raises(WrongTable, match=r"part-3\.csv: found"):
        score(folder, tmp_path / "out", classifier)
    assert [path.name for path in tmp_path.iterdir()] == ["parts"]
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError):
        score(folder, tmp_path / "out", classifier)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WrongTable, match="without files"):
        score(tmp_path / "empty", tmp_path / "new", classifier)


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
