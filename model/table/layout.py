"""The layout of a table: its delimiter, decimal mark, and the columns of the features and of the diagnoses.

It is read from the first lines. A table that is not fully understood is refused, with advice what to do.
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
from model.features import DIAGNOSES, NAMES
from model.names import resolve, resolve_all, suggest
from model.table.checks import PLAUSIBLE
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
"""The columns that scoring adds; one whose name is taken in the input gets a number: ``verdict_2``."""

UCI = ("id", "diagnosis", *NAMES)
"""The columns of UCI's ``wdbc.data``, which has no header."""

_SEP = re.compile(r'"?sep=([,;\t])"?\r?', re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""@attribute\s+("[^"]*"|'[^']*'|\S+)""", re.IGNORECASE)
_RESULT_NAMES = re.compile(r"(?:predicted_diagnosis|verdict)(?:_\d+)?")
_HEAD_LINES = 1000  # enough for everything above the data in ARFF
_SAMPLE_ROWS = 200  # rows that the layout is derived from
_MAX_ABOVE = 10  # lines above the header, in which some files describe themselves
_MAX_SHOWN = 12  # column names that a message repeats
_MAX_SUGGESTED = 5  # of these, those with a suggestion what they may have been meant to be
_MAX_COLUMNS = 1 << 14  # an Excel sheet has no more

_CODES = [  # pairs of words that may be diagnoses, but do not say which of the two is malignant
    set(pair.split())
    for pair in ("0 1", "1 -1", "1 2", "2 4", "positive negative", "pos neg", "yes no", "y n", "true false")
]
_TRUTH_NAMES = {"diagnosis", "class", "target", "label", "truth", "y", "malignant", "result"}
_NINE_NAMES = ("clump", "bare", "mitos", "uniformity", "adhesion", "epithelial", "chromatin")


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is to be read if it does not say so itself; page, REST and command have the same options.

    ``any_scale``: answer even if the columns do not look like measurements of this kind. ``malignant``: the
    code of a malignant specimen in the column of diagnoses, such as "1". ``header``: "standard" for a table
    without a header that has the thirty features in their usual order.
    """

    any_scale: bool = False
    malignant: str | None = None
    header: str | None = None


@dataclass(frozen=True, slots=True)
class DiagnosisColumn:
    """The column that has, or may have, the diagnoses; ``message`` says whether it is used.

    ``codes`` are the words that it holds. If it is used, ``index`` is its index, and ``meaning`` has 1 for
    each of its words that means malignant and 0 for benign.
    """

    column: str
    codes: tuple[str, ...]
    message: str
    index: int | None = None
    meaning: Mapping[str, int] = field(default_factory=dict)

    def read(self, cells: Sequence[object]) -> NDArray[np.int64]:
        """1 for malignant, 0 for benign, -1 where it is unknown."""
        codes = {cell: self.meaning.get(_word(cell), -1) for cell in {*cells}}
        return np.array([codes[cell] for cell in cells], np.int64)

    @property
    def used(self) -> bool:
        return self.index is not None

    def to_dict(self) -> dict[str, Any]:
        return {"column": self.column, "used": self.used, "codes": self.codes, "message": self.message}


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of one table are read.

    ``names`` are the cells of the header, ``columns`` the indices of the thirty features in order. A row has
    ``len(names)`` cells, or at least ``min_cells`` if the last names are empty, as in Kaggle's ``data.csv``.
    ``heading`` is the beginning of the output: the header with the results' names, after Excel's ``sep=;``.
    """

    delimiter: str
    decimal: str
    newline: str
    heading: str
    names: tuple[str, ...]
    columns: tuple[int, ...]
    diagnoses: DiagnosisColumn | None
    min_cells: int


