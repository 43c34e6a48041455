"""Where things stand in a table: delimiter, decimal mark, the columns of the features and of the diagnoses.

Judges the beginning of a table. What cannot be understood for certain is refused, with what to do about it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.features import DIAGNOSES, FEATURES, NAMES
from model.names import resolve, resolve_all, suggest
from model.table.rows import (
    DELIMITERS,
    Row,
    WrongTable,
    clean,
    escape_formula,
    in_blocks,
    is_number,
    join,
    number,
    read_rows,
)

RESULTS = (
    "probability", "interval_low", "interval_high", "predicted_diagnosis", "verdict", "warnings", "error"
)  # fmt: skip
"""The columns that scoring adds; where the input has one of the name already, ours gets ``_2`` behind it."""

UCI = ("id", "diagnosis", *NAMES)
"""The columns of UCI's ``wdbc.data``, which has no header."""

_SEP = re.compile(r'"?sep=([,;\t])"?\r?', re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""@attribute\s+("[^"]*"|'[^']*'|\S+)""", re.IGNORECASE)
_OURS = re.compile(r"(?:predicted_diagnosis|verdict)(?:_\d+)?")
_HEAD = 1000  # lines, among them those above the data in ARFF
_SAMPLE = 200  # rows that the layout is judged by
_SHOWN = 12  # column names that a message repeats
_SUGGESTED = 5  # of these, with what they may have been meant for
_MOST = 1 << 14  # columns; a sheet of Excel has no more
_REACH = 1.5  # times the observed extremes: within that a number may be the feature of its place

_CODES = [  # words that may say what the specimens were, but not which of the two is malignant
    set(pair.split())
    for pair in ("0 1", "1 -1", "1 2", "2 4", "positive negative", "pos neg", "yes no", "y n", "true false")
]
_TRUTH_NAMES = {"diagnosis", "class", "target", "label", "truth", "y", "malignant", "result"}
_NINE_NAMES = ("clump", "bare", "mitos", "uniformity", "adhesion", "epithelial", "chromatin")


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is meant, where it does not say so itself; every door has the same.

    ``any_scale``: answer a table whose columns do not look like measurements of this kind. ``malignant``:
    the code of a malignant specimen in the column of diagnoses, such as "1". ``header``: "standard" for a
    table without one that has the thirty features in their usual order.
    """

    any_scale: bool = False
    malignant: str | None = None
    header: str | None = None


@dataclass(frozen=True, slots=True)
class DiagnosisColumn:
    """The column that says what the specimens were, or may say so: ``message`` tells whether it is used.

    ``codes`` are the words that it holds. It stands at ``place``, and ``meaning`` has 1 for a word of its
    that means malignant and 0 for benign; one that is not used has neither.
    """

    column: str
    codes: tuple[str, ...]
    message: str
    place: int | None = None
    meaning: Mapping[str, int] = field(default_factory=dict)

    def read(self, cells: Sequence[object]) -> NDArray[np.int64]:
        """1, 0, or -1 where it is unknown."""
        meant = {cell: self.meaning.get(_word(cell), -1) for cell in {*cells}}
        return np.array([meant[cell] for cell in cells], np.int64)

    @property
    def used(self) -> bool:
        return self.place is not None

    def to_dict(self) -> dict[str, Any]:
        return {"column": self.column, "used": self.used, "codes": self.codes, "message": self.message}


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of one table are read.

    ``names`` are the header's cells, ``columns`` the place of each of the thirty features in order. A row has
    ``len(names)`` cells, or as few as ``least`` where the last names are empty, as in Kaggle's ``data.csv``.
    ``heading`` is the beginning of the output: the results' names behind the header, below Excel's ``sep=;``.
    """

    delimiter: str
    decimal: str
    newline: str
    heading: str
    names: tuple[str, ...]
    columns: tuple[int, ...]
    diagnoses: DiagnosisColumn | None
    least: int


