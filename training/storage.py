"""Puts a directory of files in place as a whole, here or in a bucket; does not know what the files are."""

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def place(output: str) -> Path:
    """The folder for ``output``: gs://BUCKET/… is where Vertex AI mounts the bucket, /gcs/BUCKET/…"""
    return Path("/gcs", output.removeprefix("gs://")) if output.startswith("gs://") else Path(output)


@contextlib.contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """A copy of ``directory`` to write into; it takes the directory's place on success, else it vanishes.

    Whoever reads meanwhile, or comes after a kill in the middle, finds the old files or the new ones.
    A mounted bucket cannot rename folders: there the files are copied one by one, the checksums last, so that
    a reader refuses a half-written folder.
    """
    bucket = directory.is_relative_to("/gcs")
    if not bucket:
        directory.parent.mkdir(parents=True, exist_ok=True)
    near = None if bucket else directory.parent
    with _terminable(), tempfile.TemporaryDirectory(dir=near, prefix=f".{directory.name}-") as kept:
        stage = Path(kept, "stage")
        if directory.exists():
            shutil.copytree(directory, stage)
        else:
            stage.mkdir()
        yield stage
        if bucket:
            _copy(stage, directory)
        else:
            _swap(stage, directory)


def _swap(stage: Path, directory: Path) -> None:
    if not directory.exists():
        stage.rename(directory)
    elif not _exchange(stage, directory):  # as good as it gets without the kernel's help
        directory.rename(stage.with_name("old"))
        stage.rename(directory)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two directories in one step, where the system can (Linux: renameat2)."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    done = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)


def _copy(stage: Path, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for file in sorted(stage.iterdir(), key=lambda path: path.name == "SHA256SUMS"):
        shutil.copyfile(file, directory / file.name)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM unwinds like an exception, so that nothing half-written stays behind."""

    def stop(number: int, frame: object) -> None:  # noqa: ARG001  # the signature of a handler
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
