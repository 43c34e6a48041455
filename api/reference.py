"""Writes docs/api.md, and two tables in docs/serving.md: ``python -m api.reference``."""

import re
from pathlib import Path

from api.doors import DOORS, TABLE
from api.manual import manual, table
from api.rest import load_rest
from api.settings import SETTINGS, Settings
from api.tables import DiskBudget

DOCS = Path(__file__).parents[1] / "docs"


def serving(page: str) -> str:
    """docs/serving.md with new tables of settings and doors."""
    settings = ((f"`{s.name}`", f"`{s.shown}`" if s.shown else "none", s.meaning) for s in SETTINGS)
    page = filled(page, "settings", table(("setting", "default", "meaning"), settings) + "\n")
    doors = ((f"`{d.path}`", ", ".join(d.methods), _body_size(d.largest), d.purpose) for d in DOORS)
    return filled(page, "doors", table(("path", "methods", "largest body", "purpose"), doors) + "\n")


def filled(page: str, name: str, content: str) -> str:
    """The page with new content in its block ``<!-- name: … -->``, which ends at ``<!-- end -->``."""
    block = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end -->)", re.DOTALL)
    return block.sub(lambda old: f"{old[1]}\n{content}\n{old[2]}", page, count=1)


def _body_size(largest: int) -> str:
    if largest == TABLE:
        return "`MAX_UPLOAD_MB`"
    return f"{largest // 1024} kB" if largest else ""


def pages() -> dict[Path, str]:
    """The pages that are written, and their texts."""
    of_serving = DOCS / "serving.md"
    rest = load_rest(Settings(), DiskBudget(0))
    return {
        DOCS / "api.md": manual(rest.openapi()),
        of_serving: serving(of_serving.read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
