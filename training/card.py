"""MODEL_CARD.md: ``card.md`` filled in, so that every figure in it comes from the evidence."""

import json
from pathlib import Path
from string import Template

from model.evidence import Evidence, Share
from training import figures
from training.decision import LEVEL
from training.gate import MEASURES

_TEMPLATE = Path(__file__).with_name("card.md")
# the measures that the Hub shows beside the model
_HUB = ("accuracy", "auc", "log_loss", "brier", "sensitivity", "specificity", "calibration_slope")


def card(evidence: Evidence) -> str:
    """The whole card, front matter of the Hugging Face Hub first."""
    model, data, protocol, threshold = evidence.model, evidence.data, evidence.protocol, evidence.threshold
    optimism = evidence.optimism
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        results=_results(evidence),
        version=model.version,
        sha256=model.sha256,
        pieces=model.recipe["pieces"],
        scale=f"{model.recipe['scale']:g}",
        penalty=f"{model.recipe['C']:g}",
        specimens=data.specimens,
        malignant=data.malignant,
        share=f"{data.malignant / data.specimens:.0%}",
        data=data.sha256,
        repeats=protocol.repeats,
        folds=protocol.folds,
        first_seed=protocol.first_seed,
        headline=figures.headline(evidence),
        measures=figures.measures(evidence),
        comparison=figures.comparison(evidence),
        through_time=figures.through_time(evidence),
        later=_later(evidence),
        chosen_on=f"{evidence.chosen_on['log_loss'].mean:.4f}",
        fresh=f"{evidence.metrics['log_loss'].mean:.4f}",
        optimism=(
            f"Of {optimism['settings']:.0f} settings, the one that is best on a random half of the "
            f"specimens beats their average by {optimism['apparent']:.4f} log loss on that half and by "
            f"{optimism['honest']:.4f} on the other, so choosing flatters by about "
            f"{optimism['apparent'] - optimism['honest']:.4f}."
        ),
        all_tuned=figures.tuned_inside(evidence),
        ablations=figures.ablations(evidence),
        record=figures.record(),
        threshold=f"{threshold.chosen:.0%}",
        cost_ratio=f"{threshold.cost_ratio:g}",
        threshold_low=f"{threshold.low:.0%}",
        threshold_high=f"{threshold.high:.0%}",
        thresholds=figures.thresholds(evidence),
        conformal=figures.conformal(evidence),
        level=f"{LEVEL:.0%}",
        verdicts=figures.verdicts(evidence, LEVEL),
        reach=f"{evidence.interval.reach:g}",
        interval=figures.interval(evidence),
        neighbours=figures.neighbours(evidence),
        warned_in=f"{evidence.warnings_in_sample['any']:.1%}",
        warned_out=f"{evidence.warnings_out_of_fold['any']:.1%}",
        hard=figures.hard(evidence),
        never_wrong=evidence.never_wrong,
        subgroups=figures.subgroups(evidence),
    )


def _later(evidence: Evidence) -> str:
    """The later patients, the repeated measurements and the drift of texture, in sentences."""
    later, again, drift = evidence.later_patients, evidence.repeatability, evidence.texture_drift
    if not (later and again and drift):
        return ""
    variation = ", ".join(
        f"{name.replace('_', ' ')} {within:.1%}" for name, within in again.variation.items()
    )
    return (
        f"Of {later.found.of} cancers of other patients, nearly all from after the data, it finds "
        f"{later.found.hits:g} at the threshold (95 %: {later.found.low:.1%} to {later.found.high:.1%}) and "
        f"{later.found_at_half.hits:g} at one half; by verdict {later.verdicts['malignant']} are malignant, "
        f"{later.verdicts['inconclusive']} inconclusive and {later.verdicts['benign']} benign. Log loss is "
        f"{later.log_loss:.3f}. There is no benign one among them, so this tests sensitivity alone.\n\n"
        f"{again.found.of} patients of the data were measured again: {again.found.hits:g} are found by the "
        f"second measurement, too. Within a pair the means vary by {variation} (one pair is left out, whose "
        f"first measurement was of three nuclei). When all thirty values of the {again.turned.of} specimens "
        f"vary by as much, {again.turned.share:.1%} get the other diagnosis and {again.opposed.share:.1%} "
        f"the opposite verdict.\n\nIn 1992 the instrument began to measure larger textures, by "
        f"{drift.factors['texture_mean'] - 1:.0%} in the mean. As much on all benign specimens raises the "
        f"false alarms from {_of(drift.alarms_before)} to {_of(drift.alarms_after)}, in sample; with their "
        f"texture put back, {_of(drift.found_without)} of the later cancers are found."
    )


def _of(share: Share) -> str:
    return f"{share.hits:g} of {share.of}"


def _results(evidence: Evidence) -> str:
    """The ``metrics`` of ``model-index``."""
    return "\n".join(
        f"    - type: {name}\n      name: {json.dumps(MEASURES[name][0])}\n"
        f"      value: {evidence.metrics[name].mean:.4f}"
        for name in _HUB
    )
