"""The requests that are recorded, by door: REST, tables, Gradio's endpoints, agents, page, function."""

import asyncio
import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import flask
import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from werkzeug.test import EnvironBuilder

from api.function import predict as function
from model.features import FEATURES, NAMES
from tests.recorded import compact, shortened
from training.data import load

Answers = Iterator[tuple[str, Any]]
Lines = list[list[str]]
HEADERS = ("allow", "cache-control", "content-disposition", "content-type", "location", "retry-after", "rows")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
PATHS = (
    "/", "/embed", "/predict", "/v1", "/v1/", "/v1/predict", "/v1/score", "/v1/features", "/v1/cases",
    "/v1/model", "/v1/health", "/v1/ready", "/v1/docs", "/v1/openapi.json", "/v1/nothing", "/v1/health/",
    "/nothing", "/favicon.ico", "/robots.txt", "/gradio_api/info", "/gradio_api/startup-events",
)  # fmt: skip
ROWS = (452, 26, 157, 297, 541, 192)

DATA = load()
SPECIMENS = {row: dict(zip(NAMES, DATA.values[row].tolist(), strict=True)) for row in ROWS}
FIRST, SECOND = SPECIMENS[ROWS[0]], SPECIMENS[ROWS[1]]
ODD = {
    "far below": FIRST | {FEATURES[0].name: FEATURES[0].low / 9},
    "far above": FIRST | {FEATURES[3].name: FEATURES[3].high * 9},
    "contradictory": FIRST | {"radius_worst": 7.0, "area_mean": 1200.0},
    "all zero": dict.fromkeys(NAMES, 0.0),
}
FAULTY: dict[str, Any] = {
    "no number": FIRST | {"area_se": "x"}, "negative": FIRST | {"area_se": -1},
    "true": FIRST | {"area_se": True}, "null": FIRST | {"area_se": None},
    "impossible": FIRST | {"radius_mean": 1e300, "smoothness_mean": 1e9},
    "missing": {name: value for name, value in FIRST.items() if name != "texture_se"},
    "misspelt": {name.replace("texture_se", "texture_ze"): value for name, value in FIRST.items()},
    "one too many": [*FIRST.values(), 1.0],
}  # fmt: skip
BODIES = (
    "", "{", "[]", "1", "null", '"x"', "{}", "NaN", '{"features": null}', '{"features": []}',
    '{"features": {}}',
    '{"features": NaN}', '{"features": {"radius_mean": 1, "radius_mean": 2}}', '{"a": 1, "a": 1}', "\x00",
    '{"features": {}, "threshold": 0.5}', '{"specimens": 1}', '{"specimens": []}', "[[]]", "[1]",
    '{"features": {"\\ud800": 1}}', "[" * 5000, '{"specimens": [], "features": []}',
    '{"features": [' + "1" * 5000 + "]}", json.dumps({"features": list(FIRST.values())}),
    json.dumps([FIRST, SECOND]), json.dumps({"specimens": [{"features": FIRST}, list(SECOND.values())]}),
    json.dumps([FIRST, FAULTY["negative"], FAULTY["misspelt"]]), json.dumps([[1.0] * 30] * 1001),
)  # fmt: skip
QUERIES = (
    "include=nearest", "include=similar", "include=flips", "include=similar,flips",
    "include=similar&include=flips", "include=contributions", "include=", "include=all", "includes=flips",
)  # fmt: skip
LINKS = ("", "case=case-2", "row=7", "case=nosuch", "case=median&area_mean=900", "radius_mean=abc")


def recorded_answer(answer: httpx.Response) -> dict[str, Any]:
    """An answer as it is kept: of a page its words, of JSON its value."""
    kind, body = answer.headers.get("content-type", ""), answer.text
    read = json.loads if "json" in kind and body else words if "html" in kind else str
    headers = {name: compact(answer.headers[name]) for name in HEADERS if name in answer.headers}
    return {"status": answer.status_code, **headers, "body": shortened(read(body))}


