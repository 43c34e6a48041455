"""Makes the model and its evidence: train (the default), evaluate, report, figures.

python -m training                          fit and write model/artifact
python -m training --output gs://BUCKET/X   the same into /gcs/BUCKET/X, as on Vertex AI
python -m training evaluate --backend dask --scheduler HOST:PORT
python -m training report --against OLD/evaluation.json
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from model.classifier import ARTIFACT
from training.data import load
from training.evaluate import evaluate
from training.export import write_json, write_sums
from training.protocol import CACHE, Protocol
from training.storage import place, staged
from training.train import train


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("command", nargs="?", default="train", choices=("train", "evaluate"))
    add(
        "--output",
        type=place,
        default=ARTIFACT,
        metavar="DIR",
        help="the artifact's folder; gs://BUCKET/… means /gcs/BUCKET/… (default: model/artifact)",
    )
    where = parser.add_argument_group("where cross-validation runs")
    where.add_argument(
        "--repeats", type=int, default=10, help="of the folds; fewer for a first look (default: %(default)s)"
    )
    where.add_argument("--jobs", type=int, default=-1, help="parallel tasks (default: one per core)")
    where.add_argument(
        "--backend", default="loky", help="any registered joblib backend (default: %(default)s)"
    )
    where.add_argument("--scheduler", metavar="HOST:PORT", help="the Dask scheduler, with --backend dask")
    where.add_argument(
        "--cache",
        type=Path,
        default=CACHE,
        metavar="DIR",
        help="finished work, found again by content (default: %(default)s)",
    )
    return parser  # fmt: skip


def _protocol(options: argparse.Namespace) -> Protocol:
    backend = {"scheduler_host": options.scheduler} if options.scheduler else {}
    return Protocol(
        load(),
        options.repeats,
        cache=options.cache,
        jobs=options.jobs,
        backend=options.backend,
        backend_options=backend,
    )


def _evaluate(protocol: Protocol, output: Path) -> None:
    content = (output / "classifier.json").read_bytes()
    classifier: dict[str, Any] = json.loads(content)
    document = evaluate(protocol, classifier, hashlib.sha256(content).hexdigest())
    with staged(output) as stage:
        write_json(stage / "evaluation.json", document)
        write_sums(stage)


def main() -> None:
    options = _parser().parse_args()
    protocol = _protocol(options)
    if options.command == "train":
        with staged(options.output) as stage:
            train(protocol, stage)
    else:
        _evaluate(protocol, options.output)


if __name__ == "__main__":
    main()
