"""Room for files: how much visitors may bring and be given at a time, so that a disk never fills up.

In a container the disk may be memory, and what fails is the whole process. Knows no tables and no protocols.
"""

import os
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from api.problems import Problem

PATIENCE = 60
"""Seconds after which someone who found no room may ask again."""

STEP = 1 << 20
"""Bytes of a file that are counted at once."""

_FORGOTTEN = 900.0  # seconds after which a file is one that a killed process has left behind


class Scratch:
    """Counts files that have no name, and looks at those that Gradio keeps for some minutes.

    Args:
        limit: bytes of all together.
        kept: Gradio's folder.
    """

    def __init__(self, limit: int = 2000 * 2**20, kept: Path | None = None) -> None:
        self._limit, self._kept = limit, kept
        self._taken = 0
        self._lock = threading.Lock()

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Scratch":
        """From ``SCRATCH_MB`` and ``GRADIO_TEMP_DIR``."""
        kept = environment.get("GRADIO_TEMP_DIR")
        return cls(int(float(environment.get("SCRATCH_MB", "2000")) * 2**20), Path(kept) if kept else None)

    def room(self) -> int:
        """Bytes that there is room for."""
        return max(0, self._limit - self._taken - _size(self._kept))

    def take(self, size: int) -> None:
        """Count bytes as taken, until they are given back.

        Raises:
            Problem: busy, if there is no room for them.
        """
        with self._lock:
            if size > self.room():
                raise no_room()
            self._taken += size

    def give(self, size: int) -> None:
        """What was taken is free again."""
        with self._lock:
            self._taken -= size

    def file(self, path: Path | None = None) -> "ScratchFile":
        """A file to be written, read and closed; one without a path has no name, and is gone then."""
        return ScratchFile(self, path.open("w+b") if path else tempfile.TemporaryFile())


class ScratchFile:
    """A file that takes room as it grows, and gives it back when it is closed."""

    def __init__(self, scratch: Scratch, file: IO[bytes]) -> None:
        self._scratch, self._file = scratch, file
        self._written = self._taken = 0
        self.read, self.seek = self._file.read, self._file.seek

    def write(self, data: bytes) -> int:
        """Raises Problem, busy, if there is no room for it."""
        self._written += len(data)
        while self._taken < self._written:
            self._scratch.take(STEP)
            self._taken += STEP
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()
        self._scratch.give(self._taken)
        self._taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def no_room() -> Problem:
    return Problem("busy", "There is no room for more files now.", {"retry-after": str(PATIENCE)})


def _size(folder: Path | None) -> int:
    """Bytes of the files in a folder and below; files may come and go meanwhile."""
    total, oldest = 0, time.time() - _FORGOTTEN
    for at, _, names in os.walk(folder) if folder else ():
        for name in names:
            try:
                found = os.stat(f"{at}/{name}")  # noqa: PTH116  # a path object each would cost more than the look
            except OSError:
                continue
            total += found.st_size if found.st_mtime > oldest else 0
    return total