def read_layout(lines: Iterator[str], options: Options) -> tuple[Layout, Iterator[Row]]:
    """The layout of a table, derived from its first lines, and its rows.

    Raises:
        WrongTable: if features are missing or occur twice, or if the rows do not fit the header.
    """
    first, *rest = next(in_blocks(lines, _HEAD_LINES, len), [""])
    mark = first[: first.startswith("\ufeff")]  # the byte order mark
    head = [first.removeprefix(mark), *rest]
    blank = next((i for i, line in enumerate(head) if line.strip("\r")), len(head))
    sep = _SEP.fullmatch(head[blank]) if blank < len(head) else None  # a line for Excel
    top = blank + bool(sep)
    firsts = [
        (mark, next(read_rows(iter(head[top:]), mark, top + 1), Row(1, "", [])))
        for mark in (sep[1] if sep else DELIMITERS)
    ]
    # the delimiter that shows most features, then most cells
    delimiter, header = max(firsts, key=lambda first: (_named(first[1].cells), len(first[1].cells)))
    body = header.line + header.text.count("\n")  # lines above the rows
    if arff := _arff(head[top:]):
        delimiter, body = ",", top + arff[1]
        header = header._replace(cells=arff[0], text="", problem="")
    if header.problem:
        raise WrongTable(messages.BROKEN_HEADER.format(problem=header.problem))
    if len(header.cells) > _MAX_COLUMNS:
        raise WrongTable(messages.WIDE_HEADER.format(cells=len(header.cells), limit=_MAX_COLUMNS))
    rows = read_rows(chain(head[body:], lines), delimiter, body + 1)
    first_rows = next(in_blocks(rows, _SAMPLE_ROWS, lambda row: len(row.text)), [])
    sample = [row.cells for row in first_rows if not row.problem]
    if not any(map(resolve, header.cells)):
        names, headless = _without_names(header.cells, sample, delimiter, options)
        if headless:
            first_rows, sample = [header, *first_rows], [header.cells, *sample]
        header = header._replace(cells=names, text="")
    columns = find_columns(header.cells)
    min_cells = max(i for i, name in enumerate(header.cells, 1) if name.strip())
    _check_widths(sample, min_cells, len(header.cells), delimiter)
    safe = list(map(escape_formula, header.cells))
    text = header.text if header.text and safe == header.cells else join(safe, delimiter)
    heading = [text, *free_names(header.cells)]
    newline = "\r\n" if "".join(head[max(body, 1) - 1 : body or 1]).endswith("\r") else "\n"
    layout = Layout(
        delimiter=delimiter,
        decimal=_decimal(sample, columns),
        newline=newline,
        heading=mark + (f"{head[blank]}\n" if sep else "") + delimiter.join(heading) + newline,
        names=tuple(header.cells),
        columns=columns,
        diagnoses=find_diagnoses(header.cells, sample, options.malignant),
        min_cells=min_cells,
    )
    return layout, chain(first_rows, rows)


def _arff(head: Sequence[str]) -> tuple[list[str], int] | None:
    """The column names of an ARFF file, and the line number of its ``@data``; None for any other file."""
    used_lines = (line for line in head if line.strip() and line[0] != "%")
    if not next(used_lines, "").lower().startswith("@relation"):
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
    """Column names for a table without any, and whether its first line is a row.

    UCI's own file is recognised by its form; for others the option ``header`` has to be set.

    Raises:
        WrongTable: if it is not set, or if the rows do not look like the features in their usual order.
    """
    if len(first) == len(UCI) and _word(first[1]) in DIAGNOSES and all(map(_is_any_number, first[2:])):
        return list(UCI), True
    if max(map(_named, sample[:_MAX_ABOVE]), default=0) > len(NAMES) // 2:
        raise WrongTable(messages.NAMES_FURTHER_DOWN.format(found=_shown(first)), "no_header")
    width = Counter(map(len, sample or [first])).most_common(1)[0][0]
    rows = [cells for cells in [first, *sample] if len(cells) == width]
    index = _first_feature(rows, width) if width >= len(NAMES) else None
    if index is None:
        if any(resolve_all(first)):  # such as radius, which may be the mean
            find_columns(first)
        raise _no_features(first, sample)
    features = range(index, index + len(NAMES))
    headless = len(first) == width and all(_is_any_number(first[i]) for i in features)
    names = ["id", *(f"column_{i + 1}" for i in range(1, width))]
    names[index : index + len(NAMES)] = NAMES
    for i in {*range(width)} - {*features}:
        words = {_word(cells[i]) for cells in rows[not headless :]}
        if words <= {*DIAGNOSES} or words <= {"0", "1"} or words in _CODES:
            names[i] = "diagnosis"
    if options.header != "standard":
        pattern, line = messages.NO_HEADER if headless else messages.WRONG_HEADER, delimiter.join(names)
        raise WrongTable(pattern.format(found=_shown(first), line=line, count=len(NAMES)), "headless")
    return names, headless


def _named(cells: Sequence[str]) -> int:
    """How many of the cells name a feature."""
    return sum(resolve(cell) is not None for cell in cells[:_MAX_COLUMNS])


def _is_any_number(cell: str) -> bool:
    return is_number(cell, ".") or is_number(cell, ",")