def read_layout(lines: Iterator[str], options: Options) -> tuple[Layout, Iterator[Row]]:
    """The layout of a table, from its first lines, and its rows.

    Raises:
        WrongTable: if features are missing or doubled, or if the rows do not fit the header.
    """
    head = next(in_blocks(lines, _HEAD, len), [])
    blank = next((i for i, line in enumerate(head) if line.strip("\r")), len(head))
    sep = _SEP.fullmatch(head[blank]) if blank < len(head) else None  # as Excel writes it, and wants it
    top = blank + bool(sep)
    firsts = [
        (mark, next(read_rows(iter(head[top:]), mark, top + 1), Row(1, "", [])))
        for mark in (sep[1] if sep else DELIMITERS)
    ]
    delimiter, header = max(firsts, key=lambda found: _promise(found[1].cells))
    body = header.line + header.text.count("\n")  # lines above the rows
    if arff := _arff(head[top:]):
        delimiter, body = ",", top + arff[1]
        header = header._replace(cells=arff[0], text="", why="")
    if header.why:
        raise WrongTable(messages.BROKEN_HEADER.format(why=header.why))
    if len(header.cells) > _MOST:
        raise WrongTable(messages.WIDE_HEADER.format(cells=len(header.cells), most=_MOST))
    rows = read_rows(chain(head[body:], lines), delimiter, body + 1)
    first_rows = next(in_blocks(rows, _SAMPLE, lambda row: len(row.text)), [])
    sample = [row.cells for row in first_rows if not row.why]
    if not any(map(resolve, header.cells)):
        names, headless = _without_names(header.cells, sample, delimiter, options)
        if headless:
            first_rows, sample = [header, *first_rows], [header.cells, *sample]
        header = header._replace(cells=names, text="")
    columns = find_columns(header.cells)
    least = max(i for i, name in enumerate(header.cells, 1) if name.strip())
    _check_widths(sample, least, len(header.cells), delimiter)
    newline = "\r\n" if "".join(head[max(body, 1) - 1 : body or 1]).endswith("\r") else "\n"
    layout = Layout(
        delimiter=delimiter,
        decimal=_decimal(sample, columns),
        newline=newline,
        heading=(f"{head[blank]}\n" if sep else "") + _heading(header, delimiter) + newline,
        names=tuple(header.cells),
        columns=columns,
        diagnoses=find_diagnoses(header.cells, sample, options.malignant),
        least=least,
    )
    return layout, chain(first_rows, rows)


def _promise(cells: Sequence[str]) -> tuple[int, int]:
    """How well a delimiter explains the first line: features found, then cells."""
    return sum(resolve(cell) is not None for cell in cells[:_MOST]), len(cells)


def _arff(head: Sequence[str]) -> tuple[list[str], int] | None:
    """The names of an ARFF file and the number of lines to its ``@data``, or None if it is no such file."""
    meant = (line for line in head if line.strip() and line[0] != "%")
    if not next(meant, "").lower().startswith("@relation"):
        return None
    names = []
    for line_number, line in enumerate(head, 1):
        if found := _ATTRIBUTE.match(line.strip()):
            names.append(found[1].strip("\"'"))
        elif line.strip().lower() == "@data":
            return names, line_number
    raise WrongTable(messages.ARFF_WITHOUT_DATA, "damaged")


