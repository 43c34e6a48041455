"""Scores tables for REST and Gradio: a few at a time, and within limits of size and of space on the disk.

In a container the disk may be memory, and when that is full the whole process is killed.
"""

import asyncio
import contextlib
import errno
import os
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, BinaryIO

from api.problems import Problem, invalid
from model.classifier import Classifier
from model.table import Options, Summary, TooLarge, WrongTable, score

RETRY_AFTER_BUSY_SECONDS = 5
"""When a client may ask again if too many tables were being scored."""

RETRY_AFTER_FULL_SECONDS = 60
"""When a client may ask again if there was no space on the disk."""

WAIT_SECONDS = 0.5
"""How long a request waits for its turn, which is enough while others score small tables."""

KEEP_SECONDS = 240.0
"""How long a file of Gradio's clients is kept; with ``SWEEP_SECONDS`` it is gone within five minutes."""

SWEEP_SECONDS = 30.0

MAX_UNPACKED_RATIO = 8
"""How many times larger than the largest upload an unpacked table may be."""

MAX_KEPT_FILES = 1_000
"""The most files of Gradio's clients at a time, because all are looked at for every further megabyte."""

_STEP_BYTES = 1 << 20  # reserved at once as a file grows


class DiskBudget:
    """Space on the disk for the files of all visitors: unnamed ones, and those that Gradio keeps for a while.

    Args:
        limit: in bytes.
        folder: the folder for Gradio's files of all processes.
        own: the folder of this process in it, which stays as long as the process runs.
    """

    def __init__(
        self, limit: int = 2000 * 2**20, folder: Path | None = None, own: Path | None = None
    ) -> None:
        self._limit, self._folder, self._own = limit, folder, own
        self._reserved = 0
        self._lock = threading.Lock()

    def room(self) -> int:
        """The bytes that are still free."""
        room = self._limit - self._reserved
        for folder, _, names in os.walk(self._folder) if self._folder else ():
            for name in names:
                with contextlib.suppress(OSError):  # a file may disappear meanwhile
                    # not Path.stat(), because making path objects would take longer than this call
                    room -= os.stat(f"{folder}/{name}").st_size  # noqa: PTH116
        return max(0, room)

    def reserve(self, size: int) -> None:
        """Count bytes as used, until they are released.

        Raises:
            Problem: busy, if there is no space for them.
        """
        with self._lock:
            if size > self.room():
                raise _no_room()
            self._reserved += size

    def release(self, size: int) -> None:
        """Free bytes that were reserved."""
        with self._lock:
            self._reserved -= size

    def check_files(self) -> None:
        """Refuse one more file if there are so many that looking at all of them takes long.

        Raises:
            Problem: busy.
        """
        if sum(len(names) for _, _, names in os.walk(self._own or "")) >= MAX_KEPT_FILES:
            raise _no_room()

    def file(self, path: Path | None = None) -> "BudgetedFile":
        """A file to write, read and close; without a path it has no name, and closing deletes it."""
        return BudgetedFile(self, path.open("w+b") if path else tempfile.TemporaryFile())

    def sweep(self, keep_seconds: float = KEEP_SECONDS) -> None:
        """Delete what has been in Gradio's folder for too long, whichever process wrote it."""
        if self._own:  # usually empty; the new time keeps it from being deleted
            self._own.mkdir(parents=True, exist_ok=True)
            os.utime(self._own)
        oldest, top = time.time() - keep_seconds, str(self._folder)
        for folder, _, names in os.walk(top, topdown=False) if self._folder else ():
            # A folder that was just made for a table is new, and one that is not empty cannot be removed.
            for path, remove in (*((f"{folder}/{name}", os.unlink) for name in names), (folder, os.rmdir)):
                with contextlib.suppress(OSError):
                    if path != top and os.stat(path).st_mtime < oldest:  # noqa: PTH116  # see room
                        remove(path)

    @contextlib.asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """Sweep now and then every half minute."""

        async def every_half_minute() -> None:
            while True:
                await asyncio.to_thread(self.sweep)
                await asyncio.sleep(SWEEP_SECONDS)

        task = asyncio.create_task(every_half_minute())
        try:
            yield
        finally:
            task.cancel()


class BudgetedFile(contextlib.AbstractContextManager["BudgetedFile"]):
    """A file that reserves space as it grows, and releases it when it is closed."""

    def __init__(self, budget: DiskBudget, file: IO[bytes]) -> None:
        self._budget, self._file = budget, file
        self._written = self._reserved = 0
        self.read, self.seek = self._file.read, self._file.seek

    def write(self, data: bytes) -> int:
        """Write; raises Problem, busy, if there is no space."""
        self._written += len(data)
        while self._reserved < self._written:
            self._budget.reserve(_STEP_BYTES)
            self._reserved += _STEP_BYTES
        try:
            return self._file.write(data)
        except OSError as error:
            raise disk_problem(error) from error

    def close(self) -> None:
        with contextlib.suppress(OSError):  # a full disk may refuse the last bytes again
            self._file.close()
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
        limit: the most bytes of unpacked text of one table.
    """

    def __init__(
        self, classifier: Classifier, budget: DiskBudget, workers: int = 2, limit: int = 800 * 2**20
    ) -> None:
        self._classifier, self.budget, self._limit = classifier, budget, limit
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
        if not self._workers.acquire(timeout=WAIT_SECONDS):
            wait = {"retry-after": str(RETRY_AFTER_BUSY_SECONDS)}
            raise Problem("busy", "Too many tables are being scored at once.", wait)
        # The results need about as much space as the text.
        limit = self._limit if sink is None else min(self._limit, self.budget.room() // 2)
        try:
            return score(source, sink, self._classifier, options, limit=limit)
        except TooLarge as error:
            if limit < self._limit:
                raise _no_room() from None
            raise Problem("too-large", f"The table is too large: {error}.", limit=limit) from None
        except WrongTable as error:
            fault = {"code": error.code, "feature": "table", "value": "", "expected": "a table of specimens"}
            raise invalid([fault | {"message": f"table: {error}"}]) from None
        except OSError as error:
            raise disk_problem(error) from error
        finally:
            self._workers.release()


def disk_problem(error: OSError) -> Problem:
    """The problem for an error of the disk: busy if it is full, internal otherwise."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _no_room()
    return Problem("internal", "Something went wrong here.")


def _no_room() -> Problem:
    wait = {"retry-after": str(RETRY_AFTER_FULL_SECONDS)}
    return Problem("busy", "There is no space for more files at the moment.", wait)
