"""Publishes the model and its card to a Hub model repository: `python -m deploy.model_repo USER/NAME`.

In addition to the artifact, the repository gets the same model for scikit-learn, as a .skops file with only
classes of the library, and a card with code that is ready to run.
"""

import argparse
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from huggingface_hub import HfApi, ModelCard
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from deploy import hub
from model.classifier import ARTIFACT, Classifier, read_artifacts
from model.features import NAMES

CARD, SUMS, SKOPS = "MODEL_CARD.md", "SHA256SUMS", "breast-fna-explorer.skops"
PARITY = 1e-9

USE = """## Use it

The model is thirty curves in `classifier.json`. Numpy evaluates them in two lines:

```python
import json

import numpy as np
from huggingface_hub import hf_hub_download

model = json.load(open(hf_hub_download("{name}", "classifier.json")))
specimen = json.load(open(hf_hub_download("{name}", "cases.json")))["cases"][0]["features"]

curve = lambda c: np.interp(np.log(specimen[c["feature"]] + c["offset"]), c["knots"], c["values"])
probability = 1 / (1 + np.exp(-model["reference"]["logit"] - sum(map(curve, model["curves"]))))
print("probability of malignancy:", probability)
```

The same model for scikit-learn, made of its own classes, so that [skops](https://skops.readthedocs.io) loads
it without being told to trust anything. Its columns are in the order of `config.json`:

```python
from huggingface_hub import hf_hub_download
from skops.io import load

pipeline = load(hf_hub_download("{name}", "{skops}"))
print(dict(zip(pipeline.classes_, pipeline.predict_proba([list(specimen.values())])[0])))
```

`SHA256SUMS` vouches for every file. Nothing here is a pickle.

"""


def as_pipeline(curves: Sequence[dict[str, Any]], reference_logit: float) -> Pipeline:
    """The curves as a pipeline of scikit-learn's own classes: (n, 30) to P(benign) and P(malignant).

    Values are clipped to the range of the knots, beyond which curves are flat, and become u = log(x +
    offset). A ramp is a scaler that clips: it climbs from 0 at one knot to 1 at the next. So a curve is a sum
    of ramps, each times the height that the curve gains there. (A SplineTransformer of degree 1 would do the
    same, but it contains a spline of SciPy, which skops does not load without being told to trust it.)
    """
    offset = np.array([curve["offset"] for curve in curves])
    knots = np.array([curve["knots"] for curve in curves])
    values = np.array([curve["values"] for curve in curves])
    low, high = np.exp(knots[:, [0, -1]]).T - offset
    ends = np.array([low, high])
    add_offset = StandardScaler().fit(ends)  # turns 0 to 1 into x + offset
    span = np.where(high > low, high - low, 1.0)
    add_offset.mean_, add_offset.scale_, add_offset.var_ = -(low + offset) / span, 1 / span, span**-2.0
    ramps = [
        (f"ramp {i}", MinMaxScaler(clip=True).fit(knots[:, i - 1 : i + 1].T))
        for i in range(1, knots.shape[1])
    ]
    climbs = np.diff(values).T.reshape(1, -1)
    total = LogisticRegression().fit(np.eye(2, climbs.size), ["benign", "malignant"])
    total.coef_, total.intercept_ = climbs, np.array([reference_logit + values[:, 0].sum()])
    return Pipeline(
        [
            ("hold inside the range", MinMaxScaler(clip=True).fit(ends)),
            ("add the offset", add_offset),
            ("logarithm", FunctionTransformer(np.log).fit(ends)),
            ("ramps", FeatureUnion(ramps)),
            ("sum", total),
        ]
    )


def dump(pipeline: Pipeline) -> bytes:
    """The .skops file without memory addresses and times, so that the same model gives the same file."""
    from skops.io import dumps  # noqa: PLC0415  # takes a second, which only publishing should cost

    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(dumps(pipeline))) as source,
        zipfile.ZipFile(written, "w") as target,
    ):
        schema = source.read("schema.json").decode()
        addresses = dict.fromkeys(re.findall(r'"__id__": (\d+)', schema))
        numbers = {address: str(number) for number, address in enumerate(addresses, 1)}
        for name in source.namelist():
            content = source.read(name)
            if name == "schema.json":
                pattern = r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")'
                content = re.sub(pattern, lambda found: numbers[found[0]], schema).encode()
            stem, dot, ending = name.partition(".")
            target.writestr(zipfile.ZipInfo(numbers.get(stem, stem) + dot + ending), content)
    return written.getvalue()


