"""The guessing tab tells nothing before the guess, and everything after it."""

import gradio as gr
import pytest

from model.explain import Reference
from model.features import FEATURES
from ui import guess, text
from ui.explorer import Explorer


def test_the_question_is_the_same_for_benign_and_malignant(reference: Reference) -> None:
    rows = (int(reference.malignant.argmax()), int(reference.malignant.argmin()))
    one, other = (guess.question(row).replace(f'data-row="{row}"', "") for row in rows)
    assert one == other


def test_the_profile_shows_every_value(explorer: Explorer, reference: Reference) -> None:
    drawn = guess.profile(explorer, reference.values[0].tolist())
    assert drawn.count('class="here"') == len(FEATURES)
    assert all(f'"number">{value:.10g}<' in drawn for value in reference.values[0].tolist())
    for column, feature in enumerate(FEATURES):
        less = reference.values[:, column] < reference.values[0, column]
        benign, malignant = less[~reference.malignant].mean(), less[reference.malignant].mean()
        said = text.PROFILE_ABOVE.format(benign=f"{benign:.0%}", malignant=f"{malignant:.0%}")
        assert f'title="{feature.label}: {said}"' in drawn


@pytest.mark.parametrize("row", [0, 19, 297, 541])
@pytest.mark.parametrize("guessed", ["benign", "malignant"])
def test_the_answer_says_who_was_right(explorer: Explorer, row: int, guessed: str) -> None:
    reference = explorer.reference
    truth = "malignant" if reference.malignant[row] else "benign"
    models = explorer.classifier.diagnosis(float(reference.probability[row]))
    drawn = guess.answer(explorer, row, guessed)
    assert f'data-you="{int(guessed == truth)}" data-model="{int(models == truth)}"' in drawn


def test_a_specimen_comes_back_only_when_all_were_shown() -> None:
    assert guess.choose(3, {0, 2}) == 1
    assert guess.choose(3, {0, 1, 2}) in {0, 1, 2}


@pytest.mark.parametrize("row", [-1, 569, "0", None, 1.5])
def test_a_row_that_does_not_exist_is_refused_by_name(explorer: Explorer, row: object) -> None:
    with pytest.raises(gr.Error, match="There is no specimen"):
        guess.row_of(explorer, row)
