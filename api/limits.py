"""Who asks, how often a client and all together may ask, and how much and how long they may send.

Requests are counted in this process, or in a Redis that replicas share. If Redis is away, each replica counts
for itself: a lost limiter must not stop the answers.
"""

import asyncio
import ipaddress
import logging
import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.doors import NUMBERS
from api.problems import Problem

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import FixedWindowRateLimiter
    from starlette.types import Message, Receive, Scope

RETRY_SHARED_SECONDS = 5.0
"""For which a Redis that failed is left alone."""

RETRY_AFTER_SECONDS = 10
"""After which somebody who found no room for a body may ask again."""

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
        if not self.hops and not self.networks:
            return _counted(peer)
        forwarded = b",".join(_values(scope["headers"], b"x-forwarded-for")).decode("latin-1")
        chain = [*(entry for entry in forwarded.split(",") if entry.strip()), peer]
        if self.hops:
            return _counted(chain[max(0, len(chain) - 1 - self.hops)])
        outermost = peer
        for entry in reversed(chain):
            address = _address(entry)
            if address is None:
                break
            outermost = entry
            if not self._trusts(address):
                break
        return _counted(outermost)

    def believed(self, scope: "Scope") -> list[Header]:
        """The request's headers, without what only a trusted proxy may say of the address asked for."""
        if not any(name in _DOUBTFUL for name, _ in scope["headers"]):
            headers: list[Header] = scope["headers"]
            return headers
        peer = _address((scope.get("client") or ("", 0))[0])
        trusted = self.hops > 0 or (peer is not None and self._trusts(peer))
        return [header for header in scope["headers"] if _is_plain(header, trusted)]

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
_PROTO = re.compile(rb"https?")
_NEVER = frozenset({b"x-gradio-server", b"range", b"if-range"})
"""Headers that Gradio would believe from anybody, and those that have it reflect a request's headers."""

_DOUBTFUL = _NEVER | {b"x-forwarded-host", b"x-forwarded-proto"}


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


def _values(headers: Iterable[Header], wanted: bytes) -> Iterable[bytes]:
    return (value for name, value in headers if name == wanted)


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


def _counted(entry: str) -> str:
    address = _address(entry)
    if address is None:
        return entry.strip()[:60]
    return str(address if address.version == 4 else ipaddress.ip_network((int(address), 64), strict=False))


class RateLimits:
    """Counts requests, and falls back from the shared counter to the own one while that is away.

    Args:
        client: how much one client may ask, as ``limits`` writes it (``1200/minute``; empty: no limit).
        overall: how much all may together.
        storage: where they are counted, ``memory://`` or ``redis://HOST:PORT``.
    """

    def __init__(self, client: str, overall: str, storage: str = "memory://") -> None:
        self._each = self._all = None
        if client or overall:
            # imported here: an unlimited server starts sooner, and redis is only loaded where it is used
            from limits import parse  # noqa: PLC0415

            self._each = parse(client) if client else None
            self._all = parse(overall) if overall else None
            self._own = _limiter("memory://")
            self._shared = None if storage.startswith("memory") else _limiter(storage)
        self._away_until = 0.0

    async def wait(self, client: str) -> int | None:
        """Count a request; None if it is allowed, else the seconds until another may be."""
        if self._each is None and self._all is None:
            return None
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return await self._count(self._shared, client)
            except Exception as error:  # each storage has its own errors
                self._away_until = time.monotonic() + RETRY_SHARED_SECONDS
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
            "implementation": "redispy",
            "socket_timeout": _REDIS_SECONDS,
            "socket_connect_timeout": _REDIS_SECONDS,
        }
    return FixedWindowRateLimiter(storage_from_string(f"async+{storage}", **options))


async def _seconds(limiter: "FixedWindowRateLimiter", item: "RateLimitItem", *who: str) -> int:
    stats = await limiter.get_window_stats(item, *who)
    return max(1, math.ceil(stats.reset_time - time.time()))


class Watched:
    """A body that is counted and timed while it is read.

    Raises Problem, too-large or too-slow; ``problem`` keeps it for whoever's reader has swallowed it.
    """

    def __init__(self, largest: int, seconds: float, scope: "Scope", receive: "Receive") -> None:
        self.problem: Problem | None = None
        self._largest, self._seconds, self._receive = largest, seconds, receive
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._size, self._arrived = 0, False
        if _declared(scope) > largest:
            self._fail(_too_large(largest))

    async def receive(self) -> "Message":
        if self._arrived:  # waits for the client to hang up, for as long as the answer takes
            return await self._receive()
        left = self._deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(left):  # wait_for would make a task of it before Python 3.12
                message = await self._receive()
        except TimeoutError:
            self._fail(Problem("too-slow", f"The body took more than {self._seconds:g} s to arrive."))
        self._size += len(message.get("body", b""))
        if self._size > self._largest:
            self._fail(_too_large(self._largest))
        self._arrived = not message.get("more_body", False)
        return message

    def _fail(self, problem: Problem) -> None:
        self.problem = problem
        raise problem


class InFlight:
    """Counts the bodies that are in memory at a time.

    What is beyond the first 64 kB of each is counted together, so that whoever sends one specimen finds room
    also while others hold back the ends of long lists.
    """

    def __init__(self, largest: int) -> None:
        self._largest, self._held = largest, 0

    async def whole(self, first: "Message", watched: Watched) -> tuple["Message", int]:
        """A body in one message, with the bytes that it is counted with, which are to be released.

        Raises:
            Problem: too-large, too-slow, busy, or bad-request if its sender goes away.
        """
        message, pieces, size, held = first, [], 0, 0
        try:
            while True:
                if message["type"] == "http.disconnect":
                    raise Problem("bad-request", "The body is not whole.")
                pieces.append(message.get("body", b""))
                size += len(pieces[-1])
                if size > NUMBERS:
                    self._held += size - NUMBERS - held
                    held = size - NUMBERS
                    if self._held > self._largest:
                        wait = {"retry-after": str(RETRY_AFTER_SECONDS)}
                        raise Problem("busy", "Too many long bodies are on their way.", wait)
                if not message.get("more_body", False):
                    return {"type": "http.request", "body": b"".join(pieces)}, held
                message = await watched.receive()
        except BaseException:
            self.release(held)
            raise

    def release(self, held: int) -> None:
        self._held -= held


def _declared(scope: "Scope") -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(largest: int) -> Problem:
    return Problem("too-large", f"The body is larger than {largest} bytes.", limit=largest)
