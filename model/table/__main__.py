"""The command line: ``python -m model.table IN OUT`` scores a file of specimens into another."""

import argparse
import signal
import sys
from pathlib import Path

from model.classifier import ArtifactError, Classifier
from model.table import Options, WrongTable, score


def main(argv: list[str] | None = None) -> int:
    """Score the file that the arguments name; returns the exit code, see the parser's epilog."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = _show_progress if sys.stderr.isatty() else None
    try:
        source = sys.stdin.buffer if arguments.IN == "-" else Path(arguments.IN)
        sink = sys.stdout.buffer if arguments.OUT == "-" else Path(arguments.OUT)
        options = Options(arguments.any_scale, arguments.malignant, arguments.header)
        summary = score(source, sink, Classifier.load(), options, progress=progress)
    except (WrongTable, ArtifactError) as error:
        return _fail(f"{arguments.IN}: {error}.")
    except ImportError:
        return _fail("Parquet needs pyarrow: `uv pip install pyarrow` installs it.")
    except OSError as error:
        return _fail(f"{error.filename or arguments.IN}: {error.strerror or error}")
    except KeyboardInterrupt:
        _fail("interrupted")
        return 130
    finally:
        if progress:
            print(end="\r\033[K", file=sys.stderr)
    print(*summary.sentences(), sep="\n", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model.table",
        description="Score a CSV file of specimens. Seven columns are added to every line: probability of "
        "malignancy, its interval (low, high), predicted diagnosis, verdict, warnings, error.",
        epilog="IN has a header with the thirty features in any order and under any common names (files from "
        "Kaggle and UCI work unchanged). It may have commas, semicolons or tabs, decimal points or commas, "
        "any encoding, and gzip. Exit code 0: OUT is written, rows with errors included; 1: IN is refused, "
        "nothing is written; 2: wrong usage; 130: interrupted, nothing is written.",
    )
    parser.add_argument("IN", help='the table to read, CSV, ARFF or ".parquet"; "-" is standard input')
    parser.add_argument("OUT", help='the table to write, gzip if it ends in ".gz"; "-" is standard output')
    parser.add_argument(
        "--any-scale",
        action="store_true",
        help="answer even if the columns do not look like measurements of this kind",
    )
    parser.add_argument(
        "--malignant", metavar="CODE", help='what the column of diagnoses holds for malignant, such as "1"'
    )
    parser.add_argument(
        "--header",
        choices=("standard",),
        help="the table does not name its columns, and the thirty features are in their usual order",
    )
    return parser


def _fail(message: str) -> int:
    print(f"{message}\nNothing was written.", file=sys.stderr)
    return 1


def _show_progress(done: int, size: int | None) -> None:
    share = f"{done / size:.0%} of {size / 1e6:,.0f} MB" if size else f"{done / 1e6:,.0f} MB"
    print(end=f"\rRead {share}\033[K", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
