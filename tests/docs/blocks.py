"""The code blocks of a Markdown page, so that tests can do what its readers do."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """``language`` is the word after the fence, ``line`` the line where the block starts."""

    page: str
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str | None:
        """The file that a first line such as ``# model/features.py`` names."""
        named = re.match(r"# (\S+\.py)\n", self.code)
        return named[1] if named else None


def blocks(page: str, *languages: str) -> list[Block]:
    """In their order on the page; those of the given languages if there are any."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [Block(page, text[: m.start()].count("\n") + 1, m[1], m[2]) for m in _BLOCK.finditer(text)]
    return [block for block in found if not languages or block.language in languages]


def replace(path: Path, code: str) -> None:
    """Put each function and constant of ``code`` where the file has that name, and its imports on top."""
    file = path.read_text(encoding="utf-8")
    lines, new = file.splitlines(keepends=True), code.splitlines(keepends=True)
    there = {_name(node): node for node in ast.parse(file).body}
    edits = []
    for node in ast.parse(code).body:
        text = "".join(new[node.lineno - 1 : node.end_lineno])
        if isinstance(node, ast.Import | ast.ImportFrom):
            first = ast.parse(file).body[1].lineno - 1  # behind the docstring
            edits.append((first, first, text))
        else:
            old = there[_name(node)]
            edits.append((old.lineno - 1, old.end_lineno or old.lineno, text))
    for start, end, text in sorted(edits, reverse=True):
        lines[start:end] = [text]
    path.write_text("".join(lines), encoding="utf-8")


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""
