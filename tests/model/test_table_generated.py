"""Whatever is handed in is refused as a whole or scored row by row: generated texts, bytes and cells."""

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from model.classifier import Classifier
from model.features import NAMES
from model.table import WrongTable, stream
from tests.model.conftest import GOOD, UCI, Answer, Score, as_table

ANY = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["1.5", "-1", "=1", '"', '""', "\r", "\n"]
)
fast = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fast
@given(text=st.text() | st.binary().map(lambda b: b.decode("latin-1")))
@example("radius_mean")
@example('"')
def test_any_text_that_is_no_table_is_refused(answer: Score, text: str) -> None:
    with pytest.raises(WrongTable):
        answer(text.encode("utf-8", "surrogatepass"))


@fast
@given(
    body=st.binary(max_size=300),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_bytes_below_a_header_are_rows_or_refused(
    classifier: Classifier, body: bytes, delimiter: str, encoding: str
) -> None:
    table = as_table([GOOD, GOOD], UCI, delimiter).encode(encoding) + body
    out = stream([table], classifier)
    try:
        text = b"".join(out)
    except WrongTable:
        assert encoding == "utf-16"
        return
    summary = out.summary
    assert summary.rows == summary.scored + summary.faulty >= 2
    assert summary.scored >= 2 or body
    assert text.startswith(as_table([], UCI, delimiter).rstrip("\n").encode(encoding))


@fast
@given(notes=st.lists(ANY, min_size=1, max_size=6), quoted=st.booleans(), delimiter=st.sampled_from(",;\t"))
def test_extra_cells_survive_the_round_trip(
    answer: Score, notes: list[str], quoted: bool, delimiter: str
) -> None:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([[*UCI, "note"], *([*GOOD, note] for note in notes)])
    found = answer(table.getvalue(), delimiter=delimiter)
    assert [row["note"].removeprefix("'") for row in found.rows] == [note.removeprefix("'") for note in notes]
    assert found.summary.scored == len(notes)
    for row in found.rows:
        assert not re.match(r"[=@\t\r\n＝＋－＠]|[+-](?![\d.,])", row["note"])


@fast
@given(cells=st.lists(ANY, min_size=30, max_size=30))
def test_any_cells_are_judged_as_their_specimen(answer: Score, cells: list[str]) -> None:
    table = io.StringIO()
    csv.writer(table).writerows([UCI, GOOD, ["1", "M", *cells], GOOD])
    found: Answer = answer(table.getvalue())
    assert found.summary.rows == 3
    assert found.summary.scored >= 2
    assert {fault.line for fault in found.summary.faults} <= {3}
    assert {fault.feature for fault in found.summary.faults} <= {*NAMES, ""}
