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

from bench.claim import Claim, claim, in_turns
from bench.clients import GRADIO, REST, SPECIMEN, alone
from bench.server import EMPTY, OURS, ROUTE, Server, serving
from model.classifier import Classifier
from model.specimen import Specimen

TIMES = 200


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
    with serving(OURS) as ours, serving(EMPTY) as empty, serving(ROUTE) as route:
        clients = {server: Client(server.url, verbose=False) for server in (ours, empty)}

        def by_client(server: Server) -> float:
            return _milliseconds(lambda: clients[server].predict(**SPECIMEN, api_name="/predict"), 10)

        doors: dict[tuple[str, str], tuple[Callable[[Server], float], Server]] = {
            ("REST", "an empty FastAPI route"): (partial(alone, ask=REST, times=TIMES), route),
            ("Gradio /run", "an echo"): (partial(alone, ask=GRADIO, times=TIMES), empty),
            ("Gradio client", "an echo"): (by_client, empty),
        }
        claims = []
        for (door, floor), (ask, base) in doors.items():
            taken = in_turns(rounds, {"ours": partial(ask, ours), "floor": partial(ask, base)})
            claims.append(claim("predict", door, floor, "ms", taken["ours"], taken["floor"]))
    return claims


def _milliseconds(call: Callable[[], object], times: int = TIMES) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return 1000 * median(taken)
