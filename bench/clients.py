"""Clients that ask for one prediction over and over on a kept connection; know bodies, not what they mean."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from bench.server import Server
from model.classifier import Classifier
from model.features import NAMES

SPECIMEN: dict[str, float] = dict(zip(NAMES, Classifier.load().reference.tolist(), strict=True))
REST = ("/v1/predict", json.dumps({"features": SPECIMEN}))
# without a session Gradio makes one for each request; a page and the Gradio client always have one
GRADIO = (
    "/gradio_api/run/predict",
    json.dumps({"data": list(SPECIMEN.values()), "session_hash": "a-visitor"}),
)


class Visitor:
    """One kept connection to a server, asking one thing.

    Args:
        server: whom to ask.
        ask: path and body.
    """

    def __init__(self, server: Server, ask: tuple[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._path, self._body = ask
        for _ in range(20):
            self()

    def __call__(self) -> float:
        """Ask once; seconds until the whole answer is there."""
        started = time.perf_counter()
        self._connection.request("POST", self._path, self._body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{self._path} answered {answer.status}")
        return time.perf_counter() - started


def alone(server: Server, ask: tuple[str, str], times: int) -> float:
    """Milliseconds that one visitor typically waits for an answer."""
    visitor = Visitor(server, ask)
    return 1000 * median(visitor() for _ in range(times))


def together(server: Server, ask: tuple[str, str], visitors: int, times: int) -> float:
    """Milliseconds per answer while ``visitors`` ask at once, ``times`` each."""
    ready = threading.Barrier(visitors + 1)

    def visit() -> None:
        visitor = Visitor(server, ask)
        ready.wait()
        for _ in range(times):
            visitor()

    with ThreadPoolExecutor(visitors) as crowd:
        visits = [crowd.submit(visit) for _ in range(visitors)]
        ready.wait(60)
        started = time.perf_counter()
        for made in visits:
            made.result()
    return 1000 * (time.perf_counter() - started) / (visitors * times)
