"""A table of any common dialect is scored as its specimens are, and comes back with results behind it."""

import codecs
import gzip
import random

import pytest

from model.classifier import Classifier
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from model.table import RESULTS, stream
from model.table.scoring import BLOCK
from tests.model.conftest import UCI, Cells, Score, as_table
from training.data import Specimens

SPACED = tuple(name.replace("concave_points", "concave points") for name in UCI)
SKLEARN = ("id", "diagnosis", *(feature.aliases[0].replace("_", " ") for feature in FEATURES))


def test_each_row_is_answered_as_its_specimen_alone(
    classifier: Classifier, answer: Score, rows: Specimens
) -> None:
    cells = [["1", "M", *map(repr, values)] for values in rows.values.tolist()]
    found = answer(as_table(cells))
    assert found.summary.rows == found.summary.scored == len(found.rows) == 569
    for row, values in zip(found.rows, rows.values.tolist(), strict=True):
        one = classifier.predict(Specimen(tuple(values)))
        numbers = [float(row[name]) for name in ("probability", "interval_low", "interval_high")]
        assert numbers == pytest.approx([one.probability, one.interval.low, one.interval.high], rel=1e-12)
        assert (row["predicted_diagnosis"], row["verdict"], row["error"]) == (one.diagnosis, one.verdict, "")
        labels = [":".join(filter(None, (c.code, "+".join(c.features)))) for c in one.warnings]
        assert row["warnings"].split() == labels


@pytest.mark.parametrize("header", [UCI, SPACED, SKLEARN, [n.upper() for n in UCI], None], ids=str)
def test_known_headers_are_understood(
    answer: Score, cells: Cells, expected: list[str], header: list[str]
) -> None:
    assert answer(as_table(cells, header)).probabilities == expected


def test_kaggles_trailing_column_may_be_there_or_not(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    header = ",".join(f'"{name}"' for name in (*SPACED, ""))
    for ending in ("", ","):
        body = "".join(",".join(row) + ending + "\n" for row in cells)
        found = answer(header + "\n" + body)
        assert found.probabilities == expected
        assert all(row[""] == "" for row in found.rows)
    named = as_table([[*row, ""] for row in cells], [*SPACED, "Unnamed: 32"])
    assert answer(named).probabilities == expected


@pytest.mark.parametrize("seed", range(5))
def test_columns_may_stand_in_any_order(answer: Score, cells: Cells, expected: list[str], seed: int) -> None:
    order = list(range(32))
    random.Random(seed).shuffle(order)  # noqa: S311
    table = as_table([[row[i] for i in order] for row in cells], [UCI[i] for i in order])
    assert answer(table).probabilities == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoted", [False, True])
def test_dialects_give_the_same_answer_in_the_same_dialect(
    answer: Score, cells: Cells, expected: list[str], end: str, decimal: str, delimiter: str, quoted: bool
) -> None:
    quote = '"' if quoted or decimal == delimiter else ""
    body = [[f"{quote}{cell.replace('.', decimal)}{quote}" for cell in row] for row in cells]
    table = as_table(body, UCI, delimiter, end)
    found = answer(table, delimiter=delimiter)
    assert [cell.replace(",", ".") for cell in found.probabilities] == expected
    assert all(decimal in cell for cell in found.probabilities if "e" not in cell)
    ours, theirs = (
        text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for text in (found.text, table)
    )
    assert all(line.startswith(original) for line, original in zip(ours, theirs, strict=True))
    assert found.text.count("\r\n") == table.count("\r\n")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_encodings_come_back_as_they_were(
    answer: Score, cells: Cells, expected: list[str], encoding: str
) -> None:
    table = as_table([[*row, "Zürich ü"] for row in cells], [*UCI, "Größe"])
    found = answer(table, encoding)
    assert found.probabilities == expected
    assert all(row["Größe"] == "Zürich ü" for row in found.rows)


def test_a_big_endian_byte_order_mark_is_seen(answer: Score, cells: Cells, expected: list[str]) -> None:
    table = codecs.BOM_UTF16_BE + as_table(cells).encode("utf-16-be")
    assert answer(table, "utf-16").probabilities == expected


def test_bytes_of_mixed_encodings_pass_through(classifier: Classifier, cells: Cells) -> None:
    odd = "Zürich".encode("latin-1") + "Zürich".encode() + b"\x81\xff\xfe"
    line = ",".join(cells[0]).encode() + b"," + odd
    out = b"".join(stream([",".join([*UCI, "place"]).encode() + b"\n" + line + b"\n"], classifier))
    assert out.split(b"\n")[1].startswith(line + b",")


def test_gzip_is_unpacked_also_in_several_members(answer: Score, cells: Cells, expected: list[str]) -> None:
    table = as_table(cells).encode()
    packed = gzip.compress(table[:1000]) + gzip.compress(table[1000:]) + bytes(512)
    assert answer(packed).probabilities == expected


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_excels_first_line_names_the_delimiter(
    answer: Score, cells: Cells, expected: list[str], delimiter: str
) -> None:
    found = answer(f"sep={delimiter}\r\n" + as_table(cells, UCI, delimiter, "\r\n"), delimiter=delimiter)
    first, header, *body = found.text.split("\r\n")
    assert first == f"sep={delimiter}"
    assert header == delimiter.join((*UCI, *RESULTS))
    assert [line.split(delimiter)[32] for line in body[:-1]] == expected


@pytest.mark.parametrize(
    "text",
    ["007", "1e5", " x ", "-1.5", "-.5", '"a, ""b"""', '"two\nlines"', "", "NaN", "5'", '5" x', "-1 ", "+5%"],
)
def test_extra_columns_pass_through_as_they_are(
    answer: Score, cells: Cells, expected: list[str], text: str
) -> None:
    found = answer(as_table([[f"row,{text}", *row] for row in cells], ["which", "note", *UCI]))
    assert found.probabilities == expected
    assert found.text.count(f"\nrow,{text},") == len(cells)


def test_blank_lines_are_dropped(answer: Score, cells: Cells, expected: list[str]) -> None:
    found = answer("\n\n" + as_table(cells).replace("\n", "\n\n") + "\n\n\n")
    assert found.probabilities == expected
    assert found.summary.rows == len(cells)


def test_the_last_line_needs_no_end(answer: Score, cells: Cells, expected: list[str]) -> None:
    assert answer(as_table(cells).rstrip("\n")).probabilities == expected


def test_thousands_of_columns_are_no_matter(answer: Score, cells: Cells, expected: list[str]) -> None:
    extra = [f"gene {i}" for i in range(5000)]
    table = as_table([[*extra, *row] for row in cells], [*extra, *UCI])
    assert answer(table).probabilities == expected


def test_a_scored_table_may_be_scored_again(answer: Score, cells: Cells, expected: list[str]) -> None:
    once = answer(as_table(cells))
    twice = answer(once.text)
    assert twice.probabilities == [row["probability_2"] for row in twice.rows] == expected


def test_no_row_scores_to_no_row(answer: Score) -> None:
    found = answer(as_table([]))
    assert found.text.split(",")[-7:] == [*RESULTS[:-1], RESULTS[-1] + "\n"]
    assert found.summary.rows == 0


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 22])
def test_chunks_may_be_of_any_size(
    classifier: Classifier, cells: Cells, expected: list[str], size: int
) -> None:
    times = 1 if size < 1000 else 2 * BLOCK // len(as_table(cells))
    table = as_table(cells * times).encode()
    chunks = [table[start : start + size] for start in range(0, len(table), size)]
    lines = b"".join(stream(chunks, classifier)).decode().split("\n")
    assert [line.split(",")[32] for line in lines[1:-1]] == expected * times


