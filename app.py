"""Starts the demo: page and REST in one process; `python app.py`."""

import inspect
import json
import os
import signal
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

import gradio as gr  # after the setting above
from gradio.events import api as publish
from starlette.routing import Mount

from api.rest import create_api
from model.classifier import ARTIFACT, Classifier
from model.explain import Reference
from model.features import NAMES
from model.specimen import InvalidSpecimen, Specimen
from ui.page import create_page
from ui.theme import create_theme


def publish_predict(classifier: Classifier) -> None:
    """The Gradio endpoint ``/predict``: thirty required, named numbers in, the prediction out."""

    def predict(*values: float) -> dict[str, Any]:
        try:
            return classifier.predict(Specimen.from_sequence(values)).to_dict()
        except InvalidSpecimen as error:
            raise gr.Error(str(error), print_exception=False) from error

    named = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=float) for name in NAMES
    ]
    # Gradio publishes what the signature and the annotations say, so the names come from the table
    predict.__signature__ = inspect.Signature(named, return_annotation=dict[str, Any])  # type: ignore[attr-defined]
    predict.__annotations__ = dict.fromkeys(NAMES, float) | {"return": dict[str, Any]}
    publish(predict, api_name="predict", queue=False)


def main() -> None:
    # a container's first process must end itself; nothing is to be saved, and Python's own farewell is slow
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: os._exit(0))
    classifier = Classifier.load()
    cases = json.loads((ARTIFACT / "cases.json").read_text(encoding="utf-8"))
    page = create_page(classifier, cases, Reference.load())
    with page:
        publish_predict(classifier)
    page.launch(
        server_name=os.environ.get("HOST", "127.0.0.1"),
        server_port=int(os.environ.get("PORT", "7860")),
        app_kwargs={"routes": [Mount("/v1", create_api(classifier, cases))]},
        theme=create_theme(),
        footer_links=["api"],
        # nothing a visitor enters is kept, and only errors made for them reach them
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
    )


if __name__ == "__main__":
    main()
