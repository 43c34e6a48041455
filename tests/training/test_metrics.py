"""The measures measure what their names say."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

from training.data import Specimens
from training.metrics import METRICS, calibration_line, expected_calibration_error, row_losses, wilson

SIZE = 40_000


def drawn(slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and diagnoses whose true log-odds are slope * logit + intercept."""
    random = np.random.default_rng(1)
    logit = random.normal(0, 2, SIZE)
    truth = random.uniform(size=SIZE) < 1 / (1 + np.exp(-(slope * logit + intercept)))
    return truth.astype(np.int64), 1 / (1 + np.exp(-logit))


@pytest.mark.parametrize("decimals", [15, 2, 1])
def test_the_measures_are_those_of_scikit_learn_even_with_ties(decimals: int) -> None:
    malignant, probability = (column[:300] for column in drawn(1.0, 0.0))
    probability = probability.round(decimals)
    false_alarms, sensitivity, _ = roc_curve(malignant, probability, drop_intermediate=False)
    expected = {
        "log_loss": log_loss(malignant, probability),
        "brier": brier_score_loss(malignant, probability),
        "auc": roc_auc_score(malignant, probability),
        "sensitivity_at_95_specificity": sensitivity[false_alarms <= 0.05].max(),
        "specificity_at_99_sensitivity": 1 - false_alarms[sensitivity >= 0.99].min(),
    }
    assert {name: METRICS[name](malignant, probability) for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.6, 0.4), (1.5, -1.0)])
def test_the_calibration_line_is_found_again(slope: float, intercept: float) -> None:
    assert calibration_line(*drawn(slope, intercept)) == pytest.approx((slope, intercept), abs=0.06)


def test_calibrated_probabilities_have_nearly_no_calibration_error() -> None:
    assert expected_calibration_error(*drawn(1.0, 0.0)) < 0.01
    assert expected_calibration_error(*drawn(0.4, 0.0)) > 0.08


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


def test_the_wilson_interval_is_the_published_one() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 15 of 148
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20)[0] == 0.0
