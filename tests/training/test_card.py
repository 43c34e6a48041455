"""The model card is the evidence's, and the Hub can read it."""

from typing import Any

from huggingface_hub import ModelCard

from model.classifier import ARTIFACT
from training.card import card


def test_the_card_is_made_from_the_committed_evidence(evaluation: dict[str, Any]) -> None:
    text = (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert text == card(evaluation), "run `make figures`"


def test_the_hub_reads_licence_library_data_and_results(evaluation: dict[str, Any]) -> None:
    read = ModelCard.load(ARTIFACT / "MODEL_CARD.md", ignore_metadata_errors=False)
    assert (read.data.license, read.data.library_name) == ("apache-2.0", "sklearn")
    assert read.data.pipeline_tag == "tabular-classification"
    results = {result.metric_type: result.metric_value for result in read.data.eval_results or []}
    assert results["auc"] == round(evaluation["metrics"]["auc"]["mean"], 4)
    assert all(
        result.dataset_type == "scikit-learn/breast-cancer-wisconsin" for result in read.data.eval_results
    )


def test_the_card_says_what_it_is_not_for() -> None:
    text = (ARTIFACT / "MODEL_CARD.md").read_text(encoding="utf-8")
    for promise in ("Not a medical device", "One hospital", "make evaluate", "CC BY 4.0"):
        assert promise in text
