"""The command line: ``python -m model.table IN OUT`` scores a file of specimens into another."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from model.classifier import ArtifactError, Classifier
from model.table import Evaluation, Options, Summary, WrongTable, score

_FAULTS = 10  # that are printed; all stand in the output's column "error"
_BAR = 40  # characters


def main(arguments: list[str] | None = None) -> int:
    """Score what the arguments name; the exit code is 0, 1 if nothing was written, 130 if interrupted."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    show = _bar() if sys.stderr.isatty() else None
    try:
        source = sys.stdin.buffer if options.IN == "-" else Path(options.IN)
        sink = sys.stdout.buffer if options.OUT == "-" else Path(options.OUT)
        meant = Options(options.any_scale, options.malignant, options.header)
        summary = score(source, sink, Classifier.load(), meant, progress=show)
    except (WrongTable, ArtifactError) as error:
        return _refuse(f"{options.IN}: {error}")
    except ModuleNotFoundError as error:
        return _refuse(f"{error.name} is not installed: `uv pip install pyarrow` installs it")
    except OSError as error:
        return _refuse(f"{error.filename or options.IN}: {error.strerror or error}")
    except KeyboardInterrupt:
        _refuse("interrupted")
        return 130
    finally:
        if show:
            print(end="\r\033[K", file=sys.stderr)
    _report(summary)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model.table",
        description="Score a CSV file of specimens: every line comes back with seven columns behind it, "
        "probability of malignancy, its interval (low, high), predicted diagnosis, verdict, warnings, error.",
        epilog="IN has a header with the thirty features in any order and spelling (Kaggle's data.csv, "
        "scikit-learn's names), or is UCI's wdbc.data. Comma, semicolon or tab, decimal point or comma, "
        "UTF-8 or UTF-16, also in gzip. Exit code 0: OUT is written, rows with errors included; "
        "1: refused, nothing is written; 2: wrong usage; 130: interrupted, nothing is written.",
    )
    parser.add_argument("IN", help='the table to read, CSV or ".parquet"; "-" is standard input')
    parser.add_argument("OUT", help='the table to write, packed if it ends in ".gz"; "-" is standard output')
    parser.add_argument(
        "--any-scale",
        action="store_true",
        help="answer also where the columns do not look like measurements of this kind",
    )
    parser.add_argument(
        "--malignant", metavar="CODE", help='what the column of diagnoses holds for malignant, such as "1"'
    )
    parser.add_argument(
        "--header",
        choices=("standard",),
        help="the table has no header, and the thirty features stand in their usual order",
    )
    return parser


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _refuse(message: str) -> int:
    print(f"{message}\nNothing was written.", file=sys.stderr)
    return 1


def _bar() -> Callable[[int, int | None], None]:
    """Draws how far a file is read, ten times a second at most."""
    began = drawn = time.monotonic()

    def show(done: int, size: int | None) -> None:
        nonlocal drawn
        now = time.monotonic()
        if now - drawn < 0.1:
            return
        drawn = now
        text = f"{done / 1e6:,.0f} MB"
        if size:
            full = round(_BAR * done / size)
            left = (now - began) * (size - done) / done
            text = f"[{'#' * full:{_BAR}}] {done / size:4.0%} of {size / 1e6:,.0f} MB, {left:.0f} s left"
        print(end=f"\r{text}\033[K", file=sys.stderr, flush=True)

    return show


def _report(summary: Summary) -> None:
    verdicts = ", ".join(f"{count:,} {word}" for word, count in summary.verdicts.items())
    lines = [
        f"{summary.rows:,} rows: {summary.scored:,} scored ({verdicts}), {summary.faulty:,} with errors."
    ]
    if summary.warned:
        lines.append(f"{summary.warned:,} rows have warnings.")
    shown = summary.faults[:_FAULTS]
    lines += [f"line {fault.line}: {fault.message}" for fault in shown]
    if (more := summary.fault_count - _FAULTS) > 0:
        lines.append(f'… and {more:,} more errors, in the column "error".')
    if summary.evaluation:
        lines.append(_against_truth(summary.evaluation))
    print(*lines, sep="\n", file=sys.stderr)


def _against_truth(found: Evaluation) -> str:
    named = {
        "sensitivity": found.sensitivity,
        "specificity": found.specificity,
        "AUC": found.auc,
        "log loss": found.log_loss,
        "Brier score": found.brier,
    }
    figures = ", ".join(f"{name} {value:.4f}" for name, value in named.items() if value is not None)
    return f"Against the diagnosis of {found.rows:,} rows: {figures}."


if __name__ == "__main__":
    sys.exit(main())
