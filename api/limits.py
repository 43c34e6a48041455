"""Who asks, how often clients may ask, and how large and slow a body may be.

Requests are counted in this process, or in a Redis that replicas share. While Redis cannot be reached, each
replica counts alone, so that its failure never stops the answers.
"""

import asyncio
import contextlib
import ipaddress
import logging
import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from limits import RateLimitItem
    from limits.aio.strategies import FixedWindowRateLimiter
    from starlette.types import Message, Receive, Scope, Send

RETRY_SHARED_SECONDS = 5.0
"""How long a Redis that failed is not asked again."""

DRAIN_SECONDS = 2.0
"""How long the rest of a refused body is read and dropped, so that its sender can read the answer."""

_REDIS_SECONDS = 0.25  # the longest wait for an answer of Redis

Header = tuple[bytes, bytes]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies in front that are trusted: the last ``hops``, or all in these ``networks``.

    Each proxy appends the address that asked it to ``X-Forwarded-For``. Entries to the left of the one that
    the outermost trusted proxy wrote may have been forged by the client, so they are never read.
    """

    hops: int = 0
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Proxies":
        """From a setting: a number of hops (``1``), or addresses and networks (``10.0.0.0/8,::1``).

        Raises:
            ValueError: if it is neither.
        """
        if text.strip().isdecimal():
            return cls(hops=int(text))
        networks = (ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
        return cls(networks=tuple(networks))

    def client(self, scope: "Scope") -> str:
        """The address to count requests by; an IPv6 client is its /64 network, which one household has."""
        peer = (scope.get("client") or ("unknown", 0))[0]
        values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        entries = [entry for entry in ",".join(values).split(",") if entry.strip()]
        client: Address | None = None
        for distance, entry in enumerate([peer, *reversed(entries)]):
            address = _address(entry)
            client = address or client
            if distance >= self.hops and not self._trusts(address):
                break
        if client is None:
            return str(peer)
        return str(client if client.version == 4 else ipaddress.ip_network((int(client), 64), strict=False))

    def trusted_headers(self, scope: "Scope") -> list[Header]:
        """The headers of a request, without those that only a trusted proxy may set, or nobody."""
        headers: list[Header] = scope["headers"]
        if SUSPECT_HEADERS.isdisjoint(name for name, _ in headers):
            return headers
        trusted = self.hops > 0 or self._trusts(_address((scope.get("client") or ("", 0))[0]))

        def is_allowed(name: bytes, value: bytes) -> bool:
            first = value.partition(b",")[0].strip()
            if name == b"x-forwarded-host":
                return trusted and is_host(first)
            # Its only effect is that the sender gets a page whose links begin with https.
            if name == b"x-forwarded-proto":
                return first in {b"http", b"https"}
            return name not in SUSPECT_HEADERS

        return [header for header in headers if is_allowed(*header)]

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.networks)


SUSPECT_HEADERS = frozenset(
    {b"x-forwarded-host", b"x-forwarded-proto", b"x-gradio-server", b"range", b"if-range"}
)
"""Headers that Gradio would trust from anybody, or that make it send a request's headers back."""

_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")


def is_host(value: bytes) -> bool:
    """Whether a ``Host`` header names a host; Gradio answers 500 to some that do not."""
    return _HOST.fullmatch(value) is not None


