"""What stands before every door: log, headers, limits, bodies; then REST, or what stands beside it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.bodies import Allowances, Bodies
from api.headers import Headers, is_rest
from api.limits import Limits, Policy
from api.log import RequestLog
from api.scratch import Scratch


def guarded(app: ASGIApp, environment: Mapping[str, str], scratch: Scratch) -> ASGIApp:
    """The application behind everything that protects it; the settings are named in each module."""
    app = Bodies(app, Allowances.read(environment), scratch)
    app = Limits(app, Policy.read(environment))
    app = Headers(app, environment)
    return RequestLog(app)


def beside(
    rest: ASGIApp, environment: Mapping[str, str], scratch: Scratch
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan for another application, such as Gradio's: puts REST beside it, the guards before both.

    The application's own middlewares stand behind the guards and never see a request for REST. (Handed to the
    application as middlewares, ours would stand behind its: Gradio adds two of its own, in front.)
    """

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        assert application.middleware_stack is not None  # noqa: S101  # it carries this start-up event
        # Gradio compresses what has a file's ending; the page itself and its answers have none
        inner = GZipMiddleware(application.middleware_stack, minimum_size=1024, compresslevel=5)

        async def either(scope: Scope, receive: Receive, send: Send) -> None:
            ours = scope["type"] == "http" and is_rest(scope["path"])
            await (rest if ours else inner)(scope, receive, send)

        application.middleware_stack = guarded(either, environment, scratch)
        yield

    return lifespan