def _without_names(
    first: list[str], sample: list[list[str]], delimiter: str, options: Options
) -> tuple[list[str], bool]:
    """Names for rows without any, and whether the first line is a row as well.

    UCI's own file is known by its form; else the caller has to say that the columns are the usual ones.

    Raises:
        WrongTable: if nobody does, with what these rows look like.
    """
    if len(first) == len(UCI) and _word(first[1]) in DIAGNOSES and all(map(_is_any_number, first[2:])):
        return list(UCI), True
    if sample and sum(map(bool, map(resolve, sample[0]))) > len(NAMES) // 2:
        raise WrongTable(messages.NAMES_IN_SECOND_LINE.format(found=_shown(first)), "no_header")
    width = Counter(map(len, sample or [first])).most_common(1)[0][0]
    rows = [cells for cells in [first, *sample] if len(cells) == width]
    place = _place_of_features(rows, width) if width >= len(NAMES) else None
    if place is None:
        raise _no_features(first, sample)
    features = range(place, place + len(NAMES))
    headless = len(first) == width and all(_is_any_number(first[i]) for i in features)
    names = [f"column_{i + 1}" for i in range(width)]
    names[place : place + len(NAMES)] = NAMES
    for i in {*range(width)} - {*features}:
        words = {_word(cells[i]) for cells in rows[not headless :]}
        if words <= {*DIAGNOSES} or words <= {"0", "1"} or words in _CODES:
            names[i] = "diagnosis"
    if names[0] == "column_1":
        names[0] = "id"
    if options.header != "standard":
        pattern = messages.NO_HEADER if headless else messages.WRONG_HEADER
        raise WrongTable(
            pattern.format(found=_shown(first), line=delimiter.join(names), count=len(NAMES)), "headless"
        )
    return names, headless


def _is_any_number(cell: str) -> bool:
    return is_number(cell, ".") or is_number(cell, ",")


