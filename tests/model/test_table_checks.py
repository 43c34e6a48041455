"""A table is checked as a whole: there is a case of each kind, and no notice if nothing is wrong."""

import json
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from model.classifier import Classifier
from model.explain import Reference
from model.features import FEATURES, NAMES
from model.table import Summary, WrongTable, scoring
from model.table import summary as summaries
from model.table.checks import TableChecks
from tests.model.conftest import UCI, Cells, Score, as_table
from training.data import Specimens

Values = NDArray[np.float64]
Change = Callable[[Values], Values]
LENGTHS = np.array([{"u": 1, "u²": 2}.get(feature.unit, 0) for feature in FEATURES])


def _exchanged(one: slice | int, other: slice | int) -> Change:
    def change(values: Values) -> Values:
        changed = values.copy()
        changed[:, one], changed[:, other] = values[:, other], values[:, one]
        return changed

    return change


def _points_lost(values: Values) -> Values:
    changed = values.copy()
    changed[::7, 0] *= 100
    changed[::9, 4] *= 10_000
    return changed


def _scaled(values: Values) -> Values:
    scaled: Values = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    return scaled


def _half_scaled(values: Values) -> Values:
    return np.where((np.arange(len(values)) % 2 == 0)[:, None], values, 100 * _scaled(values))


def _times(factor: float, *columns: int) -> Change:
    return lambda values: values * np.where(np.isin(np.arange(len(NAMES)), columns), factor, 1)


def _mostly_exchanged(values: Values) -> Values:
    exchanged = np.arange(len(values)) % 10 < 6
    return np.where(exchanged[:, None], _exchanged(0, 1)(values), values)


KINDS: dict[str, tuple[Change, str, str]] = {  # how a table is changed, the code, words of the message
    "scaled to 0-1": (_scaled, "scaled_to_1", "radius_mean lies between 0 and 1 (in the data"),
    "scaled to 0-100": (lambda v: 100 * _scaled(v), "scaled_to_100", "values scaled to 0–100"),
    "z-scores": (lambda v: (v - v.mean(axis=0)) / v.std(axis=0), "standardised", "these look like z-scores"),
    "logarithms": (lambda v: np.log(v + 1e-4), "logarithms", "these look like logarithms"),
    "lengths x10": (lambda v: v * 10.0**LENGTHS, "other_size", "multiplied by 10 and areas by 100"),
    "thousandths": (lambda v: v * np.where(LENGTHS, 1, 1000), "other_unit", "multiplied by about 1,000"),
    "three columns": (_times(1000, 4, 14, 24), "other_unit", "multiplied by about 1,000"),
    "columns moved": (lambda v: np.roll(v, 1, axis=1), "other_scale", "do not look like measurements"),
    "mean and worst": (
        _exchanged(slice(0, 10), slice(20, 30)), "exchanged", "The columns of the mean values and of",
    ),
}  # fmt: skip
SUSPICIOUS: dict[str, tuple[Change, str, str]] = {
    "lengths x2": (lambda v: v * 2.0**LENGTHS, "other_size", "lengths look multiplied by 2 and areas by 4"),
    "lengths x.5": (lambda v: v * 0.5**LENGTHS, "other_size", "multiplied by 0.5 and areas by 0.25"),
    "lengths x1.2": (lambda v: v * 1.2**LENGTHS, "other_size", "multiplied by 1.2"),
    "one unit": (_times(0.01, 3), "other_unit", "area_mean lies between"),
    # it would fit in the place of another, which would not fit in its own
    "one tenth": (lambda v: _times(0.1, 14)(v[:60]), "other_unit", "smoothness_se lies between"),
    "two columns": (_exchanged(0, 1), "exchanged", "radius_mean and texture_mean look exchanged"),
    "far columns": (_exchanged(0, 3), "exchanged", "radius_mean and area_mean look exchanged"),
    "two columns of most rows": (_mostly_exchanged, "unfit", "of the rows"),
    "points lost": (
        _points_lost,
        "points_lost",
        "seems to be missing or misplaced, for example in radius_mean",
    ),
    "half scaled": (
        _half_scaled,
        "mixed_scales",
        "In 284 of the 569 rows checked, several values at once are",
    ),
}


def _table(values: Values) -> str:
    return as_table([list(map(repr, row)) for row in values.tolist()], NAMES)


def test_a_table_whose_answers_would_be_meaningless_is_refused(answer: Score, rows: Specimens) -> None:
    for change, code, words in KINDS.values():
        for values in (change(rows.values)[100:105], change(rows.values)):
            with pytest.raises(WrongTable, match=r"answers would be meaningless.*--any-scale") as caught:
                answer(_table(values))
            assert caught.value.code == "meaningless"
            notice = answer(_table(values), any_scale=True).summary.notices[0]
            assert (notice.code, notice.severity) == (code, "meaningless")
        assert words in str(caught.value)


