"""A table in any common dialect is scored like its single specimens, and gets the results as new columns."""

import csv
import gzip
import io
import random
import re
from itertools import product
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from model.classifier import Classifier
from model.features import FEATURES, NAMES
from model.specimen import Specimen
from model.table import RESULTS, WrongTable, score
from tests.model.conftest import UCI, Cells, Score, as_table, scored_bytes
from training.data import Specimens

SPACED = tuple(name.replace("concave_points", "concave points") for name in UCI)
SKLEARN = ("id", "diagnosis", *((*feature.aliases, feature.name)[0] for feature in FEATURES))


def test_each_row_is_answered_as_its_specimen_alone(
    classifier: Classifier, answer: Score, rows: Specimens
) -> None:
    cells = [["1", "M", *map(repr, values)] for values in rows.values.tolist()]
    found = answer(as_table(cells))
    assert found.summary.rows == found.summary.scored == len(found.rows) == 569
    for row, values in zip(found.rows, rows.values.tolist(), strict=True):
        one = classifier.predict(Specimen(tuple(values)))
        numbers = [float(row[name]) for name in RESULTS[:3]]
        assert numbers == pytest.approx([one.probability, one.interval.low, one.interval.high], rel=1e-12)
        assert (row["predicted_diagnosis"], row["verdict"], row["error"]) == (one.diagnosis, one.verdict, "")
        labels = [":".join(filter(None, (w.code, "+".join(w.features)))) for w in one.warnings]
        assert row["warnings"].split() == labels


def test_known_headers_in_any_order_are_understood(answer: Score, cells: Cells, expected: list[str]) -> None:
    for header in (UCI, SPACED, SKLEARN, [name.upper() for name in UCI], None):
        assert answer(as_table(cells, header)).probabilities == expected
    order = list(range(len(UCI)))
    random.Random(1).shuffle(order)  # noqa: S311
    table = as_table([[row[i] for i in order] for row in cells], [UCI[i] for i in order])
    assert answer(table).probabilities == expected
    extra = [f"gene {i}" for i in range(9000)]  # the header alone is longer than 64 kB
    found = answer(as_table([[*extra, *row] for row in cells[:3]], [*extra, *UCI]))
    assert found.probabilities == expected[:3]
    for last in ("", ","):  # the column without a name that Kaggle's header ends in
        found = answer(",".join((*SPACED, "")) + "\n" + as_table(cells, None, end=f"{last}\n"))
        assert found.probabilities == expected
        assert all(row[""] == "" for row in found.rows)


