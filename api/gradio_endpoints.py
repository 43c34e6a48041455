"""The Gradio endpoints, for Gradio's clients, for curl and, as tools, for AI agents (MCP).

Gradio publishes the signature, annotations and docstring of a function, so these are made from the feature
table. The page uses other events, because those would fill in values that a caller left out.
"""

import inspect
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import gradio as gr
from gradio.events import api as publish

from api.gradio_patches import Refusal
from api.problems import Problem
from api.schemas import FEATURE_LIST, one_line
from api.tables import Tables
from model.classifier import read_artifact
from model.explain import Explainer
from model.features import FEATURES, NAMES
from model.specimen import InvalidSpecimen, Specimen

Json = dict[str, Any]


def publish_endpoints(explainer: Explainer, tables: Tables) -> None:
    """Publish ``predict``, ``explain`` and ``score_csv`` in the current Blocks; they answer as REST does."""

    def predict(specimen: Specimen) -> Json:
        """Predict from thirty measurements of cell nuclei in a fine-needle aspirate of a breast mass whether
        it is malignant: calibrated probability with its interval, verdict, the exact contribution of each
        feature, warnings. For teaching and research, not for diagnosis.
        """
        return explainer.answer(specimen)

    def explain(specimen: Specimen) -> Json:
        """Explain a prediction: the prediction itself, the five most similar real specimens with their
        diagnosis, and, for each feature that alone can lead to the other verdict, the smallest change that
        does. It is about the model, not about causes.
        """
        whole = explainer.answer(specimen, ("similar", "flips"))
        similar, flips = whole.pop("similar"), whole.pop("flips")
        return {"prediction": whole, "similar": similar, "flips": flips}

    _publish(predict)
    _publish(explain)
    _publish_score(tables)
    _publish_resources()


def _publish(respond: Callable[[Specimen], Json]) -> None:
    # A coroutine runs on Gradio's event loop: an answer takes less time than passing it to a thread.
    async def endpoint(*values: float) -> Json:
        try:
            return respond(Specimen.from_sequence(values))
        except InvalidSpecimen as error:
            raise Refusal(str(error)) from error

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind, annotation=float) for name in NAMES]
    endpoint.__signature__ = inspect.Signature(parameters, return_annotation=Json)  # type: ignore[attr-defined]
    endpoint.__annotations__ = dict.fromkeys(NAMES, float) | {"return": Json}
    endpoint.__name__ = respond.__name__
    lines = "".join(f"    {feature.name}: {one_line(feature)}\n" for feature in FEATURES)
    endpoint.__doc__ = f"{' '.join(str(respond.__doc__).split())}\n\nArgs:\n{lines}"
    publish(endpoint, api_name=respond.__name__, queue=False)


def _publish_resources() -> None:
    """Publish what an agent may read first (MCP resources), and one prompt to begin with."""

    def model_card() -> str:
        """Read what the model is for, how it was made, how good it is and where it fails."""
        return read_artifact("MODEL_CARD.md").decode()

    def features() -> str:
        """Read the thirty features: name, meaning, unit and the range that was observed."""
        return json.dumps(FEATURE_LIST, ensure_ascii=False)

    def cases() -> str:
        """Read ten real specimens that the model was not fitted on, with what they were."""
        return read_artifact("cases.json").decode()

    def discuss_specimen(case: str) -> str:
        """Discuss one of the ten real specimens with a student.

        Args:
            case: key of the specimen, such as case-3
        """
        return (
            f"Read fna://cases and take the specimen {case}. Ask the tool explain about it. Then tell a "
            "first-year student in a few plain sentences how probable the model finds malignancy, which "
            "measurements speak for and against it, how sure the model is, and what the specimen really was. "
            "Say that the contributions are exact for the model but are not causes, and that this is not a "
            "diagnosis."
        )

    gr.mcp.resource("fna://model-card", mime_type="text/markdown")(model_card)
    gr.mcp.resource("fna://features", mime_type="text/json")(features)
    gr.mcp.resource("fna://cases", mime_type="text/json")(cases)
    gr.mcp.prompt()(discuss_specimen)
    for function in (model_card, features, cases, discuss_specimen):
        publish(function, api_name=function.__name__, queue=False)


def _publish_score(tables: Tables) -> None:
    out = gr.File(label="scored table", visible=False)

    def score_csv(table: str) -> str:
        """Score a table of specimens: the same table comes back with probability, interval, diagnosis,
        verdict, warnings and error after its own columns. Both are deleted within minutes.

        Args:
            table: CSV with one specimen per line; a header names the thirty features, in any order. An AI
                agent passes it as a data: URL, data:text/csv;base64,…
        """
        if not table:
            raise Refusal("table is empty: expected a CSV file")
        source = Path(table)
        Path(out.GRADIO_CACHE).mkdir(parents=True, exist_ok=True)
        scored = Path(mkdtemp(dir=out.GRADIO_CACHE), f"{source.name.partition('.')[0] or 'table'}-scored.csv")
        try:
            tables.budget.check_files()
            # Clients that upload the same table share this file, so it stays, and its minutes start again.
            os.utime(source)
            with source.open("rb") as given, tables.budget.file(scored) as sink:
                tables.score(given, sink)
        except FileNotFoundError:
            shutil.rmtree(scored.parent)
            raise Refusal("table has been deleted: upload it again") from None
        except Problem as problem:
            shutil.rmtree(scored.parent)
            raise Refusal(problem.detail, problem.status) from problem
        # Gradio serves only files in its cache, whose files are deleted after a few minutes.
        return str(out.move_resource_to_block_cache(scored))

    table = gr.File(label="table", visible=False)
    gr.on([], score_csv, table, out, api_name="score_csv", queue=False)
