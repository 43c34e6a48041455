"""The rivals are what their names say: curves that rise or fall, curves that are shared, a mean of refits."""

import numpy as np
import pytest

from model.features import FEATURES, MEASUREMENTS, STATISTICS
from training.data import Specimens
from training.estimator import PIECES, make_estimator
from training.variants import STRAIGHT, MonotoneLogistic, partly_shared, shared, smoothed, variants


@pytest.fixture(scope="module")
def columns(rows: Specimens) -> np.ndarray:
    basis: np.ndarray = make_estimator()["basis"].fit_transform(rows.values)
    return basis


def test_a_monotone_fit_pulls_each_feature_one_way_only(columns: np.ndarray, rows: Specimens) -> None:
    line = MonotoneLogistic(free=False).fit(columns, rows.malignant).line_
    ramps = line[STRAIGHT:-1].reshape(len(FEATURES), PIECES)
    by_feature = np.column_stack([line[:STRAIGHT], ramps])
    assert ((by_feature >= 0).all(axis=1) | (by_feature <= 0).all(axis=1)).all()
    assert np.abs(ramps).sum() > 0.1


def test_shared_ramps_are_the_sum_over_the_statistics_of_a_measurement(columns: np.ndarray) -> None:
    ramps = shared(columns)[:, STRAIGHT:].reshape(len(columns), len(MEASUREMENTS), PIECES)
    of_texture = [j for j, feature in enumerate(FEATURES) if feature.measurement is MEASUREMENTS[1]]
    own = [columns[:, STRAIGHT + j * PIECES :][:, :PIECES] for j in of_texture]
    np.testing.assert_allclose(ramps[:, 1], np.sum(own, axis=0) / np.sqrt(len(STATISTICS)))
    assert partly_shared(columns).shape[1] == columns.shape[1] + ramps[0].size


def test_smoothing_keeps_what_each_ramp_weighs_and_ties_neighbours(columns: np.ndarray) -> None:
    mixed = smoothed(np.hstack([np.zeros((PIECES, STRAIGHT)), np.tile(np.eye(PIECES), STRAIGHT)]))
    kernel = mixed[:, STRAIGHT:][:, :PIECES] @ mixed[:, STRAIGHT:][:, :PIECES].T
    np.testing.assert_allclose(np.diag(kernel), 1.0)
    assert (np.diff(kernel[0]) < 0).all()
    np.testing.assert_array_equal(smoothed(columns)[:, :STRAIGHT], columns[:, :STRAIGHT])


def test_a_mean_of_refits_stays_a_sum_of_curves(rows: Specimens) -> None:
    """What changing one feature does to the logit does not depend on the others."""
    name = "mean of 20 refits on reweighted specimens"
    fitted = variants()[name].fit(rows.values, rows.malignant)
    one, other = rows.values[[37, 541]]

    def step(specimen: np.ndarray) -> float:
        pair = np.tile(specimen, (2, 1))
        pair[:, 21] = 20.0, 22.0
        probability = fitted.predict_proba(pair)[:, 1]
        return float(np.diff(np.log(probability / (1 - probability)))[0])

    assert step(one) == pytest.approx(step(other), abs=1e-6)
