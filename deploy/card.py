"""The Space's README: its front matter, the values that the Hub allows there, and a short text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from huggingface_hub import SpaceCardData

COLOURS = frozenset({"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"})
SDKS = ("docker", "gradio")
# ZeroGPU, the only hardware that a free account gets, runs these and no other.
ZERO_GPU_PYTHONS = frozenset({"3.10.13", "3.12.12"})
APP_PORT = 7860
SPACE_APP = "space_app.py"

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
    "tags": ["tabular-classification", "breast-cancer", "explainability", "mcp-server"],
}

TEXT = """
# {title}

{badges}A teaching and research demo on the Wisconsin Diagnostic Breast Cancer data: thirty measurements of
cell nuclei in, the calibrated probability of malignancy out, with the exact share of every measurement in it.
It is not a medical device, and nothing that you enter is stored.

This repository is written by `deploy/space.py`{source}: a change made here is overwritten by the next upload.
"""


def front_matter(sdk: str, requirements: str, model: str | None = None) -> dict[str, Any]:
    """The fields of the front matter; `requirements` is the text of requirements.txt, which pins Gradio."""
    fields = {**COMMON, "sdk": sdk, **({"models": [model]} if model else {})}
    if sdk == "docker":
        return {**fields, "app_port": APP_PORT}
    pin = re.search(r"^gradio(?:\[[^]]*\])?==([0-9.]+)", requirements, re.MULTILINE)
    if pin is None:
        raise ValueError("requirements.txt does not pin gradio")
    return {
        **fields,
        "sdk_version": pin[1],
        "python_version": "3.12.12",
        "app_file": SPACE_APP,
        "suggested_hardware": "zero-a10g",
    }


def faults(fields: Mapping[str, Any]) -> Iterator[str]:
    """Names every field whose value the Hub would refuse or ignore."""
    known = set(COMMON) | {"sdk", "models"}
    match fields.get("sdk"):
        case "docker":
            known |= {"app_port"}
            if not isinstance(port := fields.get("app_port"), int) or not 1024 <= port <= 65535:
                yield f"app_port: {port!r} is not a port that uid 1000 may open"
        case "gradio":
            known |= {"sdk_version", "python_version", "app_file", "suggested_hardware"}
            if not re.fullmatch(r"\d+\.\d+\.\d+", str(fields.get("sdk_version"))):
                yield f"sdk_version: {fields.get('sdk_version')!r} is not a version"
            if fields.get("python_version") not in ZERO_GPU_PYTHONS:
                yield f"python_version: ZeroGPU has {sorted(ZERO_GPU_PYTHONS)} only"
        case sdk:
            yield f"sdk: {sdk!r} is not one of {SDKS}"
    yield from (f"{name}: not a field of the front matter" for name in sorted(set(fields) - known))
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
    """Those of the repository's README; relative there, and so every fork's own, they lead to ``source``."""
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
