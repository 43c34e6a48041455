"""REST alone, without the page: `python -m api` (HOST, PORT)."""

import json
import os

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.front import guarded
from api.log import start_logging
from api.rest import create_api
from api.scoring import Scoring
from api.server import serve
from model.classifier import Classifier, read_artifact
from model.explain import Reference

WELCOME = """\
Breast FNA Explorer: thirty measurements of cell nuclei in, a calibrated probability of malignancy out.
POST /v1/predict {"features": {...}} or {"features": [30 numbers]}
Documentation: /v1/docs (for programs: /v1/openapi.json)
"""


async def welcome(_: Request) -> Response:
    return PlainTextResponse(WELCOME)


def main() -> None:
    start_logging(os.environ)
    cases = json.loads(read_artifact("cases.json"))
    classifier = Classifier.load()
    scoring = Scoring.read(os.environ, classifier)
    api = create_api(classifier, cases, Reference.load(), scoring)
    api.paths["/"] = {"GET": welcome}
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    print(f"REST on http://{host}:{port}, documentation at /v1/docs", flush=True)
    serve(guarded(api, os.environ, scoring.scratch), host, port)


if __name__ == "__main__":
    main()
