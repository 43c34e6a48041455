"""The reason in one sentence; reads contributions, and knows no more than they say."""

from model.classifier import Classifier, Prediction
from model.features import FEATURES, MEASUREMENTS, NAMES, Feature
from ui import text

_TELLING = 0.5  # log-odds; what moves the answer less is not worth a sentence


def sentence(prediction: Prediction, classifier: Classifier) -> str:
    """What speaks most for the diagnosis and what most against it, as compared with the median specimen."""
    towards = 1 if prediction.diagnosis == "malignant" else -1
    shares = [towards * share for share in prediction.contributions]
    ranked = sorted(_spokesmen(shares), key=lambda item: -abs(item[0]))
    telling = [(total, name) for total, name in ranked if abs(total) >= _TELLING]
    pro = [_phrase(name, prediction, classifier) for total, name in telling if total > 0][:2]
    contra = [_phrase(name, prediction, classifier) for total, name in telling if total < 0][:1]
    if not telling:
        return text.SENTENCE_NOTHING
    if not pro:
        return text.SENTENCE_DESPITE[prediction.diagnosis].format(contra=contra[0])
    because = text.SENTENCE_BECAUSE[prediction.diagnosis].format(pro=text.AND.join(pro))
    return because + (text.SENTENCE_BUT.format(contra=contra[0]) if contra else ".")


def _spokesmen(shares: list[float]) -> list[tuple[float, Feature]]:
    """Each measurement's sum, and its feature that carries most of it."""
    found = []
    for measurement in MEASUREMENTS:
        own = [(share, f) for share, f in zip(shares, FEATURES, strict=True) if f.measurement is measurement]
        total = sum(share for share, _ in own)
        found.append((total, max(own, key=lambda item: item[0] if total > 0 else -item[0])[1]))
    return found


def _phrase(feature: Feature, prediction: Prediction, classifier: Classifier) -> str:
    """``a large worst area``, against the median specimen."""
    index = NAMES.index(feature.name)
    size = text.LARGE if prediction.values[index] > classifier.reference[index] else text.SMALL
    name = text.FEATURE_IN_SENTENCE[feature.statistic.suffix].format(
        measurement=feature.measurement.label.lower()
    )
    return f"{name} {size}"
