"""Scores a file into another, which appears whole or not at all.

Knows nothing about what stands in a file, but for the two kinds of it: text, and Parquet by its name.
"""

import contextlib
import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from model.classifier import Classifier
from model.table.encoding import PIECE
from model.table.scoring import Options, score_text
from model.table.summary import Summary, Tally


class Progress(Protocol):
    """Is told the bytes read so far, and how many there are, or None if that is unknown."""

    def __call__(self, done: int, size: int | None, /) -> None: ...


@dataclass
class _Work:
    """What is the same for every part, and how far it has come."""

    classifier: Classifier
    progress: Progress | None
    limit: int | None
    options: Options
    size: int | None
    done: int = 0
    tally: Tally = field(default_factory=Tally)

    def advance(self, size: int) -> None:
        self.done += size
        if self.progress:
            self.progress(self.done, self.size)


def score(
    source: BinaryIO | Path,
    sink: BinaryIO | Path | None,
    classifier: Classifier,
    options: Options = Options(),  # noqa: B008  # it is frozen
    *,
    progress: Progress | None = None,
    limit: int | None = None,
) -> Summary:
    """Score a file into another.

    Args:
        source: text, packed by gzip or not; with ``.parquet`` at its end, Parquet.
        sink: like the source; ``.gz`` at its end packs it. None if the summary alone is wanted.
        classifier: answers.
        options: how the table is meant.
        progress: is told how far it has come.
        limit: bytes of unpacked text allowed in a file.

    Raises:
        WrongTable: if a file is no table of specimens, or damaged as a whole; nothing is written then.
        OSError: if a file cannot be read or written.
    """
    work = _Work(classifier, progress, limit, options, _size(source))
    if not isinstance(source, Path) or not isinstance(sink, Path):
        _score_stream(source, sink, work)
    else:
        with whole(sink) as part:
            work.tally += _score_path(source, part, work)
    return work.tally.summary()


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write a file that takes the place of ``path`` unless there is an error."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path  # a pipe or a device is written to, not replaced
        return
    part = path.with_name(f".{os.getpid()}.{path.name}")  # the ending stays: it says how to write
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _size(source: BinaryIO | Path) -> int | None:
    if not isinstance(source, Path):
        return None
    return source.stat().st_size


def _score_path(source: Path, sink: Path, work: _Work) -> Tally:
    if source.suffix != ".parquet":
        with source.open("rb") as file, sink.open("wb") as out:
            if sink.suffix == ".gz":
                with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
                    return _score_text(file, cast("BinaryIO", packed), work)
            return _score_text(file, out, work)
    from model.table.parquet import score_parquet  # noqa: PLC0415  # pyarrow is there if it was asked for

    return score_parquet(source, sink, work.classifier, map, work.advance)


def _score_stream(source: BinaryIO | Path, sink: BinaryIO | Path | None, work: _Work) -> None:
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        if isinstance(sink, Path):
            sink = stack.enter_context(stack.enter_context(whole(sink)).open("wb"))
        work.tally += _score_text(file, sink, work)


def _score_text(file: BinaryIO, out: BinaryIO | None, work: _Work) -> Tally:
    tally = Tally()
    chunks = _chunks(file, work.advance)
    for piece in score_text(chunks, work.classifier, work.options, work.limit, map, tally):
        if out is not None:
            out.write(piece)
    return tally


def _chunks(file: BinaryIO, advance: Callable[[int], None]) -> Iterable[bytes]:
    while chunk := file.read(PIECE):
        yield chunk
        advance(len(chunk))
