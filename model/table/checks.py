"""Checks a table as a whole: whether its columns look like these measurements, and how far off they are.

A column is compared with the published specimens, and with the other columns by the distance that the
novelty warning uses. All statistics are medians and shares of rows, so single odd rows do not matter. The
limits were set so that no sample of real specimens exceeds them, however small or one-sided it is.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from model import messages
from model.classifier import Classifier
from model.explain import Reference
from model.features import FEATURES, NAMES, STATISTICS
from model.names import resolve
from model.table.rows import WrongTable

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

Severity = Literal["meaningless", "suspicious", "note"]
"""How grave a notice is: a meaningless table is refused unless the options allow any scale."""

MIN_ROWS = 10
"""The fewest rows for which the summary says how a table differs from the data."""

_MAX_TRIED_ROWS = 300  # rows on which exchanges of columns are tried
_LOST_FACTOR = 5.0  # times the observed extremes: beyond that, a decimal point is probably missing
_MOST_ROWS = 0.9  # share of rows from which on something counts as true of the whole table
_MIN_COLUMNS = 3  # columns that are off as a whole, from which on answers are meaningless

_TOLERANCE = 1.5  # times the observed extremes; no nucleus has a value beyond that
_LOW = np.array([feature.low for feature in FEATURES])
_HIGH = np.array([feature.high for feature in FEATURES])
PLAUSIBLE = (_LOW / _TOLERANCE, _HIGH * _TOLERANCE)
"""The lowest and the highest value of each feature that a nucleus may have, (30,) each."""

_MINIMA = np.array([feature.minimum for feature in FEATURES])
_POWER = np.array([{"u": 1, "u²": 2}.get(feature.unit, 0) for feature in FEATURES])  # power of a length
_SIZES = [i for i in np.flatnonzero(_POWER) if FEATURES[i].statistic.suffix != "se"]
_SHAPES = [i for i in np.flatnonzero(_POWER == 0) if FEATURES[i].statistic.suffix != "se"]


@dataclass(frozen=True, slots=True)
class TableNotice:
    """Something to know about the whole table, or about some features, before one reads the answers."""

    code: str
    severity: Severity
    features: tuple[str, ...]
    message: str

    @classmethod
    def of(cls, code: str, severity: Severity, features: Sequence[str] = (), /, **gaps: object) -> Self:
        """The notice with the sentence for its code."""
        return cls(code, severity, tuple(features), messages.NOTICES[code].format(**gaps))


@dataclass(frozen=True, slots=True)
class FeatureShift:
    """How far one feature is off: ``shift`` is in standard deviations of the data, positive if larger.

    ``median_data`` is the median of the published specimens, weighted to the share of malignant ones that the
    model predicts here; ``p_value`` is corrected for thirty features.
    """

    feature: str
    median: float
    median_data: float
    shift: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table of ten rows or more differs from the data; the features are sorted, furthest off first."""

    rows: int
    malignant_share: float
    features: tuple[FeatureShift, ...]
    message: str


def valid_rows(values: Values) -> Values:
    """The rows in which no number is missing or impossible."""
    return values[(np.isfinite(values) & (values >= _MINIMA)).all(axis=1)]