def test_a_suspicious_table_is_scored_and_says_so_first(
    answer: Score, rows: Specimens, monkeypatch: pytest.MonkeyPatch
) -> None:
    for change, code, words in SUSPICIOUS.values():
        values = change(rows.values)
        summary = answer(_table(values)).summary
        assert summary.scored == len(values)
        assert [(notice.code, notice.severity) for notice in summary.notices] == [(code, "suspicious")]
        assert words in summary.sentences()[0]
    for module, name, value in ((scoring, "_BLOCK_ROWS", 569), (summaries, "_MAX_SAMPLE", 100)):
        monkeypatch.setattr(module, name, value)
    late = answer(_table(np.vstack([rows.values, _scaled(rows.values)]))).summary
    assert late.scored == 2 * 569  # rows that have gone out cannot be refused
    assert late.notices[0].code == "mixed_scales"
    assert "In 36 of the 72 rows checked" in late.sentences()[0]  # spread over the whole table


def test_real_specimens_raise_no_alarm_however_few_or_one_sided(answer: Score, rows: Specimens) -> None:
    malignant = rows.malignant.astype(bool)
    draw = np.random.default_rng(7)
    tables = [rows.values, rows.values[::2], rows.values[malignant], rows.values[~malignant]]
    for size in (1, 1, 1, 2, 3, 5, 10, 20, 20, 20, 20, 100):
        pools = (rows.values, rows.values[malignant], rows.values[~malignant])
        tables += [pool[draw.choice(len(pool), size, replace=False)] for pool in pools]
    for values in tables:
        assert answer(_table(values)).summary.notices == []
    for column, factor in product(range(len(NAMES)), (1e-3, 0.1, 10, 1e5)):
        slip = rows.values[[100]] * np.where(np.arange(len(NAMES)) == column, factor, 1)
        assert answer(_table(slip)).summary.scored == 1  # with a warning, and not refused


def test_drift_gets_a_notice(answer: Score, rows: Specimens) -> None:
    """The instrument drifted in 1992: texture rose by about a third."""
    malignant = rows.values[rows.malignant.astype(bool)]
    later = malignant[:40] * np.where(np.arange(len(NAMES)) == 1, 1.3, 1)
    summary = answer(_table(later)).summary
    assert [notice.features for notice in summary.notices if notice.code == "drift"] == [("texture_mean",)]
    assert summary.differs is not None
    first = summary.differs.features[0]
    assert (first.feature, first.p_value < 0.001) == ("texture_mean", True)
    assert first.median_data == pytest.approx(np.median(malignant[:, 1]), abs=0.5)  # not that of all 569
    assert "texture_mean (median" in summary.differs.message
    assert answer(_table(later[:9])).summary.differs is None


def test_with_the_datas_share_of_malignant_ones_the_rank_test_is_scipys(
    classifier: Classifier, reference: Reference
) -> None:
    here = reference.values[::9] * 1.05
    difference = TableChecks(classifier, reference).difference(here, float(reference.malignant.mean()))
    assert difference is not None and {shift.feature for shift in difference.features} == set(NAMES)
    for shift in difference.features:
        column, data = (values[:, NAMES.index(shift.feature)] for values in (here, reference.values))
        test = mannwhitneyu(column, data, use_continuity=False, method="asymptotic")
        assert shift.p_value == pytest.approx(min(1, len(NAMES) * test.pvalue), rel=0.02)
        assert (shift.median, shift.median_data) == (np.median(column), np.median(data))


