"""Finds what GitHub would refuse in a workflow, by GitHub's own schema; not what the workflow is for.

workflow-v1.0.json is the schema of GitHub's workflow parser (github.com/actions/languageservices, MIT
licence) without its descriptions. It gives the keys and values, and the contexts and functions that an
expression may use in each place.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

DEFINITIONS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "workflow-v1.0.json").read_text()
)["definitions"]
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
TOKEN = re.compile(r"\s*('(?:[^']|'')*'|-?\d+(?:\.\d+)?|[A-Za-z_][\w-]*|==|!=|<=|>=|&&|\|\||[!<>()\[\].,*])")
LITERALS = ("true", "false", "null")
FUNCTIONS = {
    "contains": (2, 2), "startsWith": (2, 2), "endsWith": (2, 2), "format": (1, 255), "join": (1, 2),
    "toJSON": (1, 1), "fromJSON": (1, 1), "case": (3, 255),
}  # fmt: skip
# The properties of the context `github` that every event has.
GITHUB = {
    "action", "actor", "base_ref", "event", "event_name", "head_ref", "job", "ref", "ref_name", "ref_type",
    "repository", "repository_owner", "run_attempt", "run_id", "run_number", "server_url", "sha", "token",
    "triggering_actor", "workflow", "workspace",
}  # fmt: skip


def faults(text: str) -> list[str]:
    """Everything that GitHub would refuse in a workflow, and every name in it that is nowhere defined."""
    # All scalars stay text: YAML 1.1 would read `on` as true.
    workflow = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # texts only
    found = list(_check(workflow, "workflow-root-strict", "", frozenset()))
    return found or list(_check_references(workflow))


def _check(value: Any, kind: str, where: str, allowed: frozenset[str]) -> Iterator[str]:
    definition = DEFINITIONS.get(kind, {kind: {}})
    allowed = allowed | frozenset(definition.get("context", ()))
    if "one-of" in definition:
        attempts = [list(_check(value, option, where, allowed)) for option in definition["one-of"]]
        yield from min(attempts, key=lambda attempt: (len(attempt), -max(map(len, attempt), default=0)))
    elif (isinstance(value, str) and allowed and EXPRESSION.search(value)) or where.endswith(".if"):
        yield from _check_expressions(value, where, allowed)
    elif "mapping" in definition:
        yield from _check_mapping(value, definition["mapping"], where, allowed)
    elif "sequence" in definition:
        if not isinstance(value, list):
            yield f"{where}: a list is expected, not {value!r}"
            return
        for index, item in enumerate(value):
            yield from _check(
                item, definition["sequence"].get("item-type", "any"), f"{where}[{index}]", allowed
            )
    elif kind != "any":
        yield from _check_scalar(value, definition, where)


def _check_mapping(value: Any, rule: Mapping[str, Any], where: str, allowed: frozenset[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: a mapping is expected, not {value!r}"
        return
    known = rule.get("properties", {})
    for key, content in value.items():
        kind = known.get(key, rule.get("loose-value-type"))
        if kind is None:
            yield f"{where}.{key}: not a key that GitHub knows here"
        else:
            yield from _check(
                content, kind["type"] if isinstance(kind, dict) else kind, f"{where}.{key}", allowed
            )
    for key, kind in known.items():
        if isinstance(kind, dict) and kind.get("required") and key not in value:
            yield f"{where}.{key}: is missing"


def _check_scalar(value: Any, definition: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where}: a single value is expected"
    elif "allowed-values" in definition and value not in definition["allowed-values"]:
        yield f"{where}: {value!r} is not one of {definition['allowed-values']}"
    elif "boolean" in definition and value not in ("true", "false"):
        yield f"{where}: {value!r} is neither true nor false"
    elif "number" in definition and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        yield f"{where}: {value!r} is not a number"
    elif "null" in definition and value not in ("", "null", "~"):
        yield f"{where}: nothing is expected here"
    elif EXPRESSION.search(value):
        yield f"{where}: no expression is allowed here"
    elif rule := definition.get("string"):
        empty = rule.get("require-non-empty") and not value
        if empty or value != rule.get("constant", value):
            yield f"{where}: {value!r} is not {rule}"


def expressions(value: str, where: str) -> list[str]:
    """The expressions in a text; an `if` is one as a whole."""
    found = EXPRESSION.findall(value)
    return found if found or not where.endswith(".if") else [value]


def _check_expressions(value: Any, where: str, allowed: frozenset[str]) -> Iterator[str]:
    contexts = {name for name in allowed if "(" not in name}
    functions = dict(FUNCTIONS)
    for name, low, high in re.findall(r"(\w+)\((\d+),(\w+)\)", " ".join(allowed)):
        functions[name] = (int(low), 255 if high == "MAX" else int(high))
    for expression in expressions(str(value), where):
        try:
            parser = Parser(expression, contexts, functions)
            parser.whole()
        except ValueError as fault:
            yield f"{where}: `{expression.strip()}`: {fault}"


class Parser:
    """Reads one expression and refuses what is malformed or not available."""

    def __init__(self, text: str, contexts: set[str], functions: Mapping[str, tuple[int, int]]) -> None:
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text):
            raise ValueError("not an expression")
        self.contexts, self.functions, self.paths = contexts, functions, list[list[str]]()

    def take(self, *expected: str) -> str:
        token = self.tokens.pop(0) if self.tokens else "the end"
        if expected and token not in expected:
            raise ValueError(f"{expected[0]!r} is expected, not {token!r}")
        return token

    def whole(self) -> None:
        self.operand()
        if self.tokens:
            raise ValueError(f"{self.tokens[0]!r} is not expected")

    def operand(self) -> None:
        while self.tokens[:1] == ["!"]:
            self.take()
        token = self.take()
        if token == "(":
            self.operand()
            self.take(")")
        elif re.match(r"[A-Za-z_]", token) and token not in LITERALS:
            self.call(token) if self.tokens[:1] == ["("] else self.path(token)
        elif not re.match(r"'|-?\d|true|false|null", token):
            raise ValueError(f"{token!r} is not expected")
        if self.tokens[:1] and self.tokens[0] in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
            self.take()
            self.operand()

    def call(self, name: str) -> None:
        if name not in self.functions:
            raise ValueError(f"the function {name} is not available here")
        self.take("(")
        count = 0
        while self.tokens[:1] != [")"]:
            self.operand()
            count += 1
            if self.tokens[:1] != [")"]:
                self.take(",")
        self.take(")")
        low, high = self.functions[name]
        if not low <= count <= high:
            raise ValueError(f"{name} takes {low} to {high} arguments, not {count}")

    def path(self, root: str) -> None:
        if root not in self.contexts:
            raise ValueError(f"the context {root} is not available here")
        path = [root]
        while self.tokens[:1] and self.tokens[0] in (".", "["):
            if self.take() == ".":
                path.append(self.take())
            else:
                self.operand()
                self.take("]")
                path.append("*")
        if path[0] == "github" and len(path) > 1 and path[1] not in GITHUB:
            raise ValueError(f"github has no {path[1]}")
        self.paths.append(path)


def _check_references(workflow: Mapping[str, Any]) -> Iterator[str]:
    """What an expression names must be there: needed jobs and their outputs, steps before, matrix, env."""
    jobs = workflow["jobs"]
    for name, job in jobs.items():
        needs = job.get("needs", [])
        needs = [needs] if isinstance(needs, str) else needs
        yield from (f"jobs.{name}: needs {other}, which is no job" for other in needs if other not in jobs)
        env = {*workflow.get("env", {}), *job.get("env", {})}
        known: dict[str, set[str]] = {
            "needs": set(needs),
            "matrix": set(_matrix(job)),
            "env": env,
            "steps": set(),
        }
        outside = {key: value for key, value in job.items() if key not in ("steps", "outputs")}
        yield from _unknown(outside, f"jobs.{name}", known, jobs)
        for index, step in enumerate(job.get("steps", [])):
            inside = {**known, "env": env | set(step.get("env", {}))}
            yield from _unknown(step, f"jobs.{name}.steps[{index}]", inside, jobs)
            if "id" in step:
                known["steps"].add(step["id"])
        yield from _unknown(job.get("outputs", {}), f"jobs.{name}.outputs", known, jobs)


def _matrix(job: Mapping[str, Any]) -> Iterator[str]:
    matrix = job.get("strategy", {}).get("matrix", {})
    yield from (key for key in matrix if key not in ("include", "exclude"))
    for extra in matrix.get("include", []):
        yield from extra


def _unknown(value: Any, where: str, known: Mapping[str, set[str]], jobs: Mapping[str, Any]) -> Iterator[str]:
    for place, text in texts(value, where):
        for expression in expressions(text, place):
            for root, name, *rest in re.findall(
                r"\b(needs|matrix|env|steps)\.([\w-]+)(?:\.(\w+)(?:\.([\w-]+))?)?", expression
            ):
                if name not in known[root]:
                    yield f"{place}: there is no {root}.{name}"
                elif (
                    root == "needs" and rest[0] == "outputs" and rest[1] not in jobs[name].get("outputs", {})
                ):
                    yield f"{place}: the job {name} has no output {rest[1]}"


def texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a tree, with its place."""
    if isinstance(value, Mapping):
        for key, content in value.items():
            yield from texts(content, f"{where}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, content in enumerate(value):
            yield from texts(content, f"{where}[{index}]")
    else:
        yield where, str(value)
