"""Writes a folder of files in one way, here and into a bucket: staged, then copied, checksums last."""

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path


def output_folder(output: str) -> Path:
    """The folder for ``output``: gs://BUCKET/… is where Vertex AI mounts the bucket, /gcs/BUCKET/…"""
    return Path("/gcs", output.removeprefix("gs://")) if output.startswith("gs://") else Path(output)


@contextlib.contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """A copy of ``directory`` to write into; on success its files replace those there, else it vanishes.

    Each file is replaced as a whole, ``SHA256SUMS`` last: whoever reads a folder in the middle of it finds
    that the sums do not fit, and refuses it. A mounted bucket cannot do more.
    """
    with _terminable(), tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch, "stage")
        if directory.exists():
            shutil.copytree(directory, stage)
        else:
            stage.mkdir()
        yield stage
        directory.mkdir(parents=True, exist_ok=True)
        for file in sorted(stage.iterdir(), key=lambda path: path.name == "SHA256SUMS"):
            part = directory / f".{file.name}.part"
            shutil.copyfile(file, part)
            part.replace(directory / file.name)


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