def _first_feature(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """The first of thirty columns that look like the features in their usual order, or None."""
    indices = range(min(width - len(NAMES) + 1, 8))
    decimal = _decimal(rows, range(width))
    read = [[number(cell, decimal) for cell in cells[: len(NAMES) + len(indices)]] for cells in rows]
    values = np.array([[cell if isinstance(cell, float) else np.nan for cell in cells] for cells in read])
    parts = [values[:, index : index + len(NAMES)] for index in indices]
    shares = [float(((part >= PLAUSIBLE[0]) & (part <= PLAUSIBLE[1])).mean()) for part in parts]
    return shares.index(max(shares)) if max(shares) > 0.75 else None


def _no_features(first: Sequence[str], sample: Sequence[Sequence[str]]) -> WrongTable:
    """The error for a table in which no column has the name of a feature; it says what the table may be."""
    named, last = " ".join(first).casefold(), [cell.strip() for cell in (sample or [first])[-1]]
    nine = len(last) in (10, 11) and sum(cell in ("?", "10", *"123456789") for cell in last) >= 9
    if nine or sum(word in named for word in _NINE_NAMES) >= 3:
        return WrongTable(messages.NINE_INTEGERS, "other_data")
    if sum(map(_is_any_number, last)) >= len(NAMES):
        message = messages.NUMBERS_UNNAMED.format(found=_shown(first), cells=len(last), count=len(NAMES))
        return WrongTable(message, "no_header")
    pattern = messages.NO_FEATURES if any(first) else messages.EMPTY_TABLE
    found, count = _shown(first), len(NAMES)
    return WrongTable(pattern.format(found=found, first=NAMES[0], last=NAMES[-1], count=count))


def find_columns(names: Sequence[str]) -> tuple[int, ...]:
    """The index of each feature's column; the error names everything that is wrong with the header."""
    indices: dict[str, list[int]] = {name: [] for name in NAMES}
    unknown = []
    for index, feature in enumerate(resolve_all(names)):
        if feature is not None:
            indices[feature].append(index)
        elif names[index].strip() and names[index].strip().casefold() not in {"id", *_TRUTH_NAMES}:
            unknown.append(names[index])
    missing = [name for name, columns in indices.items() if not columns]
    if len(missing) == len(NAMES):
        raise _no_features(names, [])
    faults = [messages.NO_COLUMN.format(names=", ".join(missing))] if missing else []
    for name, columns in indices.items():
        if len(columns) > 1:
            both = [messages.COLUMN.format(number=i + 1, name=clean(names[i][:30])) for i in columns[:3]]
            faults.append(messages.COLUMN_TWICE.format(name=name, columns=" and ".join(both)))
    if faults:
        message = messages.EACH_ONCE.format(found="; ".join(faults), count=len(NAMES))
        if missing and unknown:
            message += messages.NOT_UNDERSTOOD.format(names=_shown(unknown, suggested=_MAX_SUGGESTED))
        raise WrongTable(message, "missing_columns")
    return tuple(columns[0] for columns in indices.values())


def _check_widths(sample: Sequence[Sequence[str]], min_cells: int, max_cells: int, delimiter: str) -> None:
    """Refuse a table whose first rows all have the same wrong width; otherwise it is a fault of the row."""
    widths = {*map(len, sample)}
    width = next(iter(widths), max_cells)
    if len(widths) == 1 and len(sample) > 1 and not min_cells <= width <= max_cells:
        hint = messages.PERHAPS_ROW_NAMES if width == max_cells + 1 else ""
        if width > max_cells + 1 and delimiter == ",":
            hint = messages.PERHAPS_DECIMAL_COMMAS
        raise WrongTable(messages.OTHER_WIDTH.format(width=width, header=max_cells, hint=hint))


def _decimal(sample: Sequence[Sequence[str]], columns: Sequence[int]) -> str:
    """The decimal mark that most numbers have."""
    cells = [cells[column] for cells in sample for column in columns if column < len(cells)]
    commas, points = (sum(mark in cell and is_number(cell, mark) for cell in cells) for mark in ",.")
    return "," if commas > points else "."


def find_diagnoses(
    names: Sequence[str], sample: Sequence[Sequence[object]], malignant: str | None
) -> DiagnosisColumn | None:
    """The column of the diagnoses: one with M and B or those words, or with the code ``malignant``."""
    code = None if malignant is None else _word(malignant)
    coded = []
    for i, name in enumerate(names):
        if resolve(name) or _RESULT_NAMES.fullmatch(name.strip().casefold()):
            continue
        words = {_word(row[i]) for row in sample if i < len(row)} - {""}
        named = name.strip().casefold() in _TRUTH_NAMES
        if words and words <= DIAGNOSES.keys() and (code is None or DIAGNOSES.get(code) == 1):
            message = messages.TRUTH_USED.format(column=clean(name))
            return DiagnosisColumn(clean(name), tuple(sorted(words)), message, i, DIAGNOSES)
        if words in _CODES or (named and 0 < len(words) <= 2):
            coded.append((not named, i, words))
    for _, i, words in sorted(coded, key=lambda found: found[:2]):
        # Rows further down may hold the other code of the pair.
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
    """A code in a uniform spelling: 1.0 becomes 1."""
    return "" if cell is None else str(cell).strip().casefold().removesuffix(".0")


def free_names(names: Sequence[str]) -> list[str]:
    """Names for the results that no column of the input has."""
    taken = {name.strip().casefold() for name in names}
    numbered = (chain([name], map(f"{name}_{{}}".format, count(2))) for name in RESULTS)
    return [next(free for free in names if free not in taken) for names in numbered]


def _shown(names: Sequence[str], suggested: int = 0) -> str:
    shown = [repr(clean(name[:30])) for name in names]
    for i, name in enumerate(names[:suggested]):
        if near := suggest(name):
            shown[i] = messages.PERHAPS.format(name=shown[i], candidates=messages.any_of(near))
    return messages.first(_MAX_SHOWN, shown)
