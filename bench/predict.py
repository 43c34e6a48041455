"""One prediction by every door, against the same door on a server that does nothing."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
from gradio_client import Client
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.claim import Claim, claim, in_turns, restarted
from bench.clients import GRADIO, REST, SPECIMEN, alone
from bench.server import EMPTY, OURS, ROUTE, Server, serving
from model.classifier import Classifier
from model.specimen import Specimen

TIMES = 200
FLOORS = {"REST": "an empty FastAPI route", "Gradio /run": "an echo", "Gradio client": "an echo"}


def measure(rounds: int) -> list[Claim]:
    return [_library(rounds), *_over_http(rounds)]


def _library(rounds: int) -> Claim:
    classifier = Classifier.load()
    data = load_breast_cancer()
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.data, data.target)
    row = np.array([list(SPECIMEN.values())])
    taken = in_turns(
        rounds,
        {
            "ours": lambda: _milliseconds(lambda: classifier.predict(Specimen.parse(SPECIMEN))),
            "floor": lambda: _milliseconds(lambda: pipeline.predict_proba(row)),
        },
    )
    return claim(
        "predict", "library call", "scikit-learn's scaler and LR", "ms", taken["ours"], taken["floor"]
    )


def _over_http(rounds: int) -> list[Claim]:
    taken = restarted(rounds, _ask)
    return [
        claim("predict", door, floor, "ms", taken[door, OURS], taken[door, floor])
        for door, floor in FLOORS.items()
    ]


def _ask(rounds: int) -> dict[tuple[str, str], list[float]]:
    """By door and server, milliseconds of a prediction, round by round."""
    with serving(OURS) as ours, serving(EMPTY) as empty, serving(ROUTE) as route:
        clients = {server: Client(server.url, verbose=False) for server in (ours, empty)}

        def by_client(server: Server) -> float:
            return _milliseconds(lambda: clients[server].predict(**SPECIMEN, api_name="/predict"), 10)

        doors: dict[str, tuple[Callable[[Server], float], Server]] = {
            "REST": (partial(alone, ask=REST, times=TIMES), route),
            "Gradio /run": (partial(alone, ask=GRADIO, times=TIMES), empty),
            "Gradio client": (by_client, empty),
        }
        return in_turns(
            rounds,
            {
                (door, name): partial(ask, server)
                for door, (ask, floor) in doors.items()
                for name, server in ((OURS, ours), (FLOORS[door], floor))
            },
        )


def _milliseconds(call: Callable[[], object], times: int = TIMES) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return 1000 * median(taken)
