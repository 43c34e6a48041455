"""Where the model fails, and how often it warns: hard specimens, groups by size, warnings out of fold."""

import numpy as np
from numpy.typing import NDArray

from model.evidence import HardSpecimen, Subgroup
from model.features import FEATURES, NAMES, STATISTICS
from model.warnings import KINDS, WarningRules
from training.data import SIZE, Floats, Specimens
from training.export import relation_bounds
from training.metrics import mean_interval, mean_share, row_losses
from training.protocol import Protocol, splits
from training.uncertainty import fit_novelty, novelty_out_of_fold

_MAX_SHOWN = 12


def hard_specimens(
    data: Specimens, runs: dict[str, Floats], served: str
) -> tuple[tuple[HardSpecimen, ...], int]:
    """The specimens most often wrong at 0.5 over all models and repeats; and how many are never wrong."""
    truth = data.malignant == 1
    wrong = np.array([((repeats >= 0.5) != truth).mean(axis=0) for repeats in runs.values()]).mean(axis=0)
    loss = row_losses(runs[served], data.malignant).mean(axis=0)
    rows = np.lexsort((-loss, -wrong.round(6)))[:_MAX_SHOWN].tolist()
    specimens = tuple(
        HardSpecimen(
            row=row,
            diagnosis="malignant" if truth[row] else "benign",
            probability=float(runs[served][:, row].mean()),
            wrong_in=float(wrong[row]),
            share_of_loss=float(loss[row] / loss.sum()),
            unusual=_unusual(data, row),
        )
        for row in rows
    )
    return specimens, int((wrong == 0).sum())


def _unusual(data: Specimens, row: int) -> dict[str, float]:
    """The three features of the last statistic that are least typical of the specimen's own class.

    A value nearer to the other class is less typical: cancers have larger worst values, so a hard cancer has
    small ones. The number is the share of its class that is more typical, negative if those are larger.
    """
    diagnosis = data.malignant[row]
    own, other = data.values[data.malignant == diagnosis], data.values[data.malignant != diagnosis]
    larger = np.median(own, axis=0) > np.median(other, axis=0)
    atypical = np.where(larger, own > data.values[row], own < data.values[row]).mean(axis=0)
    last = [j for j in np.argsort(-atypical, kind="stable") if FEATURES[j].statistic is STATISTICS[-1]][:3]
    return {NAMES[j]: float(-atypical[j] if larger[j] else atypical[j]) for j in last}


def subgroups(data: Specimens, repeats: Floats, threshold: float) -> tuple[Subgroup, ...]:
    """Thirds by ``SIZE``: is the model worse for small or large nuclei? ``repeats`` (repeats, n)."""
    size = data.values[:, NAMES.index(SIZE)]
    small, large = np.quantile(size, [1 / 3, 2 / 3]).tolist()
    groups = []
    for above, to in ((None, small), (small, large), (large, None)):
        rows = (size > (-np.inf if above is None else above)) & (size <= (np.inf if to is None else to))
        malignant, called = data.malignant[rows] == 1, repeats[:, rows] >= threshold
        loss = row_losses(repeats[:, rows], data.malignant[rows]).mean(axis=0)
        low, high = mean_interval(loss, data.malignant[rows])
        groups.append(
            Subgroup(
                feature=SIZE,
                above=above,
                to=to,
                specimens=len(malignant),
                malignant=int(malignant.sum()),
                log_loss=float(loss.mean()),
                low=low,
                high=high,
                sensitivity=mean_share(called[:, malignant]) if malignant.any() else None,
                specificity=mean_share(~called[:, ~malignant]) if not malignant.all() else None,
            )
        )
    return tuple(groups)


def warnings_out_of_fold(data: Specimens, seed: int, folds: int) -> NDArray[np.bool_]:
    """The warnings of each specimen by rules that were made without it, (n, kinds)."""
    warning_flags = np.zeros((len(data), len(KINDS)), dtype=np.bool_)
    for fit, held_out in splits(data, seed, folds):
        known, values = data[fit], data.values[held_out]
        limit = float(np.quantile(novelty_out_of_fold(known, repeats=1), 0.99))
        rules = WarningRules(relation_bounds(known.values), fit_novelty(known.values, limit))
        warning_flags[held_out] = rules.warning_flags(values)
        # The rules use the range of all specimens; here the range of the others counts.
        outside = (values < known.values.min(axis=0)) | (values > known.values.max(axis=0))
        warning_flags[held_out, : len(FEATURES)] |= outside
    return warning_flags


def warning_rates(protocol: Protocol, rules: WarningRules) -> tuple[dict[str, float], dict[str, float]]:
    """The share of specimens with a warning, any and by code: by the served rules, and out of fold."""
    in_sample = rules.warning_flags(protocol.data.values)
    return _rates(in_sample), _rates(np.array(protocol.by_seed(warnings_out_of_fold)))


def _rates(warning_flags: NDArray[np.bool_]) -> dict[str, float]:
    """The share of specimens with a warning, any and by code; the argument is (…, kinds)."""
    codes = np.array([code for code, _ in KINDS])
    rates = {"any": float(warning_flags.any(axis=-1).mean())}
    for code in dict.fromkeys(codes.tolist()):
        rates[code] = float(warning_flags[..., codes == code].any(axis=-1).mean())
    return rates
