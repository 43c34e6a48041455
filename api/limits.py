"""How often a client, and all together, may ask: pure ASGI, over every request that computes.

Counts in this process, or in a Redis that replicas share. If Redis is away, each replica counts for itself:
a lost limiter must not stop the answers.
"""

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import told
from api.clients import Proxies
from api.problems import Problem

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import FixedWindowRateLimiter

RETRY_SHARED = 5.0
"""Seconds for which a Redis that failed is left alone."""

_PATIENCE = 0.25  # seconds to wait for Redis
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """How much is allowed, as ``limits`` writes it (``1200/minute``; empty: none); where it is counted."""

    client: str
    overall: str
    storage: str
    proxies: Proxies

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Policy":
        """From ``RATE_LIMIT_CLIENT``, ``RATE_LIMIT_OVERALL``, ``RATE_LIMIT_STORAGE`` and ``TRUSTED_PROXIES``.

        Without them: no limits on one's own machine; none per client on a Space, whose proxies hide who asks.
        Cloud Run has one proxy in front.
        """
        public = environment.get("HOST", "127.0.0.1") not in _LOOPBACK
        each = "1200/minute" if public and "SPACE_ID" not in environment else ""
        return cls(
            client=environment.get("RATE_LIMIT_CLIENT", each),
            overall=environment.get("RATE_LIMIT_OVERALL", "60000/minute" if public else ""),
            storage=environment.get("RATE_LIMIT_STORAGE", "memory://"),
            proxies=Proxies.parse(
                environment.get("TRUSTED_PROXIES", "1" if "K_SERVICE" in environment else "0")
            ),
        )


class Limits:
    """Middleware that answers 429 to whoever asks more often than allowed."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app, self._policy = app, policy
        self._counters = _Counters(policy) if policy.client or policy.overall else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._counters is None or scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        wait = await self._counters.wait(self._policy.proxies.client(scope))
        if wait is None:
            await self._app(scope, receive, send)
            return
        problem = Problem("too-many-requests", f"Try again in {wait} s.", {"retry-after": str(wait)})
        await told(problem)(scope, receive, send)


class _Counters:
    """Counts, and falls back from the shared counter to the own one while the shared one is away."""

    def __init__(self, policy: Policy) -> None:
        # imported here: an unlimited server starts sooner, and redis is only loaded where it is used
        from limits import parse  # noqa: PLC0415

        self._each = parse(policy.client) if policy.client else None
        self._all = parse(policy.overall) if policy.overall else None
        self._own = _limiter("memory://")
        self._shared = None if policy.storage.startswith("memory") else _limiter(policy.storage)
        self._away_until = 0.0

    async def wait(self, client: str) -> int | None:
        """Counts a request; None if it is allowed, else the seconds until another may be."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return await self._count(self._shared, client)
            except Exception as error:  # each storage has its own errors
                self._away_until = time.monotonic() + RETRY_SHARED
                log.warning("The shared rate limiter is away (%s); counting here", type(error).__name__)
        return await self._count(self._own, client)

    async def _count(self, limiter: "FixedWindowRateLimiter", client: str) -> int | None:
        if self._each is not None and not await limiter.hit(self._each, "client", client):
            return await _seconds(limiter, self._each, "client", client)
        if self._all is not None and not await limiter.hit(self._all, "all"):
            return await _seconds(limiter, self._all, "all")
        return None


def _limiter(storage: str) -> "FixedWindowRateLimiter":
    from limits.aio.strategies import FixedWindowRateLimiter  # noqa: PLC0415
    from limits.storage import storage_from_string  # noqa: PLC0415

    options: dict[str, float | str] = {}
    if "redis" in storage.partition("://")[0]:
        options = {
            "implementation": "redispy", "socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE,
        }  # fmt: skip
    return FixedWindowRateLimiter(storage_from_string(f"async+{storage}", **options))


async def _seconds(limiter: "FixedWindowRateLimiter", item: "RateLimitItem", *who: str) -> int:
    stats = await limiter.get_window_stats(item, *who)
    return max(1, math.ceil(stats.reset_time - time.time()))
