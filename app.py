"""Starts the demo: page and REST in one process; `python app.py` (HOST, PORT)."""

import json
import os
import sys
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from tempfile import gettempdir
from typing import Any

# both are read when gradio is imported
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(gettempdir(), "breast-fna-explorer")))
# and when it serves: its server would believe neighbours on this machine; api/clients.py works out who asks
os.environ["FORWARDED_ALLOW_IPS"] = ""

from ui.stubs import without_stubs

with without_stubs():
    import gradio.components.api_component  # noqa: F401  # with it all of gradio, which alone leaves it out

from api.amend import amend, amend_tools, refusals
from api.front import beside
from api.log import start_logging
from api.publish import publish_endpoints
from api.rest import create_api
from api.scoring import Scoring
from api.server import end_when_told, keep
from model.classifier import Classifier, read_artifact
from model.explain import Reference
from ui.page import create_page
from ui.theme import HEAD, create_theme


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(read_artifact(name))
    return document


def main() -> None:
    end_when_told()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # so that a log shows the address at once
    classifier, reference = Classifier.load(), Reference.load()
    scoring = Scoring.read(os.environ, classifier)
    cases = _read("cases.json")
    publish = partial(publish_endpoints, classifier, reference, scoring)
    page = create_page(classifier, cases, reference, publish)
    page.delete_cache = (60, 300)  # uploads and results: looked for each minute, gone after five
    amend(page)
    told = False
    try:
        page.launch(
            server_name=os.environ.get("HOST") or os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
            server_port=int(os.environ.get("PORT", "7860")),
            app_kwargs={
                "lifespan": beside(
                    create_api(classifier, cases, reference, scoring), os.environ, scoring.scratch
                ),
                "exception_handlers": refusals(page),
                "openapi_url": None,  # Gradio's routes; REST has a description of its own
            },
            theme=create_theme(),
            head=HEAD,
            footer_links=["api"],
            # nothing a visitor enters is kept, and only errors made for them reach them
            run_history=False,
            enable_monitoring=False,
            show_error=False,
            ssr_mode=False,
            # Gradio remembers the page for each visitor, 0.1 MB, though nothing in it is ever theirs
            state_session_capacity=500,
            mcp_server=True,
            prevent_thread_lock=True,
        )
        amend_tools(page)
        start_logging(os.environ)
    except SystemExit:  # told to stop already; if it serves by now, there may be answers to finish
        told = page.is_running
        if not told:
            raise
    keep(page.server, page.server.thread, told)


if __name__ == "__main__":
    main()
