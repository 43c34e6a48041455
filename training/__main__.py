"""Makes the model and its evidence: train (the default), evaluate, report, figures.

python -m training                          fit and write model/artifact
python -m training --output gs://BUCKET/X   the same into /gcs/BUCKET/X, as on Vertex AI
python -m training evaluate --backend dask --scheduler HOST:PORT
python -m training report --against OLD/evaluation.json     exits 1 if the model is worse beyond noise
python -m training figures README.md        rewrite the blocks between figure markers, and the model card
"""

import argparse
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from model.classifier import ARTIFACT, Classifier
from model.evidence import Evidence
from training.baselines import SERVED, ablations, comparison
from training.data import load
from training.evaluate import FRESH_SEED, evaluate
from training.export import output_folder, staged, write_json
from training.figures import card, refreshed
from training.gate import compare
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
    artifact = "the artifact's folder; gs://BUCKET/… means /gcs/BUCKET/… (default: model/artifact)"
    add("--output", type=output_folder, default=ARTIFACT, metavar="DIR", help=artifact)
    add = parser.add_argument_group("report").add_argument
    add("--against", type=Path, metavar="FILE", help="the evaluation.json to compare with")
    add("--new-data", action="store_true", help="the data may differ from those of --against")
    evaluation = "the evaluation.json to report on (default: the artifact's)"
    add("--evaluation", type=Path, default=ARTIFACT / "evaluation.json", metavar="FILE", help=evaluation)
    add("--reports", type=Path, default=Path("reports"), metavar="DIR", help="where report.md and plots go")
    add = parser.add_argument_group("where cross-validation runs").add_argument
    add("--repeats", type=int, default=10, help="of the folds; fewer for a first look (default: %(default)s)")
    first_seed = "of evaluate; the others are its successors (default: %(default)s)"
    add("--first-seed", type=int, default=FRESH_SEED, help=first_seed)
    add("--jobs", type=int, default=-1, help="parallel tasks (default: one per core)")
    add("--backend", default="loky", help="any registered joblib backend (default: %(default)s)")
    add("--scheduler", metavar="HOST:PORT", help="the Dask scheduler, with --backend dask")
    cache = "finished work, found again by content (default: %(default)s)"
    add("--cache", type=Path, default=CACHE, metavar="DIR", help=cache)
    return parser


def _protocol(options: argparse.Namespace, first_seed: int = 0) -> Protocol:
    return Protocol(
        load().checked(),
        options.repeats,
        first_seed=first_seed,
        cache=options.cache,
        jobs=options.jobs,
        backend=options.backend,
        backend_options={"scheduler_host": options.scheduler} if options.scheduler else {},
    )


def _train(options: argparse.Namespace) -> int:
    protocol = _protocol(options)  # with the seeds from 0 on, which choose the model
    repeats = protocol.run({SERVED: comparison()[SERVED]})[SERVED]
    with staged(options.output) as stage:
        train(protocol.data, repeats, stage)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    if options.repeats < 2:
        raise SystemExit("evaluate needs two repeats or more: it tells how they spread")
    protocol, classifier = _protocol(options, options.first_seed), Classifier.load(options.output)
    evidence = evaluate(protocol, classifier, comparison(), ablations())
    with staged(options.output) as stage:
        write_json(stage / "evaluation.json", asdict(evidence), digits=5)
        # The card has the figures as they are rounded in the file.
        (stage / "MODEL_CARD.md").write_text(card(Evidence.load(stage / "evaluation.json")), encoding="utf-8")
    return 0


def _report(options: argparse.Namespace) -> int:
    from training import plots  # noqa: PLC0415  # the other commands need no matplotlib

    new = Evidence.load(options.evaluation)
    result = compare(new, Evidence.load(options.against) if options.against else None, options.new_data)
    plots.draw(new, Classifier.load(options.output).document, options.reports)
    (options.reports / "report.md").write_text(report(new, result), encoding="utf-8")
    print(f"{options.reports / 'report.md'}: {result.verdict}")
    for line in (*result.failures, *(f"warning: {warning}" for warning in result.warnings)):
        print(f"  {line}")
    return 1 if result.failures else 0


def _figures(options: argparse.Namespace) -> int:
    evidence = Evidence.load(options.evaluation)
    for file in options.files or [Path("README.md")]:
        file.write_text(refreshed(file.read_text(encoding="utf-8"), evidence), encoding="utf-8")
    with staged(options.output) as stage:
        (stage / "MODEL_CARD.md").write_text(card(evidence), encoding="utf-8")
    return 0


COMMANDS = {"train": _train, "evaluate": _evaluate, "report": _report, "figures": _figures}


def main() -> int:
    options = _parser().parse_args()
    # as an exception, so that no temporary files are left
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        return COMMANDS[options.command](options)
    except OSError as error:
        raise SystemExit(f"{options.command} stopped: {error}") from None


if __name__ == "__main__":
    raise SystemExit(main())
