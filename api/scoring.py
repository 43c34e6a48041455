"""Tables scored for a door: a few at a time, within a size, whole or not at all. Knows no protocol."""

import contextlib
import gzip
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from api.problems import Problem, invalid
from api.scratch import Scratch, no_room
from model.classifier import Classifier
from model.table import Progress, Summary, TooLarge, WrongTable, score

PATIENCE = 5
"""Seconds after which someone who found all places taken may ask again."""

WAIT = 0.5
"""Seconds for which a program waits for a place: time enough for small tables to make way."""

SWELL = 8
"""How much larger than an upload may be the text that it unpacks to."""


class Scoring:
    """A fixed number of places in which tables are scored.

    Args:
        classifier: answers.
        scratch: where the results go.
        places: tables scored at once; each keeps one processor busy.
        limit: bytes of unpacked text of one table.
    """

    def __init__(
        self, classifier: Classifier, scratch: Scratch, places: int = 2, limit: int = SWELL * 100 * 2**20
    ) -> None:
        self._classifier, self.scratch, self._limit = classifier, scratch, limit
        self._places = threading.BoundedSemaphore(places)

    @classmethod
    def read(cls, environment: Mapping[str, str], classifier: Classifier) -> "Scoring":
        """From ``SCORE_AT_ONCE``, ``MAX_UPLOAD_MB`` and what ``Scratch`` reads."""
        limit = float(environment.get("MAX_UPLOAD_MB", "100")) * 2**20 * SWELL
        places = int(environment.get("SCORE_AT_ONCE", "2"))
        return cls(classifier, Scratch.read(environment), places, int(limit))

    def score(self, source: BinaryIO, sink: BinaryIO) -> Summary:
        """Score one table.

        Raises:
            Problem: busy, too-large, or invalid-input if it is no table of specimens.
        """
        if not self._places.acquire(timeout=WAIT):
            raise Problem(
                "busy", "As many tables as allowed are being scored.", {"retry-after": str(PATIENCE)}
            )
        limit = self._text()
        try:
            return score(source, sink, self._classifier, limit=limit)
        except TooLarge as error:
            if limit < self._limit:
                raise no_room() from None
            detail = f"The table is too large: {error}."
            raise Problem("too-large", detail, limit=limit) from None
        except WrongTable as error:
            fault = {
                "code": "wrong_table",
                "feature": "table",
                "value": "",
                "expected": "a table of specimens",
            }
            raise invalid([fault | {"message": f"table: {error}"}]) from None
        finally:
            self._places.release()

    def score_file(self, source: Path, sink: Path, progress: Progress) -> Summary:
        """The same for the page, where one waits for a place, and a wrong table is told as it is.

        Raises:
            WrongTable: if it is no table of specimens, or too large.
        """
        with self._places:
            limit = self._text()
            try:
                with self._kept(sink) as out:
                    return score(source, out, self._classifier, progress=progress, limit=limit)
            except Problem as problem:
                raise TooLarge(problem.detail.removesuffix(".")) from None

    @contextlib.contextmanager
    def _kept(self, path: Path) -> Iterator[BinaryIO]:
        """A file to write, packed if its name says so, and gone if there is an error."""
        try:
            with self.scratch.file(path) as file:
                out = cast("BinaryIO", file)
                if path.suffix == ".gz":
                    with gzip.GzipFile(
                        filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0
                    ) as packed:
                        yield cast("BinaryIO", packed)
                else:
                    yield out
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _text(self) -> int:
        """Bytes of text that a table may have now: its results need about as much room again."""
        return min(self._limit, self.scratch.room() // 2)
