"""Load on a running demo: throughput, p50, p99 and errors of REST and of the Gradio call.

    python -m bench.load [URL] [--clients 8] [--seconds 5]

Without a URL it starts the demo, and the empty FastAPI route to compare with. The clients write HTTP by hand:
a client library would cost more than what it measures.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

from bench.clients import GRADIO, REST
from bench.server import OURS, ROUTE, serving

Ask = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Load:
    """What one load came to; times in milliseconds."""

    throughput: float
    p50: float
    p99: float
    errors: int

    def __str__(self) -> str:
        return (
            f"{self.throughput:7.0f}/s  p50 {self.p50:6.2f} ms  p99 {self.p99:6.2f} ms  errors {self.errors}"
        )


async def load(url: str, ask: Ask, clients: int, seconds: float) -> Load:
    """Ask as fast as so many keep-alive clients can for so long, each waiting for its answer."""
    path, body = ask
    host, port = urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80
    content = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    message = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
    times: list[float] = []
    errors = 0
    end = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(host, port)
        while time.perf_counter() < end or len(times) < 2:
            started = time.perf_counter()
            writer.write(message)
            errors += await _status(reader) != 200
            times.append(time.perf_counter() - started)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    took = time.perf_counter() - started
    cuts = quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1000, cuts[98] * 1000, errors)


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split(b" ", 2)[1])


def measure(name: str, url: str, ask: Ask, clients: int, seconds: float) -> Load:
    """One load after a short one that warms up, printed."""
    asyncio.run(load(url, ask, clients, min(1.0, seconds)))
    result = asyncio.run(load(url, ask, clients, seconds))
    print(f"{name:<20} {clients:>3} clients  {result}", flush=True)
    return result


def compare(clients: int, seconds: float) -> None:
    """REST and the Gradio call, each against the empty route, in turns."""
    with serving(ROUTE) as route, serving(OURS) as ours:
        for many in (1, clients):
            for name, ask in (("REST", REST), ("Gradio call", GRADIO)):
                least = measure("empty FastAPI route", route.url, REST, many, seconds)
                found = measure(name, ours.url, ask, many, seconds)
                p50, throughput = found.p50 / least.p50, found.throughput / least.throughput
                print(f"  against the empty route: p50 {p50:.2f}, throughput {throughput:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", nargs="?", help="of a running demo; the default starts one")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    if arguments.url:
        measure("REST", arguments.url, REST, arguments.clients, arguments.seconds)
        measure("Gradio call", arguments.url, GRADIO, arguments.clients, arguments.seconds)
    else:
        compare(arguments.clients, arguments.seconds)


if __name__ == "__main__":
    main()
