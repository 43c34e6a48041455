"""A worse model is called worse, a leak a leak, an unchanged one the same."""

from dataclasses import replace

import numpy as np
import pytest

from model.evidence import DataRecord, Evidence, Measure, ProtocolRecord, Share
from model.features import NAMES
from training.data import Floats, Labels, Specimens
from training.estimator import make_quick_estimator
from training.gate import compare
from training.metrics import by_repeat, logits, row_losses, spreads
from training.protocol import out_of_fold

pytestmark = pytest.mark.slow

R = 8  # repeats
SIMPLE = make_quick_estimator(pieces=4)  # what is fitted does not matter here, but how often it is


def evaluated(
    evidence: Evidence, repeats: Floats, data: Specimens, known: dict[str, tuple[float, ...]] | None = None
) -> Evidence:
    """The committed evidence with figures for other out-of-fold probabilities (repeats, n)."""
    values = known or by_repeat(repeats, data.malignant, evidence.threshold.chosen)
    return replace(
        evidence,
        metrics={name: Measure(s.mean, s.sd, s.mean, s.mean) for name, s in spreads(values).items()},
        by_repeat=values,
        row_log_loss=tuple(row_losses(repeats, data.malignant).mean(axis=0).tolist()),
        protocol=ProtocolRecord(len(repeats), 10, 300),
        data=DataRecord(data.sha256, len(data), int(data.malignant.sum())),
    )


def sigmoid(logit: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-logit))
    return probability


@pytest.fixture(scope="module")
def repeats(rows: Specimens) -> Floats:
    """Out-of-fold probabilities of sixteen splits that no other test knows, (16, n)."""
    return np.array([out_of_fold(rows, SIMPLE, seed, 5) for seed in range(300, 316)])


@pytest.fixture(scope="module")
def base(evidence: Evidence, repeats: Floats, rows: Specimens) -> Evidence:
    return evaluated(evidence, repeats[:R], rows)


def test_the_same_model_on_other_seeds_passes(evidence: Evidence, repeats: Floats, rows: Specimens) -> None:
    measured = evaluated(evidence, repeats, rows).by_repeat

    def some(chosen: np.ndarray, first_seed: int) -> Evidence:
        """The evidence for some of the repeats, without computing the measures again."""
        values = {name: tuple(np.array(each)[chosen].tolist()) for name, each in measured.items()}
        protocol = ProtocolRecord(R, 10, first_seed)
        return replace(evaluated(evidence, repeats[chosen], rows, values), protocol=protocol)

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


def fewer_found(probability: Floats, malignant: Labels) -> Floats:
    """Four cancers less are found at 29 %, but twelve benign specimens are clearer, so AUC is better."""
    changed = probability.copy()
    for one in changed:
        above, benign = np.flatnonzero((malignant == 1) & (one >= 0.29)), np.flatnonzero(malignant == 0)
        one[above[np.argsort(one[above])[:4]]] = 0.27
        highest = benign[np.argsort(-one[benign])[:12]]
        one[highest] = np.minimum(one[highest], 0.05)
    return changed


def test_probabilities_that_lost_something_fail(base: Evidence, repeats: Floats, rows: Specimens) -> None:
    before, logit = repeats[:R], logits(repeats[:R], 1e-12)
    fewer = fewer_found(before, rows.malignant)
    for changed, failure in (
        (sigmoid(1.3 * logit), "calibration slope went"),
        (sigmoid(0.77 * logit), "calibration slope went"),
        (sigmoid(logit + 0.5), "calibration intercept went"),
        (sigmoid(logit - 0.5), "calibration intercept went"),
        (fewer, "sensitivity at the threshold went"),
    ):
        found = compare(evaluated(base, changed, rows), base)
        assert found.verdict == "worse than noise"
        assert any(words.startswith(failure) for words in found.failures), (failure, found.failures)
    assert evaluated(base, fewer, rows).metrics["auc"].mean > base.metrics["auc"].mean


