"""The manual of the API, written from its description: docs/api.md, which is also the page at /v1/docs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.problems import KINDS
from model.features import FEATURES, MEASUREMENTS, STATISTICS
from model.table import RESULTS

Row = tuple[str, ...]

_STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { overflow: auto; max-height: 24rem; padding: .75rem; border: 1px solid var(--line); }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; }
td { border-top: 1px solid var(--line); } td:first-child { white-space: nowrap; }
"""


def manual(document: Mapping[str, Any]) -> str:
    """docs/api.md, from an OpenAPI document."""
    parts = document["components"]["schemas"]["Answer"]["properties"].items()
    body, answer = _examples(document["paths"]["/v1/predict"]["post"])
    kinds = ((str(kind.status), f'<a id="{name}"></a>`{name}`', kind.advice) for name, kind in KINDS.items())
    return f"""\
# API

Written by `make figures` from the code; do not edit. A running demo shows this page at `/v1/docs`, and has
the complete description for programs, as OpenAPI, at `/v1/openapi.json`.

## REST

{table(("request", "purpose"), _operations(document))}

{table(("parameter", "of", "meaning"), _parameters(document))}

```sh
curl http://127.0.0.1:7860/v1/predict --json '{body}'
```

```json
{answer}
```

### A prediction

{table(("field", "meaning"), ((f"`{name}`", _meaning(part, document)) for name, part in parts))}

### Columns that scoring adds

{", ".join(f"`{column}`" for column in RESULTS)}.

## Gradio client and AI agents

The Gradio endpoints have a parameter for each number, by its name; all are required. `/predict` answers as
`POST /v1/predict` does, `/explain` adds similar specimens and the smallest changes that lead to the other
verdict, and `/score_csv` takes a file. AI agents find the same three as MCP tools at `/gradio_api/mcp/`, and
pass a table as a `data:` URL. They may also read the model card, the features and the cases
(`fna://model-card`, `fna://features`, `fna://cases`), and there is a prompt to begin with,
`discuss_specimen`. The address of a file is refused, because the demo sends no requests to other hosts.

## Errors

Every error of REST is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with `type`,
`title`, `status` and `detail`. For a wrong input it lists all `faults`, each with `code`, `feature`, `value`,
`expected` and `message`.

{table(("status", "type", "what to do"), kinds)}

## Features

These are the names of the numbers, in the order of a list. A value outside the observed range is answered,
with a warning. In names, blanks, dots, dashes and underscores are the same, and capitals do not matter.

{table(("statistic", "meaning"), ((f"`{s.suffix}`", s.meaning) for s in STATISTICS))}

{table(("measurement", "meaning", "unit"), ((f"`{m.name}`", m.meaning, m.unit) for m in MEASUREMENTS))}

{table(("feature", "observed", "also known as"), _features())}
"""


def docs_page(document: Mapping[str, Any]) -> str:
    """The same as one page of plain HTML: no script, no foreign host."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # takes a tenth of a second, and few read the page

    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(manual(document))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{document['info']['title']}: API</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


def table(head: Row, rows: Iterable[Row]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def _operations(document: Mapping[str, Any]) -> Iterator[Row]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            description = operation["summary"], operation.get("description", "")
            yield f"`{method.upper()} {path}`", "<br>".join(filter(None, description))


def _parameters(document: Mapping[str, Any]) -> Iterator[Row]:
    for path in ("/v1/predict", "/v1/score"):
        for parameter in document["paths"][path]["post"]["parameters"]:
            schema = parameter["schema"]
            values = schema.get("items", schema).get("enum", ())
            named = " or ".join(f"`{value}`" for value in values)
            description = parameter["description"] + (f" {named}." if named else "")
            yield f"`?{parameter['name']}=`", f"`{path}`", description


def _examples(operation: Mapping[str, Any]) -> tuple[str, str]:
    """A body and its answer, shortened to two contributions."""
    body = operation["requestBody"]["content"]["application/json"]["examples"]["listed"]["value"]
    answer = dict(operation["responses"]["200"]["content"]["application/json"]["examples"]["named"]["value"])
    answer["contributions"] = [*answer["contributions"][:2], "…"]
    answer["model"] = answer["model"] | {"sha256": "…"}
    return json.dumps(body), json.dumps(answer, indent=1, ensure_ascii=False)


def _meaning(schema: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """The description of a field, and the names of the fields inside it."""
    inner = schema.get("items", schema)
    if "$ref" in inner:
        inner = document["components"]["schemas"][inner["$ref"].rpartition("/")[2]]
    names = ", ".join(f"`{name}`" for name in inner.get("properties", {}))
    has = "; each has " if "items" in schema else "; it has "
    return str(schema["description"]) + (has + names if names else "")


def _features() -> Iterator[Row]:
    for feature in FEATURES:
        observed = f"{feature.format(feature.low)} to {feature.format(feature.high)}"
        others = (alias.replace("_", " ") for alias in feature.aliases)
        yield f"`{feature.name}`", observed, ", ".join(f"`{other}`" for other in others)
