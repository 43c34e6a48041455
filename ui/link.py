"""A case as a short query string, and back; knows nothing about the page that shows it.

A link starts from a case that everybody has, a showcase case or the median (``case=median``) or a specimen of
the data (``row=41``), and lists what differs: ``row=41&area_worst=700``; with no start it means the median.
A case with more differences than that is worth writes all thirty: ``x=17.99_10.38_…``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import numpy as np
from numpy.typing import NDArray

from model.features import NAMES
from model.names import resolve, suggest
from model.specimen import InvalidSpecimen, Specimen

_MOST_CHANGES = 8
_MOST_KEYS = 100  # of a link; in one that has more, misspelt names are not looked for


class BrokenLink(ValueError):
    """A query that does not say which case it means; ``problems`` are sentences for a visitor."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a case comes from: the nearest known start, and which features differ from it.

    ``start`` is the part of the query that names it.
    """

    start: str
    changed: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.start.removeprefix("case=") if self.start.startswith("case=") else ""

    @property
    def row(self) -> int | None:
        return int(self.start.removeprefix("row=")) if self.start.startswith("row=") else None


class Links:
    """Every case that a link may start from.

    Args:
        first: the key of the case that an empty query means.
        cases: key to its thirty values; one is ``median``.
        rows: row number to its thirty values.
    """

    def __init__(
        self,
        first: str,
        cases: Mapping[str, tuple[float, ...]],
        rows: Mapping[int, tuple[float, ...]],
    ) -> None:
        named = {f"case={key}": values for key, values in cases.items()}
        named |= {f"row={row}": values for row, values in rows.items()}
        self._starts = named
        self._first, self._median = named[f"case={first}"], named["case=median"]
        self._names = tuple(named)
        self._table: NDArray[np.float64] = np.array(list(named.values()))

    def origin(self, specimen: Specimen) -> Origin:
        """The known start with the fewest differences; the first of them where several have as few."""
        differs = self._table != np.array(specimen.values)
        nearest = int(differs.sum(axis=1).argmin())
        changed = tuple(name for name, off in zip(NAMES, differs[nearest], strict=True) if off)
        return Origin(self._names[nearest], changed)

    def encode(self, specimen: Specimen) -> str:
        """The query of a case, without the question mark."""
        origin = self.origin(specimen)
        if len(origin.changed) > _MOST_CHANGES:
            return "x=" + "_".join(digits(value) for value in specimen.values)
        changes = [f"{name}={digits(specimen.to_dict()[name])}" for name in origin.changed]
        return "&".join([origin.start, *changes])

    def decode(self, query: str) -> Specimen:
        """The case that a query means; what other sites add to a link is passed over.

        Raises:
            BrokenLink: with everything that is wrong with it.
        """
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        keys = {key for key, _ in pairs}
        known = keys & {"case", "row", "x"} or any(map(resolve, keys))
        values: dict[str, object] = dict(zip(NAMES, self._median if known else self._first, strict=True))
        problems = []
        for key, text in pairs:
            if key in ("case", "row"):
                start = self._starts.get(urlencode({key: text}))
                problems += [] if start else [f"There is no {key} {text[:40]!r}."]
                values |= zip(NAMES, start or (), strict=False)
            elif key == "x":
                numbers = text.split("_")
                problems += [] if len(numbers) == len(NAMES) else [_wrong_count(len(numbers))]
                values |= zip(NAMES, map(_number, numbers), strict=False)
        for key, text in pairs:
            if name := resolve(key):
                values[name] = _number(text)
            elif len(keys) <= _MOST_KEYS and (near := suggest(key)):
                problems.append(f"{key[:40]!r} is not a feature; did you mean {' or '.join(near)}?")
        return _checked(values, problems)


def digits(value: float) -> str:
    """A number as short as it can be written without losing anything: ``0.1184``, ``1001``."""
    return repr(value).removesuffix(".0").replace("e+", "e")  # a plus in a query means a blank


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _wrong_count(found: int) -> str:
    return f"x holds {found} numbers, not {len(NAMES)}."


def _checked(values: dict[str, object], problems: list[str]) -> Specimen:
    try:
        specimen = Specimen.parse(values)
    except InvalidSpecimen as invalid:
        problems += [f"{fault.message}." for fault in invalid.faults]
    if problems:
        raise BrokenLink(problems)
    return specimen
