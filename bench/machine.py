"""What the figures were measured on."""

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("gradio", "fastapi", "uvicorn", "numpy", "pandas", "scikit-learn")


def machine() -> dict[str, str]:
    return {"processor": f"{os.cpu_count()} cores, {_processor()}", "system": platform.platform(terse=True)}


def versions() -> dict[str, str]:
    return {"Python": platform.python_version()} | {name: metadata.version(name) for name in PACKAGES}


def _processor() -> str:
    """The name of the processor, where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
