"""From the bytes of a file to rows of cells, and back: compression, encodings, quotes, numbers, formulas.

zlib, codecs and csv do the work, piece by piece. Added to them are: bytes that are not UTF-8, as those of a
Latin-1 file, travel through the text as surrogates and come out as they were; a quote that does not close
spoils its own line only; each row knows the lines that it came from; formulas are escaped. All patterns take
linear time.
"""

import codecs
import csv
import io
import itertools
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeVar

from model import messages

BLOCK = 1 << 20
"""Characters of rows that are handled at once, about."""

PIECE = 1 << 18  # bytes handed on at once; what a gzip file may swell to before the next look at the limit
_PEEK = 1 << 16  # bytes that are enough to know a file by
_SIP = 1 << 13  # bytes of a gzip file taken at once: each of its members copies the rest of them

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_OTHER_FILES = (  # how a file begins that is no table, and what it is
    (rb"\xff\xfe\0\0|\0\0\xfe\xff", messages.UTF_32),
    (rb"PK\x03\x04", messages.WORKBOOK),
    (rb"\xd0\xcf\x11\xe0", messages.OLD_WORKBOOK),
    (rb"PAR1", messages.PARQUET),
    (rb"%PDF", messages.PDF),
    (rb"\x1f\x8b", messages.GZIP_IN_GZIP),
    (rb"BZh|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd", messages.ARCHIVE),
    (rb"\x89PNG|\xff\xd8\xff", messages.PICTURE),
    (rb"\x93NUMPY|\x80[\x04\x05]", messages.PICKLE),
    (rb"\s*version https://git-lfs", messages.LFS_POINTER),
    (rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|!--)", messages.WEB_PAGE),
    (rb"(?:\xef\xbb\xbf)?\s*<", messages.XML),
    (rb'(?:\xef\xbb\xbf)?\s*[\[{]\s*["\[{\d\]}-]', messages.JSON),
)

Item = TypeVar("Item")

DELIMITERS = (",", ";", "\t")

_LONGEST = 1 << 21  # characters of one line; beyond that it is no table
_FURTHEST = 1 << 20  # characters in which a quoted cell has to close
_BEGINNINGS = frozenset("=+-@\t\r\n＝＋－＠")  # of cells that a spreadsheet may run
_NUMBER = {
    mark: re.compile(rf"[+-]?(?:\d+(?:[{mark}]\d*)?|[{mark}]\d+)(?:[eE][+-]?\d+)?", re.ASCII) for mark in ".,"
}
_THOUSANDS = {
    mark: re.compile(rf"[+-]?\d{{1,3}}(?:[{other}]\d{{3}})+(?:[{mark}]\d*)?", re.ASCII)
    for mark, other in ((".", ","), (",", "."))
}
_SIGNED_NUMBER = re.compile(r"[+\-](?=[.,]*\d)[\d.,]+(?:[eE][+-]?\d+)?%?[ \t]*", re.ASCII)


TableFaultCode = Literal[
    "not_a_table",
    "other_data",
    "damaged",
    "no_header",
    "headless",
    "missing_columns",
    "too_large",
    "meaningless",
]


class WrongTable(ValueError):
    """The file is no table of specimens; the message says what was found and what was expected.

    ``code`` says it to programs: ``headless`` tables may be scored if the header is the standard one, and
    ``meaningless`` ones if any scale is meant.
    """

    def __init__(self, message: str, code: TableFaultCode = "not_a_table") -> None:
        super().__init__(message)
        self.code = code


