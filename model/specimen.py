"""One specimen: thirty checked numbers, or every fault of the input at once."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
_NUMBER_TYPES = frozenset({float, int})  # bool is an int only by inheritance, so it is left out
_MAX_SHOWN = 60  # characters of a wrong value or name that a message repeats
_MAX_SUGGESTED = 10  # unknown names that get suggestions: finding these is the slowest step

_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# A comma before exactly three digits may separate thousands, unless only a zero or nothing precedes it.
_COMMA_FOR_POINT = re.compile(r"[+-]?(?:\d+,(?:\d{1,2}|\d{4,})|0?,\d+)", re.ASCII)
_COMMAS_BETWEEN_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}|,\d{3}\.\d*)", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


FaultCode = Literal[
    "missing", "unknown", "duplicate", "not_a_number", "not_finite", "negative", "wrong_length", "wrong_type"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, in words and for programs."""

    code: FaultCode = field(metadata={"description": "The kind of fault"})
    feature: str = field(metadata={"description": "The feature, or the name that was given"})
    value: str = field(metadata={"description": "What was found, as text"})
    expected: str = field(metadata={"description": "What was expected"})
    message: str = field(metadata={"description": "The same in a sentence"})

    @classmethod
    def of(
        cls, code: FaultCode, name: str, found: str, expected: str, pattern: str = messages.FAULT
    ) -> "Fault":
        """A fault whose message follows from what was found and what was expected."""
        return cls(code, name, found, expected, pattern.format(name=name, found=found, expected=expected))


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
        raise InvalidSpecimen([Fault.of("wrong_type", "features", _shown(features), expected)])

    @classmethod
    def from_sequence(cls, values: Sequence[object]) -> "Specimen":
        """Check numbers given in the order of ``FEATURES``."""
        if len(values) != len(NAMES):
            expected = messages.LIST.format(count=len(NAMES), first=NAMES[0], last=NAMES[-1])
            found = messages.LENGTH.format(count=len(values))
            raise InvalidSpecimen([Fault.of("wrong_length", "features", found, expected)])
        numbers = _plain_numbers(values)
        return cls(numbers) if numbers else cls.from_pairs(zip(NAMES, values, strict=True))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[object, object]]) -> "Specimen":
        """Check named numbers; each name may have any spelling that ``model.names`` reads, but occurs once.

        A number may be given as text, such as "12.5" or "12,5", if it can be read in only one way.
        """
        named = list(pairs)
        readings = resolve_all(name if isinstance(name, str) else "" for name, _ in named)
        numbers: dict[str, float] = {}
        spellings: dict[str, object] = {}
        faults: list[Fault] = []
        unknown: list[object] = []
        for (spelling, value), reading in zip(named, readings, strict=True):
            # resolve_all drops the less plain of two names for a feature; here that is a duplicate
            name = reading or (resolve(spelling) if isinstance(spelling, str) else None)
            if name is None:
                unknown.append(spelling)
            elif name in spellings:
                once = messages.ONCE if spellings[name] == spelling else messages.ONCE_NOT_TWICE
                expected = once.format(name=name, first=spellings[name], second=spelling)
                faults.append(Fault.of("duplicate", name, _shown(value), expected))
            else:
                spellings[name] = spelling
                number = read_number(value) if isinstance(value, str) else value
                if fault := _value_fault(name, value, number):
                    faults.append(fault)
                else:
                    numbers[name] = _float(number)
        faults += _unknown(unknown)
        missing = [name for name in NAMES if name not in spellings]
        faults += [Fault.of("missing", name, "", _EXPECTED[name], messages.MISSING) for name in missing]
        if faults:
            raise InvalidSpecimen(faults)
        return cls(tuple(numbers[name] for name in NAMES))

    def to_dict(self) -> dict[str, float]:
        return dict(zip(NAMES, self.values, strict=True))


def fault_of(name: str, value: object) -> Fault | None:
    """What is wrong with a value of the feature, or None; here, text never counts as a number."""
    return _value_fault(name, value, value)


def read_number(text: str) -> float | None:
    """The number that a text stands for, or None if it is not a number or can be read in two ways.

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


def _plain_numbers(values: Sequence[object]) -> tuple[float, ...]:
    """The values as floats if all are finite numbers of 0 or more; otherwise an empty tuple.

    This is the fast check. The sum is below infinity only if no term is infinite or NaN.
    """
    if not _NUMBER_TYPES.issuperset(map(type, values)):
        return ()
    try:
        numbers: tuple[float, ...] = tuple(map(float, values))  # type: ignore[arg-type]  # their types are known
    except OverflowError:
        return ()
    return numbers if min(numbers) >= 0.0 and sum(numbers) < math.inf else ()


def _float(number: object) -> float:
    """The value as a float; NaN if it is not a number."""
    # Python's booleans count as Real (numpy's do not), but True is not a measurement.
    if isinstance(number, bool) or not isinstance(number, Real):
        return math.nan
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _value_fault(name: str, value: object, number: object) -> Fault | None:
    """What is wrong with ``value``, which was read as ``number``."""
    read, expected = _float(number), _EXPECTED[name]
    code: FaultCode | None = None
    if not math.isfinite(read):
        code = "not_finite" if isinstance(number, Real) and not isinstance(number, bool) else "not_a_number"
        if isinstance(value, str) and _AMBIGUOUS.fullmatch(text := value.strip()):
            thousands, decimal = text.replace(",", ""), text.replace(",", ".")
            expected = messages.ONE_READING.format(thousands=thousands, decimal=decimal)
    elif read < BY_NAME[name].minimum:
        code = "negative"
    return Fault.of(code, name, _shown(value), expected) if code else None


def _unknown(names: Sequence[object]) -> list[Fault]:
    """A fault for each unknown name; the first few suggest what may have been meant."""
    faults: list[Fault] = []
    for name in names:
        shown = name[:_MAX_SHOWN] if isinstance(name, str) else _shown(name)
        near = suggest(shown) if len(faults) < _MAX_SUGGESTED else ()
        pattern = messages.FEATURE_PERHAPS if near else messages.FEATURE
        expected = pattern.format(count=len(NAMES), names=messages.any_of(near))
        faults.append(Fault.of("unknown", shown, "", expected, messages.UNKNOWN))
    return faults


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
    text = repr(value[: _MAX_SHOWN + 1]) if isinstance(value, str) else str(value)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"
