"""One specimen: thirty checked numbers, or every fault of the input at once."""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from numbers import Real
from typing import Literal

from model import messages
from model.features import BY_NAME, FEATURES, NAMES, resolve

_NAMES = frozenset(NAMES)
_EXPECTED = {
    feature.name: (messages.NUMBER if feature.minimum < 0 else messages.NUMBER_NOT_NEGATIVE).format(
        low=feature.low, high=feature.high
    )
    for feature in FEATURES
}
_PLAIN = frozenset({float, int})  # and not bool, which is an int only by inheritance
_SHOWN = 60  # characters of a wrong value or name that a message repeats


FaultCode = Literal[
    "missing",
    "unknown",
    "duplicate",
    "not_a_number",
    "not_finite",
    "negative",
    "wrong_length",
    "wrong_type",
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
            return cls.from_sequence([features[name] for name in NAMES])
        if isinstance(features, Mapping):
            return cls.from_pairs(features.items())
        if isinstance(features, Sequence) and not isinstance(features, str | bytes):
            return cls.from_sequence(features)
        expected = messages.SPECIMEN.format(count=len(NAMES))
        raise InvalidSpecimen([_fault("wrong_type", "features", features, expected)])

    @classmethod
    def from_sequence(cls, values: Sequence[object]) -> "Specimen":
        """Check numbers given in the order of ``FEATURES``."""
        if len(values) != len(NAMES):
            expected = messages.LIST.format(count=len(NAMES), first=NAMES[0], last=NAMES[-1])
            raise InvalidSpecimen(
                [_fault("wrong_length", "features", messages.LENGTH.format(count=len(values)), expected)]
            )
        numbers = _at_a_glance(values)
        return cls(numbers) if numbers else cls.from_pairs(zip(NAMES, values, strict=True))

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[object, object]]) -> "Specimen":
        """Check named numbers; a name may come in any spelling that ``resolve`` knows, and only once."""
        found: dict[str, float] = {}
        named: dict[str, str] = {}
        faults: list[Fault] = []
        for given, value in pairs:
            name = resolve(given) if isinstance(given, str) else None
            if name is None:
                faults.append(_unknown(given))
            elif name in named:
                once = messages.ONCE if given == named[name] else messages.ONCE_NOT_TWICE
                expected = once.format(name=name, first=named[name], second=given)
                faults.append(_fault("duplicate", name, value, expected))
            else:
                named[name] = str(given)
                number = _number(value)
                fault = _value_fault(name, value, number)
                if fault is None:
                    found[name] = number
                else:
                    faults.append(fault)
        faults += [_missing(name) for name in NAMES if name not in named]
        if faults:
            raise InvalidSpecimen(faults)
        return cls(tuple(found[name] for name in NAMES))

    def to_dict(self) -> dict[str, float]:
        return dict(zip(NAMES, self.values, strict=True))


def fault_of(name: str, value: object) -> Fault | None:
    """What is wrong with a value of the feature, if anything is."""
    return _value_fault(name, value, _number(value))


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


def _number(value: object) -> float:
    """The value as a float; NaN where it is no number (``_value_fault`` tells the two apart)."""
    if type(value) is float:
        return value
    if not _is_number(value):
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]  # a Real, seen above
    except OverflowError:
        return math.inf


def _is_number(value: object) -> bool:
    # numpy's booleans are no Real; Python's are, and True is not a measurement
    return not isinstance(value, str | bool) and isinstance(value, Real)


def _value_fault(name: str, value: object, number: float) -> Fault | None:
    if 0.0 <= number < math.inf:
        return None
    if not _is_number(value):
        return _fault("not_a_number", name, value, _EXPECTED[name])
    if not math.isfinite(number):
        return _fault("not_finite", name, value, _EXPECTED[name])
    if number < BY_NAME[name].minimum:
        return _fault("negative", name, value, _EXPECTED[name])
    return None


def _missing(name: str) -> Fault:
    expected = _EXPECTED[name]
    return Fault("missing", name, "", expected, messages.MISSING.format(name=name, expected=expected))


def _unknown(given: object) -> Fault:
    shown = given[:_SHOWN] if isinstance(given, str) else _shown(given)
    near = difflib.get_close_matches(shown, NAMES, 1)
    pattern = messages.FEATURE_PERHAPS if near else messages.FEATURE
    expected = pattern.format(count=len(NAMES), name="".join(near))
    return Fault("unknown", shown, "", expected, messages.UNKNOWN.format(name=repr(shown), expected=expected))


def _fault(code: FaultCode, name: str, value: object, expected: str) -> Fault:
    shown = _shown(value)
    return Fault(
        code, name, shown, expected, messages.FAULT.format(name=name, found=shown, expected=expected)
    )


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
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
