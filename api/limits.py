"""Limits: how often one client and all clients together may ask, and how large and slow a body may be.

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
    from limits.aio.strategies import FixedWindowRateLimiter
    from starlette.types import Message, Receive, Scope, Send

RETRY_SHARED_SECONDS = 5.0
"""How long a Redis that failed is not asked again."""

RETRY_AFTER_SECONDS = 10
"""When a client may ask again if there was no room for its body."""

FREE_BYTES = 64 * 2**10
"""The first bytes of each body, which do not count as bytes in flight."""

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
        values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        chain = [entry for entry in b",".join(values).decode("latin-1").split(",") if entry.strip()]
        chain.append(peer)
        outermost = chain[max(0, len(chain) - 1 - self.hops)]
        if self.networks:
            outermost = peer
            for entry in reversed(chain):
                address = _address(entry)
                if address is None:
                    break
                outermost = entry
                if not self._trusts(address):
                    break
        client = _address(outermost)
        if client is None:
            return outermost.strip()[:60]
        return str(client if client.version == 4 else ipaddress.ip_network((int(client), 64), strict=False))

    def trusted_headers(self, scope: "Scope") -> list[Header]:
        """The headers of a request, without those that only a trusted proxy may set."""
        peer = _address((scope.get("client") or ("", 0))[0])
        trusted = self.hops > 0 or (peer is not None and self._trusts(peer))
        return [header for header in scope["headers"] if _is_allowed(header, trusted)]

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_PROTO = re.compile(rb"https?")
_DROPPED_HEADERS = frozenset({b"x-gradio-server", b"range", b"if-range"})
"""Headers that Gradio would trust from anybody, or that make it send a request's headers back."""

UNTRUSTED_HEADERS = _DROPPED_HEADERS | {b"x-forwarded-host", b"x-forwarded-proto"}
"""Headers because of which ``Proxies.trusted_headers`` is needed."""


def _is_allowed(header: Header, trusted: bool) -> bool:
    name, value = header
    first = value.partition(b",")[0].strip()
    if name == b"x-forwarded-host":
        return trusted and is_host(first)
    # Its only effect is that the sender gets a page whose links begin with https.
    if name == b"x-forwarded-proto":
        return _PROTO.fullmatch(first) is not None
    return name not in _DROPPED_HEADERS


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
        self._per_client = self._overall = None
        self._proxies, self._retry_shared_at = proxies, 0.0
        self.unlimited = not (client or overall)
        if not self.unlimited:
            # Imported here, so that an unlimited server starts sooner and only Redis users load redis.
            from limits import parse  # noqa: PLC0415

            self._per_client = parse(client) if client else None
            self._overall = parse(overall) if overall else None
            self._local = _limiter("memory://")
            self._shared = None if storage.startswith("memory") else _limiter(storage)

    async def check(self, scope: "Scope") -> None:
        """Count a request.

        Raises:
            Problem: too-many-requests, with the seconds until another is allowed.
        """
        client = self._proxies.client(scope)
        if self._shared is not None and time.monotonic() >= self._retry_shared_at:
            try:
                return await self._count(self._shared, client)
            except Problem:
                raise
            except Exception as error:  # each storage raises errors of its own
                self._retry_shared_at = time.monotonic() + RETRY_SHARED_SECONDS
                log.warning(
                    "The shared rate limiter cannot be reached (%s); counting here", type(error).__name__
                )
        return await self._count(self._local, client)

    async def _count(self, limiter: "FixedWindowRateLimiter", client: str) -> None:
        for item, who in ((self._per_client, ("client", client)), (self._overall, ("all",))):
            if item is not None and not await limiter.hit(item, *who):
                stats = await limiter.get_window_stats(item, *who)
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


class InFlight:
    """Counts the bytes of bodies in memory at a time, beyond the first 64 kB of each.

    Those are free, so that one specimen finds room even while others hold back the ends of long lists.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._held = max_bytes, 0

    def hold(self, size: int) -> None:
        """Count some more bytes, or fewer if ``size`` is negative.

        Raises:
            Problem: busy, if there is no room for them; they are not counted then.
        """
        if self._held + size > self._max_bytes:
            wait = {"retry-after": str(RETRY_AFTER_SECONDS)}
            raise Problem("busy", "Too many large requests are arriving at once.", wait)
        self._held += size


class Body:
    """The body of a request, whose size and time are checked while it is read.

    Args:
        scope: of the request.
        receive: of the request.
        max_bytes: its largest size.
        seconds: the longest time in which it may arrive.
    """

    def __init__(self, scope: "Scope", receive: "Receive", max_bytes: int, seconds: float) -> None:
        self._receive, self._max_bytes, self._seconds = receive, max_bytes, seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._size, self._arrived, self.held = 0, False, 0
        lengths = (v for name, v in scope["headers"] if name == b"content-length" and v.isdigit())
        self._declared = int(next(lengths, 0))

    async def receive(self) -> "Message":
        """The next message; raises Problem, too-large or too-slow."""
        if self._arrived:  # the next message comes when the client hangs up
            return await self._receive()
        self._check(self._declared)
        try:
            async with asyncio.timeout_at(self._deadline):  # wait_for is slower before Python 3.12
                message = await self._receive()
        except TimeoutError:
            detail = f"The body took more than {self._seconds:g} s to arrive."
            raise Problem("too-slow", detail) from None
        self._size += len(message.get("body", b""))
        self._check(self._size)
        self._arrived = not message.get("more_body", False)
        return message

    async def read_all(self, in_flight: InFlight) -> bytes:
        """The complete body; the caller has to return its ``held`` bytes to ``in_flight`` afterwards.

        Raises:
            Problem: too-large, too-slow, busy, or bad-request if its sender goes away.
        """
        pieces = []
        while not self._arrived:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Problem("bad-request", "The body is incomplete.")
            pieces.append(message.get("body", b""))
            if self._size - self.held > FREE_BYTES:
                in_flight.hold(self._size - FREE_BYTES - self.held)
                self.held = self._size - FREE_BYTES
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

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

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            detail = f"The body is larger than {self._max_bytes} bytes."
            raise Problem("too-large", detail, limit=self._max_bytes)
