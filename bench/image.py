"""The image: what it adds to its base, and its start, as strictly confined as hosts do it.

The floors are Gradio alone: installed into an empty environment, and empty in the same container.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from bench import start
from bench.claim import Claim, claim
from bench.server import EMPTY, ROOT

IMAGE = "breast-fna-explorer"
CONFINED = (
    "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL",
    "--security-opt=no-new-privileges", "--user=1000", "--memory=512m", "--cpus=1",
    f"--volume={ROOT / 'bench'}:/app/bench:ro",
)  # fmt: skip
FLOORS = {"an empty Gradio app in the same container": EMPTY}
STARTS = "import json; from bench import start; print(json.dumps(start.starts({}, {})))"
WEIGHT = """
from os import lstat, walk
print(sum(lstat(at + "/" + file).st_size for top in {} for at, _, files in walk(top) for file in files))
"""


def measure(rounds: int) -> list[Claim]:
    """Nothing, with a word on why, where there is no engine or no image."""
    engine = os.environ.get("ENGINE", "docker")
    if shutil.which(engine) is None:
        print(f"  not measured: there is no {engine} (set ENGINE to what runs containers here)")
        return []
    if subprocess.run([engine, "image", "inspect", IMAGE], check=False, capture_output=True).returncode:
        print(f"  not measured: {engine} has no image {IMAGE} (run `make image`)")
        return []
    taken = json.loads(_inside(engine, STARTS.format(rounds, list(FLOORS.values()))))
    ours = float(_inside(engine, WEIGHT.format(["/venv", "/app"]))) / 1e6
    size = claim("image", "size above the base", "an environment of Gradio alone", "MB", [ours], [_gradio()])
    return [size, *start.claims("image", FLOORS, taken)]


def _inside(engine: str, code: str) -> str:
    """What a program prints that runs in the image, beside what is measured there."""
    command = [engine, "run", *CONFINED, IMAGE, "python", "-c", code]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _gradio() -> float:
    """Megabytes of Gradio and what it needs, in the version that we have, compiled as an image would."""
    with tempfile.TemporaryDirectory() as directory:
        wanted = f"gradio=={metadata.version('gradio')}"
        limits = ("--constraint", ROOT / "requirements.txt")
        target = ("--python", sys.executable, "--target", directory, "--compile-bytecode", "--quiet")
        subprocess.run(
            [Path(sys.executable).with_name("uv"), "pip", "install", *target, *limits, wanted], check=True
        )
        return float(subprocess.check_output([sys.executable, "-c", WEIGHT.format([directory])])) / 1e6
