"""From the bytes of a file to the bytes of its text and back: gzip, byte order marks, UTF-16, lone CRs.

Text is handed on as bytes in which every ASCII character is itself, UTF-8 or any 8-bit encoding, so that
what is not ASCII passes through without being understood. Knows nothing about cells.
"""

import codecs
import itertools
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.table.layout import TooLarge, WrongTable

PIECE = 1 << 18  # bytes handed on at once; what a gzip file may swell to before the next look at the limit
_PEEK = 1 << 16
_SIP = 1 << 13  # bytes of a gzip file taken at once: each of its members copies the rest of them

_MARKS = {codecs.BOM_UTF8: None, codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_STRANGERS = {
    codecs.BOM_UTF32_LE: "UTF-32 text",
    codecs.BOM_UTF32_BE: "UTF-32 text",
    b"PK\x03\x04": "a ZIP archive or Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file inside another",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the text was written: its byte order mark, and the codec where that is not ASCII-like."""

    mark: bytes = b""
    codec: str | None = None

    def encode(self, text: bytes) -> bytes:
        """The inner bytes as the file has them."""
        if self.codec is None:
            return text
        return text.decode("utf-8", "surrogatepass").encode(self.codec, "surrogatepass")


def decode(chunks: Iterable[bytes], limit: int | None = None) -> tuple[Encoding, Iterator[bytes]]:
    """How a file's text is encoded, and the text in pieces of about ``PIECE`` bytes.

    Raises (here or while the pieces are taken):
        WrongTable: if the file is of another kind, or damaged.
        TooLarge: if the text is longer than ``limit`` bytes.
    """
    head, chunks = _peek(_sliced(chunks, PIECE), 2)
    if head.startswith(b"\x1f\x8b"):
        chunks = _gunzip(chunks)
    head, pieces = _peek(_limited(chunks, limit), _PEEK)
    for magic, kind in _STRANGERS.items():
        if head.startswith(magic):
            raise WrongTable(
                f"found {kind}: expected a table with commas, semicolons or tabs (CSV) in UTF-8 or UTF-16"
            )
    encoding = _encoding(head)
    pieces = _without(pieces, len(encoding.mark))
    if encoding.codec:
        pieces = _transcoded(pieces, encoding.codec)
    head, pieces = _peek(pieces, _PEEK)
    if b"\r" in head[:-1] and b"\n" not in head:  # as old spreadsheets of the Macintosh end their lines
        pieces = (piece.replace(b"\r", b"\n") for piece in pieces)
    return encoding, pieces


def _encoding(head: bytes) -> Encoding:
    for mark, codec in _MARKS.items():
        if head.startswith(mark):
            return Encoding(mark, codec)
    start = head[:64]
    for codec, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(start) >= 4 and not zeros.strip(b"\0"):
            return Encoding(b"", codec)
    return Encoding()


def _peek(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """At least ``size`` bytes of the beginning, or all, and the chunks as if nothing had been taken."""
    head = b""
    while len(head) < size and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head, itertools.chain([head], chunks)


def _sliced(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def _limited(chunks: Iterable[bytes], limit: int | None) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if limit is not None and total > limit:
            raise TooLarge(f"found more than {limit:,} bytes of text: expected at most that")
        yield chunk


def _without(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    first = next(chunks, b"")
    return itertools.chain([first[size:]], chunks)


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The members of a gzip file, one behind the other, never more than ``PIECE`` at once."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for sip in _sliced(chunks, _SIP):
            rest = sip
            while rest:
                if member.eof:  # another member, or the zeros that some tools fill up with
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield member.decompress(rest, PIECE)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise WrongTable(f"the gzip file is damaged: {error}") from error
    if not member.eof:
        raise WrongTable("the gzip file ends in the middle: expected its end")


def _transcoded(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise WrongTable(f"the {codec.upper()} text is damaged: {error}") from error
