"""One specimen: thirty checked numbers, or every fault of the input at once."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from numbers import Real
from operator import itemgetter
from typing import Literal

from model import messages
from model.features import BY_NAME, FEATURES, NAMES
from model.names import resolve, resolve_all, suggest

_NAMES = frozenset(NAMES)
_in_order = itemgetter(*NAMES)
_EXPECTED = {
    feature.name: (messages.NUMBER if feature.minimum < 0 else messages.NUMBER_NOT_NEGATIVE).format(
        low=feature.low, high=feature.high
    )
    for feature in FEATURES
}
_PLAIN = frozenset({float, int})  # and not bool, which is an int only by inheritance
_SHOWN = 60  # characters of a wrong value or name that a message repeats
_SUGGESTED = 10  # of many unknown names; to look for what was meant takes longer than all else

_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# three digits behind a comma may be thousands, unless nothing or a zero stands before it
_COMMA_FOR_POINT = re.compile(r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0?,\d+)", re.ASCII)
_COMMAS_BETWEEN_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}|,\d{3}\.\d*)", re.ASCII)
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


FaultCode = Literal[
    "missing", "unknown", "duplicate", "not_a_number", "not_finite", "negative", "wrong_length", "wrong_type"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, in words and for programs."""

    code: FaultCode = field(metadata={"description": "The kind of fault"})
    feature: str = field(metadata={"description": "The feature, or the name that was given"})
    value: str = field(metadata={"description": "What was found, as text"})
    expected: str = field(metadata={"description": "What would be right"})
    message: str = field(metadata={"description": "The same in a sentence"})

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


