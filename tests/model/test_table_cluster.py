"""A Dask cluster gives the same result as one process, for text and for Parquet."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from distributed import Client, LocalCluster

from model.classifier import Classifier
from model.features import NAMES
from model.table import parquet, score, scoring
from model.table.__main__ import main
from model.table.cluster import engine_on
from model.table.scoring import Engine
from training.data import Specimens


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def engine(cluster: LocalCluster) -> Iterator[Engine]:
    with Client(cluster) as client:
        yield engine_on(client)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_cluster_gives_the_same_bytes_and_the_same_summary(
    classifier: Classifier, engine: Engine, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "BLOCK", 50_000)  # so that there are many blocks
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


def test_a_cluster_gives_the_same_parquet_and_the_same_summary(
    classifier: Classifier, engine: Engine, rows: Specimens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "BATCH", 50)
    source, alone, spread = (tmp_path / f"{name}.parquet" for name in ("source", "alone", "spread"))
    pd.DataFrame(rows.values, columns=list(NAMES)).to_parquet(source)
    told = score(source, alone, classifier), score(source, spread, classifier, engine=engine)
    assert told[0] == told[1]
    pd.testing.assert_frame_equal(pd.read_parquet(spread), pd.read_parquet(alone))