def words(markup: str) -> str:
    """The words of a piece of HTML."""
    markup = re.sub(r"<(script|style)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def bodies() -> dict[str, str]:
    """What is sent to be predicted, by name."""
    named: list[tuple[Any, Any]] = [*SPECIMENS.items(), *ODD.items(), *FAULTY.items()]
    found = {str(name): json.dumps({"features": specimen}) for name, specimen in named}
    return found | {f"{len(body)} characters, {body[:50]!r}": body for body in BODIES}


def rest(client: httpx.Client) -> Answers:
    for name, body in bodies().items():
        yield f"predict {name}", recorded_answer(client.post("/v1/predict", content=body))
    good = json.dumps({"features": SECOND})
    for path in ("/predict", *(f"/v1/predict?{query}" for query in QUERIES)):
        yield f"POST {path}", recorded_answer(client.post(path, content=good))
    kinds = ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/ld+json")
    for name, value in (*(("content-type", kind) for kind in kinds), *CODINGS):
        answer = client.post("/v1/predict", content=good, headers={name: value})
        yield f"predict, {name} {value}", recorded_answer(answer)
    for path in PATHS:
        for method in METHODS:
            yield f"{method} {path}", recorded_answer(client.request(method, path))
    for path in ("/v1/features", "/v1/cases", "/v1/model", "/v1/docs", "/v1/openapi.json"):
        for known in ("*", '"other"'):
            yield f"GET {path}, known {known}", client.get(path, headers={"if-none-match": known}).status_code


CODINGS = (("content-encoding", "gzip"), ("content-encoding", "br"), ("content-encoding", "identity"))


def dialects() -> dict[str, bytes]:
    """Tables of every dialect, by what is odd about them."""
    cells = [[str(row), "BM"[DATA.malignant[row]], *map(repr, SPECIMENS[row].values())] for row in ROWS[:3]]
    uci = ["id", "diagnosis", *NAMES]

    def table(header: list[str] = uci, body: Lines = cells, by: str = ",", end: str = "\n") -> bytes:
        return "".join(by.join(line) + end for line in ([header] if header else []) + body).encode()

    def changed(at: int, cell: str) -> bytes:
        return table(body=[cells[0], [*cells[1][:at], cell, *cells[1][at + 1 :]], cells[2]])

    commas = [[cell.replace(".", ",") for cell in row] for row in cells]
    noted = table([*uci, "note"], [[*row, n] for row, n in zip(cells, ("=1+1", "Zürich", '"'), strict=True)])
    wrong = ["", "abc", "-1", "NaN", "inf", "1e999", "1,5", "1_000", "?", "=1+1", "1e-3", "+1.5", " 1.5 "]
    return {
        "plain": table(), "Kaggle's names": table([name.replace("e_points", "e points") for name in uci]),
        "scikit-learn's": table([f.aliases[0].replace("_", " ") for f in FEATURES], [r[2:] for r in cells]),
        "row names": table(body=[["1", *row] for row in cells]), "no header": table([]),
        "upper case": table([name.upper() for name in uci]),
        "reversed": table(uci[::-1], [row[::-1] for row in cells]),
        "semicolons": table(by=";"), "tabs": table(by="\t"), "bars": table(by="|"), "spaces": table(by=" "),
        "decimal commas": table(body=commas, by=";"), "decimal commas, tabs": table(body=commas, by="\t"),
        "commas in commas": table(body=commas), "CRLF": table(end="\r\n"), "CR": table(end="\r"),
        "quoted": table(body=[[f'"{cell}"' for cell in row] for row in cells]), "a note": noted,
        "Latin-1": noted.decode().encode("latin-1"), "sep=": b"sep=;\r\n" + table(by=";", end="\r\n"),
        "UTF-8 mark": b"\xef\xbb\xbf" + table(), "UTF-16": table().decode().encode("utf-16"),
        "UTF-32": table().decode().encode("utf-32"), "gzip": gzip.compress(table(), mtime=0),
        "gzip cut off": gzip.compress(table())[:-20], "gzip twice": gzip.compress(gzip.compress(table())),
        "no last end": table()[:-1], "a header": table(body=[]), "nothing": b"",
        "empty lines": table().replace(b"\n", b"\n\n"),
        "a feature missing": table(uci[:-1], [row[:-1] for row in cells]),
        "a feature twice": table([*uci, "mean radius"], [[*row, "1"] for row in cells]),
        "a row short": table(body=[cells[0], cells[1][:-1]]),
        "an empty row": table(body=[cells[0], [""] * 32]),
        "a row long": table(body=[cells[0], [*cells[1], "9"]]), "a quote that opens": changed(1, '"M'),
        "our columns": table([*uci, "probability", "error"], [[*row, "1", "x"] for row in cells]),
        "a workbook": b"PK\x03\x04" + bytes(100), "Parquet": b"PAR1" + bytes(100), "PDF": b"%PDF-1.4",
        "a letter": b"Dear Sir or Madam,\nplease find enclosed\n", "zeros": bytes(5000),
    } | {f"a cell {cell!r}": changed(7, cell) for cell in [*wrong, "9999"]}  # fmt: skip


def scored(client: httpx.Client) -> Answers:
    for name, content in dialects().items():
        yield name, recorded_answer(client.post("/v1/score", content=content))
    plain = dialects()["plain"]
    kinds = ("text/csv", "text/csv; charset=utf-8", "text/tab-separated-values", "application/json")
    for name, value in (*(("content-type", kind) for kind in kinds), *CODINGS):
        answer = client.post("/v1/score", content=plain, headers={name: value})
        yield f"plain, {name} {value}", recorded_answer(answer)
    for query in ("", "?scale=any", "?malignant=M", "?malignant=7", "?header=standard", "?scale=none"):
        headers = {"accept": "application/json"}
        for name in ("plain", "a cell 'abc'", "no header"):
            answer = client.post(f"/v1/score{query}", content=dialects()[name], headers=headers)
            yield f"{name}, summed up {query}", recorded_answer(answer)
    yield "as a form", recorded_answer(client.post("/v1/score", files={"file": plain}))
    yield "with a query", recorded_answer(client.post("/v1/score?x=1", content=plain))


def command(_: httpx.Client) -> Answers:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("plain", "semicolons", "a cell 'abc'", "a feature missing", "nothing"):
            Path(folder, "table.csv").write_bytes(dialects()[name])
            arguments = [sys.executable, "-m", "model.table", f"{folder}/table.csv", f"{folder}/scored.csv"]
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
            said = [shortened(text.replace(folder, "")) for text in (done.stdout, done.stderr)]
            written = Path(folder, "scored.csv")
            yield name, [done.returncode, *said, shortened(written.read_text()) if written.exists() else None]
            written.unlink(missing_ok=True)


def gradio(client: httpx.Client) -> Answers:
    file, damaged = (
        {"path": path, "meta": {"_type": "gradio.FileData"}}
        for name in ("plain", "a feature missing")
        for path in client.post("/gradio_api/upload", files={"files": ("mine.csv", dialects()[name])}).json()
    )
    values = list(FIRST.values())
    calls: dict[str, tuple[str, list[Any]]] = {
        "predict": ("predict", values), "explain": ("explain", values), "two short": ("predict", values[:28]),
        "one too many": ("predict", [*values, 1.0]), "no number": ("predict", ["x", *values[1:]]),
        "score_csv": ("score_csv", [file]), "no table": ("score_csv", [None]), "no endpoint": ("nosuch", []),
        "a damaged table": ("score_csv", [damaged]),
        "a path": ("score_csv", [file | {"path": "/etc/passwd"}]),
        "an address": ("score_csv", [file | {"path": "http://203.0.113.7/table.csv"}]),
    }  # fmt: skip
    for name, (endpoint, data) in calls.items():
        yield f"run {name}", recorded_answer(client.post(f"/gradio_api/run/{endpoint}", json={"data": data}))
        yield f"call {name}", _streamed(client, endpoint, f"call/{endpoint}", {"data": data})
    for name, body in {"named": FIRST, "misnamed": FAULTY["misspelt"], "wrong": FAULTY["negative"]}.items():
        for endpoint in ("predict", "explain"):
            yield f"call/v2 {endpoint} {name}", _streamed(client, endpoint, f"call/v2/{endpoint}", body)
    result = client.post("/gradio_api/run/score_csv", json={"data": [file]}).json()["data"][0]
    yield "the scored file", recorded_answer(client.get(f"/gradio_api/file={result['path']}"))
    for name, about in client.get("/gradio_api/info").json()["named_endpoints"].items():
        yield f"info {name}", shortened(about)


def _streamed(client: httpx.Client, endpoint: str, path: str, body: Any) -> Any:
    called = client.post(f"/gradio_api/{path}", json=body)
    if "event_id" not in called.text:
        return recorded_answer(called)
    return recorded_answer(client.get(f"/gradio_api/call/{endpoint}/{called.json()['event_id']}"))


def agents(client: httpx.Client) -> Answers:
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "predict": ("predict", FIRST), "explain": ("explain", SECOND),
        "negative": ("predict", FAULTY["negative"]), "missing": ("predict", FAULTY["missing"]),
        "no tool": ("nosuch", {}), "no table": ("score_csv", {}),
        "a table": ("score_csv", {"table": f"data:text/csv,{dialects()['plain'].decode()}"}),
        "an address": ("score_csv", {"table": "https://elsewhere.example/table.csv"}),
    }  # fmt: skip

    async def session() -> list[tuple[str, Any]]:
        address = f"{client.base_url}/gradio_api/mcp/"
        async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as agent:
            found: list[tuple[str, Any]] = [("greeting", (await agent.initialize()).capabilities)]
            found += [(f"tool {tool.name}", tool) for tool in (await agent.list_tools()).tools]
            found += [(name, await agent.call_tool(*call)) for name, call in calls.items()]
            return found

    with ThreadPoolExecutor(1) as thread:  # a browser's test keeps a loop running in ours
        for name, answer in thread.submit(asyncio.run, session()).result():
            yield name, shortened(answer.model_dump(mode="json", exclude_none=True))


