"""The reason in one sentence; reads contributions, and knows no more than they say."""

from collections.abc import Sequence

from model.classifier import Classifier
from model.features import FEATURES, MEASUREMENTS, NAMES, Feature
from model.prediction import Prediction
from ui import text

_TELLING = 0.5  # log-odds; what moves the answer less is not worth a sentence


def sentence(prediction: Prediction, classifier: Classifier) -> str:
    """What speaks most for the verdict and what most against it, as compared with the median specimen."""
    towards = -1 if prediction.verdict == "benign" else 1
    spoken = sorted(_spokesmen(prediction.shares, towards), key=lambda item: -abs(item[0]))
    told = [(total > 0, _phrase(f, prediction, classifier)) for total, f in spoken if abs(total) >= _TELLING]
    pro = text.AND.join([phrase for speaks_for, phrase in told if speaks_for][:2])
    contra = text.AND.join([phrase for speaks_for, phrase in told if not speaks_for][:1])
    if not told:
        return text.SENTENCE_NOTHING
    form = text.SENTENCE_BOTH if pro and contra else text.SENTENCE_PRO if pro else text.SENTENCE_CONTRA
    return form[prediction.verdict].format(pro=pro, contra=contra)


def _spokesmen(contributions: Sequence[float], towards: int) -> list[tuple[float, Feature]]:
    """Each measurement's sum in a direction, with its feature that carries most of it."""
    found = []
    for measurement in MEASUREMENTS:
        own = [
            (towards * share, feature)
            for share, feature in zip(contributions, FEATURES, strict=True)
            if feature.measurement is measurement
        ]
        total = sum(share for share, _ in own)
        found.append((total, max(own, key=lambda item: item[0] if total > 0 else -item[0])[1]))
    return found


def _phrase(feature: Feature, prediction: Prediction, classifier: Classifier) -> str:
    """``large worst area``, against the median specimen."""
    index = NAMES.index(feature.name)
    size = text.LARGE if prediction.values[index] > classifier.reference[index] else text.SMALL
    form = text.SIZES.get(feature.statistic.suffix, text.SIZE)
    return form.format(size=size, feature=feature.spoken, measurement=feature.measurement.label.lower())
