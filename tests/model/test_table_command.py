"""`python -m model.table` as a person uses it: plain words, exit codes, and nothing left behind."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model.table.__main__ import main
from tests.conftest import ROOT
from tests.machine import wait_until
from tests.model.conftest import Cells, as_table

COMMAND = [sys.executable, "-m", "model.table"]


@pytest.fixture
def table(tmp_path: Path, cells: Cells) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(as_table([*cells, ["1", "M", "much", *cells[0][3:]]]))
    return path


def test_a_table_is_scored_and_summed_up(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = table.with_name("out.csv")
    assert main([str(table), str(out)]) == 0
    told = capsys.readouterr().err
    assert "65 rows: 64 scored" in told
    assert "line 66: radius_mean is 'much': expected a number" in told
    assert "sensitivity" in told
    assert len(out.read_text().splitlines()) == 66


@pytest.mark.parametrize(
    ("name", "out", "words"),
    [("missing.csv", "out.csv", "missing.csv: No such file"), ("in.csv", "no/out.csv", "No such file"),
     ("text.txt", "out.csv", "text.txt: found a first line of 'Dear'")],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(
    table: Path, capsys: pytest.CaptureFixture[str], name: str, out: str, words: str
) -> None:
    table.with_name("text.txt").write_text("Dear\nSir")
    before = sorted(table.parent.iterdir())
    assert main([str(table.with_name(name)), str(table.parent / out)]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.endswith("Nothing was written.\n")
    assert sorted(table.parent.iterdir()) == before


def test_it_reads_standard_input_and_writes_standard_output(table: Path) -> None:
    with table.open("rb") as source:
        done = subprocess.run([*COMMAND, "-", "-"], cwd=ROOT, stdin=source, capture_output=True, check=True)
    main([str(table), str(table.with_name("out.csv"))])
    assert done.stdout == table.with_name("out.csv").read_bytes()
    assert b"65 rows" in done.stderr


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(table: Path, kind: signal.Signals) -> None:
    out = table.with_name("out.csv")
    with subprocess.Popen(
        [*COMMAND, "-", out], cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        process.stdin.write(table.read_text())
        process.stdin.flush()

        def waits_for_more() -> bool:
            state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
            return len(list(table.parent.iterdir())) == 2 and state == "S"

        # a signal just before it waits for input would only be seen once there is some
        wait_until(waits_for_more, "the run to have read what there is")
        process.send_signal(kind)
        assert process.wait(timeout=30) == 130
        assert process.stderr
        assert "Nothing was written." in process.stderr.read()
    assert list(table.parent.iterdir()) == [table]


def test_progress_is_drawn_on_a_terminal_alone(table: Path, cells: Cells) -> None:
    table.write_text(as_table(cells * 200))
    command = [*COMMAND, str(table), str(table.with_name("out.csv"))]
    assert b"\r" not in subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while part := _read(ours):
            drawn += part
        assert process.wait(timeout=30) == 0
    os.close(ours)
    assert b"\r[" in drawn
    assert b"12,800 rows" in drawn


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # as Linux says that the other side is closed
        return b""


def test_help_says_what_goes_in_and_what_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert all(word in told for word in ("IN", "OUT", "--any-scale", "--malignant", "Exit code", "wdbc.data"))


def test_memory_does_not_grow_with_the_table(tmp_path: Path, cells: Cells) -> None:
    """Four times the rows, the same memory but for a few megabytes of noise."""
    code = (
        "import sys; from model.table.__main__ import main; main(sys.argv[1:]); "
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    peak = {}
    for times in (400, 1600):
        path = tmp_path / f"{times}.csv"
        path.write_text(as_table(cells * times))
        command = [sys.executable, "-c", code, str(path), str(tmp_path / "out.csv")]
        peak[times] = int(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout) / 1024
    assert peak[1600] < peak[400] + 10
