"""The README of the Space: its front matter, in the values that the Hub allows, and a short text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from huggingface_hub import SpaceCardData

COLOURS = frozenset({"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"})
SDKS = ("gradio", "docker")
# What a Space of each kind runs on unless its owner says otherwise; a free account gets ZeroGPU alone.
HARDWARE = {"gradio": "zero-a10g", "docker": "cpu-basic"}
# ZeroGPU has these two and no other.
ZERO_GPU_PYTHONS = frozenset({"3.10.13", "3.12.12"})
APP_PORT = 7860
SPACE_APP = "space_app.py"
THUMBNAIL = "thumbnail.png"

TITLE = "Breast FNA Explorer"
DESCRIPTION = "Move 30 sliders, see why a breast FNA looks malignant"

COMMON: Mapping[str, Any] = {
    "title": TITLE,
    "emoji": "🔬",
    "colorFrom": "blue",
    "colorTo": "red",
    "short_description": DESCRIPTION,
    "license": "apache-2.0",
    "pinned": False,
    "header": "mini",
    "datasets": ["scikit-learn/breast-cancer-wisconsin"],
    "tags": ["tabular-classification", "breast-cancer", "explainability", "mcp-server"],
}
OPTIONAL = frozenset({"sdk", "models", "thumbnail", "suggested_hardware"})
ONLY = {"docker": {"app_port"}, "gradio": {"sdk_version", "python_version", "app_file"}}

TEXT = """
# {title}

{badges}A teaching and research demo on the Wisconsin Diagnostic Breast Cancer data. You set thirty
measurements of cell nuclei, and it answers with the calibrated probability of malignancy and with how much
each measurement contributes. It is not a medical device, and nothing that you enter is stored.

This repository is written by `deploy/space.py`{source}. A change made here is overwritten by the next upload.
"""


def front_matter(
    sdk: str,
    requirements: str,
    *,
    space: str | None = None,
    model: str | None = None,
    hardware: str | None = None,
) -> dict[str, Any]:
    """The fields of the front matter; `requirements` is the text of requirements.txt, which pins Gradio."""
    fields = {**COMMON, "sdk": sdk, "suggested_hardware": hardware or HARDWARE.get(sdk)}
    if model:
        fields["models"] = [model]
    if space:
        fields["thumbnail"] = f"https://huggingface.co/spaces/{space}/resolve/main/{THUMBNAIL}"
    if sdk != "gradio":
        return {**fields, "app_port": APP_PORT}
    pin = re.search(r"^gradio(?:\[[^]]*\])?==([0-9.]+)", requirements, re.MULTILINE)
    if pin is None:
        raise ValueError("requirements.txt does not pin gradio")
    return {**fields, "sdk_version": pin[1], "python_version": "3.12.12", "app_file": SPACE_APP}


def faults(fields: Mapping[str, Any]) -> Iterator[str]:
    """Names every field whose value the Hub would refuse or ignore."""
    sdk = fields.get("sdk")
    if sdk not in SDKS:
        yield f"sdk: {sdk!r} is not one of {SDKS}"
    known = {*COMMON, *OPTIONAL, *ONLY.get(str(sdk), ())}
    yield from (f"{name}: not a field of the front matter" for name in sorted(set(fields) - known))
    port = fields.get("app_port")
    if sdk == "docker" and not (isinstance(port, int) and 1024 <= port <= 65535):
        yield f"app_port: {port!r} is not a port that uid 1000 may open"
    if sdk == "gradio" and not re.fullmatch(r"\d+\.\d+\.\d+", str(fields.get("sdk_version"))):
        yield f"sdk_version: {fields.get('sdk_version')!r} is not a version"
    if sdk == "gradio" and fields.get("python_version") not in ZERO_GPU_PYTHONS:
        yield f"python_version: ZeroGPU has {sorted(ZERO_GPU_PYTHONS)} only"
    for name in ("colorFrom", "colorTo"):
        if fields.get(name) not in COLOURS:
            yield f"{name}: {fields.get(name)!r} is not one of {sorted(COLOURS)}"
    if not 0 < len(str(fields.get("short_description"))) <= 60:
        yield "short_description: 1 to 60 characters"
    if fields.get("header") not in ("default", "mini"):
        yield f"header: {fields.get('header')!r} is neither default nor mini"
    if not re.fullmatch(r"[^\w\s]{1,8}", str(fields.get("emoji"))):
        yield f"emoji: {fields.get('emoji')!r} is not an emoji"


def badges(readme: str, source: str) -> str:
    """The badges of the repository's README, which are relative there, with links to ``source``."""
    found = [line.replace("../..", source) for line in readme.splitlines() if line.startswith("[![")]
    return "\n".join([*found, "", ""])


def readme(fields: Mapping[str, Any], source: str | None, badges: str = "") -> str:
    """The Space's README.md; refuses fields that the Hub would not take."""
    if found := list(faults(fields)):
        raise ValueError("front matter: " + "; ".join(found))
    # A fixed order, and the same bytes for the same fields: an unchanged card is not uploaded again.
    card = SpaceCardData(ignore_metadata_errors=False, **fields).to_yaml()
    origin = f" of [{source.removeprefix('https://')}]({source})" if source else ""
    return f"---\n{card}\n---\n{TEXT.format(title=TITLE, badges=badges, source=origin)}"