def test_dialects_give_the_same_answer_in_the_same_dialect(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    for end, decimal, delimiter, quoted in product(("\n", "\r\n", "\r"), ".,", ",;\t", (False, True)):
        quote = '"' if quoted or decimal == delimiter else ""
        body = [[f"{quote}{cell.replace('.', decimal)}{quote}" for cell in row] for row in cells]
        table = as_table(body, UCI, delimiter, end)
        found = answer(table, delimiter=delimiter)
        assert [cell.replace(",", ".") for cell in found.probabilities] == expected
        assert all(decimal in cell for cell in found.probabilities if "e" not in cell)
        ours, theirs = (re.split("\r\n|\r|\n", text) for text in (found.text, table))
        assert all(line.startswith(original) for line, original in zip(ours, theirs, strict=True))
        assert found.text.count("\r\n") == table.count("\r\n")
    found = answer("sep=;\r\n" + as_table(cells, UCI, ";", "\r\n"), delimiter=";")
    first, header, *lines = found.text.split("\r\n")
    assert (first, header) == ("sep=;", ";".join((*UCI, *RESULTS)))  # as Excel wants it
    assert [line.split(";")[len(UCI)] for line in lines[:-1]] == expected


def test_encodings_and_gzip_are_read_and_come_back_as_they_were(
    answer: Score, classifier: Classifier, cells: Cells, expected: list[str]
) -> None:
    table = as_table([[*row, "Zürich ü"] for row in cells], [*UCI, "Größe"])
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"):
        found = answer(table, encoding)
        assert found.probabilities == expected
        assert all(row["Größe"] == "Zürich ü" for row in found.rows)
    plain = as_table(cells).encode()
    packed = gzip.compress(plain[:1000]) + gzip.compress(plain[1000:]) + bytes(512)
    assert answer(packed).probabilities == expected
    assert answer(b"\xfe\xff" + plain.decode().encode("utf-16-be"), "utf-16").probabilities == expected
    mixed = ",".join(cells[0]).encode() + b",Z\xfcrich Z\xc3\xbcrich\x81\xff\xfe"
    out, _ = scored_bytes(",".join([*UCI, "place"]).encode() + b"\n" + mixed + b"\n", classifier)
    assert out.split(b"\n")[1].startswith(mixed + b",")


NOTES = [
    "007", "1e5", " x ", "-1.5", "-.5", '"a, ""b"""', '"two\nlines"', "", "NaN", "5'", '5" x', "-1 ", "+5%",
]  # fmt: skip


def test_extra_columns_pass_through_as_they_are(answer: Score, cells: Cells, expected: list[str]) -> None:
    for note in NOTES:
        found = answer(as_table([[f"row,{note}", *row] for row in cells], ["which", "note", *UCI]))
        assert found.probabilities == expected
        assert found.text.count(f"\nrow,{note},") == len(cells)


def test_lines_may_be_blank_lack_their_last_end_or_be_none_and_a_scored_table_be_scored_again(
    answer: Score, cells: Cells, expected: list[str]
) -> None:
    assert answer(as_table(cells).rstrip("\n")).probabilities == expected
    found = answer("\n\n" + as_table(cells).replace("\n", "\n\n") + "\n\n\n")
    assert found.probabilities == expected
    assert answer(as_table([])).text == ",".join((*UCI, *RESULTS)) + "\n"
    twice = answer(answer(as_table([[row[0], *row[2:]] for row in cells], ("id", *NAMES))).text)
    assert twice.probabilities == [row["probability_2"] for row in twice.rows] == expected
    assert twice.summary.truth is None  # our own diagnoses are no truth
    whole = answer(as_table([["1", *["2"] * len(NAMES)]], ["id", *NAMES]), any_scale=True)
    assert 0 < float(whole.probabilities[0]) < 1  # with a decimal point, where the table has none


class _InChunks(io.BytesIO):
    """A file that returns few bytes at a time, as a socket does."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, self._size))


def test_chunks_and_notes_may_be_of_any_size(
    classifier: Classifier, cells: Cells, expected: list[str]
) -> None:
    for size in (1, 1000, 1 << 22):
        times = 1 if size < 1000 else 100  # and so more rows than are scored at once
        table, sink = as_table(cells * times).encode(), io.BytesIO()
        score(_InChunks(gzip.compress(table) if size == 1 else table, size), sink, classifier)
        lines = sink.getvalue().decode().split("\n")
        assert [line.split(",")[len(UCI)] for line in lines[1:-1]] == expected * times
    note = '"' + "a long note,\n" * 10_000 + '"'
    sink = Mock(spec=["write"])
    summary = score(
        io.BytesIO(as_table([[*row, note] for row in cells], [*UCI, "note"]).encode()), sink, classifier
    )
    written = [call.args[0] for call in sink.write.call_args_list]
    assert b"".join(written).count(note.encode()) == len(cells) == summary.scored
    assert max(map(len, written)) < 1.2 * 2**20  # as much as is held at once


def test_the_summary_counts_and_shows_what_was_found(answer: Score, cells: Cells, rows: Specimens) -> None:
    summary = answer(as_table([*cells, ["1", "M", "-1", *cells[0][3:]], ["2", "M"]])).summary
    assert (summary.rows, summary.scored, summary.faulty) == (len(cells) + 2, len(cells), 2)
    assert sum(summary.diagnoses.values()) == sum(summary.verdicts.values()) == summary.scored
    assert sum(summary.histogram) == summary.scored
    assert [fault.line for fault in summary.faults] == [len(cells) + 2, len(cells) + 3]
    assert (summary.faults[0].feature, summary.faults[0].value) == (NAMES[0], "-1.0")
    text = " ".join(summary.sentences())
    assert "66 rows read, 64 scored" in text and f"Line {len(cells) + 2}: radius_mean is -1.0" in text
    whole = [[str(i), "MB"[i % 2], *map(repr, values)] for i, values in enumerate(rows.values.tolist())]
    shown = answer(as_table(whole)).summary.to_dict()["rows"]
    reasons = [row["reason"] for row in shown]
    assert reasons == sorted(reasons, key=["inconclusive", "wrong", "warned", "other"].index)
    assert set(reasons) == {"inconclusive", "wrong", "warned", "other"}
    assert len({row["line"] for row in shown}) == len(shown)  # each for its first reason
    for row in shown:
        assert list(row["features"].values()) == rows.values[row["line"] - 2].tolist()
        assert (row["reason"] == "inconclusive") == (row["verdict"] == "inconclusive")
        assert row["reason"] != "wrong" or row["truth"] != row["diagnosis"]


def test_the_evaluation_is_that_of_scikit_learn(
    answer: Score, rows: Specimens, classifier: Classifier
) -> None:
    noise = np.random.default_rng(3).lognormal(0, 0.2, rows.values[::2].shape)
    spread = rows.values[::2] * noise  # so that there is something to get wrong
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
    assert len({found.sensitivity, found.specificity, 1.0}) == 3
    tied = answer(as_table([["1", word, *cells[0][2:]] for word in "MMB"])).summary.evaluation
    assert tied is not None and tied.auc == 0.5
    sure = answer(as_table([["1", "M", *map(repr, rows.values[0].tolist())]]))
    assert re.search(r"Brier score [1-9.]+e-\d\d\.", " ".join(sure.summary.sentences()))


ANY = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(["1.5", "=1", '"', "\r", "\n"])
fast = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fast
@given(text=st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_any_text_that_is_no_table_is_refused(answer: Score, text: str) -> None:
    with pytest.raises(WrongTable):
        answer(text.encode("utf-8", "surrogatepass"))


@fast
@given(body=st.binary(max_size=300), delimiter=st.sampled_from(",;\t"))
def test_any_bytes_below_a_header_are_rows(
    classifier: Classifier, good: list[str], body: bytes, delimiter: str
) -> None:
    text, summary = scored_bytes(as_table([good] * 4, UCI, delimiter).encode() + body, classifier)
    assert summary.rows == summary.scored + summary.faulty
    assert summary.scored >= 4
    assert text.startswith(as_table([], UCI, delimiter).rstrip("\n").encode())


@fast
@given(notes=st.lists(ANY, min_size=1, max_size=6), quoted=st.booleans(), delimiter=st.sampled_from(",;\t"))
def test_extra_cells_survive_the_round_trip(
    answer: Score, good: list[str], notes: list[str], quoted: bool, delimiter: str
) -> None:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([[*UCI, "note"], *([*good, note] for note in notes)])
    found = answer(table.getvalue(), delimiter=delimiter)
    assert [row["note"].removeprefix("'") for row in found.rows] == [note.removeprefix("'") for note in notes]
    for row in found.rows:
        assert not re.match(r"[=@\t\r\n＝＋－＠]|[+-](?![\d.,])", row["note"])
