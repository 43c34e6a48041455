"""From the bytes of a file to rows of cells, and back: compression, encodings, quotes, numbers, formulas.

zlib, codecs and csv do the work, piece by piece. This module adds four things: bytes that are not UTF-8, as
in a Latin-1 file, become surrogates and are written unchanged; a quote that does not close spoils only its
own line; each row knows its line number; formulas are escaped. All patterns take linear time.
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

BLOCK_CHARACTERS = 1 << 20
"""About how many characters of rows are handled at once."""

PIECE_BYTES = 1 << 18  # read or unpacked at once, before the limit is checked again
_HEAD_BYTES = 1 << 16  # enough to recognise the kind of a file
_TEXT_BYTES = 256  # if one of the first bytes is zero, the file is not text
_GZIP_READ_BYTES = 1 << 13  # unpacked at once; small, because each member of the file copies what follows it

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_OTHER_FILES = (  # how files begin that are not tables, and the message for each
    (rb"\xff\xfe\0\0|\0\0\xfe\xff", messages.UTF_32),
    (rb"PK\x03\x04", messages.WORKBOOK),
    (rb"\xd0\xcf\x11\xe0", messages.OLD_WORKBOOK),
    (rb"PAR1", messages.PARQUET),
    (rb"%PDF", messages.PDF),
    (rb"\x1f\x8b", messages.GZIP_IN_GZIP),
    (rb"BZh|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd", messages.ARCHIVE),
    (rb"\x89PNG|\xff\xd8\xff", messages.PICTURE),
    (rb"\x93NUMPY|\x80[\x02-\x05]", messages.PICKLE),
    (rb"\s*version https://git-lfs", messages.LFS_POINTER),
    (rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|!--)", messages.WEB_PAGE),
    (rb"(?:\xef\xbb\xbf)?\s*<", messages.XML),
    (rb'(?:\xef\xbb\xbf)?\s*[\[{]\s*["\[{\d\]}-]', messages.JSON),
)

Item = TypeVar("Item")

DELIMITERS = (",", ";", "\t")

_MAX_LINE = 1 << 21  # characters; a file with a longer line is not a table
_MAX_QUOTED = 1 << 20  # characters within which a quoted cell has to close
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")  # a spreadsheet may run a cell that begins with one
_NUMBER = {
    mark: re.compile(rf"[+-]?(?:\d+(?:[{mark}]\d*)?|[{mark}]\d+)(?:[eE][+-]?\d+)?", re.ASCII) for mark in ".,"
}
_THOUSANDS = {
    # blanks of any width and apostrophes, too; the last two characters are those of Windows-1252
    mark: re.compile(rf"[+-]?[0-9]{{1,3}}(?:[{other}\s'’\udca0\udc92][0-9]{{3}})+(?:[{mark}][0-9]*)?")
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
    """The file is not a table of specimens; the message says what was found and what was expected.

    ``code`` is for programs: a ``headless`` table can be scored with the option ``header``, a ``meaningless``
    one with ``any_scale``.
    """

    def __init__(self, message: str, code: TableFaultCode = "not_a_table") -> None:
        super().__init__(message)
        self.code = code


class TooLarge(WrongTable):
    """The table exceeds a limit of size."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "too_large")


class Encoding(NamedTuple):
    """How the text of a file is encoded: its byte order mark, which may be empty, and its codec."""

    byte_order_mark: bytes
    codec: str

    @property
    def errors(self) -> str:
        return "surrogateescape" if self.codec == "utf-8" else "surrogatepass"

    def encode(self, text: str) -> bytes:
        """The text in the encoding of the file."""
        return text.encode(self.codec, self.errors)


