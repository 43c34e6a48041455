"""A worse model is called worse, a leak a leak, an unchanged one the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from training.__main__ import main
from training.data import Specimens
from training.figures import BLOCKS, refreshed
from training.regression import alone, compare
from training.report import report

Evaluation = dict[str, Any]


def noisy_labels(rows: Specimens) -> Specimens:
    flipped = np.random.default_rng(0).choice(len(rows), 17, replace=False)
    malignant = rows.malignant.copy()
    malignant[flipped] = 1 - malignant[flipped]
    return Specimens(rows.values, malignant)


def without_worst_texture(rows: Specimens) -> Specimens:
    values = rows.values.copy()
    values[:, 21] = np.random.default_rng(0).permutation(values[:, 21])
    return Specimens(values, rows.malignant)


def with_a_leak(rows: Specimens) -> Specimens:
    values = rows.values.copy()
    values[:, 9] += 0.02 * rows.malignant
    return Specimens(values, rows.malignant)


def shifted(evaluation: Evaluation, name: str, shift: float) -> None:
    evaluation["by_repeat"][name] = [value + shift for value in evaluation["by_repeat"][name]]
    evaluation["metrics"][name]["mean"] += shift


@pytest.mark.parametrize(
    ("name", "mean", "words"),
    [("log_loss", 0.05, "0.0500 is below"), ("accuracy", 0.995, "0.9950 is above")],
)
def test_what_is_too_good_to_be_true_fails(
    evaluation: Evaluation, name: str, mean: float, words: str
) -> None:
    leaking = json.loads(json.dumps(evaluation))
    leaking["metrics"][name]["mean"] = mean
    for found in (alone(leaking), compare(evaluation, leaking)):
        assert any(words in failure for failure in found.failures)


def test_a_broken_promise_is_a_warning(evaluation: Evaluation) -> None:
    broken = json.loads(json.dumps(evaluation))
    broken["metrics"]["calibration_slope"]["mean"] = 1.5
    broken["conformal"][0]["benign"]["high"] = broken["conformal"][0]["level"] - 0.01
    slope, coverage = alone(broken).warnings
    assert slope == "calibration slope is 1.5000, promised 0.9 to 1.1"
    assert coverage.startswith("benign specimens are covered at ")
    assert alone(broken).failures == ()


def test_what_is_worse_for_most_specimens_fails_though_no_measure_tells(evaluation: Evaluation) -> None:
    worse = json.loads(json.dumps(evaluation))
    worse["rows"]["log_loss"] = [loss + 0.0005 for loss in worse["rows"]["log_loss"]]
    (failure,) = compare(evaluation, worse).failures
    assert failure.startswith("log loss is worse by 0.0005 to 0.0005 (95 % over specimens)")


@pytest.mark.parametrize("sabotage", [noisy_labels, without_worst_texture, with_a_leak])
def test_sabotage_fails_the_report(
    sabotage: Callable[[Specimens], Specimens],
    judged: Callable[..., Evaluation],
    rows: Specimens,
) -> None:
    found = compare(judged(rows), judged(sabotage(rows)))
    assert found.failures
    assert any("data differ" in warning for warning in found.warnings)
    if sabotage is with_a_leak:
        assert "leak" in found.failures[0]


def test_an_honest_fluctuation_does_not_fail(judged: Callable[..., Evaluation], rows: Specimens) -> None:
    noise = np.random.default_rng(0).normal(1.0, 1e-3, rows.values.shape)
    shaken = Specimens(rows.values * noise, rows.malignant)
    for other in (judged(shaken), judged(rows, penalty=2.2)):
        for found in (compare(judged(rows), other), compare(other, judged(rows))):
            assert found.failures == ()
            assert found.verdict == "the same within noise"


def test_an_unchanged_model_is_the_same(untouched: Evaluation) -> None:
    found = compare(untouched, untouched)
    assert (found.verdict, found.failures) == ("the same within noise", ())
    assert {change.verdict for change in found.changes} == {"same"}


def test_the_change_that_a_better_model_makes_is_called_better(evaluation: Evaluation) -> None:
    worse = json.loads(json.dumps(evaluation))
    for name, shift in (("log_loss", 0.004), ("auc", -0.002)):
        shifted(worse, name, shift)
    assert compare(worse, evaluation).verdict == "better"
    assert compare(evaluation, worse).verdict == "worse than noise"


def test_another_protocol_is_compared_with_a_warning(untouched: Evaluation, evaluation: Evaluation) -> None:
    assert any("protocols differ" in warning for warning in compare(evaluation, untouched).warnings)


def test_the_command_fails_on_a_regression_only(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse = json.loads(json.dumps(evaluation))
    shifted(worse, "log_loss", 0.004)
    for name, document in (("new.json", evaluation), ("worse.json", worse)):
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")

    def run(new: str, old: str) -> int:
        arguments = ["--evaluation", str(tmp_path / new), "--against", str(tmp_path / old)]
        monkeypatch.setattr(
            "sys.argv", ["training", "report", *arguments, "--reports", str(tmp_path / "out")]
        )
        return main()

    assert run("new.json", "new.json") == 0
    drawn = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"roc.svg", "roc.png", "reliability.svg", "decision-curve.png", "curves.svg"} <= drawn
    monkeypatch.setattr("training.plots.draw", lambda *_: None)
    assert run("worse.json", "new.json") == 1
    assert "log loss went from" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_the_report_draws_with_no_image_host(evaluation: Evaluation) -> None:
    text = report(evaluation, compare(evaluation, evaluation), based=True)
    assert text.count("```mermaid\nxychart-beta") == 3
    assert "![" not in text
    assert "<img" not in text


def test_published_figures_are_those_of_the_evidence(evaluation: Evaluation) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "<!-- figures: comparison -->" in text
    assert refreshed(text, evaluation) == text, "run `make figures`"


@pytest.mark.parametrize("name", BLOCKS)
def test_a_marked_block_is_replaced_and_the_rest_is_kept(name: str, evaluation: Evaluation) -> None:
    stale = f"before\n<!-- figures: {name} -->\nSTALE\n<!-- end -->\nafter\n"
    fresh = refreshed(stale, evaluation)
    assert fresh == stale.replace("STALE", BLOCKS[name](evaluation))
    assert refreshed(fresh, evaluation) == fresh