class TooLarge(WrongTable):
    """The table is larger than the door lets in."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "too_large")


class Encoding(NamedTuple):
    """How the text was written: its byte order mark and codec."""

    mark: bytes
    codec: str

    @property
    def errors(self) -> str:
        return "surrogateescape" if self.codec == "utf-8" else "surrogatepass"

    def encode(self, text: str) -> bytes:
        """The text as the file has it."""
        return text.encode(self.codec, self.errors)


def decode(chunks: Iterable[bytes], limit: int | None = None) -> tuple[Encoding, Iterator[str]]:
    """How a file's text is encoded, and the text in pieces.

    Raises (here or while the pieces are taken):
        WrongTable: if the file is of another kind, or damaged.
        TooLarge: if the text is longer than ``limit`` bytes.
    """
    chunks = _gathered(chunks, limit)
    head = next(chunks)
    if head.startswith(b"\x1f\x8b"):
        chunks = _gathered(_gunzip(itertools.chain([head], chunks)), limit)
        head = next(chunks)
    for beginning, kind in _OTHER_FILES:
        if re.match(beginning, head):
            raise WrongTable(kind, "other_data")
    encoding = _encoding(head)
    pieces = _decoded(itertools.chain([head[len(encoding.mark) :]], chunks), encoding)
    first = next(pieces)
    pieces = itertools.chain([first], pieces)
    if "\r" in first[:-1] and "\n" not in first:  # as old spreadsheets of the Macintosh end their lines
        pieces = (piece.replace("\r", "\n") for piece in pieces)
    return encoding, pieces


def _gathered(chunks: Iterable[bytes], limit: int | None = None) -> Iterator[bytes]:
    """Chunks of a size that is worth a look, at least one."""
    held: list[bytes] = []
    size = total = 0
    for chunk in filter(None, chunks):
        held.append(chunk)
        size += len(chunk)
        total += len(chunk)
        if limit is not None and total > limit:
            raise TooLarge(messages.TOO_MUCH_TEXT.format(limit=limit))
        if size >= _PEEK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _encoding(head: bytes) -> Encoding:
    for mark, codec in _MARKS.items():
        if head.startswith(mark):
            return Encoding(mark, codec)
    start = head[:64]
    for codec, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(start) >= 4 and not zeros.strip(b"\0"):
            return Encoding(b"", codec)
    return Encoding(b"", "utf-8")


def _decoded(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        what = encoding.codec.upper()
        raise WrongTable(messages.DAMAGED.format(what=what, why=error), "damaged") from error


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The members of a gzip file, one behind the other, never more than ``PIECE`` at once."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), _SIP):
                rest = chunk[start : start + _SIP]
                while rest:
                    if member.eof:  # another member, or the zeros that some tools fill up with
                        if not (rest := rest.lstrip(b"\0")):
                            break
                        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                    yield member.decompress(rest, PIECE)
                    rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise WrongTable(messages.DAMAGED.format(what="gzip", why=error), "damaged") from error
    if not member.eof:
        raise WrongTable(messages.GZIP_CUT_OFF, "damaged")


class Row(NamedTuple):
    """One record of a table: the number of its first line, its text, its cells, and ``why`` it is broken."""

    line: int
    text: str
    cells: list[str]
    why: str = ""


def read_rows(lines: Iterator[str], delimiter: str, first: int = 1) -> Iterator[Row]:
    """Take lines apart, the first of which has the number ``first``; empty lines are passed over.

    A quote that does not close spoils its own line only: the next line is read as a new row. Where that
    happens again and again, quotes have to close in their line, or reading would take hours.
    """
    again: deque[str] = deque()  # lines to be read once more
    taken: list[str] = []  # the lines of one row
    at, read, vain = first, 0, 0  # read: characters, vain: those that had to be read again

    def feed() -> Iterator[str]:
        size = len(taken[0])
        yield taken[0] + "\n"
        while size <= _FURTHEST and vain <= 2 * read + _FURTHEST:
            if (line := again.popleft() if again else next(lines, None)) is None:
                break
            taken.append(line)
            size += len(line)
            yield line + "\n"
        raise csv.Error(messages.QUOTE_OPEN)

    while (line := again.popleft() if again else next(lines, None)) is not None:
        text = line.removesuffix("\r")
        if '"' not in text and "\r" not in text:
            if text:
                yield Row(at, text, text.split(delimiter))
            at += 1
            continue
        taken[:] = [line]
        read += len(line)
        try:
            cells = next(csv.reader(feed(), delimiter=delimiter))
        except csv.Error as error:
            again.extendleft(reversed(taken[1:]))
            vain += sum(map(len, taken))
            yield Row(at, text, [], _why(str(error)))
            at += 1
        else:
            yield Row(at, "\n".join(taken).removesuffix("\r"), cells)
            at += len(taken)


def in_blocks(items: Iterable[Item], most: int, length: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Lines or rows, some at a time: ``most``, or as many as have ``BLOCK`` characters."""
    block: list[Item] = []
    size = 0
    for item in items:
        block.append(item)
        size += length(item)
        if len(block) >= most or size >= BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _why(error: str) -> str:
    """In our words, if they are those of the csv module."""
    if "larger than field limit" in error:
        return messages.CELL_TOO_LONG.format(limit=csv.field_size_limit())
    return error if error == messages.QUOTE_OPEN else messages.CARRIAGE_RETURN


def split_lines(pieces: Iterable[str], most: int | None = None) -> Iterator[str]:
    """The lines of a text without their ends; refuses one that has no end, and more than ``most``."""
    rest, count = "", 0
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        count += len(lines)
        if most is not None and count > most:
            raise TooLarge(messages.TOO_MANY_LINES.format(limit=most))
        if len(rest) > _LONGEST:
            raise WrongTable(messages.LINE_TOO_LONG.format(limit=_LONGEST))
        yield from lines
    if rest:
        yield rest


def join(cells: Sequence[str], delimiter: str) -> str:
    """The cells as one line without its end, quoted where they need it."""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue().removesuffix("\r\n")


def may_run(cell: str) -> bool:
    return cell[:1] in _BEGINNINGS


def escape_formula(cell: str) -> str:
    """The cell, with a ' before it if a spreadsheet would run it; numbers stay as they are.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{cell}" if may_run(cell) and not _SIGNED_NUMBER.fullmatch(cell) else cell


def number(cell: str, decimal: str) -> float | str:
    """The cell as a number, or its text without the blanks around it where it is none."""
    text = cell.strip(" \t\r\n")
    return float(text.replace(decimal, ".")) if _NUMBER[decimal].fullmatch(text) else text


def is_number(cell: str, decimal: str) -> bool:
    return isinstance(number(cell, decimal), float)


def has_thousands(text: str, decimal: str) -> bool:
    """Whether marks between thousands are what keeps the text from being a number."""
    return _THOUSANDS[decimal].fullmatch(text) is not None


def clean(text: str) -> str:
    """The text for people: bytes that were not UTF-8 are shown as �."""
    return re.sub("[\ud800-\udfff]", "�", text)
