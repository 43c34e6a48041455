"""An empty Gradio app, with one endpoint that echoes; no page of Gradio can start faster."""

import inspect
import os
from typing import Any

import gradio as gr
from gradio.events import api as publish

from model.features import NAMES


def echo(*values: float) -> dict[str, Any]:
    return dict(zip(NAMES, values, strict=True))


def main() -> None:
    named = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=float) for n in NAMES]
    echo.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    echo.__annotations__ = dict.fromkeys(NAMES, float) | {"return": dict[str, Any]}
    with gr.Blocks() as page:
        publish(echo, api_name="predict", queue=False)
    page.launch(server_name=os.environ["HOST"], server_port=int(os.environ["PORT"]), ssr_mode=False)


if __name__ == "__main__":
    main()
