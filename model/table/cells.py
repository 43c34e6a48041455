"""Records and cells: quoted text taken apart and put together, and the cells that a spreadsheet would run.

Text is bytes, decoded as latin-1 where a ``str`` is needed, so that any 8-bit encoding passes through whole.
Knows nothing about features.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DELIMITERS = (",", ";", "\t")

_VAIN = 2  # times the number of lines that are read in search of ends of quotes

_WIDE = r"\xef\xbc[\x8b\x8d\x9d\xa0]"  # the full-width + - = @ in UTF-8
_NUMBER = r"[+\-]{digit}*\d{digit}*(?:[eE][+-]?\d+)?%?[ \t]*"


def _formula(first: str, digit: str, end: str) -> str:
    """A pattern of how formulas begin: signs do, but for those of numbers."""
    return rf"(?!{_NUMBER.replace('{digit}', digit)}{end})(?:[{first}+\-]|{_WIDE})"


_RUNS = re.compile(_formula(r"=@\t\r\n", r"[\d.,]", r"\Z"), re.ASCII)
_BEGINNINGS = {
    mark: re.compile(f"(^|{mark})({_formula(first, digit, f'(?:$|{mark})')})".encode("latin-1"), re.MULTILINE)
    for mark, first, digit in ((",", r"=@\t", r"[\d.]"), (";", r"=@\t", r"[\d.,]"), ("\t", "=@", r"[\d.,]"))
}
_KINDS = {mark: bytes.maketrans(f"{mark}\n=+-@\t\r\xef".encode("latin-1"), b"||!!!!!!!") for mark in ",;"}
_KINDS["\t"] = bytes.maketrans(b"\t\n=+-@\r\xef", b"||!!!!!!")


class Record(NamedTuple):
    """The lines from ``first`` to before ``after``, their cells, and ``why`` where they are broken."""

    first: int
    after: int
    cells: list[str]
    why: str = ""


class _Open(Exception):
    """The lines end inside a quoted cell."""


def records(lines: Sequence[bytes], delimiter: str) -> Iterator[Record]:
    """Take lines with quoted cells apart; empty lines are passed over.

    A quote that does not close spoils its own line only: the next line is read as a new record. Where that
    happens again and again, quotes have to close in their line, or reading would take hours.
    """
    at, end, vain = 0, len(lines), 0

    def rest() -> Iterator[str]:
        nonlocal at
        while at < end:
            at += 1
            yield lines[at - 1].decode("latin-1") + "\n"
        raise _Open

    reader = csv.reader(rest(), delimiter=delimiter)
    while at < len(lines):
        first = at
        if vain > _VAIN * len(lines):
            end = first + 1
        try:
            cells = next(reader)
        except (_Open, csv.Error) as error:
            vain += at - first
            at = first + 1
            reader = csv.reader(rest(), delimiter=delimiter)
            yield Record(first, at, [], _why(error))
        else:
            if cells:
                yield Record(first, at, cells)


def _why(error: Exception) -> str:
    if isinstance(error, _Open):
        return "a quote opens that does not close"
    if "larger" in str(error):
        return f"a cell has more than {csv.field_size_limit():,} characters, or a quote does not close"
    return "a carriage return stands in its middle"


def join(cells: Sequence[str], delimiter: str) -> bytes:
    """The cells as one line without its end, quoted where they need it."""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue().removesuffix("\r\n").encode("latin-1")


def may_run(text: bytes, delimiter: str) -> bool:
    """Whether any cell may begin as a formula does; cheap, and rather yes than no."""
    return b"|!" in b"|" + text.translate(_KINDS[delimiter], b'"')


def disarm(cell: str) -> str:
    """The cell, with a ' before it if a spreadsheet would run it; numbers stay as they are."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def disarm_all(text: bytes, delimiter: str) -> bytes:
    """The same for all cells of a text without quotes."""
    return _BEGINNINGS[delimiter].sub(rb"\1'\2", text)