def test_blocks_are_cut_between_records(classifier: Classifier, cells: Cells) -> None:
    note = '"' + "a long note,\n" * 400 + '"'
    table = as_table([[*row, note] for row in cells * 8], [*UCI, "note"])
    assert len(table) > 2 * BLOCK
    out = stream([table.encode()], classifier)
    assert b"".join(out).count(note.encode()) == len(cells) * 8
    assert out.summary.scored == len(cells) * 8


def test_the_summary_counts_what_was_found(answer: Score, cells: Cells) -> None:
    summary = answer(as_table([*cells, ["1", "M", "-1", *cells[0][3:]], ["2", "M"]])).summary
    assert (summary.rows, summary.scored, summary.faulty) == (len(cells) + 2, len(cells), 2)
    assert sum(summary.diagnoses.values()) == sum(summary.verdicts.values()) == summary.scored
    assert sum(summary.histogram) == summary.scored
    assert [fault.line for fault in summary.faults] == [len(cells) + 2, len(cells) + 3]
    assert (summary.faults[0].feature, summary.faults[0].value) == (NAMES[0], "-1.0")
    assert summary.evaluation is not None
    assert summary.evaluation.rows == summary.scored


def test_specimens_of_equal_probability_count_as_half_in_the_order(answer: Score, cells: Cells) -> None:
    found = answer(as_table([["1", truth, *cells[0][2:]] for truth in "MMB"])).summary.evaluation
    assert found is not None
    assert found.auc == 0.5


def test_the_evaluation_is_that_of_scikit_learn(
    answer: Score, rows: Specimens, classifier: Classifier
) -> None:
    from sklearn import metrics  # noqa: PLC0415

    spread = rows.values[::2] * [[1.1, *[1.0] * 29]]  # so that there is something to get wrong
    truth = rows.malignant[::2]
    cells = [["1", "MB"[1 - t], *map(repr, v)] for t, v in zip(truth.tolist(), spread.tolist(), strict=True)]
    found = answer(as_table(cells)).summary.evaluation
    assert found is not None
    p = classifier.probabilities(spread)
    predicted = p >= classifier.threshold
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, p))
    assert found.brier == pytest.approx(metrics.brier_score_loss(truth, p))
    assert found.auc == pytest.approx(metrics.roc_auc_score(truth, p), abs=1e-4)
    assert found.sensitivity == pytest.approx(metrics.recall_score(truth, predicted))
    assert found.specificity == pytest.approx(metrics.recall_score(truth, predicted, pos_label=0))