def decode(chunks: Iterable[bytes], limit: int | None = None) -> tuple[Encoding, Iterator[str]]:
    """The encoding of a file, and its text in pieces.

    Raises (now, or while the pieces are read):
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
    if encoding.codec == "utf-8" and b"\0" in head[:_TEXT_BYTES]:
        raise WrongTable(messages.BINARY, "other_data")
    pieces = _decoded(itertools.chain([head[len(encoding.byte_order_mark) :]], chunks), encoding)
    first = next(pieces)
    pieces = itertools.chain([first], pieces)
    if "\r" in first[:-1] and "\n" not in first:  # line ends of old Macintosh spreadsheets
        pieces = (piece.replace("\r", "\n") for piece in pieces)
    return encoding, pieces


def _gathered(chunks: Iterable[bytes], limit: int | None = None) -> Iterator[bytes]:
    """The same bytes in chunks of at least ``_HEAD_BYTES`` but for the last; always one chunk or more."""
    held: list[bytes] = []
    size = total = 0
    for chunk in filter(None, chunks):
        held.append(chunk)
        size += len(chunk)
        total += len(chunk)
        if limit is not None and total > limit:
            raise TooLarge(messages.TOO_MUCH_TEXT.format(limit=limit))
        if size >= _HEAD_BYTES:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _encoding(head: bytes) -> Encoding:
    for mark, codec in _BYTE_ORDER_MARKS.items():
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
        raise WrongTable(messages.DAMAGED.format(what=what, problem=error), "damaged") from error


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a gzip file, member after member, never more than ``PIECE_BYTES`` at once."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in chunks:
            for start in range(0, len(chunk), _GZIP_READ_BYTES):
                rest = chunk[start : start + _GZIP_READ_BYTES]
                while rest:
                    if member.eof:  # what follows is another member, or zeros that some tools append
                        if not (rest := rest.lstrip(b"\0")):
                            break
                        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                    yield member.decompress(rest, PIECE_BYTES)
                    rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise WrongTable(messages.DAMAGED.format(what="gzip", problem=error), "damaged") from error
    if not member.eof:
        raise WrongTable(messages.GZIP_CUT_OFF, "damaged")


class Row(NamedTuple):
    """One row of a table: the number of its first line, its text and cells, and its ``problem`` if broken."""

    line: int
    text: str
    cells: list[str]
    problem: str = ""


def read_rows(lines: Iterator[str], delimiter: str, first: int = 1) -> Iterator[Row]:
    """Split lines into rows; the first line has the number ``first``, and empty lines are skipped.

    A quote that does not close spoils only its own line: the next line is read as a new row. If that happens
    too often, quotes have to close in their own line, as reading could take hours otherwise.
    """
    pushed_back: deque[str] = deque()  # lines to be read once more
    taken: list[str] = []  # the lines of one row
    line_number, read, reread = first, 0, 0  # read and reread count characters

    def quoted_lines() -> Iterator[str]:
        size = len(taken[0])
        yield taken[0] + "\n"
        while size <= _MAX_QUOTED and reread <= 2 * read + _MAX_QUOTED:
            if (line := pushed_back.popleft() if pushed_back else next(lines, None)) is None:
                break
            taken.append(line)
            size += len(line)
            yield line + "\n"
        raise csv.Error(messages.QUOTE_OPEN)

    while (line := pushed_back.popleft() if pushed_back else next(lines, None)) is not None:
        text = line.removesuffix("\r")
        if '"' not in text and "\r" not in text:
            if text:
                yield Row(line_number, text, text.split(delimiter))
            line_number += 1
            continue
        taken[:] = [line]
        read += len(line)
        try:
            cells = next(csv.reader(quoted_lines(), delimiter=delimiter))
        except csv.Error as error:
            pushed_back.extendleft(reversed(taken[1:]))
            reread += sum(map(len, taken))
            yield Row(line_number, text, [], _problem(str(error)))
            line_number += 1
        else:
            yield Row(line_number, "\n".join(taken).removesuffix("\r"), cells)
            line_number += len(taken)


def in_blocks(items: Iterable[Item], limit: int, length: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Lines or rows in blocks of up to ``limit`` items, or of about ``BLOCK_CHARACTERS`` characters."""
    block: list[Item] = []
    size = 0
    for item in items:
        block.append(item)
        size += length(item)
        if len(block) >= limit or size >= BLOCK_CHARACTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def _problem(error: str) -> str:
    """The message for an error of the csv module."""
    if "larger than field limit" in error:
        return messages.CELL_TOO_LONG.format(limit=csv.field_size_limit())
    return error if error == messages.QUOTE_OPEN else messages.CARRIAGE_RETURN


def split_lines(pieces: Iterable[str], limit: int | None = None) -> Iterator[str]:
    """The lines of a text without their ends; refuses lines that are too long, or more than ``limit``."""
    rest, count = "", 0
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        count += len(lines)
        if limit is not None and count > limit:
            raise TooLarge(messages.TOO_MANY_LINES.format(limit=limit))
        if len(rest) > _MAX_LINE:
            raise WrongTable(messages.LINE_TOO_LONG.format(limit=_MAX_LINE))
        yield from lines
    if rest:
        yield rest


def join(cells: Sequence[str], delimiter: str) -> str:
    """The cells as one line without its end, quoted where necessary."""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue().removesuffix("\r\n")


def may_run(cell: str) -> bool:
    return cell[:1] in _FORMULA_STARTS


def escape_formula(cell: str) -> str:
    """The cell, with a ' in front if a spreadsheet would run it as a formula; numbers stay as they are.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{cell}" if may_run(cell) and not _SIGNED_NUMBER.fullmatch(cell) else cell


def number(cell: str, decimal: str) -> float | str:
    """The cell as a number, or its text without surrounding blanks if it is not a number."""
    text = cell.strip(" \t\r\n")
    return float(text.replace(decimal, ".")) if _NUMBER[decimal].fullmatch(text) else text


def is_number(cell: str, decimal: str) -> bool:
    return isinstance(number(cell, decimal), float)


def has_thousands(text: str, decimal: str) -> bool:
    """Whether the text would be a number without marks between thousands."""
    return _THOUSANDS[decimal].fullmatch(text) is not None


def clean(text: str) -> str:
    """The text for display: bytes that were not UTF-8 become �."""
    return re.sub("[\ud800-\udfff]", "�", text)