def spoilt(rows: Specimens, how: str, much: float) -> Specimens:
    values, malignant, random = rows.values.copy(), rows.malignant.copy(), np.random.default_rng(0)
    if how == "labels":
        wrong = random.choice(len(rows), int(much), replace=False)
        malignant[wrong] = 1 - malignant[wrong]
    elif how == "leak":
        values[:, NAMES.index("fractal_dimension_mean")] += much * malignant
    else:
        columns = [name.startswith(how) for name in NAMES]
        values[:, columns] = random.permutation(values[:, columns])
    return Specimens(values, malignant)


@pytest.mark.parametrize(
    ("how", "much", "allowed"),
    [
        ("labels", 3, True),
        ("leak", 0.02, True),
        ("leak", 0.002, False),
        ("concavity", 0, True),  # a measurement that says nothing any more
    ],
)
def test_spoilt_data_fail(how: str, much: float, allowed: bool, base: Evidence, rows: Specimens) -> None:
    data = spoilt(rows, how, much)
    refitted = np.array([out_of_fold(data, SIMPLE, seed, 5) for seed in range(300, 300 + R)])
    assert compare(evaluated(base, refitted, data), base, new_data=allowed).failures


def test_a_leak_between_the_folds_fails(base: Evidence, rows: Specimens) -> None:
    seen = make_quick_estimator().fit(rows.values, rows.malignant).predict_proba(rows.values)[:, 1]
    found = compare(evaluated(base, np.tile(seen, (R, 1)), rows), base)
    assert any("look for a leak" in failure for failure in found.failures)


def test_a_better_model_is_called_better_and_the_way_back_worse(
    base: Evidence, repeats: Floats, rows: Specimens
) -> None:
    # probabilities a little nearer to the truth everywhere
    nearer = sigmoid(logits(repeats[:R], 1e-12) + 0.06 * (2 * rows.malignant - 1))
    new = evaluated(base, nearer, rows)
    assert compare(new, base).verdict == "better"
    assert compare(base, new).verdict == "worse than noise"


def test_each_fault_of_an_evaluation_is_named(evidence: Evidence) -> None:
    first, *others = evidence.conformal
    less = replace(first, malignant=Share(0.9 * 212, 212, 0.85, 0.934))
    better = evidence.metrics | {"sensitivity": replace(evidence.metrics["sensitivity"], mean=0.985)}
    for changed, failure in (
        ({"data": replace(evidence.data, sha256="other")}, "the data differ"),
        ({"threshold": replace(evidence.threshold, chosen=0.8)},
         "the threshold is 0.8, and other specimens would choose"),
        ({"conformal": (less, *others)}, "malignant specimens are covered at 0.900, promised 0.95"),
        ({"conformal": tuple(others)}, "the levels of the verdict differ"),
        ({"interval": replace(evidence.interval, coverage={"the served curves": 0.55})},
         "the interval covers 0.550 where the served curves are true"),
        ({"metrics": better}, "sensitivity at the threshold is 0.9850, and 0.9"),
    ):  # fmt: skip
        (found,) = compare(replace(evidence, **changed), evidence).failures
        assert found.startswith(failure)


def test_a_broken_promise_another_protocol_and_what_is_not_judged_do_not_fail(evidence: Evidence) -> None:
    slopes = {"calibration_slope": tuple(1.5 for _ in evidence.by_repeat["calibration_slope"])}
    metric = evidence.metrics | {"calibration_slope": Measure(1.5, 0.0, 1.4, 1.6)}
    found = compare(replace(evidence, metrics=metric, by_repeat=evidence.by_repeat | slopes))
    assert found.warnings[0].startswith("calibration slope is 1.5000, promised")
    assert found.failures == ()
    worse = tuple(value - 0.1 for value in evidence.by_repeat["accuracy"])
    metric = evidence.metrics | {"accuracy": Measure(float(np.mean(worse)), 0.0, 0.8, 0.9)}
    found = compare(
        replace(evidence, metrics=metric, by_repeat=evidence.by_repeat | {"accuracy": worse}), evidence
    )
    assert (found.changes[3].verdict, found.failures) == ("worse", ()), "accuracy at 0.5 is not judged"
    found = compare(replace(evidence, protocol=replace(evidence.protocol, first_seed=7)), evidence)
    assert (found.warnings, found.failures) == (("the protocols differ, so repeats cannot be paired",), ())
