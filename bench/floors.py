"""The minimal programs for comparison (floors): an empty Gradio app, an empty route, pandas copying a table.

`python bench/floors.py gradio|route|copy [IN OUT]`; the first two listen on HOST and PORT.
"""

import inspect
import os
import sys
from typing import Any

from model.features import NAMES


def gradio() -> None:
    """An empty Gradio app with one endpoint that echoes: no page of Gradio can start faster."""
    import gradio as gr  # noqa: PLC0415  # each floor imports only what it needs
    from gradio.events import api as publish  # noqa: PLC0415

    def echo(*values: float) -> dict[str, Any]:
        return dict(zip(NAMES, values, strict=True))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind, annotation=float) for name in NAMES]
    # Without a return annotation, Gradio assumes that the function returns nothing.
    signature = inspect.Signature(parameters, return_annotation=dict[str, Any])
    echo.__signature__ = signature  # type: ignore[attr-defined]
    echo.__annotations__ = dict.fromkeys(NAMES, float) | {"return": dict[str, Any]}
    with gr.Blocks() as page:
        publish(echo, api_name="predict", queue=False)
    page.launch(server_name=os.environ["HOST"], server_port=int(os.environ["PORT"]), ssr_mode=False)


def route() -> None:
    """An empty FastAPI route that takes the same thirty named numbers and answers nothing."""
    import uvicorn  # noqa: PLC0415
    from fastapi import FastAPI  # noqa: PLC0415
    from pydantic import create_model  # noqa: PLC0415

    features = create_model("Features", **dict.fromkeys(NAMES, (float, ...)))  # type: ignore[call-overload]
    body = create_model("Body", features=(features, ...))
    app = FastAPI()

    @app.post("/v1/predict")
    async def predict(specimen: body) -> dict[str, str]:  # type: ignore[valid-type]
        return {"status": "ok"} if specimen else {}

    @app.get("/")
    async def first_page() -> dict[str, str]:
        return {}

    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning")


def copy() -> None:
    """Read a table with pandas and write it again: no tool that uses pandas can score a table faster."""
    import pandas as pd  # noqa: PLC0415

    pd.read_csv(sys.argv[2]).to_csv(sys.argv[3], index=False)


if __name__ == "__main__":
    {"gradio": gradio, "route": route, "copy": copy}[sys.argv[1]]()
