"""The Gradio doors: endpoints for the Gradio client, for curl and, as tools, for AI agents (MCP).

Gradio publishes what a function's signature, annotations and docstring say, so these are made from the
feature table. The page's own events are none of these: they would fill in what a caller forgot.
"""

import inspect
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.events import api as publish

from api.openapi import in_a_line
from model.classifier import Classifier
from model.explain import Explainer, Reference
from model.features import FEATURES, NAMES
from model.specimen import InvalidSpecimen, Specimen

Answer = dict[str, Any]


def publish_endpoints(classifier: Classifier, reference: Reference) -> None:
    """Publish ``predict`` and ``explain`` in the current Blocks; both answer as REST does."""
    explainer = Explainer(classifier, reference)

    def predict(specimen: Specimen) -> Answer:
        return classifier.predict(specimen).to_dict()

    def explain(specimen: Specimen) -> Answer:
        return {
            "prediction": predict(specimen),
            "similar": [asdict(similar) for similar in explainer.similar(specimen)],
            "flips": [asdict(flip) for flip in explainer.flips(specimen)],
        }

    _publish(
        predict,
        "Predict from thirty measurements of cell nuclei in a fine-needle aspirate of a breast mass whether "
        "it is malignant: calibrated probability with its interval, verdict, the exact contribution of each "
        "feature, warnings. For teaching and research, not for diagnosis.",
    )
    _publish(
        explain,
        "Explain a prediction: the prediction itself, the five most similar real specimens with their "
        "diagnosis, and for each feature that alone could turn the diagnosis the smallest change that does. "
        "It speaks of the model, not of causes.",
    )


def _publish(answer: Callable[[Specimen], Answer], about: str) -> None:
    def endpoint(*values: float) -> Answer:
        try:
            return answer(Specimen.from_sequence(values))
        except InvalidSpecimen as error:
            raise gr.Error(str(error), print_exception=False) from error

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    named = [inspect.Parameter(name, kind, annotation=float) for name in NAMES]
    endpoint.__signature__ = inspect.Signature(named, return_annotation=Answer)  # type: ignore[attr-defined]
    endpoint.__annotations__ = dict.fromkeys(NAMES, float) | {"return": Answer}
    endpoint.__name__ = answer.__name__
    endpoint.__doc__ = f"{about}\n\nArgs:\n" + "".join(f"    {f.name}: {in_a_line(f)}\n" for f in FEATURES)
    publish(endpoint, api_name=answer.__name__, queue=False)
