"""The feature table holds to the data, from which everything else derives."""

from decimal import Decimal

import numpy as np
from sklearn.datasets import load_breast_cancer

from model.features import BY_NAME, FEATURES, NAMES
from model.names import resolve
from training.data import Specimens


def test_there_are_thirty_features_in_scikit_learns_order() -> None:
    assert tuple(map(resolve, load_breast_cancer().feature_names)) == NAMES
    assert len(set(NAMES)) == len(NAMES) == 30


def test_observed_range_is_that_of_the_data(rows: Specimens) -> None:
    for feature in FEATURES:
        column = rows.values[:, NAMES.index(feature.name)]
        assert (feature.low, feature.high) == (column.min(), column.max())


def test_every_real_value_is_a_whole_number_of_steps(rows: Specimens) -> None:
    for feature in FEATURES:
        for value in rows.values[:, NAMES.index(feature.name)]:
            steps = Decimal(repr(float(value))) / Decimal(repr(feature.step))
            assert steps == steps.to_integral_value()
            assert float(feature.format(value)) == value


def test_decimals_are_those_that_the_data_need(rows: Specimens) -> None:
    for name, column in zip(NAMES, rows.values.T, strict=True):
        decimals = BY_NAME[name].decimals
        assert not np.array_equal(np.round(column, decimals - 1), column)
