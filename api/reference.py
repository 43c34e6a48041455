"""Documentation of the API, written from the code: docs/api.md, which is also the page at /v1/docs.

``python -m api.reference`` writes docs/api.md, and the tables of settings and doors in docs/serving.md.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from api.doors import DOORS, TABLE
from api.problems import KINDS
from api.settings import SETTINGS, Settings
from model.features import FEATURES, MEASUREMENTS, STATISTICS
from model.table import RESULTS

DOCS = Path(__file__).parents[1] / "docs"
Row = tuple[str, ...]

_HEAD = """\
# API

Written by `make figures` from the code; do not edit. A running demo shows this page at `/v1/docs`, and has
the complete description for programs, as OpenAPI, at `/v1/openapi.json`.

## REST
"""

_GRADIO = """
## Gradio client and AI agents

The Gradio endpoints have a parameter for each number, by its name; all are required. `/predict` answers as
`POST /v1/predict` does, `/explain` adds similar specimens and the smallest changes that lead to the other
verdict, and `/score_csv` takes a file. AI agents find the same three as MCP tools at `/gradio_api/mcp/`, and
pass a table as a `data:` URL. They may also read the model card, the features and the cases
(`fna://model-card`, `fna://features`, `fna://cases`), and there is a prompt to begin with,
`discuss_specimen`. The address of a file is refused, because the demo sends no requests to other hosts.
"""

_ERRORS = """
## Errors

Every error of REST is a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with `type`,
`title`, `status` and `detail`. For a wrong input it lists all `faults`, each with `code`, `feature`, `value`,
`expected` and `message`.
"""

_FEATURES = """
## Features

These are the names of the numbers, in the order of a list. A value outside the observed range is answered,
with a warning. In names, blanks, dots, dashes and underscores are the same, and capitals do not matter.
"""

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


def reference(document: Mapping[str, Any]) -> str:
    """docs/api.md, from an OpenAPI document."""
    prediction = document["components"]["schemas"]["Answer"]["properties"]
    operations = list(_operations(document))
    body, answer = _examples(document["paths"]["/v1/predict"]["post"])
    return "\n".join(
        [
            _HEAD,
            *table(("request", "purpose"), (operation[:2] for operation in operations)),
            "",
            *table(("parameter", "of", "meaning"), _parameters(document)),
            "",
            "```sh",
            f"curl http://127.0.0.1:7860/v1/predict --json '{body}'",
            "```",
            "",
            "```json",
            answer,
            "```",
            "",
            "### A prediction",
            "",
            *table(("field", "meaning"), ((f"`{n}`", _meaning(s, document)) for n, s in prediction.items())),
            "",
            "### Columns that scoring adds",
            "",
            ", ".join(f"`{column}`" for column in RESULTS) + ".",
            _GRADIO,
            _ERRORS,
            *table(
                ("status", "type", "what to do"),
                ((str(k.status), f'<a id="{name}"></a>`{name}`', k.advice) for name, k in KINDS.items()),
            ),
            _FEATURES,
            *table(("statistic", "meaning"), ((f"`{s.suffix}`", s.meaning) for s in STATISTICS)),
            "",
            *table(
                ("measurement", "meaning", "unit"),
                ((f"`{m.name}`", m.meaning, m.unit) for m in MEASUREMENTS),
            ),
            "",
            *table(("feature", "observed", "also known as"), _features()),
            "",
        ]
    )  # fmt: skip


def docs_page(document: Mapping[str, Any]) -> str:
    """The same as one page of plain HTML: no script, no foreign host."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # takes a tenth of a second, and few read the page

    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(reference(document))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{document['info']['title']}: API</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


def serving(page: str) -> str:
    """docs/serving.md with new tables of settings and doors."""
    settings = ((f"`{s.name}`", f"`{s.shown}`" if s.shown else "none", s.meaning) for s in SETTINGS)
    doors = ((f"`{d.path}`", ", ".join(d.methods), _body_size(d.largest), d.purpose) for d in DOORS)
    for name, rows in (
        ("settings", table(("setting", "default", "meaning"), settings)),
        ("doors", table(("path", "methods", "largest body", "purpose"), doors)),
    ):
        page = filled(page, name, "\n".join((*rows, "")))
    return page


def filled(page: str, name: str, content: str) -> str:
    """The page with new content in its block ``<!-- name: … -->``, which ends at ``<!-- end -->``."""
    before, start, rest = page.partition(f"<!-- {name}: ")
    opening, close, rest = rest.partition(" -->\n")
    _, end, after = rest.partition("<!-- end -->")
    return f"{before}{start}{opening}{close}\n{content}\n{end}{after}"


def table(head: Row, rows: Iterable[Row]) -> list[str]:
    """The lines of a Markdown table."""
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


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
    return "; each has ".join(filter(None, (schema.get("description", ""), names))).replace(
        "; each has", "; each has" if "items" in schema else "; it has"
    )


def _features() -> Iterator[Row]:
    for feature in FEATURES:
        observed = f"{feature.format(feature.low)} to {feature.format(feature.high)}"
        others = (alias.replace("_", " ") for alias in feature.aliases)
        yield f"`{feature.name}`", observed, ", ".join(f"`{other}`" for other in others)


def _body_size(largest: int) -> str:
    if largest == TABLE:
        return "`MAX_UPLOAD_MB`"
    return f"{largest // 1024} kB" if largest else ""


def pages() -> dict[Path, str]:
    """The pages that are written, and their texts."""
    from api.rest import load_rest  # noqa: PLC0415  # api.rest imports this module for its docs page
    from api.tables import DiskBudget  # noqa: PLC0415

    of_serving = DOCS / "serving.md"
    return {
        DOCS / "api.md": reference(load_rest(Settings(), DiskBudget(0)).openapi()),
        of_serving: serving(of_serving.read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
