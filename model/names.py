"""Column names as people write them: which feature a name means, or may have been meant to be.

A name is a measurement and a statistic, in either order, in upper or lower case, with any separators,
brackets or quotes: ``radius_mean``, ``Radius (Mean)``, ``meanRadius``, ``x.radius_avg``, ``radius1``. The
words come from the feature table, so a feature that is added there is understood at once.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from model.features import BY_NAME, FEATURES, MEASUREMENTS, STATISTICS

_MAX_LENGTH = 80  # characters of a name; no feature has a longer one
_EXACT, _LOOSE, _WEAK = range(3)

_WORD = re.compile(r"[^\W_]+")
# Signs other than these between the words, such as % ^ * =, may change what a column means.
_SEPARATED = re.compile(r"""[\w\s.,:;/|$#@&+()\[\]{}"'`´“”‘’«»\\-]*""")
_PREFIXES = frozenset(
    {"x", "df", "data", "wdbc", "feature", "features", "num", "remainder", "cell", "nucleus"}
)
_FILLERS = frozenset({"of", "the", "or", "for", "value", "values"})


def resolve(name: str) -> str | None:
    """The feature that a name means on its own, or None.

    >>> resolve("Concave.Points (SE)"), resolve("mean radius"), resolve("radius")
    ('concave_points_se', 'radius_mean', None)
    """
    if name in BY_NAME:
        return name
    feature, rank = _reading(name)
    return feature if rank < _WEAK else None


def resolve_all(names: Iterable[str]) -> list[str | None]:
    """The feature that each column name of a table means, or None.

    Of several names for one feature, only the plainest count: next to ``radius_se``, ``radius_sd`` is some
    other column. ``radius`` alone means ``radius_mean`` if no other name does.
    """
    readings = [_reading(name) for name in names]
    best: dict[str | None, int] = {}
    for feature, rank in readings:
        best[feature] = min(rank, best.get(feature, _WEAK))
    return [feature if rank == best[feature] else None for feature, rank in readings]


def suggest(name: str) -> tuple[str, ...]:
    """The features that an unknown name may have been meant to be.

    One if both its measurement and its statistic are nearly right, all features of the measurement if only
    that is, otherwise none; never one with another statistic than the name has.
    """
    words = _parts(name)
    last = [(words[-n:], words[:-n]) for n in (1, 2)]
    cuts = [*last, *((words[:n], words[n:]) for n in (1, 2))]
    known = [(_statistic("".join(one)), _measurement("".join(rest))) for one, rest in cuts if rest]
    statistics = {_STATISTICS[word] for word in words if word in _STATISTICS}
    for statistic, measurement in known:
        if statistic is not None and measurement and statistics <= {statistic}:
            pair = (statistic, measurement)
            return tuple(f.name for f in FEATURES if (f.statistic.suffix, f.measurement.name) == pair)
    measurement = next((m for _, m in [*known, (None, _measurement("".join(words)))] if m), None)
    return tuple(feature.name for feature in FEATURES if feature.measurement.name == measurement)


def _reading(name: str) -> tuple[str | None, int]:
    """The feature that a name may mean, and how plainly: ``_EXACT``, ``_LOOSE`` or ``_WEAK``."""
    if len(name) > _MAX_LENGTH or not _SEPARATED.fullmatch(name):
        return None, _WEAK
    words = _WORD.findall(name.casefold())
    found = _READINGS.get(_squeezed(words))
    if found is None and words and words[0] in _PREFIXES:
        found = _READINGS.get(_squeezed(words[1:]))
    return found or (None, _WEAK)


def _squeezed(words: Iterable[str]) -> str:
    return "".join(word for word in words if word not in _FILLERS)


def _key(spelling: str) -> str:
    return _squeezed(_WORD.findall(spelling.casefold()))


def _readings() -> Iterator[tuple[str, str, int]]:
    """Every way to write every feature, without separators, and how plain it is."""
    for feature in FEATURES:
        statistic, measurement = feature.statistic, feature.measurement
        for spelling in (feature.name, *feature.aliases):
            yield _key(spelling), feature.name, _EXACT
        measured = _ranked(measurement.name, measurement.label, *measurement.synonyms, weak=measurement.weak)
        counted = _ranked(statistic.suffix, statistic.label, *statistic.synonyms, weak=statistic.weak)
        for word, weak in measured:
            for pattern in statistic.aliases:
                yield _key(pattern.format(word)), feature.name, weak
            for other, also_weak in counted:
                yield word + other, feature.name, max(weak, also_weak)
                yield other + word, feature.name, max(weak, also_weak)


def _ranked(*plain: str, weak: Sequence[str]) -> list[tuple[str, int]]:
    return [(_key(word), _LOOSE) for word in plain] + [(_key(word), _WEAK) for word in weak]


def _lookup() -> dict[str, tuple[str | None, int]]:
    """The plainest reading of each name without separators; None if two features are equally plain."""
    readings: dict[str, tuple[str | None, int]] = {}
    for key, feature, rank in _readings():
        known, plainness = readings.get(key, (feature, rank))
        if rank < plainness:
            readings[key] = feature, rank
        elif rank == plainness:
            readings[key] = (feature if known == feature else None), rank
    return readings


_READINGS = _lookup()

_STATISTICS = {
    _key(word): statistic.suffix
    for statistic in STATISTICS
    for word in (
        *(statistic.suffix, statistic.label, *statistic.synonyms),
        *(pattern.replace("{}", "") for pattern in statistic.aliases),
    )
}
_MEASUREMENTS = {
    _key(word): measurement.name
    for measurement in MEASUREMENTS
    for word in (measurement.name, measurement.label, *measurement.synonyms)
}
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _parts(name: str) -> list[str]:
    """The words of a name, ``radiusMean2`` included, without prefixes and words that mean nothing."""
    words = [word.casefold() for word in _CAMEL.findall(name[:_MAX_LENGTH])][:8]
    words = words[1:] if words and words[0] in _PREFIXES else words
    return [word for word in words if word not in _FILLERS]


def _measurement(word: str) -> str | None:
    near = difflib.get_close_matches(word, _MEASUREMENTS, 1, cutoff=0.8)
    return _MEASUREMENTS[near[0]] if near else None


def _statistic(word: str) -> str | None:
    """The statistic that a word means, with one letter wrong at most: ``meen``, but not ``median``."""
    if word in _STATISTICS:
        return _STATISTICS[word]
    near = {_STATISTICS[known] for known in _STATISTICS if len(known) > 3 and _one_edit(word, known)}
    return near.pop() if len(near) == 1 else None


def _one_edit(one: str, other: str) -> bool:
    """Whether the words differ by one letter added, left out or replaced, or by two letters exchanged."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return swapped or one[1:] == other[1:] or one[1:] == other or one == other[1:]
