"""A case as a short query string, and back.

A link starts from a known case, which is a showcase case, the median (``case=median``) or a specimen of the
data (``row=41``), and lists what differs: ``row=41&area_worst=700``; without a start it means the median. If
there are many differences, it lists all thirty values: ``x=17.99_10.38_…``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

import numpy as np
from numpy.typing import NDArray

from model.features import NAMES
from model.messages import any_of
from model.names import resolve, suggest
from model.specimen import InvalidSpecimen, Specimen
from ui import text

_MAX_CHANGES = 8
_MAX_KEYS = 100  # in a link; if it has more, misspelt names are not searched for


class BrokenLink(ValueError):
    """A query that does not say which case it means; ``problems`` are sentences for a visitor."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True, slots=True)
class Start:
    """A known case with what is known about it; the median has no diagnosis, as it is no real specimen."""

    link: str
    title: str
    values: tuple[float, ...]
    diagnosis: str = ""
    why: str = ""


class Links:
    """Every case as a link that begins with one of the ``starts``; an empty query means ``opening``."""

    def __init__(self, starts: Sequence[Start], opening: Start) -> None:
        self._starts = starts
        self._by_link = {start.link: start for start in starts}
        self._opening, self._median = opening, self._by_link["case=median"]
        self._table: NDArray[np.float64] = np.array([start.values for start in starts])

    def origin(self, specimen: Specimen) -> tuple[Start, tuple[str, ...]]:
        """The first start with the fewest differences, and the features that differ from it."""
        differs = self._table != np.array(specimen.values)
        nearest = int(differs.sum(axis=1).argmin())
        changed = tuple(name for name, off in zip(NAMES, differs[nearest], strict=True) if off)
        return self._starts[nearest], changed

    def encode(self, specimen: Specimen) -> str:
        """The query of a case, without the question mark."""
        start, changed = self.origin(specimen)
        if len(changed) > _MAX_CHANGES:
            return "x=" + "_".join(map(digits, specimen.values))
        return "&".join([start.link, *(f"{name}={digits(specimen.to_dict()[name])}" for name in changed)])

    def decode(self, query: str) -> Specimen:
        """The case that a query means; parameters that other sites add to links are ignored.

        Raises:
            BrokenLink: with everything that is wrong.
        """
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        keys = {key for key, _ in pairs}
        known = keys & {"case", "row", "x"} or any(map(resolve, keys))
        start = self._median if known else self._opening
        values: dict[str, object] = dict(zip(NAMES, start.values, strict=True))
        problems = []
        for key, value in pairs:
            if key in ("case", "row"):
                if known_start := self._by_link.get(f"{key}={value}"):
                    values |= zip(NAMES, known_start.values, strict=True)
                else:
                    problems.append(text.NO_START.format(key=key, value=value[:40]))
            elif key == "x":
                numbers = value.split("_")
                if len(numbers) != len(NAMES):
                    problems.append(text.WRONG_COUNT.format(found=len(numbers), count=len(NAMES)))
                values |= zip(NAMES, map(_number, numbers), strict=False)
        for key, value in pairs:
            if name := resolve(key):
                values[name] = _number(value)
            elif len(keys) <= _MAX_KEYS and (near := suggest(key)):
                problems.append(text.MISSPELT.format(key=key[:40], names=any_of(near)))
        try:
            specimen = Specimen.parse(values)
        except InvalidSpecimen as invalid:
            problems += [f"{fault.message}." for fault in invalid.faults]
        if problems:
            raise BrokenLink(problems)
        return specimen


def digits(value: float) -> str:
    """A number in the shortest form that loses nothing: ``0.1184``, ``1001``."""
    return repr(value).removesuffix(".0").replace("e+", "e")  # a plus in a query means a blank


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