class TableChecks:
    """Checks many rows together; see ``notices`` and ``difference``.

    Args:
        classifier: its novelty distance says how well features fit together.
        reference: the published specimens.
    """

    def __init__(self, classifier: Classifier, reference: Reference) -> None:
        self._novelty = classifier.warning_rules.novelty
        self._reference = reference
        if _SIZES:  # predicts the size of nuclei from their texture and shape, by least squares
            sizes, shapes = self._size_and_shape(reference.values)
            self._size_by_shape = np.linalg.lstsq(shapes, sizes, rcond=None)[0]

    def notices(self, values: Values) -> list[TableNotice]:
        """What is odd about the table, most serious first.

        Args:
            values: (n, 30) as read, negative ones included; NaN where there is no number.
        """
        values = values[np.isfinite(values).any(axis=1)]
        off = _columns_off(values) if len(values) else []
        if len(off) >= _MIN_COLUMNS:
            return [self._scaled(values, off)]
        lost = _points_lost(values, off)
        whole = valid_rows(values[~lost.any(axis=1)])
        if not len(whole):
            return list(_points_lost_notices(values, lost))
        different = np.unique(whole, axis=0)
        notices = list(self._exchanged(different[:: -(-len(different) // _MAX_TRIED_ROWS)], off))
        moved = {name for notice in notices for name in notice.features}
        notices += [self._scaled(values, [i]) for i in off if NAMES[i] not in moved]
        notices += [] if notices else self._other_size(whole)
        notices += _points_lost_notices(values, lost)
        return notices or list(self._unfit(whole))

    def refuse_meaningless(self, values: Values) -> None:
        """Raise ``WrongTable`` if the answers would be meaningless."""
        for notice in self.notices(values):
            if notice.severity == "meaningless":
                raise WrongTable(messages.ANY_SCALE.format(notice=notice.message), "meaningless")

    def difference(self, values: Values, malignant_share: float) -> Difference | None:
        """How valid rows (n, 30) differ from the data, or None for fewer than ``MIN_ROWS``.

        Medians depend on how many of the specimens are malignant. So the data are weighted to the share that
        the model expects here, and each feature gets a rank test (Wilcoxon, Mann and Whitney) with
        Bonferroni's correction.
        """
        n, malignant = len(values), self._reference.malignant
        if n < MIN_ROWS:
            return None
        weights = np.where(malignant, malignant_share, 1 - malignant_share)
        weights /= np.where(malignant, malignant.sum(), (~malignant).sum())
        error = math.sqrt((1 / n + np.square(weights).sum()) / 12)  # of the mean rank, from 0 to 1
        shifts = []
        for name, column, here in zip(NAMES, self._reference.values.T, values.T, strict=True):
            order = np.argsort(column)
            data, below = column[order], np.concatenate([[0.0], np.cumsum(weights[order])])
            ranks = float(
                np.mean(below[data.searchsorted(here, "left")] + below[data.searchsorted(here, "right")])
            )
            p_value = min(1.0, math.erfc(abs(ranks - 1) / error / math.sqrt(8)) * len(NAMES))
            middle = float(data[min(int(below.searchsorted(0.5)), len(data)) - 1])
            spread = math.sqrt(weights @ np.square(column - weights @ column)) or 1.0
            median = float(np.median(here))
            shifts.append(FeatureShift(name, median, middle, (median - middle) / spread, p_value))
        shifts.sort(key=lambda shift: -abs(shift.shift))
        pattern = messages.DIFFERS if any(s.p_value < 0.05 for s in shifts) else messages.DIFFERS_NOT
        features, share = "; ".join(map(_shifted, shifts[:3])), messages.percent(malignant_share)
        message = pattern.format(rows=messages.rows(n), malignant=share, features=features)
        return Difference(n, malignant_share, tuple(shifts), message)

    def _scaled(self, values: Values, off: list[int]) -> TableNotice:
        """A notice of the columns that are off as a whole, with the likeliest reason."""
        severity: Severity = "meaningless" if len(off) >= _MIN_COLUMNS else "suspicious"
        middle, data = np.nanmedian(values, axis=0), np.median(self._reference.values, axis=0)
        lowest, highest = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
        factors = middle[off] / data[off]
        if _POWER[off].all() and (factors > 0).all() and len(off) >= _MIN_COLUMNS:
            lengths = factors ** (1 / _POWER[off])
            if lengths.max() < _TOLERANCE * lengths.min():
                return _size_notice(float(np.median(lengths)), severity)
        with np.errstate(divide="ignore", invalid="ignore"):
            in_logs = float((np.abs(middle - np.log(data)) < 1).mean())
        code, by = "other_scale", ""
        if severity == "meaningless" and in_logs > 0.6:
            code = "logarithms"
        elif (lowest < 0).sum() >= _MIN_COLUMNS and len(np.unique(values[values < 0])) >= _MIN_COLUMNS:
            code = "standardised"
        elif severity == "meaningless" and highest.max() <= 1.001:
            code = "scaled_to_1"
        elif severity == "meaningless" and highest.max() <= 100.1 and (highest[_HIGH < 2] > 2).mean() > 0.5:
            code = "scaled_to_100"
        elif factors.min() > 0 and factors.max() < 4 * factors.min():
            code, factor = "other_unit", 10.0 ** round(math.log10(np.median(factors)))
            pattern = messages.MULTIPLIED if factor > 1 else messages.DIVIDED
            by = pattern.format(factor=max(factor, 1 / factor))
        columns = _ranges(off, lowest, highest) + by
        return TableNotice.of(code, severity, [NAMES[i] for i in off], columns=columns)

    def _exchanged(self, values: Values, off: list[int]) -> Iterator[TableNotice]:
        """A notice of columns that fit the others much better if they are exchanged."""
        distance, gains = self._novelty.squared(values), self._gains(values)
        i, j = divmod(int(np.triu(np.median(gains, axis=0), 1).argmax()), len(NAMES))
        pair = (NAMES[i], NAMES[j])
        exchanges: list[tuple[Values, tuple[str, ...], Severity, tuple[str, ...]]] = [
            (gains[:, i, j] * _exchange_fits(values, i, j, off), pair, "suspicious", pair)
        ]
        for two in combinations(STATISTICS, 2):
            order = _exchange(two[0].suffix, two[1].suffix)
            gain = distance - self._novelty.squared(values[:, order])
            words = tuple(messages.OF_STATISTIC.format(name=statistic.label.lower()) for statistic in two)
            names = tuple(NAMES[column] for column, index in enumerate(order) if index != column)
            exchanges.append((gain, words, "meaningless", names))
        gain, words, severity, names = max(exchanges, key=lambda each: float(np.median(each[0])))
        share, after = float((gain > 0).mean()), np.median(distance - gain)
        # A single row may fit better by chance, by up to 64 in the data; the median of three does not.
        certain = np.median(gain) > (5.0 if len(values) >= 3 else 300.0) and share >= _MOST_ROWS
        if certain and after < 2 * self._novelty.limit**2:
            one, other = words
            percent = messages.percent(share)
            yield TableNotice.of("exchanged", severity, names, one=one, other=other, share=percent)

    def _gains(self, values: Values) -> Values:
        """How much the squared distance of each row falls if two columns are exchanged: (n, 30, 30)."""
        novelty = self._novelty
        # [row, i, j]: how much the logarithm of column i changes if it holds the value of column j
        change = novelty.logs(values[:, :, None]).swapaxes(1, 2) - novelty.logs(values)[:, :, None]
        gram = novelty.weights @ novelty.weights.T
        slope = novelty.whitened(values) @ novelty.weights.T
        alone = 2 * change * slope[:, :, None] + change**2 * np.diag(gram)[:, None]
        gains: Values = -(alone + alone.swapaxes(1, 2) + 2 * change * change.swapaxes(1, 2) * gram)
        return gains

    def _size_and_shape(self, values: Values) -> tuple[Values, Values]:
        """The logarithms of the sizes of nuclei, (n, m), and of texture and shape after a constant column."""
        sizes = self._novelty.logs(values)[:, _SIZES] / _POWER[_SIZES]
        shapes = self._novelty.logs(values.clip(_LOW, _HIGH))[:, _SHAPES]
        return sizes, np.column_stack([np.ones(len(values)), shapes])

    def _other_size(self, values: Values) -> Iterator[TableNotice]:
        """A notice of nuclei whose size does not match their texture and shape."""
        if not _SIZES:
            return
        sizes, shapes = self._size_and_shape(values)
        excess = np.median(sizes - shapes @ self._size_by_shape, axis=0)
        # In the data a single specimen is off by 0.5 at most, the median of three by 0.3, of twenty by 0.1.
        limit = 0.15 if len(values) >= 2 * MIN_ROWS else 0.42 if len(values) >= 3 else 0.55
        if abs(excess.mean()) > limit and np.ptp(excess) < 0.3:
            yield _size_notice(math.exp(excess.mean()), "suspicious")

    def _unfit(self, values: Values) -> Iterator[TableNotice]:
        share = float((self._novelty.squared(values) > self._novelty.limit**2).mean())
        if share > 0.5 and len(values) >= MIN_ROWS // 2:
            yield TableNotice.of("unfit", "suspicious", share=messages.percent(share))


def notices_of(names: Sequence[str]) -> Iterator[TableNotice]:
    """What the names of the other columns say about the data."""
    words = [re.sub(r"[^a-z]+", "", name.casefold()) for name in names if resolve(name) is None]
    if "time" in words and any(word.startswith(("outcome", "tumor", "tumour", "lymph")) for word in words):
        yield TableNotice.of("prognostic_data", "note")


def drift(difference: Difference | None) -> Iterator[TableNotice]:
    """A notice of the features that differ both significantly and by much, if any do."""
    shifts = difference.features if difference else ()
    if differing := [shift for shift in shifts if shift.p_value < 0.01 and abs(shift.shift) > 0.5]:
        features = messages.first(3, list(map(_shifted, differing)), "; ")
        yield TableNotice.of("drift", "note", [shift.feature for shift in differing], features=features)


def _columns_off(values: Values) -> list[int]:
    """The columns in which nearly all values are where no specimen is."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        off = known & ((values < PLAUSIBLE[0]) | (values > PLAUSIBLE[1]))
    mostly = known.any(axis=0) & (off.sum(axis=0) >= _MOST_ROWS * known.sum(axis=0))
    return [int(i) for i in np.flatnonzero(mostly)]


def _exchange(one: str, other: str) -> list[int]:
    """The order of columns after two statistics of every measurement are exchanged."""
    swap = {one: other, other: one}
    swapped = [f"{f.measurement.name}_{swap.get(f.statistic.suffix, f.statistic.suffix)}" for f in FEATURES]
    return [NAMES.index(name) if name in NAMES else i for i, name in enumerate(swapped)]


def _exchange_fits(values: Values, first: int, second: int, off: list[int]) -> bool:
    """Whether exchanging two columns brings both into the range of the data, if one of them is outside it."""
    middle, (low, high) = np.median(values, axis=0), PLAUSIBLE
    pairs = ((first, second), (second, first))
    return not {first, second} & {*off} or all(low[i] <= middle[j] <= high[i] for i, j in pairs)


def _points_lost(values: Values, off: list[int]) -> Mask:
    """Which values are a power of ten times a likely one: (n, 30)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = (values > 0) & ((values > _LOST_FACTOR * _HIGH) | (values < _LOW / _LOST_FACTOR))
        tens, low, high = np.log10(values), np.log10(_LOW), np.log10(_HIGH)
        tens -= np.where(values > _HIGH, np.ceil(tens - high), np.floor(tens - low))
        lost: Mask = beyond & (tens >= low) & (tens <= high)
    lost[:, off] = False
    return lost


def _points_lost_notices(values: Values, lost: Mask) -> Iterator[TableNotice]:
    columns = np.argsort(-lost.sum(axis=0), kind="stable")[: lost.any(axis=0).sum()].tolist()
    if columns:
        i, rows = columns[0], lost.any(axis=1)
        # Slips are few in a row; rows with many such values were scaled, or measured in another unit.
        slips = np.median(lost[rows].sum(axis=1)) < _MIN_COLUMNS
        names, example = [NAMES[column] for column in columns], messages.digits(values[lost[:, i], i][0])
        yield TableNotice.of(
            "points_lost" if slips else "mixed_scales", "suspicious", names, **_bounds(i),
            count=rows.sum(), of=len(values), name=names[0], example=example, names=messages.first(3, names),
        )  # fmt: skip


def _size_notice(factor: float, severity: Severity) -> TableNotice:
    factor = float(f"{factor:.2g}")
    gaps = {"factor": messages.digits(factor), "square": messages.digits(float(f"{factor**2:.2g}"))}
    return TableNotice.of("other_size", severity, np.array(NAMES)[_POWER > 0].tolist(), **gaps)


def _ranges(off: list[int], lowest: Values, highest: Values) -> str:
    """The ranges of columns, and for the first of them also its range in the data."""
    ranges = [
        (messages.RANGE if lowest[i] < highest[i] else messages.CONSTANT).format(
            name=NAMES[i], low=messages.digits(lowest[i]), high=messages.digits(highest[i])
        )
        for i in off
    ]
    ranges[0] += messages.RANGE_IN_DATA.format(**_bounds(off[0]))
    return messages.first(3, ranges, "; ")


def _bounds(column: int) -> dict[str, str]:
    return {"low": messages.digits(_LOW[column]), "high": messages.digits(_HIGH[column])}


def _shifted(shift: FeatureShift) -> str:
    certainty = messages.CERTAIN if shift.p_value < 0.001 else messages.LIKELY
    return messages.SHIFTED.format(
        name=shift.feature,
        median=messages.digits(shift.median),
        median_data=messages.digits(shift.median_data),
        certainty=certainty if shift.p_value < 0.05 else messages.UNCERTAIN,
    )
