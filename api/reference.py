"""`python -m api.reference` writes docs/api.md from the OpenAPI document and the feature table."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from api.openapi import openapi
from api.problems import KINDS
from model.classifier import ARTIFACT, Classifier
from model.features import FEATURES, MEASUREMENTS, STATISTICS
from model.table import RESULTS

PAGE = Path(__file__).parents[1] / "docs/api.md"

_HEAD = """\
# API

Written by `make figures` from the code; do not edit. A running demo has the whole description as OpenAPI at
`/v1/openapi.json`, and as a page at `/v1/docs`.

## REST
"""

_GRADIO = """
## Gradio client and AI agents

The Gradio endpoints take each number as a parameter of its own, by name, all required: `/predict` answers as
`POST /v1/predict` does, `/explain` adds similar specimens and the smallest changes that turn the diagnosis,
`/score_csv` takes a file. AI agents find the same three as MCP tools at `/gradio_api/mcp/`, and hand a table
over as a `data:` URL. The address of a file is refused: the demo asks nothing of other hosts.
"""

_ERRORS = """
## Errors

Every error of REST is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with `type`,
`title`, `status` and `detail`. That of a wrong input lists all `faults`: `code`, `feature`, `value`,
`expected` and `message`.
"""

_FEATURES = """
## Features

These are the names of the numbers, in the order that a list of them has. A value out of the observed range is
answered, with a warning. In a name a blank, a dot, a dash and an underscore are the same, and capitals do not
matter.
"""


def reference(document: Mapping[str, Any]) -> str:
    """The page, from an OpenAPI document."""
    schemas = document["components"]["schemas"]
    prediction = schemas["Prediction"]["properties"]
    return "\n".join(
        [
            _HEAD,
            *_table(("ask", "what for"), _paths(document)),
            "",
            "### A prediction",
            "",
            *_table(("field", "meaning"), ((f"`{name}`", _meaning(s)) for name, s in prediction.items())),
            "",
            "### Columns behind a scored table",
            "",
            ", ".join(f"`{column}`" for column in RESULTS) + ".",
            _GRADIO,
            _ERRORS,
            *_table(("status", "type", "what to do"), _errors()),
            _FEATURES,
            *_table(("statistic", "meaning"), ((f"`{s.suffix}`", s.meaning) for s in STATISTICS)),
            "",
            *_table(("measurement", "meaning", "unit"), _measurements()),
            "",
            *_table(("feature", "observed", "also known as"), _features()),
            "",
        ]
    )


def _paths(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            about = operation["summary"], operation.get("description", "")
            yield f"`{method.upper()} {path}`", "<br>".join(filter(None, about))


def _meaning(schema: Mapping[str, Any]) -> str:
    """What the schema says of a field, or of the fields below it."""
    if "description" in schema:
        return str(schema["description"])
    inner = schema.get("items", schema)
    names = ", ".join(f"`{name}`" for name in inner.get("properties", {}))
    if schema.get("type") == "array":
        return f"a list of {names}" if names else "a list"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    return names or str(schema.get("type", ""))


def _errors() -> Iterable[tuple[str, str, str]]:
    return ((str(kind.status), f"`{name}`", kind.advice) for name, kind in KINDS.items())


def _measurements() -> Iterable[tuple[str, str, str]]:
    return ((f"`{m.name}`", m.meaning, m.unit) for m in MEASUREMENTS)


def _features() -> Iterable[tuple[str, str, str]]:
    for feature in FEATURES:
        observed = f"{feature.format(feature.low)} to {feature.format(feature.high)}"
        others = (alias.replace("_", " ") for alias in feature.aliases)
        yield f"`{feature.name}`", observed, ", ".join(f"`{other}`" for other in others)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def published() -> str:
    """The page for the model that is served."""
    cases = json.loads((ARTIFACT / "cases.json").read_text(encoding="utf-8"))
    return reference(openapi(Classifier.load(), cases))


if __name__ == "__main__":
    PAGE.write_text(published(), encoding="utf-8")
