"""The report, the published figures and the model card are made from the evidence."""

import json
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard
from matplotlib import pyplot

from model.classifier import ARTIFACT
from model.evidence import Evidence
from tests.conftest import ROOT
from training import plots
from training.__main__ import main
from training.figures import BLOCKS, refreshed
from training.gate import compare
from training.report import report

PLOTTED = "roc calibration confusion decision-curve through-time learning-curve curves"


@pytest.mark.slow
def test_the_command_fails_on_a_regression_only(
    evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = replace(evidence, threshold=replace(evidence.threshold, chosen=0.02))
    saved: dict[str, Any] = {}
    save = plots._save  # writing all the files takes most of the time
    monkeypatch.setattr(plots, "_save", lambda figure, path: saved.setdefault(path.name, figure))
    for document, code, words in (
        (evidence, 0, "Against the base: **the same within noise**."),
        (moved, 1, "the threshold is 0.02"),
    ):
        (tmp_path / "new.json").write_text(json.dumps(asdict(document)), encoding="utf-8")
        arguments = ["--evaluation", str(tmp_path / "new.json"), "--reports", str(tmp_path / "out")]
        against = ["--against", str(ARTIFACT / "evaluation.json")]
        monkeypatch.setattr("sys.argv", ["training", "report", *arguments, *against])
        assert main() == code
        text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
        assert words in text
        assert text.count("```mermaid\nxychart-beta") == 3
        assert not re.search("!\\[|<img", text), "it draws with no image host"
        monkeypatch.setattr(plots, "draw", lambda *_: None)  # once is enough
    assert list(saved) == PLOTTED.split()
    save(saved["decision-curve"], tmp_path / "decision-curve")
    assert {path.stem for path in tmp_path.glob("*.[ps][nv]g")} == {"decision-curve"}
    pyplot.close("all")


def test_a_report_without_an_older_evaluation_has_the_measures(evidence: Evidence) -> None:
    text = report(evidence, compare(evidence))
    assert "Nothing to compare with." in text
    assert BLOCKS["measures"](evidence) in text


def test_published_figures_and_the_card_are_those_of_the_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copytree(ARTIFACT, tmp_path / "artifact")
    (tmp_path / "artifact" / "MODEL_CARD.md").unlink()
    output = ["--output", str(tmp_path / "artifact")]
    monkeypatch.setattr("sys.argv", ["training", "figures", str(tmp_path / "README.md"), *output])
    assert main() == 0
    for name in ("README.md", "artifact/MODEL_CARD.md", "artifact/SHA256SUMS"):
        committed = (ROOT / name.replace("artifact", "model/artifact")).read_text(encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == committed, "run `make figures`"


def test_every_block_is_replaced_and_the_rest_is_kept(evidence: Evidence) -> None:
    assert "<!-- figures: five-rows -->" in (ROOT / "README.md").read_text(encoding="utf-8")
    for name, block in BLOCKS.items():
        stale = f"before\n<!-- figures: {name} -->\nSTALE\n<!-- end -->\nafter\n"
        fresh = refreshed(stale, evidence)
        assert fresh == stale.replace("STALE", block(evidence)), name
        assert refreshed(fresh, evidence) == fresh, name


def test_the_hub_reads_licence_library_data_and_results(evidence: Evidence) -> None:
    read = ModelCard.load(ARTIFACT / "MODEL_CARD.md", ignore_metadata_errors=False)
    assert (read.data.license, read.data.library_name) == ("apache-2.0", "sklearn")
    assert read.data.pipeline_tag == "tabular-classification"
    results = {result.metric_type: result.metric_value for result in read.data.eval_results or []}
    assert results["auc"] == round(evidence.metrics["auc"].mean, 4)
    assert results["sensitivity"] == round(evidence.metrics["sensitivity"].mean, 4)
    assert all(
        result.dataset_type == "scikit-learn/breast-cancer-wisconsin" for result in read.data.eval_results
    )


def test_the_card_says_what_it_is_not_for_and_answers_tripod() -> None:
    text = (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    for promise in ("Not a medical device", "One hospital", "make evaluate", "CC BY 4.0", "10.24432/C5GK50"):
        assert promise in text
    answered = text.partition("## Appendix: TRIPOD+AI")[2]
    assert all(f"{item} " in answered for item in range(1, 28))
