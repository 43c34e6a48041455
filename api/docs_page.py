"""The OpenAPI document as one page of plain HTML: no script, no foreign host. Knows only OpenAPI."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from api.problems import KINDS

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #666; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { overflow: auto; max-height: 24rem; padding: .75rem; border: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; } details { margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; }
td { border-top: 1px solid var(--line); }
.quiet { color: var(--quiet); } nav li { margin: .15rem 0; } ul { padding-left: 1.1rem; }
"""


def docs_page(document: Mapping[str, Any]) -> str:
    """The page for an OpenAPI document as ``openapi`` writes it."""
    info = document["info"]
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    links = (
        f'<li><a href="#{operation["operationId"]}"><code>{method} {escape(path)}</code></a> '
        f"{_text(operation['summary'])}</li>"
        for method, path, operation in operations
    )
    body = (
        f"<h1>{escape(info['title'])}</h1><p>{_text(info['description'])}</p>"
        f'<p class="quiet">Model {escape(info["version"])}. For programs: '
        '<a href="/v1/openapi.json">openapi.json</a>.</p>'
        f"<nav><ul>{''.join(links)}</ul></nav>"
        + "".join(_operation(*operation) for operation in operations)
        + _schemas(document["components"]["schemas"])
        + _problems()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}: REST</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [f'<h2 id="{operation["operationId"]}"><code>{method} {escape(path)}</code></h2>']
    parts.append(f"<p>{_text(operation['summary'])}. {_text(operation.get('description', ''))}</p>")
    for parameter in operation.get("parameters", ()):
        choices = ", ".join(f"<code>{escape(c)}</code>" for c in parameter["schema"]["items"]["enum"])
        parts.append(
            f"<p><code>?{parameter['name']}=</code> {choices}. {_text(parameter['description'])}</p>"
        )
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h3>Body, <code>{media}</code></h3>")
        parts += (
            _example(f"{example['summary']}: {_curl(method, path, media)}", example["value"])
            for example in content.get("examples", {}).values()
        )
    rows = (_answer(status, response) for status, response in operation["responses"].items())
    return "".join(parts) + "<h3>Answers</h3>" + "".join(rows)


def _curl(method: str, path: str, media: str) -> str:
    # unlike -d, it leaves the line ends of a table alone
    return f"curl -X {method} -H 'Content-Type: {media}' --data-binary @FILE http://127.0.0.1:7860{path}"


def _answer(status: str, response: Mapping[str, Any]) -> str:
    parts = [f"<p><code>{status}</code> {_text(response['description'])}</p>"]
    for content in response["content"].values():
        parts += (_example("Example", example["value"]) for example in content.get("examples", {}).values())
    return "".join(parts)


def _schemas(schemas: Mapping[str, Any]) -> str:
    listed = (_example(name, schema) for name, schema in schemas.items())
    return '<h2 id="schemas">Schemas</h2>' + "".join(listed)


def _problems() -> str:
    rows = (
        f'<tr id="{name}"><td><code>{name}</code></td><td>{kind.status}</td>'
        f"<td>{_text(kind.advice)}</td></tr>"
        for name, kind in KINDS.items()
    )
    return (
        '<h2 id="problems">Problems</h2><p>Errors are problem details (RFC 9457). The last part of '
        f"<code>type</code> is one of:</p>{_table(('type', 'status', 'what to do'), rows)}"
    )


def _table(head: Iterable[str], rows: Iterable[str]) -> str:
    return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>{''.join(rows)}</table>"


def _example(title: str, value: object) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
    return f"<details><summary>{_text(title)}</summary><pre>{escape(shown)}</pre></details>"


def _text(text: str) -> str:
    """Escaped, with `code` between backticks."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
