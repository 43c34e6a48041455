"""The measures measure what their names say."""

import numpy as np
import pytest

from training.data import Specimens
from training.metrics import (
    calibration,
    calibration_line,
    exact_share,
    likelihood_ratio,
    measures,
    metrics,
    reliability,
    row_losses,
    wilson,
)

SIZE = 40_000
METRICS = metrics(0.5)


def drawn(slope: float, intercept: float, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and diagnoses whose true log-odds are slope * logit + intercept."""
    random = np.random.default_rng(1)
    logit = random.normal(0, 2, size)
    truth = random.uniform(size=size) < 1 / (1 + np.exp(-(slope * logit + intercept)))
    return truth.astype(np.int64), 1 / (1 + np.exp(-logit))


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.6, 0.4), (1.5, -1.0)])
def test_the_calibration_line_is_found_again(slope: float, intercept: float) -> None:
    assert calibration_line(*drawn(slope, intercept)) == pytest.approx((slope, intercept), abs=0.06)


def test_the_smooth_curve_follows_the_true_share_inside_its_band() -> None:
    malignant, probability = drawn(0.6, 0.4, 4000)
    curve = calibration(probability[None], malignant, draws=40)
    x = np.array(curve.x)
    true = 1 / (1 + np.exp(-(0.6 * np.log(x / (1 - x)) + 0.4)))
    assert np.abs(true - curve.y).max() < 0.05
    inside = (np.array(curve.low) <= true) & (true <= np.array(curve.high))
    assert inside.mean() > 0.7


def test_row_losses_average_to_the_log_loss_even_at_0_and_1(rows: Specimens) -> None:
    probability = np.array([0.0, 0.3, 1.0])[np.random.default_rng(0).integers(3, size=len(rows))]
    mean = row_losses(probability, rows.malignant).mean()
    assert mean == pytest.approx(METRICS["log_loss"](rows.malignant, probability))


def test_sensitivity_at_95_specificity_spends_no_more_than_5_percent_false_alarms() -> None:
    malignant = np.r_[np.zeros(100, int), np.ones(4, int)]
    probability = np.r_[np.linspace(0, 0.99, 100), 0.92, 0.945, 0.955, 1.0]
    # five benign specimens lie above 0.9405, so three of the four cancers are found
    assert METRICS["sensitivity_at_95_specificity"](malignant, probability) == 0.75
    assert METRICS["specificity_at_99_sensitivity"](malignant, probability) == pytest.approx(0.92, abs=0.011)


def test_the_intervals_are_the_published_ones() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 15 of 148, Wilson and Clopper-Pearson
    assert (wilson(15, 148).low, wilson(15, 148).high) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    few = exact_share(np.arange(148) < 15)
    assert (few.hits, few.of) == (15, 148)
    assert (few.low, few.high) == pytest.approx((0.0578, 0.1617), abs=1e-4)
    assert wilson(0, 20).low == 0.0
    # 28 of 28: the lower end is 0.025 ** (1 / 28)
    assert exact_share(np.ones(28, bool)).low == pytest.approx(0.025 ** (1 / 28))


def test_an_interval_takes_turns_with_the_repeats() -> None:
    malignant = np.repeat([0, 1], 50)
    right, wrong = np.where(malignant == 1, 0.9, 0.1), np.where(malignant == 1, 0.1, 0.9)
    accuracy = measures(np.array([right, wrong]), malignant, 0.5, draws=10)["accuracy"]
    assert (accuracy.low, accuracy.mean, accuracy.high) == (0.0, 0.5, 1.0)


def test_a_likelihood_ratio_is_finite_and_has_the_interval_of_its_logarithm() -> None:
    # 90.5 / 101 over 5.5 / 101; its logarithm has the variance 1/90.5 - 1/101 + 1/5.5 - 1/101
    ratio = likelihood_ratio(wilson(90, 100), wilson(5, 100))
    assert ratio == pytest.approx((16.45, 7.28, 37.19), abs=0.01)
    assert np.isfinite(likelihood_ratio(wilson(90, 100), wilson(0, 100))).all()


def test_bins_hold_their_start_and_not_their_stop() -> None:
    bins = reliability(np.array([0.0, 0.25, 0.5, 1.0]), np.array([0, 1, 1, 1]), np.array([0, 0.25, 0.5, 1]))
    assert [(b.specimens, b.observed) for b in bins] == [(1, 0.0), (1, 1.0), (2, 1.0)]