def _place_of_features(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """The column where thirty numbers begin that look like the features in order, or None."""
    places = range(min(width - len(NAMES) + 1, 8))
    decimal = _decimal(rows, range(width))
    read = [[number(cell, decimal) for cell in cells[: len(NAMES) + len(places)]] for cells in rows]
    values = np.array([[cell if isinstance(cell, float) else np.nan for cell in cells] for cells in read])
    low, high = np.array([(f.low / _REACH, f.high * _REACH) for f in FEATURES]).T
    parts = [values[:, place : place + len(NAMES)] for place in places]
    shares = [float(((low <= part) & (part <= high)).mean()) for part in parts]
    return shares.index(max(shares)) if max(shares) > 0.75 else None


def _no_features(first: Sequence[str], sample: Sequence[Sequence[str]]) -> WrongTable:
    """What a table is, none of whose columns has the name of a feature."""
    named, last = " ".join(first).casefold(), [cell.strip() for cell in (sample or [first])[-1]]
    nine = len(last) in (10, 11) and sum(cell in ("?", "10", *"123456789") for cell in last) >= 9
    if nine or sum(word in named for word in _NINE_NAMES) >= 3:
        return WrongTable(messages.NINE_INTEGERS, "other_data")
    if sum(map(_is_any_number, last)) >= len(NAMES):
        told = messages.NUMBERS_UNNAMED.format(found=_shown(first), cells=len(last), count=len(NAMES))
        return WrongTable(told, "no_header")
    pattern = messages.NO_FEATURES if any(first) else messages.EMPTY_TABLE
    found, count = _shown(first), len(NAMES)
    return WrongTable(pattern.format(found=found, first=NAMES[0], last=NAMES[-1], count=count))


def find_columns(names: Sequence[str]) -> tuple[int, ...]:
    """Where each feature stands; refuses with everything that is wrong with the header at once."""
    places: dict[str, list[int]] = {name: [] for name in NAMES}
    strange = []
    for place, feature in enumerate(resolve_all(names)):
        if feature is not None:
            places[feature].append(place)
        elif names[place].strip() and names[place].strip().casefold() not in {"id", *_TRUTH_NAMES}:
            strange.append(names[place])
    missing = [name for name, at in places.items() if not at]
    if len(missing) == len(NAMES):
        raise _no_features(names, [])
    wrong = [messages.NO_COLUMN.format(names=", ".join(missing))] if missing else []
    for name, at in places.items():
        if len(at) > 1:
            both = [messages.COLUMN.format(number=i + 1, name=clean(names[i][:30])) for i in at[:3]]
            wrong.append(messages.COLUMN_TWICE.format(name=name, columns=" and ".join(both)))
    if wrong:
        told = messages.EACH_ONCE.format(found="; ".join(wrong), count=len(NAMES))
        if missing and strange:
            told += messages.NOT_UNDERSTOOD.format(names=_shown(strange, suggested=_SUGGESTED))
        raise WrongTable(told, "missing_columns")
    return tuple(at[0] for at in places.values())


def _check_widths(sample: Sequence[Sequence[str]], least: int, most: int, delimiter: str) -> None:
    """Refuse if all first rows are wrong by the same number of cells; single ones are faults of a row."""
    widths = {*map(len, sample)}
    width = next(iter(widths), most)
    if len(widths) == 1 and len(sample) > 1 and not least <= width <= most:
        hint = messages.PERHAPS_ROW_NAMES if width == most + 1 else ""
        if width > most + 1 and delimiter == ",":
            hint = messages.PERHAPS_DECIMAL_COMMAS
        raise WrongTable(messages.OTHER_WIDTH.format(width=width, most=most, hint=hint))


def _decimal(sample: Sequence[Sequence[str]], columns: Sequence[int]) -> str:
    """The decimal mark that most numbers are written with."""
    cells = [cells[column] for cells in sample for column in columns if column < len(cells)]
    commas, points = (sum(mark in cell and is_number(cell, mark) for cell in cells) for mark in ",.")
    return "," if commas > points else "."


def find_diagnoses(
    names: Sequence[str], sample: Sequence[Sequence[object]], malignant: str | None
) -> DiagnosisColumn | None:
    """The column that says what the specimens were: of M and B or their words, or of the caller's code."""
    code = None if malignant is None else _word(malignant)
    coded = []
    for i, name in enumerate(names):
        if resolve(name) or _OURS.fullmatch(name.strip().casefold()):
            continue
        words = {_word(row[i]) for row in sample if i < len(row)} - {""}
        named = name.strip().casefold() in _TRUTH_NAMES
        if words and words <= DIAGNOSES.keys() and (code is None or DIAGNOSES.get(code) == 1):
            message = messages.TRUTH_USED.format(column=clean(name))
            return DiagnosisColumn(clean(name), tuple(sorted(words)), message, i, DIAGNOSES)
        if words in _CODES or (named and 0 < len(words) <= 2):
            coded.append((not named, i, words))
    for _, i, words in sorted(coded, key=lambda found: found[:2]):
        # rows further down may hold the other code of a pair
        pair = next((pair for pair in _CODES if words | {code or next(iter(words))} <= pair), words)
        codes, column = tuple(sorted(map(clean, pair))), clean(names[i])
        if code is None:
            message = messages.TRUTH_CODED.format(column=column, codes="/".join(codes), first=codes[-1])
            return DiagnosisColumn(column, codes, message)
        if code in pair:
            message = messages.TRUTH_BY_CODE.format(column=column, code=clean(code))
            return DiagnosisColumn(column, codes, message, i, {word: int(word == code) for word in pair})
    if malignant is None:
        return None
    return DiagnosisColumn("", (), messages.TRUTH_NOT_FOUND.format(code=clean(malignant[:30])))


def _word(cell: object) -> str:
    """A code as people mean it: 1.0 is 1."""
    return "" if cell is None else str(cell).strip().casefold().removesuffix(".0")


def _heading(header: Row, delimiter: str) -> str:
    """The header as it came, and behind it names for the results that it does not have already."""
    names = [escape_formula(name) for name in header.cells]
    text = header.text if header.text and names == header.cells else join(names, delimiter)
    return delimiter.join([text, *free_names(header.cells)])


def free_names(names: Sequence[str]) -> list[str]:
    """Names for the results that no other column has."""
    taken = {name.strip().casefold() for name in names}
    numbered = (chain([name], map(f"{name}_{{}}".format, count(2))) for name in RESULTS)
    return [next(free for free in names if free not in taken) for names in numbered]


def _shown(names: Sequence[str], suggested: int = 0) -> str:
    told = [repr(clean(name[:30])) for name in names]
    for i, name in enumerate(names[:suggested]):
        if near := suggest(name):
            told[i] = messages.PERHAPS.format(name=told[i], candidates=messages.any_of(near))
    return messages.first(_SHOWN, told)
