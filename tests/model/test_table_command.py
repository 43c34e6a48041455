"""Tables from file to file, by the command line and as frames on a cluster, in constant memory."""

import gzip
import io
import os
import pty
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.classifier import Classifier
from model.features import NAMES
from model.table import RESULTS, WrongTable, score, score_frame, scoring, summary
from model.table.__main__ import main
from tests.conftest import ROOT
from tests.machine import is_asleep, wait_until
from tests.model.conftest import UCI, Cells, as_table

COMMAND = [sys.executable, "-m", "model.table"]


@pytest.fixture
def table(tmp_path: Path, cells: Cells) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(as_table([*cells, ["1", "M", "much", *cells[0][3:]]]))
    return path


def test_a_table_is_scored_and_summed_up_as_the_help_says(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = table.with_name("out.csv")
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert all(
        word in printed for word in ("IN", "OUT", "--any-scale", "--malignant", "--header", "Exit code")
    )
    assert main([str(table), str(out)]) == 0
    printed = capsys.readouterr().err
    assert "65 rows read, 64 scored" in printed
    assert "Line 66: radius_mean is 'much': expected a number" in printed
    assert "sensitivity" in printed
    assert len(out.read_text().splitlines()) == 66


def test_what_is_wrong_is_said_in_a_line(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table.with_name("text.txt").write_text("Dear\nSir")
    before = sorted(table.parent.iterdir())
    for name, out, words in (
        ("missing.csv", "out.csv", "missing.csv: No such file"),
        ("in.csv", "no/out.csv", "No such file"),
        ("text.txt", "out.csv", f"text.txt: None of the {len(NAMES)} features is among the columns: 'Dear'"),
    ):
        assert main([str(table.with_name(name)), str(table.parent / out)]) == 1
        printed = capsys.readouterr().err
        assert words in printed
        assert printed.endswith("Nothing was written.\n")
        assert sorted(table.parent.iterdir()) == before


def test_options_say_how_a_table_is_meant(
    table: Path, cells: Cells, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [[str(int(row[1] == "M")), *(str(float(cell) / 1e4) for cell in row[2:])] for row in cells]
    table.write_text(as_table(rows, UCI[1:]))
    out = str(table.with_name("out.csv"))
    assert main([str(table), out]) == 1
    assert main([str(table), out, "--any-scale", "--malignant", "1"]) == 0
    assert "where 1 means malignant" in capsys.readouterr().err
    table.write_text(as_table([row[2:] for row in cells], None))
    assert main([str(table), out]) == 1
    assert main([str(table), out, "--header", "standard"]) == 0


def test_it_reads_standard_input_writes_standard_output_and_draws_progress_on_a_terminal_alone(
    table: Path,
) -> None:
    out = table.with_name("out.csv")
    with table.open("rb") as source:
        done = subprocess.run([*COMMAND, "-", "-"], cwd=ROOT, stdin=source, capture_output=True, check=True)
    ours, theirs = pty.openpty()
    with subprocess.Popen([*COMMAND, str(table), str(out)], cwd=ROOT, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while part := _read(ours):
            drawn += part
        assert process.wait(timeout=60) == 0
    os.close(ours)
    assert done.stdout == out.read_bytes()
    assert b"65 rows" in done.stderr and b"\r" not in done.stderr
    assert b"\rRead 100% of" in drawn and b"65 rows" in drawn


def test_an_interrupted_run_leaves_nothing(table: Path) -> None:
    out = table.with_name("out.csv")
    with subprocess.Popen(
        [*COMMAND, "-", out], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        process.stdin.write(table.read_text())
        process.stdin.flush()
        # A signal that comes just before it waits for input would have no effect until there is some.
        wait_until(
            lambda: len(list(table.parent.iterdir())) == 2 and is_asleep(process),
            "the run to have read what there is",
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 130
        assert process.stderr
        assert "Nothing was written." in process.stderr.read()
    assert list(table.parent.iterdir()) == [table]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # as Linux says that the other side is closed
        return b""


def test_memory_does_not_grow_with_the_table(
    classifier: Classifier, cells: Cells, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the rows, the same memory; all that bounds it is made small, so that few rows do.

    The first table fills what is filled once.
    """
    for module, name, value in (
        (scoring, "_BLOCK_ROWS", 100),
        (summary, "_MAX_SAMPLE", 200),
        (scoring, "PIECE_BYTES", 10_000),
    ):
        monkeypatch.setattr(module, name, value)
    peaks = []
    for times in (1, 25, 100):
        table.write_text(as_table(cells * times))
        tracemalloc.start()
        rows = score(table, table.with_name("out.csv"), classifier).rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert rows == times * len(cells)
    assert peaks[2] < 1.1 * peaks[1]


def test_a_file_appears_whole_or_not_at_all(classifier: Classifier, tmp_path: Path, good: list[str]) -> None:
    source, out = tmp_path / "in.csv.gz", tmp_path / "out.csv"
    out.write_text("before")
    packed = gzip.compress(as_table([good] * 9999).encode())
    source.write_bytes(packed[:-9])
    with pytest.raises(WrongTable):
        score(source, out, classifier)
    assert out.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv.gz", "out.csv"}
    source.write_bytes(packed)
    calls: list[tuple[int, int | None]] = []
    whole = score(source, source, classifier, progress=lambda done, size: calls.append((done, size)))
    assert whole.scored == 9999
    assert gzip.decompress(source.read_bytes()).decode().split("\n")[0] == ",".join((*UCI, *RESULTS))
    assert calls == [(len(packed), len(packed))]
    content, sink = as_table([good]).encode(), io.BytesIO()
    written, unwritten = (score(io.BytesIO(content), file, classifier) for file in (sink, None))
    assert written.to_dict() == unwritten.to_dict()
    assert sink.getvalue().count(b"\n") == 2
    sink = io.BytesIO()
    with pytest.raises(WrongTable, match="would be meaningless"):
        score(io.BytesIO(as_table([["0.5"] * len(NAMES)] * 3, NAMES).encode()), sink, classifier)
    assert sink.getvalue() == b""


@pytest.fixture
def frame(cells: Cells) -> pd.DataFrame:
    """As pandas reads it, in another order, with a note and two wrong rows."""
    frame = pd.DataFrame(cells, columns=list(UCI)).astype(dict.fromkeys(NAMES, float))
    frame["seen"] = pd.Timestamp("1995-11-01")
    frame.loc[3, "area_se"] = -2.0
    frame.loc[5, ["area_se", "radius_mean"]] = np.nan
    return frame.sample(frac=1, axis=1, random_state=3)


def test_a_frame_gets_the_results_of_its_table(
    classifier: Classifier, frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame.to_csv(tmp_path / "in.csv", index=False)
    frame.to_parquet(tmp_path / "in.parquet")
    as_csv = score(tmp_path / "in.csv", tmp_path / "out.csv", classifier)
    as_parquet = score(tmp_path / "in.parquet", tmp_path / "out.parquet", classifier)
    assert as_csv.to_dict()["counts"] == as_parquet.to_dict()["counts"]
    assert as_csv.evaluation == as_parquet.evaluation
    assert [fault.line for fault in as_parquet.faults] == [4, 6, 6]
    expected = pd.read_csv(tmp_path / "out.csv", keep_default_na=False, dtype=str)
    for found in (score_frame(frame, classifier), pd.read_parquet(tmp_path / "out.parquet")):
        pd.testing.assert_frame_equal(found[frame.columns], frame)
        assert found["error"][5].startswith("radius_mean is empty")
        for name in RESULTS:
            texts = ["" if pd.isna(value) else str(value) for value in found[name].tolist()]
            assert texts == expected[name].tolist()
    assert "area_se is true" in score_frame(frame.assign(area_se=True), classifier)["error"][0]
    (tmp_path / "in.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(WrongTable, match="damaged"):
        score(tmp_path / "in.parquet", tmp_path / "new.parquet", classifier)
    with pytest.raises(WrongTable, match="no column for area_se"):
        score_frame(frame.drop(columns="area_se"), classifier)
    with pytest.raises(WrongTable, match="scaled to 0–1"):
        score_frame(pd.DataFrame(np.full((2, len(NAMES)), 0.5), columns=list(NAMES)), classifier)


@pytest.mark.slow
def test_frames_are_scored_on_a_cluster_as_in_one_process(
    classifier: Classifier, frame: pd.DataFrame
) -> None:
    import dask.dataframe as dd  # noqa: PLC0415  # takes half a second, in each worker of the tests
    from distributed import Client, LocalCluster  # noqa: PLC0415

    # two workers that are reached by TCP like any others, but in threads, which is faster
    where = {"protocol": "tcp://", "dashboard_address": None}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, **where) as cluster,
        Client(cluster) as client,
    ):
        frames = dd.from_pandas(frame, npartitions=4)
        meta = score_frame(frames._meta, classifier)
        scored = frames.map_partitions(score_frame, classifier, meta=meta).compute()
        assert len(client.nthreads()) == 2
    alone = score_frame(frame, classifier)
    for name in RESULTS:
        pd.testing.assert_series_equal(scored[name].astype(object), alone[name].astype(object))
