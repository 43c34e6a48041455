"""Where things stand in a table: its delimiter, its decimal mark, and the column of every feature.

Judges the beginning of a table and refuses a wrong one; knows nothing about scoring.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from model.features import DIAGNOSES, NAMES
from model.names import resolve, resolve_all
from model.table.cells import DELIMITERS, Record, disarm, join, records

RESULTS = (
    "probability",
    "interval_low",
    "interval_high",
    "predicted_diagnosis",
    "verdict",
    "warnings",
    "error",
)
"""The columns that scoring adds; where the input has one of the name already, ours gets ``_2`` behind it."""

UCI = ("id", "diagnosis", *NAMES)
"""The columns of UCI's ``wdbc.data``, which has no header."""

_NUMBER = {
    mark: re.compile(rf"\s*[+-]?(?:\d+(?:[{mark}]\d*)?|[{mark}]\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
    for mark in ".,"
}
_SEP = re.compile(rb'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
_SAMPLE = 200  # rows that the decimal mark and the number of cells are judged by
_SHOWN = 12  # column names that a message repeats
_MOST = 1 << 14  # columns; a sheet of Excel has no more


class WrongTable(ValueError):
    """The file is no table of specimens; the message says what was found and what was expected.

    ``code`` says it to programs: not_a_table, no_header, missing_columns, other_data, too_large, damaged or,
    where any scale may be meant after all, the code of the ``TableNotice``.
    """

    def __init__(self, message: str, code: str = "not_a_table") -> None:
        super().__init__(message)
        self.code = code


class TooLarge(WrongTable):
    """The table is larger than the door lets in."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "too_large")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of one table are read.

    ``names`` are the header's cells, ``columns`` the place of each of the thirty features in order,
    ``truth`` that of the diagnosis if there is one. A row has ``len(names)`` cells, or as few as ``least``
    where the last names are empty, as in Kaggle's ``data.csv``. ``heading`` is
    the first line of the output, the results' names included, below Excel's ``sep=;`` if there is one.
    """

    delimiter: str
    decimal: str
    newline: bytes
    heading: bytes
    names: tuple[str, ...]
    columns: tuple[int, ...]
    truth: int | None
    least: int

    def number(self, cell: str) -> float | str:
        """The cell as a number, or as it is where it is none."""
        if not _NUMBER[self.decimal].fullmatch(cell):
            text = cell.strip(" \t\r\n")  # strip() alone would cut a byte off a character
            return text if text.isascii() else utf8(text)
        return float(cell.replace(self.decimal, "."))


def read_layout(text: bytes) -> tuple[Layout, int]:
    """The layout of a table, and where its rows begin, from its first lines.

    Raises:
        WrongTable: if features are missing or doubled, or if the rows do not fit the header.
    """
    start = len(text) - len(text.lstrip(b"\r\n"))
    sep = _SEP.match(text, start)  # as Excel writes it, and wants it
    start = sep.end() if sep else start
    lines = text[start:].split(b"\n")
    delimiters = [sep[1].decode()] if sep else DELIMITERS
    delimiter, header = max(
        ((mark, _first(lines, mark)) for mark in delimiters), key=lambda m: _promise(m[1])
    )
    if _is_uci(header.cells):
        header = Record(0, 0, list(UCI))
    if header.why:
        raise WrongTable(f"found a first line that is broken, {header.why}: expected a header")
    if len(header.cells) > _MOST:
        raise WrongTable(f"found a first line of {len(header.cells):,} cells: expected {_MOST:,} at most")
    names = tuple(utf8(name) for name in header.cells)
    columns = find_columns(names)
    sample = [row.cells for row in islice(records(lines[header.after :], delimiter), _SAMPLE) if not row.why]
    least = _least(names)
    _check_widths(sample, least, len(names), delimiter)
    newline = b"\r\n" if lines[max(header.after, 1) - 1].endswith(b"\r") else b"\n"
    heading = (sep[0] if sep else b"") + _heading(header, lines, delimiter) + newline
    layout = Layout(
        delimiter, _decimal(sample, columns), newline, heading, names, columns, find_truth(names), least
    )
    return layout, min(start + sum(len(line) + 1 for line in lines[: header.after]), len(text))


def utf8(cell: str) -> str:
    """A cell as people read it; inside, cells are bytes in the guise of latin-1."""
    return cell.encode("latin-1").decode("utf-8", "replace")


def _first(lines: Sequence[bytes], delimiter: str) -> Record:
    return next(records(lines, delimiter), Record(0, 0, []))


def _promise(header: Record) -> tuple[int, int]:
    """How well a delimiter explains the first line: features found, then cells."""
    if _is_uci(header.cells):
        return len(NAMES), len(header.cells)
    return sum(resolve(cell) is not None for cell in header.cells[:_MOST]), len(header.cells)


def _is_uci(cells: Sequence[str]) -> bool:
    return (
        len(cells) == len(UCI)
        and cells[1].strip().casefold() in DIAGNOSES
        and any(all(number.fullmatch(cell) for cell in cells[2:]) for number in _NUMBER.values())
    )


def find_columns(names: Sequence[str]) -> tuple[int, ...]:
    """Where each feature stands; refuses with everything that is wrong with the header at once."""
    places: dict[str, list[int]] = {name: [] for name in NAMES}
    for place, feature in enumerate(resolve_all(names)):
        if feature is not None:
            places[feature].append(place)
    missing = [name for name, at in places.items() if not at]
    if len(missing) == len(NAMES):
        found = f"a first line of {_shown(names)}" if any(names) else "nothing"
        raise WrongTable(
            f"found {found}: expected a header with the {len(NAMES)} features, {NAMES[0]} to {NAMES[-1]}, in "
            f"any order, or UCI's wdbc.data, which has none: {len(UCI)} columns of id, M or B, and numbers"
        )
    wrong = [f"no column for {', '.join(missing)}"] if missing else []
    for name, at in places.items():
        if len(at) > 1:
            both = " and ".join(f"column {place + 1} ({names[place][:30]!r})" for place in at[:3])
            wrong.append(f"{name} more than once: {both}")
    if wrong:
        raise WrongTable(f"found {'; '.join(wrong)}; expected each of the {len(NAMES)} features once")
    return tuple(at[0] for at in places.values())


def _least(names: Sequence[str]) -> int:
    least = len(names)
    while not names[least - 1].strip():
        least -= 1
    return least


def _check_widths(sample: Sequence[Sequence[str]], least: int, most: int, delimiter: str) -> None:
    """Refuse if all first rows are wrong by the same number of cells; single ones are faults of a row."""
    widths = Counter(len(cells) for cells in sample)
    width, rows = widths.most_common(1)[0] if widths else (most, 0)
    if len(widths) > 1 or rows < 2 or least <= width <= most:
        return
    hint = ""
    if width == most + 1:
        hint = " (perhaps row names in a column without a name)"
    elif width > most and delimiter == ",":
        hint = " (perhaps decimal commas: separate cells by semicolons, or quote them)"
    raise WrongTable(f"found rows of {width} cells below a header of {most}{hint}: expected as many")


def _decimal(sample: Sequence[Sequence[str]], columns: Sequence[int]) -> str:
    """The decimal mark that most numbers are written with."""
    marks = Counter(
        mark
        for cells in sample
        for column in columns
        if column < len(cells)
        for mark in ".,"
        if mark in cells[column] and _NUMBER[mark].fullmatch(cells[column])
    )
    return "," if marks[","] > marks["."] else "."


def find_truth(names: Sequence[str]) -> int | None:
    """Where the diagnosis stands, if there is one column of the name."""
    places = [place for place, name in enumerate(names) if name.strip().casefold() == "diagnosis"]
    return places[0] if len(places) == 1 else None


def _heading(header: Record, lines: Sequence[bytes], delimiter: str) -> bytes:
    """The header as it came, and behind it names for the results that it does not have already."""
    names = [disarm(name) for name in header.cells]
    raw = b"\n".join(lines[header.first : header.after]).removesuffix(b"\r")
    if not raw or names != header.cells:
        raw = join(names, delimiter)
    return delimiter.encode().join([raw, *(name.encode() for name in free_names(header.cells))])


def free_names(names: Sequence[str]) -> list[str]:
    """Names for the results that no other column has."""
    taken = {name.strip().casefold() for name in names}
    return [next(free for free in _numbered(name) if free not in taken) for name in RESULTS]


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:30]) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
