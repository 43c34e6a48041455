"""A copy of this repository that gets other data, by the steps of a docs page or by similar ones."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.conftest import ROOT
from tests.docs.blocks import Block, replace

_ROOMS = ("app.py", "model", "training", "ui", "api")


def copy(directory: Path, steps: Iterable[Block]) -> Path:
    """The rooms that train and serve, after all steps."""
    for room in _ROOMS:
        if (ROOT / room).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.joblib")
            shutil.copytree(ROOT / room, directory / room, ignore=ignored)
        else:
            shutil.copy(ROOT / room, directory)
    # less is tried than for the real model, because that would take five seconds
    replace(directory / "training/estimator.py", "PENALTIES = (3.0,)\nINNER_FOLDS = 2\n")
    replace(directory / "training/uncertainty.py", "REDRAWS = 1\n")
    for step in steps:
        if step.file is None:
            run(step.code, directory)
        elif (directory / step.file).exists():
            replace(directory / step.file, step.code)
        else:
            (directory / step.file).write_text(step.code, encoding="utf-8")
    return directory


def run(commands: str, directory: Path) -> str:
    """What the commands print."""
    # one process, because with so few rows the imports of further ones would take longer than the fits
    settings = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LOKY_MAX_CPU_COUNT": "1"}
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=directory, env=os.environ | settings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
