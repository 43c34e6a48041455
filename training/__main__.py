"""Makes the model and its evidence: train (the default), evaluate, report, figures.

python -m training                          fit and write model/artifact
python -m training --output gs://BUCKET/X   the same into /gcs/BUCKET/X, as on Vertex AI
python -m training evaluate --backend dask --scheduler HOST:PORT
python -m training report --against OLD/evaluation.json     exits 1 if the model is worse beyond noise
python -m training figures README.md        rewrite the blocks between figure markers, and the model card
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from model.classifier import ARTIFACT, Classifier
from model.evidence import Evidence
from training.card import card
from training.compare import SERVED, served
from training.data import load
from training.evaluate import FRESH_SEED, evaluate, rounded
from training.export import output_folder, staged, write_json, write_sums
from training.figures import refreshed
from training.gate import compare, compare_with_limits
from training.protocol import CACHE, Protocol
from training.report import report
from training.train import train


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("command", nargs="?", default="train", choices=tuple(COMMANDS))
    add("files", nargs="*", type=Path, metavar="FILE", help="with figures: the Markdown files to refresh")
    add(
        "--output",
        type=output_folder,
        default=ARTIFACT,
        metavar="DIR",
        help="the artifact's folder; gs://BUCKET/… means /gcs/BUCKET/… (default: model/artifact)",
    )
    judge = parser.add_argument_group("report")
    judge.add_argument("--against", type=Path, metavar="FILE", help="the evaluation.json to compare with")
    judge.add_argument("--new-data", action="store_true", help="the data may differ from those of --against")
    judge.add_argument(
        "--evaluation",
        type=Path,
        default=ARTIFACT / "evaluation.json",
        metavar="FILE",
        help="the evaluation.json to report on (default: the artifact's)",
    )
    judge.add_argument(
        "--reports",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="where report.md and the plots go (default: %(default)s)",
    )
    where = parser.add_argument_group("where cross-validation runs")
    where.add_argument(
        "--repeats", type=int, default=10, help="of the folds; fewer for a first look (default: %(default)s)"
    )
    where.add_argument(
        "--first-seed",
        type=int,
        default=FRESH_SEED,
        help="of evaluate; the others are its successors (default: %(default)s)",
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
        load().checked(),
        options.repeats,
        cache=options.cache,
        jobs=options.jobs,
        backend=options.backend,
        backend_options=backend,
    )


def _train(options: argparse.Namespace) -> int:
    protocol = _protocol(options)  # its seeds begin at 0, where the model was chosen
    repeats = protocol.run({SERVED: served()})[SERVED]
    with staged(options.output) as stage:
        train(protocol.data, repeats, stage)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    if options.repeats < 2:
        raise SystemExit("evaluate needs two repeats or more: it tells how they spread")
    protocol = replace(_protocol(options), first_seed=options.first_seed)
    evidence = evaluate(protocol, Classifier.load(options.output))
    with staged(options.output) as stage:
        write_json(stage / "evaluation.json", rounded(evidence.to_dict()))
        # the card has the figures as they are written
        (stage / "MODEL_CARD.md").write_text(card(Evidence.load(stage / "evaluation.json")), encoding="utf-8")
        write_sums(stage)
    return 0


def _report(options: argparse.Namespace) -> int:
    from training import plots  # noqa: PLC0415  # nothing else waits for matplotlib

    new = Evidence.load(options.evaluation)
    found = (
        compare(Evidence.load(options.against), new, options.new_data)
        if options.against
        else compare_with_limits(new)
    )
    plots.draw(new, json.loads((options.output / "classifier.json").read_text("utf-8")), options.reports)
    text = report(new, found, based=options.against is not None)
    (options.reports / "report.md").write_text(text, encoding="utf-8")
    print(f"{options.reports / 'report.md'}: {found.verdict}")
    for line in (*found.failures, *(f"warning: {warning}" for warning in found.warnings)):
        print(f"  {line}")
    return 1 if found.failures else 0


def _figures(options: argparse.Namespace) -> int:
    evidence = Evidence.load(options.evaluation)
    for file in options.files or [Path("README.md")]:
        text = file.read_text(encoding="utf-8")
        file.write_text(refreshed(text, evidence), encoding="utf-8")
    (options.output / "MODEL_CARD.md").write_text(card(evidence), encoding="utf-8")
    return 0


COMMANDS = {"train": _train, "evaluate": _evaluate, "report": _report, "figures": _figures}


def main() -> int:
    options = _parser().parse_args()
    return COMMANDS[options.command](options)


if __name__ == "__main__":
    raise SystemExit(main())
