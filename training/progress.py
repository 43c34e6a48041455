"""A progress bar on stderr: live on a terminal, a line every tenth of the way elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def progress(results: Iterable[T], total: int, quiet: bool = False) -> Iterator[T]:
    """Passes ``results`` on while showing how many of ``total`` have come."""
    start, live = time.monotonic(), sys.stderr.isatty()
    for count, result in enumerate(results, 1):
        yield result
        if quiet or not (live or count * 10 // total != (count - 1) * 10 // total):
            continue
        filled = count * 24 // total
        line = f"{'█' * filled}{'·' * (24 - filled)} {count}/{total}, {time.monotonic() - start:.0f} s"
        sys.stderr.write(f"\r{line:<60}" + "\n" * (count == total) if live else f"{line}\n")
        sys.stderr.flush()
