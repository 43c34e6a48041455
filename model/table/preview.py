"""The first rows of a scored table, read back for people to look at. Knows nothing about scoring."""

from itertools import islice
from pathlib import Path

from model.table.cells import records
from model.table.encoding import decode
from model.table.layout import RESULTS, read_layout

_HEAD = 1 << 16  # bytes that surely hold them


def preview(scored: Path, rows: int) -> list[dict[str, str]]:
    """Cells by column name, lower case, of the first rows; numbers among the results have a point."""
    with scored.open("rb") as file:
        _, pieces = decode([file.read(_HEAD)])
        text = b"".join(pieces)
    layout, start = read_layout(text)
    found = islice(records(text[start:].split(b"\n"), layout.delimiter), rows)
    names = [*(name.strip().casefold() for name in layout.names[: -len(RESULTS)]), *RESULTS]
    named = [dict(zip(names, record.cells, strict=False)) for record in found if record.cells != [""]]
    return [row | {name: row[name].replace(layout.decimal, ".") for name in RESULTS[:3]} for row in named]
