"""Fixed paths and who answers at each; whatever goes wrong there is told as a problem. Knows no model."""

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.answers import told
from api.problems import Problem

Endpoint = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


class Router:
    """An ASGI application that finds who answers by looking, not by matching patterns.

    Args:
        paths: path to method to who answers; who answers GET answers HEAD, too.
    """

    def __init__(self, paths: dict[str, dict[str, Endpoint]]) -> None:
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            answer = await self._answer(Request(scope, receive))
            if answer is not None:
                await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        try:
            return await self._endpoint(request.scope["path"], request.scope["method"])(request)
        except Problem as problem:
            return told(problem)
        except ClientDisconnect:
            return None  # nobody is left to be told
        except Exception:
            log.exception("%s %s failed", request.scope["method"], request.scope["path"])
            return told(Problem("internal", "Something went wrong here."))

    def _endpoint(self, path: str, method: str) -> Endpoint:
        methods = self.paths.get(path)
        if methods is None:
            raise Problem("not-found", "Nothing is at this path; /v1/docs lists what there is.")
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is not None:
            return endpoint
        allow = {"allow": ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])}
        if method != "OPTIONS":
            raise Problem("method-not-allowed", f"{method} is not for this path.", allow)

        async def options(_: Request) -> Response:
            return Response(status_code=204, headers=allow)

        return options