def _address(entry: str) -> Address | None:
    """The address in an entry; some proxies add a port: ``203.0.113.7:4711``, ``[2001:db8::1]:4711``.

    An IPv4 address that arrives by an IPv6 socket, ``::ffff:203.0.113.7``, becomes the IPv4 address again.
    """
    entry = entry.strip()
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        address = ipaddress.ip_address(entry.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class RateLimits:
    """Counts requests, in this process while the shared counter cannot be reached.

    Args:
        client: the rate of one client, in the notation of ``limits`` (``1200/minute``; empty: no limit).
        overall: the rate of all clients together.
        storage: where requests are counted, ``memory://`` or ``redis://HOST:PORT``.
        proxies: finds the address of a client.
    """

    def __init__(self, client: str, overall: str, storage: str, proxies: Proxies) -> None:
        rates = {kind: rate for kind, rate in (("client", client), ("all", overall)) if rate}
        self._rates: list[tuple[str, RateLimitItem]] = []
        self._proxies, self._retry_shared_at = proxies, 0.0
        if rates:
            # Imported here, so that an unlimited server starts sooner and only Redis users load redis.
            from limits import parse  # noqa: PLC0415

            self._rates = [(kind, parse(rate)) for kind, rate in rates.items()]
            self._local = _limiter("memory://")
            self._shared = None if storage.startswith("memory") else _limiter(storage)

    async def check(self, scope: "Scope") -> None:
        """Count a request.

        Raises:
            Problem: too-many-requests, with the seconds until another is allowed.
        """
        if not self._rates:
            return
        client = self._proxies.client(scope)
        if self._shared is not None and time.monotonic() >= self._retry_shared_at:
            try:
                await self._count(self._shared, client)
                return
            except Problem:
                raise
            except Exception as error:  # each storage raises errors of its own
                self._retry_shared_at = time.monotonic() + RETRY_SHARED_SECONDS
                log.warning(
                    "The shared rate limiter cannot be reached (%s); counting here", type(error).__name__
                )
        await self._count(self._local, client)

    async def _count(self, limiter: "FixedWindowRateLimiter", client: str) -> None:
        for kind, rate in self._rates:
            who = client if kind == "client" else ""
            if not await limiter.hit(rate, kind, who):
                stats = await limiter.get_window_stats(rate, kind, who)
                seconds = str(max(1, math.ceil(stats.reset_time - time.time())))
                raise Problem("too-many-requests", f"Try again in {seconds} s.", {"retry-after": seconds})


def _limiter(storage: str) -> "FixedWindowRateLimiter":
    from limits.aio.strategies import FixedWindowRateLimiter  # noqa: PLC0415
    from limits.storage import storage_from_string  # noqa: PLC0415

    options: dict[str, float | str] = {}
    if "redis" in storage.partition("://")[0]:
        options = {
            "implementation": "redispy",
            "socket_timeout": _REDIS_SECONDS,
            "socket_connect_timeout": _REDIS_SECONDS,
        }
    return FixedWindowRateLimiter(storage_from_string(f"async+{storage}", **options))


class Body:
    """The body of a request, whose size and time are checked as it arrives.

    Args:
        scope: of the request.
        receive: of the request.
        max_bytes: its largest size.
        seconds: the longest time in which it may arrive.
    """

    def __init__(self, scope: "Scope", receive: "Receive", max_bytes: int, seconds: float) -> None:
        self._receive, self._max_bytes, self._seconds = receive, max_bytes, seconds
        lengths = (v for name, v in scope["headers"] if name == b"content-length" and v.isdigit())
        self._declared, self._arrived = int(next(lengths, 0)), False

    async def pieces(self) -> "AsyncIterator[bytes]":
        """The body, piece by piece.

        Raises:
            Problem: too-large, too-slow, or bad-request if its sender goes away.
        """
        deadline, size = asyncio.get_running_loop().time() + self._seconds, 0
        while True:
            if max(size, self._declared) > self._max_bytes:
                detail = f"The body is larger than {self._max_bytes} bytes."
                raise Problem("too-large", detail, limit=self._max_bytes)
            if self._arrived:
                return
            try:
                async with asyncio.timeout_at(deadline):  # wait_for is slower before Python 3.12
                    message = await self._receive()
            except TimeoutError:
                detail = f"The body took more than {self._seconds:g} s to arrive."
                raise Problem("too-slow", detail) from None
            if message["type"] == "http.disconnect":
                raise Problem("bad-request", "The body is incomplete.")
            self._arrived = not message.get("more_body", False)
            size += len(message.get("body", b""))
            yield message.get("body", b"")

    def answered_by(self, send: "Send") -> "Send":
        """``send`` for an answer that may come before the whole body has arrived.

        Then the rest is read for a moment, because closing the connection at once would destroy the answer.
        """

        async def send_and_drain(message: "Message") -> None:
            if not self._arrived:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                elif not message.get("more_body", False):
                    await send({**message, "more_body": True})
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(DRAIN_SECONDS):
                            while (await self._receive()).get("more_body"):
                                pass
                    message = {"type": "http.response.body"}
            await send(message)

        return send_and_drain
