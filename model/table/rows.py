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
from functools import partial
from typing import Literal, NamedTuple, TypeVar

from model import messages

BLOCK_CHARACTERS = 1 << 20
"""About how many characters of rows are handled at once."""

PIECE_BYTES = 1 << 18  # read or unpacked at once, before the limit is checked again
_HEAD_BYTES = 1 << 16  # enough to recognise the kind of a file
_TEXT_BYTES = 256  # if one of the first bytes is zero, the file is not text
_GZIP_READ_BYTES = 1 << 13  # unpacked at once; small, because each member of the file copies what follows it

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
_FORMULA_STARTS = re.compile(r"[=+@＝＋－＠\t\r\n-]")  # a spreadsheet may run a cell that begins with one
_CELL_STARTS = {  # the same behind a quote or a delimiter; no cell begins with the delimiter itself
    delimiter: re.compile(
        rf'(?:^|{delimiter})(?!{delimiter}){_FORMULA_STARTS.pattern}|"{_FORMULA_STARTS.pattern}'
    )
    for delimiter in DELIMITERS
}
_NUMBER = {
    mark: re.compile(rf"[+-]?(?:\d+(?:[{mark}]\d*)?|[{mark}]\d+)(?:[eE][+-]?\d+)?", re.ASCII) for mark in ".,"
}
THOUSANDS = {  # numbers with marks between thousands, by their decimal mark
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


def decode(chunks: Iterable[bytes], limit: int | None = None) -> tuple[Callable[[str], bytes], Iterator[str]]:
    """The text of a file in pieces, and before it the function that encodes text as the file does.

    Raises (now, or while the pieces are read):
        WrongTable: if the file is of another kind, cut off, or longer than ``limit`` bytes of text.
        UnicodeDecodeError, zlib.error: if it is damaged.
    """
    chunks = _gathered(chunks, limit)
    head = next(chunks)
    if head.startswith(b"\x1f\x8b"):
        chunks = _gathered(_gunzip(itertools.chain([head], chunks)), limit)
        head = next(chunks)
    for beginning, kind in _OTHER_FILES:
        if re.match(beginning, head):
            raise WrongTable(kind, "other_data")
    codec, errors = _codec(head[:64])
    if codec == "utf-8" and b"\0" in head[:_TEXT_BYTES]:
        raise WrongTable(messages.BINARY, "other_data")
    pieces: Iterator[str] = codecs.iterdecode(itertools.chain([head], chunks), codec, errors)
    first = next(pieces, "")
    pieces = itertools.chain([first], pieces)
    if "\r" in first[:-1] and "\n" not in first:  # line ends of old Macintosh spreadsheets
        pieces = (piece.replace("\r", "\n") for piece in pieces)
    return partial(str.encode, encoding=codec, errors=errors), pieces


def _codec(start: bytes) -> tuple[str, str]:
    """The codec of a file that begins like this, and how it treats what is not valid."""
    for codec, mark, zeros in (
        ("utf-16-le", codecs.BOM_UTF16_LE, start[1::2]),
        ("utf-16-be", codecs.BOM_UTF16_BE, start[::2]),
    ):
        if start.startswith(mark) or (len(start) >= 4 and not zeros.strip(b"\0")):
            return codec, "surrogatepass"
    return "utf-8", "surrogateescape"


def _gathered(chunks: Iterable[bytes], limit: int | None = None) -> Iterator[bytes]:
    """The same bytes in chunks of at least ``_HEAD_BYTES`` but for the last; always one chunk or more."""
    held: list[bytes] = []
    size = total = 0
    for chunk in filter(None, chunks):
        held.append(chunk)
        size += len(chunk)
        total += len(chunk)
        if limit is not None and total > limit:
            raise WrongTable(messages.TOO_MUCH_TEXT.format(limit=limit), "too_large")
        if size >= _HEAD_BYTES:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a gzip file, member after member, never more than ``PIECE_BYTES`` at once."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
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
            problem = str(error)
            if "larger than field limit" in problem:
                problem = messages.CELL_TOO_LONG.format(limit=csv.field_size_limit())
            elif problem != messages.QUOTE_OPEN:
                problem = messages.CARRIAGE_RETURN
            yield Row(line_number, text, [], problem)
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


def split_lines(pieces: Iterable[str], limit: int | None = None) -> Iterator[str]:
    """The lines of a text without their ends; refuses lines that are too long, or more than ``limit``."""
    rest, count = "", 0
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        count += len(lines)
        if limit is not None and count > limit:
            raise WrongTable(messages.TOO_MANY_LINES.format(limit=limit), "too_large")
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


def may_have_formulas(line: str, delimiter: str) -> bool:
    """Whether a cell of the line may begin like a formula."""
    return _FORMULA_STARTS.search(line) is not None and _CELL_STARTS[delimiter].search(line) is not None


def escape_formula(cell: str) -> str:
    """The cell, with a ' in front if a spreadsheet would run it as a formula; numbers stay as they are.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{cell}" if _FORMULA_STARTS.match(cell) and not _SIGNED_NUMBER.fullmatch(cell) else cell


def number(cell: str, decimal: str) -> float | str:
    """The cell as a number, or its text without surrounding blanks if it is not a number."""
    text = cell.strip(" \t\r\n")
    return float(text.replace(decimal, ".")) if _NUMBER[decimal].fullmatch(text) else text


def is_number(cell: str, decimal: str) -> bool:
    return isinstance(number(cell, decimal), float)


def clean(text: str) -> str:
    """The text for display: bytes that were not UTF-8 become �."""
    return re.sub("[\ud800-\udfff]", "�", text)
