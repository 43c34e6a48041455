"""Other data than those of this demo: wrong ones are refused by name, small or odd ones are evaluated."""

from dataclasses import replace

import numpy as np
import pytest

from model.features import FEATURES, NAMES
from training.data import FEWEST, Specimens
from training.error_analysis import subgroups
from training.estimator import CurveBasis, make_estimator
from training.evaluate import sized_losses, sizes
from training.uncertainty import fit_novelty

FIRST = FEATURES[0]


def test_data_unlike_the_table_of_features_are_refused_by_name(rows: Specimens) -> None:
    first, span = rows.values[:, 0], f"expected {FIRST.low} to {FIRST.high}"
    for changed, why in (
        (np.r_[np.nan, first[1:]], "has 1 empty or infinite values"),
        (np.r_[-1.0, first[1:]], "is -1 at the least: expected 0 or more, or a measurement that is signed"),
        (np.r_[FIRST.high + 1, first[1:]], span),
        (np.r_[14.12345678, first[1:]], f"more than {FIRST.decimals} decimals"),
        (np.full_like(first, 14.0), span),
        ((0.5 * first).round(3), span),
        ((first + 0.4).round(3), span),
    ):
        data = replace(rows, values=np.column_stack([changed, rows.values[:, 1:]]))
        with pytest.raises(ValueError, match=f"{FIRST.name} .*{why}"):
            data.checked()


def test_another_number_of_specimens_or_of_classes_is_refused(rows: Specimens) -> None:
    cancers = np.flatnonzero(rows.malignant)
    with pytest.raises(ValueError, match="539 specimens, 182 of them malignant: expected 569 and 212"):
        rows[np.setdiff1d(np.arange(len(rows)), cancers[:30])].checked()
    relabelled = np.where(np.arange(len(rows)) == cancers[0], 0, rows.malignant)
    with pytest.raises(ValueError, match="569 specimens, 211 of them malignant"):
        replace(rows, malignant=relabelled).checked()


def test_too_few_of_a_class_are_refused(rows: Specimens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.data.EXPECTED", None)
    malignant = np.zeros_like(rows.malignant)
    malignant[: FEWEST - 1] = 1
    with pytest.raises(ValueError, match=f"{FEWEST - 1} specimens are malignant: expected {FEWEST}"):
        replace(rows, malignant=malignant).checked()
    malignant[FEWEST] = 1
    assert replace(rows, malignant=malignant).checked()


def test_a_column_that_never_changes_adds_nothing_and_spoils_nothing(rows: Specimens) -> None:
    values = rows.values.copy()
    values[:, 0] = 12.3
    columns = CurveBasis(offset=1.0).fit_transform(values)
    assert np.isfinite(columns).all()
    assert np.abs(columns[:, 0]).max() < 1e-9
    assert np.isfinite(fit_novelty(values).squared(values)).all()


def test_a_column_that_follows_from_others_leaves_the_distance_as_it_was(rows: Specimens) -> None:
    values, offset = rows.values[:, [0, 1, 2, 3, 4, 0]], np.ones(6)
    once, twice = (fit_novelty(v, offset=offset[: v.shape[1]]).squared(v) for v in (values[:, :5], values))
    assert twice == pytest.approx(once, rel=0.02)


def test_a_group_without_a_class_has_no_share_of_it(rows: Specimens) -> None:
    size = rows.values[:, NAMES.index("radius_mean")]
    large = replace(rows, malignant=(size > np.quantile(size, 0.8)).astype(np.int64))
    small, _, _ = subgroups(large, np.tile(large.malignant * 0.8 + 0.1, (2, 1)), 0.5)
    assert (small.malignant, small.sensitivity) == (0, None)
    assert small.specificity is not None
    assert small.specificity.share == 1.0


def test_the_learning_curve_ends_with_all_and_passes_over_parts_of_one_class(rows: Specimens) -> None:
    assert sizes(569, 10) == [50, 100, 200, 300, 400, 512]
    assert sizes(150, 10) == [50, 100, 135]
    rare = np.r_[np.flatnonzero(rows.malignant)[:3], np.flatnonzero(rows.malignant == 0)[:196]]
    losses = sized_losses(rows[rare], make_estimator(C=0.1), 0, 3)
    assert np.isnan(losses[0]).any()
    assert np.isfinite(losses[-1]).all()
