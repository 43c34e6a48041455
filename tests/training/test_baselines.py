"""The variations are what their names say, and hard specimens come with a reason."""

import numpy as np

from model.explain import Reference
from model.features import FEATURES, MEASUREMENTS, STATISTICS
from training.baselines import STRAIGHT, partly_shared, shared, smoothed
from training.data import Floats, Specimens
from training.error_analysis import hard_specimens
from training.estimator import PIECES, make_estimator


def test_shared_ramps_are_the_sum_over_the_statistics_of_a_measurement(rows: Specimens) -> None:
    columns: Floats = make_estimator()["basis"].fit_transform(rows.values)
    ramps = shared(columns)[:, STRAIGHT:].reshape(len(columns), len(MEASUREMENTS), PIECES)
    of_texture = [j for j, feature in enumerate(FEATURES) if feature.measurement is MEASUREMENTS[1]]
    own = [columns[:, STRAIGHT + j * PIECES :][:, :PIECES] for j in of_texture]
    np.testing.assert_allclose(ramps[:, 1], np.sum(own, axis=0) / np.sqrt(len(STATISTICS)))
    assert partly_shared(columns).shape[1] == columns.shape[1] + ramps[0].size


def test_smoothing_keeps_what_each_ramp_weighs_and_ties_neighbours() -> None:
    columns = np.hstack([np.ones((PIECES, STRAIGHT)), np.tile(np.eye(PIECES), STRAIGHT)])
    mixed = smoothed(columns)
    kernel = mixed[:, STRAIGHT:][:, :PIECES] @ mixed[:, STRAIGHT:][:, :PIECES].T
    apart = np.abs(np.subtract.outer(np.arange(PIECES), np.arange(PIECES)))
    np.testing.assert_allclose(kernel, np.exp(-10 * apart / PIECES))
    np.testing.assert_array_equal(mixed[:, :STRAIGHT], columns[:, :STRAIGHT])


def test_a_hard_cancer_is_one_with_small_values(rows: Specimens, reference: Reference) -> None:
    hard, never_wrong = hard_specimens(rows, {"served": reference.probability[None]}, "served")
    missed = next(specimen for specimen in hard if specimen.row == 297)
    assert missed.diagnosis == "malignant"
    assert all(-1 <= share < -0.9 for share in missed.unusual.values())
    assert sum(specimen.share_of_loss for specimen in hard) < 1
    assert 450 < never_wrong < 569
