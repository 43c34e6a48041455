"""Room for the bodies and files of all requests together, and the scoring of tables within that room.

In a container the disk may be memory, and when that is full the whole process is killed.
"""

import contextlib
import errno
import io
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, BinaryIO, cast

from api.problems import Problem, invalid
from model.classifier import Classifier
from model.table import Options, Summary, WrongTable, score

SWEEP_SECONDS = 30.0
"""How often ``DiskBudget.sweep`` is to be called, so that files are gone within five minutes."""

MAX_KEPT_FILES = 1_000
"""The most files of Gradio's clients at a time, because all are looked at for every further megabyte."""

_KEEP_SECONDS = 240.0  # how long a file of Gradio's clients is kept
_WAIT_SECONDS = 0.5  # how long a table waits for its turn, which is enough while others score small ones
_MAX_UNPACKED_RATIO = 8  # how many times larger than the largest upload an unpacked table may be


class Budget:
    """Memory for the bodies of all requests together, of ``limit`` bytes.

    The first 64 kB of each body are free, so that one specimen finds room even while others hold back the
    ends of long lists.
    """

    step = free = 64 * 2**10  # bytes that a file reserves at once as it grows, and that it need not reserve
    full = ("Too many large requests are arriving at once.", 10)

    def __init__(self, limit: int) -> None:
        self._limit, self._reserved = limit, 0
        self._lock = threading.Lock()

    def room(self) -> int:
        """The bytes that are still free."""
        return self._limit - self._reserved

    def reserve(self, size: int) -> None:
        """Count bytes as used, until they are released.

        Raises:
            Problem: busy, if there is no room for them.
        """
        with self._lock:
            if size > self.room():
                raise busy(*self.full)
            self._reserved += size

    def release(self, size: int) -> None:
        """Free bytes that were reserved."""
        with self._lock:
            self._reserved -= size

    def file(self) -> BinaryIO:
        """A file to write, read and close, which is gone when it is closed."""
        return cast("BinaryIO", _BudgetedFile(self, io.BytesIO()))


class DiskBudget(Budget):
    """Space on the disk for the files of all visitors: unnamed ones, and those that Gradio keeps for a while.

    Args:
        limit: in bytes.
        folder: the folder for Gradio's files of all processes.
        own: the folder of this process in it, which stays as long as the process runs.
    """

    step, free = 1 << 20, 0
    full = ("There is no space for more files at the moment.", 60)

    def __init__(self, limit: int, folder: Path | None = None, own: Path | None = None) -> None:
        super().__init__(limit)
        self._folder, self._own = folder, own

    def room(self) -> int:
        room = super().room()
        for folder, _, names in os.walk(self._folder) if self._folder else ():
            for name in names:
                with contextlib.suppress(OSError):  # a file may disappear meanwhile
                    # not Path.stat(), because making path objects would take longer than this call
                    room -= os.stat(f"{folder}/{name}").st_size  # noqa: PTH116
        return max(0, room)

    def check_files(self) -> None:
        """Refuse one more file if there are so many that looking at all of them takes long.

        Raises:
            Problem: busy.
        """
        if sum(len(names) for _, _, names in os.walk(self._own or "")) >= MAX_KEPT_FILES:
            raise busy(*self.full)

    def file(self, path: Path | None = None) -> BinaryIO:
        """A file without a name, which is gone when it is closed, or one that stays at ``path``."""
        try:
            return cast(
                "BinaryIO", _BudgetedFile(self, path.open("w+b") if path else tempfile.TemporaryFile())
            )
        except OSError as error:
            raise disk_problem(error) from error

    def sweep(self) -> None:
        """Delete what has been in Gradio's folder for too long, whichever process wrote it."""
        if self._own:  # usually empty; the new time keeps it from being deleted
            self._own.mkdir(parents=True, exist_ok=True)
            os.utime(self._own)
        oldest, top = time.time() - _KEEP_SECONDS, str(self._folder)
        for folder, _, names in os.walk(top, topdown=False) if self._folder else ():
            # A folder that was just made for a table is new, and one that is not empty cannot be removed.
            for path, remove in (*((f"{folder}/{name}", os.unlink) for name in names), (folder, os.rmdir)):
                with contextlib.suppress(OSError):
                    if path != top and os.stat(path).st_mtime < oldest:  # noqa: PTH116  # see room
                        remove(path)


class _BudgetedFile(contextlib.AbstractContextManager["_BudgetedFile"]):
    """A file that reserves room as it grows, and releases it when it is closed."""

    def __init__(self, budget: Budget, file: IO[bytes]) -> None:
        self._budget, self._file = budget, file
        self._written = self._reserved = 0
        self.read, self.seek = file.read, file.seek

    def write(self, data: bytes) -> int:
        """Write; raises Problem, busy, if there is no room."""
        self._written += len(data)
        while self._reserved + self._budget.free < self._written:
            self._budget.reserve(self._budget.step)
            self._reserved += self._budget.step
        try:
            return self._file.write(data)
        except OSError as error:
            raise disk_problem(error) from error

    def close(self) -> None:
        with contextlib.suppress(OSError):  # a full disk may refuse the last bytes again
            self._file.close()
        if self._reserved:
            self._budget.release(self._reserved)
            self._reserved = 0

    def __exit__(self, *_: object) -> None:
        self.close()


class Tables:
    """Scores tables, a limited number at once.

    Args:
        classifier: makes the predictions.
        budget: the space for files.
        workers: the number of tables scored at once; each keeps one processor busy.
        max_upload: the largest table in bytes, which may be packed.
    """

    def __init__(self, classifier: Classifier, budget: DiskBudget, workers: int, max_upload: int) -> None:
        self._classifier, self.budget, self._limit = classifier, budget, _MAX_UNPACKED_RATIO * max_upload
        self._workers = threading.BoundedSemaphore(workers)

    def score(
        self,
        source: BinaryIO,
        sink: BinaryIO | None,
        options: Options = Options(),  # noqa: B008  # it is frozen
    ) -> Summary:
        """Score one table; without a sink, only return its summary.

        Raises:
            Problem: busy, too-large, or invalid-input if it is not a table of specimens.
        """
        if not self._workers.acquire(timeout=_WAIT_SECONDS):
            raise busy("Too many tables are being scored at once.", 5)
        # The results need about as much space as the text.
        limit = self._limit if sink is None else min(self._limit, self.budget.room() // 2)
        try:
            return score(source, sink, self._classifier, options, limit=limit)
        except WrongTable as error:
            if error.code == "too_large" and limit < self._limit:
                raise busy(*self.budget.full) from None
            if error.code == "too_large":
                raise Problem("too-large", f"The table is too large: {error}.", limit=limit) from None
            fault = {"code": error.code, "feature": "table", "value": "", "expected": "a table of specimens"}
            raise invalid([fault | {"message": f"table: {error}"}]) from None
        except OSError as error:
            raise disk_problem(error) from error
        finally:
            self._workers.release()


def busy(detail: str, seconds: int) -> Problem:
    """The problem that there is no room now; another attempt may be made after some seconds."""
    return Problem("busy", detail, {"retry-after": str(seconds)})


def disk_problem(error: OSError) -> Problem:
    """The problem for an error of the disk: busy if it is full, internal otherwise."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return busy(*DiskBudget.full)
    return Problem("internal", "Something went wrong here.")
