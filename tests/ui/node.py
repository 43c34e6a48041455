"""Runs the page's scripts in Node, without a browser."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.machine import program

UI = Path(__file__).parents[2] / "ui"


def in_node(script: str, given: Any) -> Any:
    """What ``script`` returns; ``given`` and the exports of the page's files are variables in it."""
    whole = (
        'const given = JSON.parse(require("fs").readFileSync(0, "utf8"));\n'
        f'const {{ createModel }} = require("{UI / "model.js"}");\n'
        f'const {{ specimenOf, nucleiOf, draw, offIn }} = require("{UI / "nuclei.js"}");\n'
        f"process.stdout.write(JSON.stringify((() => {{ {script} }})()));"
    )
    done = subprocess.run(
        [program("node"), "-e", whole], input=json.dumps(given), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