class InvalidSpecimen(ValueError):
    """The input is not thirty measurements; ``faults`` names everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Specimen:
    """One aspirate: thirty finite numbers, none below its minimum, in the order of ``FEATURES``."""

    values: tuple[float, ...]

    @classmethod
    def parse(cls, features: object) -> "Specimen":
        """Check a mapping of name to number, or a list of thirty numbers in order.

        Raises:
            InvalidSpecimen: with every fault of the input.
        """
        if type(features) is dict and features.keys() == _NAMES:
            return cls.from_sequence(_in_order(features))
        if isinstance(features, Mapping):
            return cls.from_pairs(features.items())
        if isinstance(features, Sequence) and not isinstance(features, str | bytes):
            return cls.from_sequence(features)
        expected = messages.SPECIMEN.format(count=len(NAMES))
        raise InvalidSpecimen([_fault("wrong_type", "features", _shown(features), expected)])

    @classmethod
    def from_sequence(cls, values: Sequence[object]) -> "Specimen":
        """Check numbers given in the order of ``FEATURES``."""
        if len(values) != len(NAMES):
            expected = messages.LIST.format(count=len(NAMES), first=NAMES[0], last=NAMES[-1])
            found = messages.LENGTH.format(count=len(values))
            raise InvalidSpecimen([_fault("wrong_length", "features", found, expected)])
        numbers = _at_a_glance(values)
        return cls(numbers) if numbers else cls.from_pairs(zip(NAMES, values, strict=True))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[object, object]]) -> "Specimen":
        """Check named numbers; a name may come in any spelling that ``model.names`` reads, and only once.

        A number may be a text, such as "12.5" or "12,5", where that can be read in one way only.
        """
        named = list(pairs)
        readings = resolve_all(name if isinstance(name, str) else "" for name, _ in named)
        found: dict[str, float] = {}
        given: dict[str, object] = {}
        faults: list[Fault] = []
        unknown: list[object] = []
        for (spelling, value), reading in zip(named, readings, strict=True):
            # a name that another one outdoes in a table is a second one here
            name = reading or (resolve(spelling) if isinstance(spelling, str) else None)
            if name is None:
                unknown.append(spelling)
            elif name in given:
                once = messages.ONCE if given[name] == spelling else messages.ONCE_NOT_TWICE
                expected = once.format(name=name, first=given[name], second=spelling)
                faults.append(_fault("duplicate", name, _shown(value), expected))
            else:
                given[name] = spelling
                number = read_number(value) if isinstance(value, str) else value
                if fault := _value_fault(name, value, number):
                    faults.append(fault)
                else:
                    found[name] = _float(number)
        faults += _unknown(unknown)
        missing = [name for name in NAMES if name not in given]
        faults += [_fault("missing", name, "", _EXPECTED[name], messages.MISSING) for name in missing]
        if faults:
            raise InvalidSpecimen(faults)
        return cls(tuple(found[name] for name in NAMES))

    def to_dict(self) -> dict[str, float]:
        return dict(zip(NAMES, self.values, strict=True))


def fault_of(name: str, value: object) -> Fault | None:
    """What is wrong with a value of the feature, if anything is; a text is no number here."""
    return _value_fault(name, value, value)


def read_number(text: str) -> float | None:
    """The number that a text stands for, where it can be read in one way only.

    >>> read_number(" 12.5"), read_number("12,5"), read_number("1,001.0"), read_number("1,001")
    (12.5, 12.5, 1001.0, None)
    """
    text = text.strip()
    if not _PLAIN_NUMBER.fullmatch(text):
        if _COMMA_FOR_POINT.fullmatch(text):
            text = text.replace(",", ".")
        elif _COMMAS_BETWEEN_THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        else:
            return None
    number = float(text)
    return number if math.isfinite(number) else None


def _at_a_glance(values: Sequence[object]) -> tuple[float, ...]:
    """The values if all are plain numbers of 0 or more; otherwise none, and each is to be looked at.

    A sum is not below infinity if one of its terms is infinite or NaN.
    """
    if not _PLAIN.issuperset(map(type, values)):
        return ()
    try:
        numbers: tuple[float, ...] = tuple(map(float, values))  # type: ignore[arg-type]  # their types are known
    except OverflowError:
        return ()
    return numbers if min(numbers) >= 0.0 and sum(numbers) < math.inf else ()


def _float(number: object) -> float:
    """The value as a float; NaN where it is none (``_value_fault`` tells the two apart)."""
    # numpy's booleans are no Real; Python's are, and True is not a measurement
    if isinstance(number, bool) or not isinstance(number, Real):
        return math.nan
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _value_fault(name: str, value: object, number: object) -> Fault | None:
    """``number`` is what ``value`` was read as."""
    read, expected = _float(number), _EXPECTED[name]
    code: FaultCode | None = None
    if not math.isfinite(read):
        code = "not_finite" if isinstance(number, Real) and not isinstance(number, bool) else "not_a_number"
        if isinstance(value, str) and _TWO_WAYS.fullmatch(text := value.strip()):
            thousands, decimal = text.replace(",", ""), text.replace(",", ".")
            expected = messages.ONE_READING.format(thousands=thousands, decimal=decimal)
    elif read < BY_NAME[name].minimum:
        code = "negative"
    return _fault(code, name, _shown(value), expected) if code else None


def _unknown(names: Sequence[object]) -> list[Fault]:
    """A fault for each unknown name, the first of them with what may have been meant."""
    faults: list[Fault] = []
    for given in names:
        shown = given[:_SHOWN] if isinstance(given, str) else _shown(given)
        near = suggest(shown) if len(faults) < _SUGGESTED else ()
        pattern = messages.FEATURE_PERHAPS if near else messages.FEATURE
        expected = pattern.format(count=len(NAMES), names=messages.any_of(near))
        faults.append(_fault("unknown", shown, "", expected, messages.UNKNOWN))
    return faults


def _fault(code: FaultCode, name: str, found: str, expected: str, pattern: str = messages.FAULT) -> Fault:
    return Fault(code, name, found, expected, pattern.format(name=name, found=found, expected=expected))


def _shown(value: object) -> str:
    if value is None or value == "":
        return messages.EMPTY
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 200:  # str() of a huge integer is slow or refused
        return messages.HUGE_INTEGER
    if isinstance(value, dict | list | tuple):
        pattern = messages.A_MAPPING if isinstance(value, dict) else messages.A_LIST
        return pattern.format(count=len(value))
    text = repr(value[: _SHOWN + 1]) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
