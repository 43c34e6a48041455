"""Tables scored for a door: a few at a time, within a size, whole or not at all. Knows no protocol."""

import threading
from collections.abc import Mapping
from typing import BinaryIO

from api.problems import Problem, invalid
from model.classifier import Classifier
from model.table import Summary, TooLarge, WrongTable, score

PATIENCE = 5
"""Seconds after which someone who found all places taken may ask again."""

SWELL = 8
"""How much larger than an upload may be the text that it unpacks to."""


class Scoring:
    """A fixed number of places in which tables are scored.

    Args:
        classifier: answers.
        places: tables scored at once; each keeps one processor busy.
        limit: bytes of unpacked text of one table.
    """

    def __init__(self, classifier: Classifier, places: int = 2, limit: int = SWELL * 100 * 2**20) -> None:
        self._classifier, self._limit = classifier, limit
        self._places = threading.BoundedSemaphore(places)

    @classmethod
    def read(cls, environment: Mapping[str, str], classifier: Classifier) -> "Scoring":
        """From ``SCORE_AT_ONCE`` and ``MAX_UPLOAD_MB``."""
        limit = float(environment.get("MAX_UPLOAD_MB", "100")) * 2**20 * SWELL
        return cls(classifier, int(environment.get("SCORE_AT_ONCE", "2")), int(limit))

    def score(self, source: BinaryIO, sink: BinaryIO) -> Summary:
        """Score one table.

        Raises:
            Problem: busy, too-large, or invalid-input if it is no table of specimens.
        """
        if not self._places.acquire(blocking=False):
            raise Problem(
                "busy", "As many tables as allowed are being scored.", {"retry-after": str(PATIENCE)}
            )
        try:
            return score(source, sink, self._classifier, limit=self._limit)
        except TooLarge as error:
            detail = f"The table is too large: {error}."
            raise Problem("too-large", detail, limit=self._limit) from None
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
