"""The feature table, from which everything else derives, matches the data."""

from decimal import Decimal

import numpy as np
from sklearn.datasets import load_breast_cancer

from model.features import FEATURES, NAMES
from model.names import resolve
from training.data import Specimens


def test_there_are_thirty_features_in_scikit_learns_order() -> None:
    assert tuple(map(resolve, load_breast_cancer().feature_names)) == NAMES
    assert len(set(NAMES)) == len(NAMES) == 30


def test_range_steps_and_decimals_are_those_of_the_data(rows: Specimens) -> None:
    for feature, column in zip(FEATURES, rows.values.T, strict=True):
        assert (feature.low, feature.high) == (column.min(), column.max())
        assert not np.array_equal(np.round(column, feature.decimals - 1), column)
        for value in column.tolist():
            steps = Decimal(repr(value)) / Decimal(repr(feature.step))
            assert steps == steps.to_integral_value()
            assert float(feature.format(value)) == value
