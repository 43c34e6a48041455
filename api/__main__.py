"""REST alone, without the page: `python -m api` (HOST, PORT)."""

import gc
import os
import signal
import sys

from api.settings import settings_or_exit

if __name__ == "__main__":
    # The imports below take a second, so signals are handled and settings are checked first.
    SETTINGS = settings_or_exit(os.environ, port=8000)

import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.log import start_logging
from api.middleware import FrontDoor
from api.protocol import BoundedProtocol
from api.rest import load_rest
from api.settings import Settings
from api.tables import DiskBudget
from model.classifier import ArtifactError

_WELCOME = """\
Breast FNA Explorer: send thirty measurements of cell nuclei, and get a calibrated probability of malignancy.
POST /v1/predict {"features": {...}} or {"features": [30 numbers]}
Documentation: /v1/docs (for programs: /v1/openapi.json)
"""


def main(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C, then finish running requests; returns the exit code."""
    start_logging(on_cloud_run=settings.on_cloud_run)
    disk = DiskBudget(settings.scratch)
    try:
        rest = load_rest(settings, disk)
    except ArtifactError as error:
        sys.stderr.write(f"{error}\n")
        return 1

    @rest.get("/", include_in_schema=False)
    async def welcome(_: Request) -> Response:
        return PlainTextResponse(_WELCOME)

    gc.freeze()  # the objects so far stay, so the garbage collector need not visit them
    config = uvicorn.Config(
        FrontDoor(rest, settings, disk=disk),
        settings.host,
        settings.port,
        http=BoundedProtocol,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # `limits` finds the client, and trusts only the proxies in the settings
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=5,  # seconds for running requests
    )
    server = uvicorn.Server(config)
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises the signal again at its end
    signal.signal(signal.SIGINT, lambda *_: None)
    print(f"REST on http://{settings.url_host}:{settings.port}, documentation at /v1/docs", flush=True)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main(SETTINGS))