def page(client: httpx.Client) -> Answers:
    """What each event of the page answers, as the words that a visitor reads."""
    event_data = {"seen": list(range(568)), "row": 26, "guess": "malignant", "curve": "texture_worst"}
    for path in ("/", "/embed"):
        body = client.get(path).text
        heads = re.findall(r'<meta (?:name|property)="([^"]+)"\s+content="([^"]*)"', body)
        yield f"head of {path}", shortened(dict(heads))
    config = client.get("/config").json()
    parts = {part["id"]: part["props"] for part in config["components"]}
    for event in config["dependencies"]:
        target, name = event["targets"][0] if event["targets"] else (None, "")
        if target not in parts or not event["backend_fn"] or event["api_visibility"] == "public":
            continue
        data = [parts[key].get("value") for key in event["inputs"]]
        for link in LINKS if name == "open" else LINKS[:1]:
            asked = {"fn_index": event["id"], "data": data, "session_hash": "recorded"}
            asked["event_data"] = event_data | {"link": link}
            found = client.post("/gradio_api/run/x", json=asked).json()
            shown = [words(one) if isinstance(one, str) else one for one in found.get("data", [])]
            yield f"{parts[target].get('elem_id')} {name} {link}", shortened(found.get("error") or shown)


def cloud_function(_: httpx.Client) -> Answers:
    asked = [("POST", "", body, name) for name, body in bodies().items()]
    asked += [("POST", f"?{query}", json.dumps({"features": SECOND}), query) for query in QUERIES]
    asked += [(method, "", "", method) for method in ("GET", "OPTIONS", "PUT")]
    for method, query, body, name in asked:
        request = flask.Request(EnvironBuilder(f"/{query}", method=method, data=body.encode()).get_environ())
        content, status, headers = function(request)
        yield name, recorded_answer(httpx.Response(status, headers=headers, content=content))


DOORS: dict[str, Callable[[httpx.Client], Answers]] = {
    "rest": rest, "tables": scored, "command": command, "gradio": gradio, "agents": agents, "page": page,
    "function": cloud_function,
}  # fmt: skip
"""The functions that send the requests, by the name of the file with the answers."""


def ask(door: str, server: str) -> dict[str, Any]:
    """Every answer of a door, by the name of the request."""
    with httpx.Client(base_url=server, timeout=60) as client:
        return json.loads(json.dumps(dict(DOORS[door](client))))  # type: ignore[no-any-return]
