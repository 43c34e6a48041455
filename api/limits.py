"""Who asks, how often a client and all together may ask, and how much and how long they may send.

Requests are counted in this process, or in a Redis that replicas share. If Redis is away, each replica counts
for itself: a lost limiter must not stop the answers.
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
"""For which a Redis that failed is left alone."""

RETRY_AFTER_SECONDS = 10
"""After which somebody who found no room for a body may ask again."""

FREE_BYTES = 64 * 2**10
"""Of each body, which are not counted with those of others."""

LINGER_SECONDS = 2.0
"""For which the rest of a refused body is read and dropped, so that its sender can read the answer."""

_REDIS_SECONDS = 0.25  # to wait for it

Header = tuple[bytes, bytes]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies in front: so many ``hops``, or any in these ``networks``.

    Each proxy appends to ``X-Forwarded-For`` who asked it. What stands left of the entry that the outermost
    trusted proxy wrote was written by the client, who may write anything: it is never read.
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
        found = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        chain = [entry for entry in b",".join(found).decode("latin-1").split(",") if entry.strip()]
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

    def believed(self, scope: "Scope") -> list[Header]:
        """The request's headers, without what only a trusted proxy may say of the address asked for."""
        peer = _address((scope.get("client") or ("", 0))[0])
        trusted = self.hops > 0 or (peer is not None and self._trusts(peer))
        return [header for header in scope["headers"] if _is_plain(header, trusted)]

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_PROTO = re.compile(rb"https?")
_NEVER = frozenset({b"x-gradio-server", b"range", b"if-range"})
"""Headers that Gradio would believe from anybody, and those that have it reflect a request's headers."""

DOUBTFUL = _NEVER | {b"x-forwarded-host", b"x-forwarded-proto"}
"""Headers that ``Proxies.believed`` has to look at."""


def _is_plain(header: Header, trusted: bool) -> bool:
    name, value = header
    first = value.partition(b",")[0].strip()
    if name == b"x-forwarded-host":
        return trusted and is_host(first)
    # only its sender sees what comes of it: a page whose addresses begin with https
    if name == b"x-forwarded-proto":
        return _PROTO.fullmatch(first) is not None
    return name not in _NEVER


def is_host(value: bytes) -> bool:
    """Whether a ``Host`` header names a host; Gradio answers 500 to some that do not."""
    return _HOST.fullmatch(value) is not None


def _address(entry: str) -> Address | None:
    """From an entry with the port that some proxies add: ``203.0.113.7:4711``, ``[2001:db8::1]:4711``.

    An IPv4 address that comes through a socket for IPv6, ``::ffff:203.0.113.7``, is the IPv4 address it is.
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
    """Counts requests, and falls back from the shared counter to the own one while that is away.

    Args:
        client: how much one client may ask, as ``limits`` writes it (``1200/minute``; empty: no limit).
        overall: how much all may together.
        storage: where they are counted, ``memory://`` or ``redis://HOST:PORT``.
        proxies: by which clients are told apart.
    """

    def __init__(self, client: str, overall: str, storage: str, proxies: Proxies) -> None:
        self._each = self._all = None
        self._proxies, self._away_until = proxies, 0.0
        self.unlimited = not (client or overall)
        if not self.unlimited:
            # imported here: an unlimited server starts sooner, and redis is only loaded where it is used
            from limits import parse  # noqa: PLC0415

            self._each = parse(client) if client else None
            self._all = parse(overall) if overall else None
            self._own = _limiter("memory://")
            self._shared = None if storage.startswith("memory") else _limiter(storage)

    async def check(self, scope: "Scope") -> None:
        """Count a request.

        Raises:
            Problem: too-many-requests, with the seconds until another is allowed.
        """
        client = self._proxies.client(scope)
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return await self._count(self._shared, client)
            except Problem:
                raise
            except Exception as error:  # each storage has its own errors
                self._away_until = time.monotonic() + RETRY_SHARED_SECONDS
                log.warning("The shared rate limiter is away (%s); counting here", type(error).__name__)
        return await self._count(self._own, client)

    async def _count(self, limiter: "FixedWindowRateLimiter", client: str) -> None:
        for item, who in ((self._each, ("client", client)), (self._all, ("all",))):
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
    """How many bytes of bodies are in memory at a time, beyond the first 64 kB of each.

    Those are free, so that whoever sends one specimen finds room also while others hold back the ends of long
    lists.
    """

    def __init__(self, largest: int) -> None:
        self._largest, self._held = largest, 0

    def hold(self, size: int) -> None:
        """Count some more bytes, or fewer if ``size`` is negative.

        Raises:
            Problem: busy, if there is no room for them; they are not counted then.
        """
        if self._held + size > self._largest:
            wait = {"retry-after": str(RETRY_AFTER_SECONDS)}
            raise Problem("busy", "Too many long bodies are on their way.", wait)
        self._held += size


class Body:
    """The body of a request, counted and timed while it is read.

    Args:
        scope: of the request.
        receive: where it comes from.
        largest: bytes.
        seconds: for which it may take to arrive.
    """

    def __init__(self, scope: "Scope", receive: "Receive", largest: int, seconds: float) -> None:
        self._receive, self._largest, self._seconds = receive, largest, seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._size, self._arrived, self.held = 0, False, 0
        lengths = (v for name, v in scope["headers"] if name == b"content-length" and v.isdigit())
        self._declared = int(next(lengths, 0))

    async def receive(self) -> "Message":
        """The next message; raises Problem, too-large or too-slow."""
        if self._arrived:  # waits for the client to hang up, for as long as the answer takes
            return await self._receive()
        self._check(self._declared)
        try:
            async with asyncio.timeout_at(self._deadline):  # wait_for makes a task of it before Python 3.12
                message = await self._receive()
        except TimeoutError:
            detail = f"The body took more than {self._seconds:g} s to arrive."
            raise Problem("too-slow", detail) from None
        self._size += len(message.get("body", b""))
        self._check(self._size)
        self._arrived = not message.get("more_body", False)
        return message

    async def whole(self, in_flight: InFlight) -> bytes:
        """All of it at once, ``held`` of whose bytes are counted in ``in_flight`` until they are let go.

        Raises:
            Problem: too-large, too-slow, busy, or bad-request if its sender goes away.
        """
        pieces = []
        while not self._arrived:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Problem("bad-request", "The body is not whole.")
            pieces.append(message.get("body", b""))
            if self._size - self.held > FREE_BYTES:
                in_flight.hold(self._size - FREE_BYTES - self.held)
                self.held = self._size - FREE_BYTES
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def answered_by(self, send: "Send") -> "Send":
        """``send`` for an answer that may come before the whole body has.

        The rest is then read for a moment: to close the connection at once would destroy the answer.
        """

        async def sending(message: "Message") -> None:
            if not self._arrived:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                elif not message.get("more_body", False):
                    await send({**message, "more_body": True})
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LINGER_SECONDS):
                            while (await self._receive()).get("more_body"):
                                pass
                    message = {"type": "http.response.body"}
            await send(message)

        return sending

    def _check(self, size: int) -> None:
        if size > self._largest:
            detail = f"The body is larger than {self._largest} bytes."
            raise Problem("too-large", detail, limit=self._largest)