def test_rows_without_names_are_recognised_and_never_guessed(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    numbers, words = [row[2:] for row in cells], [row[1] for row in cells]
    codes = [str(int(word == "B")) for word in words]
    first = [[word, *row] for word, row in zip(words, numbers, strict=True)]
    last = [[*row, code] for code, row in zip(codes, numbers, strict=True)]
    with_id = [["7", code, *row] for code, row in zip(codes, numbers, strict=True)]
    for table, header in (
        (as_table(numbers, None), NAMES),
        (as_table(first, None), UCI[1:]),
        (as_table(last, None), (*NAMES, "diagnosis")),
        (as_table(with_id, None), UCI),
        (as_table(last, ["64", "30", "malignant"]), (*NAMES, "diagnosis")),
    ):
        with pytest.raises(WrongTable) as caught:
            answer(table)
        assert caught.value.code == "headless"
        assert f" {','.join(header)} " in str(caught.value)
        assert answer(table, header="standard").probabilities == expected
    slips = [numbers[0], *([*row[:4], "?", *row[5:]] for row in numbers)]
    with pytest.raises(WrongTable, match="no column names, but its rows look like"):
        answer(as_table(slips, None))


def test_the_truth_is_used_where_it_is_plain_and_asked_for_where_it_is_not(
    answer: Score, cells: Cells
) -> None:
    def summary(name: str, words: tuple[str, str], **options: object) -> Summary:
        coded = [[*row[2:], words[row[1] == "M"]] for row in sorted(cells, key=lambda row: row[1])]
        return answer(as_table(coded, [*NAMES, name]), **options).summary

    for words in (("B", "M"), ("benign", "malignant"), (" Benign", "MALIGNANT")):
        found = summary("anything", words)
        assert found.truth is not None and found.truth.used and found.truth.column == "anything"
        assert found.evaluation is not None and (found.evaluation.sensitivity or 0) > 0.9
    for pair in ("0 1", "1 -1", "negative positive", "no yes", "2 4", "1.0 0.0"):
        words = (pair.split()[0], pair.split()[1])
        found = summary("group", words)
        assert found.truth is not None and not found.truth.used and found.evaluation is None
        assert "was not used" in found.truth.message and "--malignant" in found.truth.message
        scored = summary("Target", words, malignant=words[1])
        assert scored.evaluation is not None and (scored.evaluation.sensitivity or 0) > 0.9
    nothing = summary("diagnosis", ("0", "1"), malignant="3")
    assert nothing.evaluation is None and "has the code 3" in " ".join(nothing.sentences())


OTHER: dict[bytes, str] = {
    b"100002,5,1,1,1,2,1,3,1,1,2\n100294,5,4,4,5,7,1,3,2,1,2\n": "original Wisconsin data",
    b"\n<!DOCTYPE html>\n<html><body>404</body></html>": "a saved web page",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n": "Git LFS pointer",
    b'{"radius_mean": 17.99}': "This is JSON", b"[[17.99, 10.38]]": "This is JSON",
    b"table.csv" + b"\0" * 91 + b"100644": "This is not text", b"\x80\x02cpandas": "saved by Python",
    b"PK\x03\x04" + b"\0" * 99: "“CSV UTF-8”", b"\x89PNG\r\n": "a picture",
    b"PAR1" + b"\0" * 99: "Parquet", b"\xd0\xcf\x11\xe0" + b"\0" * 99: "an old Excel", b"%PDF-1.4": "a PDF",
    b"\xff\xfe\0\0" + b"a\0\0\0" * 99: "UTF-32", b"7z\xbc\xaf" + b"\0" * 99: "a compressed archive",
    b"@relation x\n@attribute a numeric\n": "no line @data",
}  # fmt: skip


def test_other_files_are_recognised_and_other_data_are_scored_with_a_note(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    for content, words in OTHER.items():
        with pytest.raises(WrongTable, match=words):
            answer(content)
    named = [*NAMES, "Outcome", "Time", "Tumor size"]
    found = answer(as_table([[*row[2:], "N", "31", "5"] for row in cells], named))
    assert found.probabilities == expected
    assert [(n.code, n.severity) for n in found.summary.notices] == [("prognostic_data", "note")]
    head = "% WDBC\n@relation wdbc\n" + "".join(f"@attribute '{name}' numeric\n" for name in NAMES)
    arff = answer(head + "@attribute class {M,B}\n@data\n" + as_table([[*r[2:], r[1]] for r in cells], None))
    assert arff.probabilities == expected
    assert list(arff.rows[0])[:2] == list(NAMES[:2])
    assert arff.summary.to_dict()["rows"][0]["line"] > 34


def test_thousands_separators_are_named_as_the_problem(answer: Score, cells: Cells) -> None:
    large = sum(any(float(cell) >= 1000 for cell in row[2:]) for row in cells)
    for mark, encoding in product(",'’ \N{NO-BREAK SPACE}", ("utf-8", "cp1252")):

        def marked(cell: str, mark: str = mark) -> str:
            return f'"{float(cell):,}"'.replace(",", mark) if float(cell) >= 1000 else cell

        found = answer(as_table([[*row[:2], *map(marked, row[2:])] for row in cells]), encoding)
        assert found.summary.faulty == large > 0
        assert found.summary.notices[0].code == "thousands_separator"
        assert f"{large} rows could not be read" in found.summary.sentences()[0]
        assert "belong to large nuclei" in found.summary.sentences()[0]


def test_a_summary_is_ready_for_json_has_it_in_words_and_bears_words_that_are_not_utf_8(
    answer: Score, cells: Cells
) -> None:
    table = as_table([["gut" if r[1] == "B" else "böse", *r[2:]] for r in cells], ["diagnosis", *NAMES])
    summary = answer(table, "latin-1").summary
    made = json.loads(json.dumps(summary.to_dict(), allow_nan=False))
    assert made["counts"]["rows"] == len(cells) == sum(made["counts"]["verdicts"].values())
    assert made["text"] == summary.sentences()
    assert list(made) == [
        "text", "counts", "notices", "differs", "truth", "faults", "histogram", "rows", "evaluation",
    ]  # fmt: skip
    assert made["truth"]["codes"] == ["b�se", "gut"]
    assert list(made["truth"]) == ["column", "used", "codes", "message"]
