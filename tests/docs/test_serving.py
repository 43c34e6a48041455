"""The page about serving lists every setting that the code reads, and no other."""

import re

from api.bodies import Allowances
from api.limits import Policy
from tests.conftest import ROOT

PAGE = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
PLATFORM = {"K_SERVICE", "SPACE_ID"}  # set by Cloud Run and by Spaces, not by people


def test_every_setting_is_listed_and_no_other() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (*ROOT.glob("api/*.py"), ROOT / "app.py"))
    read = set(re.findall(r'environ(?:ment)?\.get\(\s*"([A-Z_]+)"', sources))
    read |= {f"MAX_{name}_MB" for name in ("BODY", "UPLOAD")}
    read |= {f"{name}_SECONDS" for name in ("BODY", "UPLOAD")}
    listed = {
        name
        for row in re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE)
        for name in re.findall("`([A-Z_]+)`", row)
    }
    assert listed == read - PLATFORM


def test_the_defaults_are_those_of_the_code() -> None:
    policy = Policy.read({"HOST": "all"})
    for default in (policy.client, policy.overall, policy.storage):
        assert f"`{default}`" in PAGE
    for name, allowance in (("BODY", Allowances().body), ("UPLOAD", Allowances().upload)):
        assert (
            f"| `MAX_{name}_MB`, `{name}_SECONDS` | `{allowance.size >> 20}`, `{allowance.seconds:g}` |"
            in PAGE
        )
