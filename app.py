"""Starts the demo, page and REST in one process: `python app.py` (HOST, PORT)."""

import os
from tempfile import mkdtemp

from api.settings import settings_or_exit

if __name__ == "__main__":
    # The imports below take seconds, so signals are handled and settings are checked first.
    SETTINGS = settings_or_exit(os.environ)
    # a folder for the files of this process; if it is killed, the next process deletes them
    os.environ["GRADIO_TEMP_DIR"] = mkdtemp(prefix=f"{os.getpid()}-", dir=SETTINGS.temp_dir)
    os.environ["GRADIO_SERVER_NAME"] = "127.0.0.1"  # Gradio tries a port there in any case

# Gradio reads these when it is imported, or makes the page.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# Gradio would store the sessions of its last 10,000 calls, and summarise them again at each call.
os.environ |= {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9)}
# Gradio's server would trust the headers of other programs on this machine; api/limits.py finds the client.
os.environ["FORWARDED_ALLOW_IPS"] = ""

from ui.stubs import without_stubs

with without_stubs():
    import gradio.components.api_component  # noqa: F401  # imports all of gradio, too

import asyncio
import ctypes
import gc
import json
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from api.gradio_endpoints import publish_endpoints
from api.gradio_patches import bound_results, patch_blocks, patch_gradio, refusals
from api.log import start_logging
from api.middleware import FrontDoor
from api.rest import create_rest
from api.settings import Settings
from api.tables import SWEEP_SECONDS, DiskBudget, Tables
from model.classifier import ArtifactError, Classifier, read_artifacts
from model.explain import Explainer, Reference
from ui.context import PageContext
from ui.front import FirstScreen, routes
from ui.page import create_page, create_theme


def main(settings: Settings, folder: Path) -> int:
    """Serve until SIGTERM or Ctrl-C; returns the exit code."""
    try:
        serve(settings, folder)
    except (ArtifactError, OSError) as error:
        sys.stderr.write(f"The demo could not be served on {settings.url_host}:{settings.port}: {error}\n")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def serve(settings: Settings, folder: Path) -> None:
    """Assemble the page and REST, and serve them until a signal."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # so that a log shows the address at once
    tempfile.tempdir = str(folder)  # so that files which Gradio does not delete are swept, too
    cases = json.loads(read_artifacts()["cases.json"])  # which checks all files
    classifier, reference = Classifier.load(), Reference.load()
    explainer = Explainer(classifier, reference)
    budget = DiskBudget(settings.scratch, settings.temp_dir, folder)
    tables = Tables(classifier, budget, settings.score_at_once, settings.max_upload)
    publish = partial(publish_endpoints, explainer, tables)
    context = PageContext(classifier, cases, reference)
    page = create_page(context, publish)
    patch_gradio()
    patch_blocks(page)
    rest = create_rest(explainer, cases, tables, settings.prefix)
    drop_results = bound_results(page._queue)

    # After minutes of large requests glibc holds a hundred megabytes that are free; this gives them back.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    async def clean_up() -> None:
        while True:
            await asyncio.to_thread(budget.sweep)
            drop_results()
            if trim:
                await asyncio.to_thread(trim, 0)
            await asyncio.sleep(SWEEP_SECONDS)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        start_logging(on_cloud_run=settings.on_cloud_run)
        gc.freeze()  # the objects so far stay, so the garbage collector need not visit them
        cleaning = asyncio.create_task(clean_up())
        yield
        cleaning.cancel()

    page.launch(
        server_name=settings.url_host,
        server_port=settings.port,
        root_path=settings.root_path,
        app_kwargs={
            "routes": routes(context),
            "middleware": [
                Middleware(FrontDoor, settings=settings, rest=rest, disk=budget),
                Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
                Middleware(FirstScreen, context=context),
            ],
            "lifespan": lifespan,
            "exception_handlers": refusals(page, settings.prefix),
            "openapi_url": None,  # it would describe Gradio's routes; REST has its own description
        },
        theme=create_theme(),
        footer_links=["api"],
        # Nothing that a visitor enters is stored, and visitors see only errors that are meant for them.
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        share=False,
        ssr_mode=False,
        pwa=False,
        # Gradio keeps 0.1 MB for each visitor, although nothing on the page is specific to a visitor.
        state_session_capacity=100,
        mcp_server=True,
        prevent_thread_lock=True,
    )
    stopped.wait()
    page.close(verbose=False)


if __name__ == "__main__":
    sys.exit(main(SETTINGS, Path(os.environ["GRADIO_TEMP_DIR"])))
