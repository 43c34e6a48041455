"""Files are replaced when all are ready, whatever happens meanwhile."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from training.__main__ import COMMANDS, main
from training.export import output_folder, staged


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    directory = tmp_path / "artifact"
    directory.mkdir()
    for name in ("one", "two"):
        (directory / name).write_text("old", encoding="utf-8")
    return directory


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_a_bucket_is_where_vertex_ai_mounts_it() -> None:
    assert output_folder("gs://bucket/model/7") == Path("/gcs/bucket/model/7")
    assert output_folder("/gcs/bucket/x") == Path("/gcs/bucket/x")
    assert output_folder("model/artifact") == Path("model/artifact")


def test_what_is_written_takes_the_place_and_the_checksums_come_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    copyfile = shutil.copyfile

    def watched(file: Path, to: Path) -> None:
        copied.append(file.name)
        assert "SHA256SUMS" not in content(folder), "a reader refuses a half-written folder"
        copyfile(file, to)

    with staged(folder) as stage:
        for name in ("one", "3.csv", "3.json", "3.md"):
            (stage / name).write_text("new", encoding="utf-8")
        monkeypatch.setattr("training.export.shutil.copyfile", watched)
    sums = content(folder)["SHA256SUMS"]
    new = dict.fromkeys(("one", "3.csv", "3.json", "3.md"), "new")
    assert content(folder) == {**new, "two": "old", "SHA256SUMS": sums}
    sha256 = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437"
    assert sums == f"{sha256}  3.csv\n{sha256}  3.json\n{sha256}  3.md\n"
    assert copied[-1] == "SHA256SUMS"
    assert [path.name for path in folder.parent.iterdir()] == ["artifact"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    with staged(tmp_path / "a" / "b") as stage:
        (stage / "one").write_text("new", encoding="utf-8")
    assert content(tmp_path / "a" / "b") == {"one": "new", "SHA256SUMS": ""}


@pytest.mark.parametrize("how", ["train stopped: disk full", "143"])
def test_an_error_or_a_signal_to_end_leaves_the_old_folder_and_nothing_else(
    folder: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: object) -> int:
        with staged(folder) as stage:
            (stage / "one").write_text("new", encoding="utf-8")
            if "disk full" in how:
                raise OSError("disk full")
            os.kill(os.getpid(), signal.SIGTERM)
        return 0

    monkeypatch.setitem(COMMANDS, "train", stop)
    monkeypatch.setattr("sys.argv", ["training"])
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit, match=how):
            main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert content(folder) == {"one": "old", "two": "old"}
    assert [path.name for path in folder.parent.iterdir()] == ["artifact"]
