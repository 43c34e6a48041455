"""Writes the artifact: the estimator collapsed to thirty curves, and files in one way, also in a bucket."""

import contextlib
import csv
import hashlib
import io
import json
import platform
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from model.features import FEATURES, NAMES
from model.geometry import RELATIONS, log_quantities
from training.data import Specimens
from training.estimator import CurveBasis


def collapse(
    basis: CurveBasis, coefficients: NDArray[np.float64], reference: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The values at the knots of the curves that ``coefficients`` (30 + 30 k,) make, (30, k + 1).

    They are zero at ``reference`` (30,). The logit is linear in the ramps, so between two knots it is linear
    in each u.
    """
    p, k = len(basis.knots_), basis.pieces
    slope = coefficients[:p] / basis.spread_
    climbs = np.cumsum(basis.scale * coefficients[p:].reshape(p, k), axis=1)
    values = slope[:, None] * basis.knots_ + np.hstack([np.zeros((p, 1)), climbs])
    u = np.log(reference + np.asarray(basis.offset))
    at_reference = [np.interp(u[j], basis.knots_[j], values[j]) for j in range(p)]
    heights: NDArray[np.float64] = values - np.array(at_reference)[:, None]
    return heights


def curves(estimator: Pipeline, reference: NDArray[np.float64]) -> list[dict[str, Any]]:
    """One entry a feature: offset, knots in u = log(x + offset), and the curve's values there."""
    basis, coefficients = estimator["basis"], estimator["logistic"].coef_[0]
    heights = collapse(basis, coefficients, reference)
    return [
        {"feature": name, "offset": float(offset), "knots": knots.tolist(), "values": values.tolist()}
        for name, offset, knots, values in zip(NAMES, basis.offset, basis.knots_, heights, strict=True)
    ]


def relation_bounds(values: NDArray[np.float64]) -> list[dict[str, Any]]:
    """The tightest bounds of each relation on all specimens; what holds by definition stays as it is."""
    bounds: list[dict[str, Any]] = []
    for relation, column in zip(RELATIONS, np.exp(log_quantities(values)).T, strict=True):
        low, high = relation.fixed or (float(column.min()), float(column.max()))
        bounds.append({"name": relation.name, "low": float(low), "high": high if high < np.inf else None})
    return bounds


def software() -> dict[str, str]:
    """What the artifact was made with."""
    return {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}


def write_json(path: Path, document: dict[str, Any]) -> None:
    """One line a key, and one an item of a list of objects: small, and a diff shows what changed."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = ",\n".join(f"  {json.dumps(item, allow_nan=False, ensure_ascii=False)}" for item in value)
            text = f"[\n{items}\n ]"
        else:
            text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        lines.append(f" {json.dumps(key)}: {text}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def write_reference(path: Path, data: Specimens, probability: NDArray[np.float64]) -> None:
    """``reference.csv``: every specimen, its diagnosis and its out-of-fold probability."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", *NAMES, "diagnosis", "probability"])
    for row, values in enumerate(data.values):
        numbers = [f"{float(value):.{f.decimals}f}" for f, value in zip(FEATURES, values, strict=True)]
        diagnosis = "malignant" if data.malignant[row] else "benign"
        writer.writerow([row, *numbers, diagnosis, f"{probability[row]:.12g}"])
    path.write_text(text.getvalue(), encoding="utf-8")


def write_sums(directory: Path) -> None:
    """``SHA256SUMS`` of the files that serving reads, as ``sha256sum -c`` takes it."""
    files = sorted(p for p in directory.iterdir() if p.suffix in {".json", ".csv"})
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files]
    (directory / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def output_folder(output: str) -> Path:
    """The folder for ``output``: gs://BUCKET/… is where Vertex AI mounts the bucket, /gcs/BUCKET/…"""
    return Path("/gcs", output.removeprefix("gs://")) if output.startswith("gs://") else Path(output)


@contextlib.contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """A copy of ``directory`` to write into; on success its files replace those there, else it vanishes.

    Each file is replaced as a whole, ``SHA256SUMS`` last: whoever reads a folder in the middle of it finds
    that the sums do not fit, and refuses it. A mounted bucket cannot do more.
    """
    with _terminable(), tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch, "stage")
        if directory.exists():
            shutil.copytree(directory, stage)
        else:
            stage.mkdir()
        yield stage
        directory.mkdir(parents=True, exist_ok=True)
        for file in sorted(stage.iterdir(), key=lambda path: path.name == "SHA256SUMS"):
            part = directory / f".{file.name}.part"
            shutil.copyfile(file, part)
            part.replace(directory / file.name)


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM unwinds like an exception, so that nothing half-written stays behind."""

    def stop(number: int, frame: object) -> None:  # noqa: ARG001  # the signature of a handler
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
