"""The tab for files: what a scored file comes to, and what is said of a wrong one."""

import csv
import re
from pathlib import Path

import pytest

from model.features import NAMES
from model.table import RESULTS, Progress, Summary, preview
from model.table import score as score_table
from ui import score_file, text
from ui.explorer import Explorer


def scored(explorer: Explorer, folder: Path, content: str) -> tuple[str, Path | None]:
    """The report and the scored file."""
    (folder / "mine.csv").write_text(content, encoding="utf-8")

    def score(source: Path, sink: Path, progress: Progress) -> Summary:
        return score_table(source, sink, explorer.classifier, progress=progress)

    _, download, report = score_file.score_file(explorer, folder / "mine.csv", score)
    return report, Path(download["value"]) if download["visible"] else None


def test_the_sample_is_scored_whole(explorer: Explorer, tmp_path: Path) -> None:
    content = score_file.sample(explorer)
    count = content.count("\n") - 1
    report, result = scored(explorer, tmp_path, content)
    assert text.SCORE_COUNTS.format(name="mine.csv", rows=count, scored=count) in report
    assert result
    assert len(result.read_text(encoding="utf-8").splitlines()) == count + 1


def test_the_first_rows_show_the_models_answers(explorer: Explorer, tmp_path: Path) -> None:
    content = score_file.sample(explorer)
    _, result = scored(explorer, tmp_path, content)
    assert result
    probabilities = [float(row["probability"]) for row in preview(result, 10)]
    given = list(csv.DictReader(content.splitlines()))[: len(probabilities)]
    rows = [int(row["id"]) for row in given]
    expected = explorer.classifier.probabilities(explorer.reference.values[rows])
    assert probabilities == pytest.approx(expected, rel=1e-12)


def test_a_wrong_row_is_named_by_line_and_field_and_the_others_are_scored(
    explorer: Explorer, tmp_path: Path
) -> None:
    lines = score_file.sample(explorer).splitlines()
    lines[2] = lines[2].replace(",", ",x", 2)
    report, _ = scored(explorer, tmp_path, "\n".join(lines))
    rows = len(lines) - 1
    assert text.SCORE_COUNTS.format(name="mine.csv", rows=rows, scored=rows - 1) in report
    assert '<th scope="row">3</th><td>Radius, mean</td>' in report


def test_a_decimal_comma_is_understood(explorer: Explorer, tmp_path: Path) -> None:
    content = score_file.sample(explorer)
    with_points, with_commas = (
        scored(explorer, tmp_path, one)[1] for one in (content, content.replace(",", ";").replace(".", ","))
    )
    assert with_points and with_commas
    found = [[row[name] for name in RESULTS] for row in preview(with_commas, 10)]
    assert found == [[row[name] for name in RESULTS] for row in preview(with_points, 10)]
    assert len(found) == 10


def test_a_file_with_diagnoses_is_judged(explorer: Explorer, tmp_path: Path) -> None:
    content = score_file.sample(explorer)
    report, _ = scored(explorer, tmp_path, content)
    rows = [int(row["id"]) for row in csv.DictReader(content.splitlines())]
    malignant = explorer.reference.malignant[rows]
    called = (
        explorer.classifier.probabilities(explorer.reference.values[rows]) >= explorer.classifier.threshold
    )
    counts = [(malignant & called).sum(), (malignant & ~called).sum(), (~malignant & called).sum()]
    counts.append((~malignant & ~called).sum())
    judged = report.partition(text.SCORE_TRUTH)[2]
    assert list(map(int, re.findall(r"<td><b>(\d+)</b></td>", judged))) == counts
    assert f"<dd>{100 * counts[0] / malignant.sum():.1f} %</dd>" in judged


def test_a_file_without_diagnoses_is_not_judged(explorer: Explorer, tmp_path: Path) -> None:
    rows = csv.DictReader(
        score_file.sample(explorer).replace("concave points", "concave_points").splitlines()
    )
    content = "\n".join([",".join(NAMES), *(",".join(row[name] for name in NAMES) for row in rows)])
    report, _ = scored(explorer, tmp_path, content)
    assert text.SCORE_TRUTH not in report


@pytest.mark.parametrize("content", ["", "name,age\nAda,36\n", "<b>no table</b>"])
def test_a_wrong_file_is_refused_with_a_reason(explorer: Explorer, tmp_path: Path, content: str) -> None:
    report, result = scored(explorer, tmp_path, content)
    assert result is None
    assert report.startswith('<p class="problem" role="alert">mine.csv cannot be scored')
    assert "<b>" not in report


def test_markup_in_a_file_stays_text(explorer: Explorer, tmp_path: Path) -> None:
    lines = score_file.sample(explorer).splitlines()
    lines[1] = "<img src=x>" + lines[1][1:]
    lines[2] = lines[2].replace(",", ",<i>", 2)
    report, _ = scored(explorer, tmp_path, "\n".join(lines))
    assert "<img" not in report
    assert "<i>" not in report
    assert "&lt;img src=x&gt;" in report
    assert "&lt;i&gt;" in report


def test_a_file_of_wrong_rows_alone_shows_errors_and_no_empty_picture(
    explorer: Explorer, tmp_path: Path
) -> None:
    page, _ = scored(explorer, tmp_path, "\n".join([",".join(NAMES), *[",".join("x" * 30)] * 12]))
    assert "0 of 12 rows scored (12 with errors)" in page
    assert text.SCORE_FAULTS in page
    assert text.SCORE_HISTOGRAM not in page
    assert len(page) < 30_000
