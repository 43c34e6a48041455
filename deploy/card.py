"""The README of the Space: its front matter, in the values that the Hub allows, and a short text."""

import re
from collections.abc import Mapping
from typing import Any

from huggingface_hub import SpaceCardData

SDKS = ("gradio", "docker")
# What a Space of each kind runs on unless its owner says otherwise; a free account gets ZeroGPU alone.
HARDWARE = {"gradio": "zero-a10g", "docker": "cpu-basic"}
ZERO_GPU_PYTHON = "3.12.12"  # of the two that ZeroGPU has
APP_PORT = 7860
SPACE_APP = "space_app.py"
THUMBNAIL = "ui/thumbnail.png"

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
    return {**fields, "sdk_version": pin[1], "python_version": ZERO_GPU_PYTHON, "app_file": SPACE_APP}


def badges(readme: str, source: str) -> str:
    """The badges of the repository's README, which are relative there, with links to ``source``."""
    found = [line.replace("../..", source) for line in readme.splitlines() if line.startswith("[![")]
    return "\n".join([*found, "", ""])


def readme(fields: Mapping[str, Any], source: str | None, badges: str = "") -> str:
    """The Space's README.md, whose front matter the Hub itself validates before it takes an upload."""
    # A fixed order, and the same bytes for the same fields: an unchanged card is not uploaded again.
    card = SpaceCardData(ignore_metadata_errors=False, **fields).to_yaml()
    origin = f" of [{source.removeprefix('https://')}]({source})" if source else ""
    return f"---\n{card}\n---\n{TEXT.format(title=TITLE, badges=badges, source=origin)}"