def wide_range_specimens(curves: Sequence[dict[str, Any]], n: int = 10_000) -> NDArray[np.float64]:
    """Specimens inside and far outside the range of the curves, (n, 30); the first is all zeros."""
    ends = np.array([[curve["knots"][0], curve["knots"][-1]] for curve in curves])
    offset = np.array([curve["offset"] for curve in curves])
    random = np.random.default_rng(0)
    spread = np.diff(ends).T
    u = random.uniform(ends[:, 0] - spread, ends[:, 1] + spread, (n, len(curves)))
    specimens: NDArray[np.float64] = np.maximum(np.exp(u) - offset, 0)
    specimens[0] = 0
    return specimens


def check_parity(pipeline: Pipeline, classifier: Classifier, specimens: NDArray[np.float64]) -> None:
    """Raise ValueError if the pipeline gives another probability than the served model for any specimen."""
    expected = classifier.predict_many(specimens).probability
    difference = float(np.abs(pipeline.predict_proba(specimens)[:, 1] - expected).max())
    if not difference <= PARITY:
        raise ValueError(f"the scikit-learn pipeline is up to {difference:g} away from the model that serves")


def readme(text: str, name: str, example: dict[str, list[float]]) -> str:
    """The README of the repository: the model card, code to use it, and an example for the Hub's widget."""
    card = ModelCard(text, ignore_metadata_errors=False)
    card.data["tags"] = [*card.data["tags"], "skops"]
    card.data["widget"] = [{"structuredData": example}]
    before, heading, after = card.text.partition("## Intended use")
    if not heading:
        raise ValueError(f"{CARD} has no part about its intended use, before which the code to use it stands")
    card.text = before + USE.format(name=name, skops=SKOPS) + heading + after
    return str(card)


def collect(artifact: Path, name: str) -> dict[str, bytes]:
    """All files of the repository, after a check of the artifact.

    Raises:
        ArtifactError: if a file is missing or altered.
        ValueError: if the card is of another model, or the pipeline differs from the served model.
    """
    files = read_artifacts(artifact)
    classifier = Classifier.load(artifact)
    text = files.pop(CARD).decode()  # for the README
    if classifier.info.sha256 not in text:
        raise ValueError(f"{CARD} is of another model: run `make evaluate`, or `git restore {artifact}`")
    curves = classifier.document["curves"]
    pipeline = as_pipeline(curves, classifier.reference_logit)
    check_parity(pipeline, classifier, wide_range_specimens(curves))
    case = json.loads(files["cases.json"])["cases"][0]["features"]
    example = {feature: [value] for feature, value in case.items()}
    config = {
        "sklearn": {
            "columns": list(NAMES),
            "environment": ["scikit-learn", "skops"],
            "example_input": example,
            "model": {"file": SKOPS},
            "model_format": "skops",
            "task": "tabular-classification",
        }
    }
    published = files | {
        "README.md": readme(text, name, example).encode(),
        "config.json": (json.dumps(config, indent=1) + "\n").encode(),
        SKOPS: dump(pipeline),
    }
    sums = (f"{hashlib.sha256(published[file]).hexdigest()}  {file}\n" for file in sorted(published))
    return published | {SUMS: "".join(sums).encode()}


def main(argv: Sequence[str] | None = None) -> str | None:
    """Run the command; returns an error message, or None."""
    parser = hub.upload_parser("deploy.model_repo", __doc__.splitlines()[0], "HF_MODEL")
    parser.add_argument("--artifact", type=Path, default=ARTIFACT, help="the folder that training wrote")

    def publish(options: argparse.Namespace, files: hub.Files) -> None:
        api = HfApi(token=hub.token())
        hub.upload(api, "model", options.name, files, create=lambda: api.create_repo(options.name))

    return hub.run(parser, argv, lambda o: collect(o.artifact, o.name or "you/breast-fna-explorer"), publish)


if __name__ == "__main__":
    sys.exit(main())
