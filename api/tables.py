"""Tables scored for a door: a few at a time, within a size and the room on the disk, whole or not at all.

In a container the disk may be memory, and what fails when it is full is the whole process.
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
"""After which somebody who found all places taken may ask again."""

RETRY_AFTER_FULL_SECONDS = 60
"""After which somebody who found no room on the disk may ask again."""

WAIT_SECONDS = 0.5
"""For which a program waits for a place: time enough for small tables to make way."""

KEPT_SECONDS = 240.0
"""For which a file of Gradio's clients is kept; with ``SWEEP_SECONDS`` it is gone after five minutes."""

SWEEP_SECONDS = 30.0

SWELL = 8
"""How much larger than an upload may be the text that it unpacks to."""

_STEP = 1 << 20  # bytes of a file that are counted at once


class DiskBudget:
    """Room for the files of all visitors together: those without a name, and those that Gradio keeps a while.

    Args:
        limit: bytes.
        folder: Gradio's, of all processes.
        own: that of this process in it, which stays for as long as the process runs.
    """

    def __init__(
        self, limit: int = 2000 * 2**20, folder: Path | None = None, own: Path | None = None
    ) -> None:
        self._limit, self._folder, self._own = limit, folder, own
        self._reserved = 0
        self._lock = threading.Lock()

    def room(self) -> int:
        """Bytes that there is room for."""
        room = self._limit - self._reserved
        for at, _, names in os.walk(self._folder) if self._folder else ():
            for name in names:
                with contextlib.suppress(OSError):  # files come and go meanwhile
                    # a path object each would cost more than the look
                    room -= os.stat(f"{at}/{name}").st_size  # noqa: PTH116
        return max(0, room)

    def reserve(self, size: int) -> None:
        """Count bytes as taken, until they are released.

        Raises:
            Problem: busy, if there is no room for them.
        """
        with self._lock:
            if size > self.room():
                raise _no_room()
            self._reserved += size

    def release(self, size: int) -> None:
        """What was reserved is free again."""
        with self._lock:
            self._reserved -= size

    def file(self, path: Path | None = None) -> "BudgetedFile":
        """A file to be written, read and closed; one without a path has no name, and is gone then."""
        return BudgetedFile(self, path.open("w+b") if path else tempfile.TemporaryFile())

    def sweep(self, kept_seconds: float = KEPT_SECONDS) -> None:
        """Delete what has stood in Gradio's folder for too long, whichever process has left it there."""
        if self._own:  # empty for most of the time, and young only because of this
            self._own.mkdir(parents=True, exist_ok=True)
            os.utime(self._own)
        oldest, top = time.time() - kept_seconds, str(self._folder)
        for at, _, names in os.walk(top, topdown=False) if self._folder else ():
            # a folder that a table is about to come into is young, and one that is not empty stays
            for path, remove in (*((f"{at}/{name}", os.unlink) for name in names), (at, os.rmdir)):
                with contextlib.suppress(OSError):
                    if path != top and os.stat(path).st_mtime < oldest:  # noqa: PTH116  # see room
                        remove(path)

    @contextlib.asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """Sweep at once, and from then on every half minute."""

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
    """A file that reserves room as it grows, and releases it when it is closed."""

    def __init__(self, budget: DiskBudget, file: IO[bytes]) -> None:
        self._budget, self._file = budget, file
        self._written = self._reserved = 0
        self.read, self.seek = self._file.read, self._file.seek

    def write(self, data: bytes) -> int:
        """Raises Problem, busy, if there is no room for it."""
        self._written += len(data)
        while self._reserved < self._written:
            self._budget.reserve(_STEP)
            self._reserved += _STEP
        try:
            return self._file.write(data)
        except OSError as error:
            raise disk_problem(error) from error

    def close(self) -> None:
        with contextlib.suppress(OSError):  # a full disk may refuse the last bytes once more
            self._file.close()
        self._budget.release(self._reserved)
        self._reserved = 0

    def __exit__(self, *_: object) -> None:
        self.close()


class Tables:
    """A fixed number of places in which tables are scored.

    Args:
        classifier: answers.
        budget: where files go.
        places: tables scored at once; each keeps one processor busy.
        limit: bytes of unpacked text of one table.
    """

    def __init__(
        self, classifier: Classifier, budget: DiskBudget, places: int = 2, limit: int = SWELL * 100 * 2**20
    ) -> None:
        self._classifier, self.budget, self._limit = classifier, budget, limit
        self._places = threading.BoundedSemaphore(places)

    def score(
        self,
        source: BinaryIO,
        sink: BinaryIO | None,
        options: Options = Options(),  # noqa: B008  # it is frozen
    ) -> Summary:
        """Score one table, or sum it up alone if there is no sink.

        Raises:
            Problem: busy, too-large, or invalid-input if it is no table of specimens.
        """
        if not self._places.acquire(timeout=WAIT_SECONDS):
            wait = {"retry-after": str(RETRY_AFTER_BUSY_SECONDS)}
            raise Problem("busy", "As many tables as allowed are being scored.", wait)
        # the results need about as much room again as the text
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
            self._places.release()


def disk_problem(error: OSError) -> Problem:
    """What a caller is told when the disk fails: that it is full, or that it is our fault."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _no_room()
    return Problem("internal", "Something went wrong here.")


def _no_room() -> Problem:
    wait = {"retry-after": str(RETRY_AFTER_FULL_SECONDS)}
    return Problem("busy", "There is no room for more files now.", wait)
