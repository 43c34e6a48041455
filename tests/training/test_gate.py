"""A worse model is called worse, a leak a leak, an unchanged one the same."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.evidence import DataRecord, Evidence, Measure, ProtocolRecord, Share
from model.features import NAMES
from training.data import Specimens
from training.estimator import make_quick_estimator
from training.gate import compare, compare_with_limits
from training.metrics import by_repeat, logits, row_losses, spreads
from training.protocol import out_of_fold

Floats = NDArray[np.float64]

R = 8  # repeats


def judged(evidence: Evidence, repeats: Floats, data: Specimens, first_seed: int = 300) -> Evidence:
    """The committed evidence with what it says of out-of-fold probabilities (repeats, n) exchanged."""
    values = by_repeat(repeats, data.malignant, evidence.threshold.chosen)
    measured = {name: Measure(s.mean, s.sd, s.mean, s.mean) for name, s in spreads(values).items()}
    return replace(
        evidence,
        metrics=measured,
        by_repeat=values,
        row_log_loss=tuple(row_losses(repeats, data.malignant).mean(axis=0).tolist()),
        protocol=ProtocolRecord(len(repeats), 10, first_seed),
        data=DataRecord(data.sha256, len(data), int(data.malignant.sum())),
    )


def refitted(data: Specimens) -> Floats:
    estimator = make_quick_estimator()
    return np.array([out_of_fold(data, estimator, seed) for seed in range(300, 300 + R)])


def sigmoid(logit: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-logit))
    return probability


@pytest.fixture(scope="module")
def base(evidence: Evidence, repeats: Floats, rows: Specimens) -> Evidence:
    return judged(evidence, repeats[:R], rows)


def test_the_same_model_on_other_seeds_passes(evidence: Evidence, repeats: Floats, rows: Specimens) -> None:
    known, losses = judged(evidence, repeats, rows), row_losses(repeats, rows.malignant)

    def some(chosen: NDArray[np.intp], first_seed: int) -> Evidence:
        """As ``judged`` of some of the repeats, without measuring them once more."""
        values = {name: tuple(np.array(each)[chosen].tolist()) for name, each in known.by_repeat.items()}
        return replace(
            known,
            metrics={name: Measure(s.mean, s.sd, s.mean, s.mean) for name, s in spreads(values).items()},
            by_repeat=values,
            row_log_loss=tuple(losses[chosen].mean(axis=0).tolist()),
            protocol=ProtocolRecord(R, 10, first_seed),
        )

    random, failures, better = np.random.default_rng(0), [], 0
    for _ in range(30):
        order = random.permutation(len(repeats))
        found = compare(some(order[:R], 0), some(order[R : 2 * R], 1))
        failures += [found.failures] if found.failures else []
        better += found.verdict == "better"
    assert len(failures) <= 1, failures
    assert better <= 1


def test_an_unchanged_model_is_the_same(evidence: Evidence) -> None:
    found = compare(evidence, evidence)
    assert (found.verdict, found.failures) == ("the same within noise", ())
    assert {change.verdict for change in found.changes} == {"same"}


@pytest.mark.parametrize(
    ("factor", "shift"), [(1.3, 0), (0.77, 0), (1, 0.5), (1, -0.5)], ids=["x1.3", "x.77", "+.5", "-.5"]
)
def test_lost_calibration_fails(
    factor: float, shift: float, base: Evidence, evidence: Evidence, repeats: Floats, rows: Specimens
) -> None:
    moved = sigmoid(factor * logits(repeats[:R], 1e-12) + shift)
    assert compare(base, judged(evidence, moved, rows)).failures


def test_fewer_cancers_found_fails_even_where_the_auc_is_better(
    base: Evidence, evidence: Evidence, repeats: Floats, rows: Specimens
) -> None:
    changed = repeats[:R].copy()
    for probability in changed:
        above = np.flatnonzero((rows.malignant == 1) & (probability >= evidence.threshold.chosen))
        probability[above[np.argsort(probability[above])[:4]]] = evidence.threshold.chosen - 0.02
        benign = np.flatnonzero(rows.malignant == 0)
        highest = benign[np.argsort(-probability[benign])[:12]]
        probability[highest] = np.minimum(probability[highest], 0.05)
    new = judged(evidence, changed, rows)
    assert new.metrics["auc"].mean > base.metrics["auc"].mean
    found = compare(base, new)
    assert found.verdict == "worse than noise"
    assert any(failure.startswith("sensitivity at the threshold went from") for failure in found.failures)


@pytest.mark.parametrize("flipped", [6, 17])
def test_wrong_labels_fail_even_where_new_data_are_allowed(
    flipped: int, base: Evidence, evidence: Evidence, rows: Specimens
) -> None:
    malignant = rows.malignant.copy()
    wrong = np.random.default_rng(0).choice(len(rows), flipped, replace=False)
    malignant[wrong] = 1 - malignant[wrong]
    noisy = Specimens(rows.values, malignant)
    assert compare(base, judged(evidence, refitted(noisy), noisy), new_data=True).failures


def test_a_leak_in_a_column_fails_however_small(base: Evidence, evidence: Evidence, rows: Specimens) -> None:
    for leak, allowed in ((0.02, True), (0.002, False)):
        values = rows.values.copy()
        values[:, NAMES.index("fractal_dimension_mean")] += leak * rows.malignant
        leaking = Specimens(values, rows.malignant)
        found = compare(base, judged(evidence, refitted(leaking), leaking), new_data=allowed)
        assert found.failures, leak
        assert found.verdict == "worse than noise"


def test_a_leak_between_the_folds_fails(base: Evidence, evidence: Evidence, rows: Specimens) -> None:
    seen = make_quick_estimator().fit(rows.values, rows.malignant).predict_proba(rows.values)[:, 1]
    found = compare(base, judged(evidence, np.tile(seen, (R, 1)), rows))
    assert any("look for a leak" in failure for failure in found.failures)


def test_a_column_that_says_nothing_any_more_fails(
    base: Evidence, evidence: Evidence, rows: Specimens
) -> None:
    values = rows.values.copy()
    values[:, NAMES.index("texture_worst")] = np.random.default_rng(0).permutation(values[:, 21])
    shuffled = Specimens(values, rows.malignant)
    assert compare(base, judged(evidence, refitted(shuffled), shuffled), new_data=True).failures
    (failure, *_) = compare(base, replace(base, data=replace(base.data, sha256="other"))).failures
    assert failure.startswith("the data differ")


def test_a_threshold_that_no_redraw_would_choose_fails(evidence: Evidence) -> None:
    moved = replace(evidence, threshold=replace(evidence.threshold, chosen=0.8))
    (failure,) = compare(evidence, moved).failures
    assert failure.startswith("the threshold is 0.8, and other specimens would choose")


def test_broken_coverage_fails(evidence: Evidence) -> None:
    first, *others = evidence.conformal
    less = replace(first, malignant=Share(0.9 * 212, 212, 0.85, 0.934))
    (failure,) = compare(evidence, replace(evidence, conformal=(less, *others))).failures
    assert failure == "malignant specimens are covered at 0.900, promised 0.95"
    rough = replace(evidence.interval, coverage={"the served curves": 0.55})
    (failure,) = compare_with_limits(replace(evidence, interval=rough)).failures
    assert failure.startswith("the interval covers 0.550")
    (failure,) = compare(evidence, replace(evidence, conformal=tuple(others))).failures
    assert failure == "the levels of the verdict differ"


def test_a_mean_that_its_repeats_do_not_have_fails(evidence: Evidence) -> None:
    better = evidence.metrics | {"sensitivity": replace(evidence.metrics["sensitivity"], mean=0.985)}
    (failure,) = compare_with_limits(replace(evidence, metrics=better)).failures
    assert failure.startswith("sensitivity at the threshold is 0.9850, and 0.9")


def test_a_better_model_is_called_better_and_the_way_back_worse(
    base: Evidence, evidence: Evidence, repeats: Floats, rows: Specimens
) -> None:
    # probabilities a little nearer to the truth everywhere
    nearer = sigmoid(logits(repeats[:R], 1e-12) + 0.06 * (2 * rows.malignant - 1))
    new = judged(evidence, nearer, rows)
    assert compare(base, new).verdict == "better"
    assert compare(new, base).verdict == "worse than noise"


def test_a_broken_promise_is_a_warning(evidence: Evidence) -> None:
    slopes = {"calibration_slope": tuple(1.5 for _ in evidence.by_repeat["calibration_slope"])}
    metric = evidence.metrics | {"calibration_slope": Measure(1.5, 0.0, 1.4, 1.6)}
    found = compare_with_limits(replace(evidence, metrics=metric, by_repeat=evidence.by_repeat | slopes))
    assert found.warnings[0].startswith("calibration slope is 1.5000, promised")
    assert found.failures == ()


def test_another_protocol_is_compared_with_a_warning(reduced: Evidence, evidence: Evidence) -> None:
    assert any("protocols differ" in warning for warning in compare(evidence, reduced).warnings)
