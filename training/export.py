"""Writes the artifact: turns the estimator into thirty curves, and writes files safely, also to a bucket."""

import contextlib
import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline

from model.features import FEATURES, NAMES
from model.geometry import RELATIONS, log_quantities
from training.data import Floats, Specimens


def curves(estimator: Pipeline, reference: Floats) -> list[dict[str, Any]]:
    """An entry for each feature: its offset, the knots in u = log(x + offset), and the values there.

    The curves are zero at ``reference`` (30,). The logit is linear in the ramps, so between two knots it is
    linear in each u.
    """
    basis, coefficients = estimator["basis"], estimator["logistic"].coef_[0]
    p, k = len(basis.knots_), basis.pieces
    slope = coefficients[:p] / basis.spread_
    climbs = np.cumsum(basis.scale * coefficients[p:].reshape(p, k), axis=1)
    heights = slope[:, None] * basis.knots_ + np.hstack([np.zeros((p, 1)), climbs])
    u = np.log(reference + np.asarray(basis.offset))
    entries = []
    for j, (name, knots, values) in enumerate(zip(NAMES, basis.knots_, heights, strict=True)):
        shifted = values - np.interp(u[j], knots, values)
        offset = float(basis.offset[j])
        entries.append(
            {"feature": name, "offset": offset, "knots": knots.tolist(), "values": shifted.tolist()}
        )
    return entries


def relation_bounds(values: Floats) -> list[dict[str, Any]]:
    """The tightest bounds of each relation on all specimens; fixed bounds stay as they are."""
    bounds: list[dict[str, Any]] = []
    for relation, column in zip(RELATIONS, np.exp(log_quantities(values)).T, strict=True):
        low, high = relation.fixed or (float(column.min()), float(column.max()))
        bounds.append({"name": relation.name, "low": float(low), "high": high if high < np.inf else None})
    return bounds


def software() -> dict[str, str]:
    """The versions that the artifact was made with."""
    return {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}


def write_json(path: Path, document: dict[str, Any], digits: int | None = None) -> None:
    """Write a line for each key and for each item of a list of objects, so that diffs are readable.

    With ``digits``, floats are rounded to so many decimals.
    """

    def dumped(value: Any) -> str:
        return json.dumps(value, allow_nan=False, ensure_ascii=False)

    if digits is not None:
        document = json.loads(dumped(document), parse_float=lambda number: round(float(number), digits))
    lines = []
    for key, value in document.items():
        objects = isinstance(value, list) and value and isinstance(value[0], dict)
        text = (
            "[\n" + ",\n".join(f"  {dumped(item)}" for item in value) + "\n ]" if objects else dumped(value)
        )
        lines.append(f" {dumped(key)}: {text}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def write_reference(path: Path, data: Specimens, probability: Floats) -> None:
    """``reference.csv``: every specimen, its diagnosis and its out-of-fold probability."""
    columns = zip(FEATURES, data.values.T.tolist(), strict=True)
    table = pd.DataFrame({feature.name: [*map(feature.format, values)] for feature, values in columns})
    table["diagnosis"] = np.where(data.malignant, "malignant", "benign")
    table["probability"] = [f"{p:.12g}" for p in probability]
    table.to_csv(path, index_label="row", lineterminator="\n")


def output_folder(output: str) -> Path:
    """The folder for ``output``: gs://BUCKET/… becomes /gcs/BUCKET/…, where Vertex AI mounts the bucket."""
    return Path("/gcs", output.removeprefix("gs://")) if output.startswith("gs://") else Path(output)


@contextlib.contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """A copy of ``directory`` to write into; on success its files replace those there, else it is deleted.

    Each file is replaced as a whole, and a new ``SHA256SUMS`` comes last. So a reader who comes in between
    finds that the sums do not match, and refuses the folder. A mounted bucket allows no more than that.
    """
    with tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch, "stage")
        if directory.exists():
            shutil.copytree(directory, stage)
        else:
            stage.mkdir()
        yield stage
        files = sorted(path for path in stage.iterdir() if path.suffix in {".csv", ".json", ".md"})
        sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
        (stage / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
        directory.mkdir(parents=True, exist_ok=True)
        for file in sorted(stage.iterdir(), key=lambda path: path.name == "SHA256SUMS"):
            temporary = directory / f".{file.name}.part"
            shutil.copyfile(file, temporary)
            temporary.replace(directory / file.name)
