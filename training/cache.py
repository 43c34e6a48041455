"""Keeps finished work and finds it again by all that decides it; knows nothing about models."""

import functools
import inspect
import io
import pickle
import platform
import re
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_OURS = ("model", "training")


class _Modules(pickle.Pickler):
    """Collects the modules of everything that is pickled: classes, functions, and what objects are of."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO())
        self.found: set[str] = set()

    def persistent_id(self, item: Any) -> None:
        if module := getattr(item, "__module__", None):
            self.found.add(module)


@functools.cache
def _source(module: str) -> str:
    """The text of a module of ours and of those of ours that it imports."""
    text = inspect.getsource(sys.modules[module])
    imported = re.findall(rf"^from ((?:{'|'.join(_OURS)})\.\w+) import", text, re.MULTILINE)
    return text + "".join(_source(name) for name in imported)


def _origin(module: str) -> str:
    """What tells one state of a module from another: its source if it is ours, else its package's version."""
    package = module.partition(".")[0]
    return _source(module) if package in _OURS else getattr(sys.modules[package], "__version__", "")


def content_key(*work: Any) -> str:
    """A name for the result of ``work``, a function and its arguments: another one if anything changes."""
    modules = _Modules()
    modules.dump(work)
    origins = [(name, _origin(name)) for name in sorted(modules.found)]
    key: str = joblib.hash((work, origins, np.__version__, platform.python_version()), "sha1")
    return key


@dataclass(frozen=True)
class Cache:
    """One file per result in ``directory``; None keeps nothing. A truncated file is the same as none."""

    directory: Path | None

    def recall(self, key: str) -> Floats | None:
        with suppress(OSError, ValueError, EOFError):
            if self.directory is not None:
                kept: Floats = np.load(self.directory / f"{key}.npy")
                return kept
        return None

    def keep(self, key: str, result: Floats) -> None:
        """Whole or not at all, however the process ends."""
        if self.directory is None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.directory, suffix=".part", delete=False) as part:
            np.save(part, result)
        Path(part.name).replace(self.directory / f"{key}.npy")
