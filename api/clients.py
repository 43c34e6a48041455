"""Who is asking: the client's address, seen through as many proxies as are trusted, and not one more."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


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
        return cls(
            networks=tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
        )

    def client(self, scope: Scope) -> str:
        """The address to count requests by; an IPv6 client is its /64 network, which one household has."""
        peer = (scope.get("client") or ("unknown", 0))[0]
        if not self.hops and not self.networks:
            return _network(peer)
        headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
        told = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        chain = [*(_bare(entry) for entry in told.split(",") if entry.strip()), peer]
        if self.hops:
            return _network(chain[max(0, len(chain) - 1 - self.hops)])
        outermost = peer
        for address in reversed(chain):
            if not _is_address(address):
                break
            outermost = address
            if not self._trusts(address):
                break
        return _network(outermost)

    def _trusts(self, address: str) -> bool:
        return any(ipaddress.ip_address(address) in network for network in self.networks)


def _bare(entry: str) -> str:
    """Without the port that some proxies add: ``203.0.113.7:4711``, ``[2001:db8::1]:4711``."""
    entry = entry.strip()
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(address: str) -> str:
    if ":" not in address or not _is_address(address):
        return address[:60]
    return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
