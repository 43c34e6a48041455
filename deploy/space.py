"""Uploads the demo to a Hugging Face Space and waits until it answers: `python -m deploy.space USER/NAME`."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, SpaceCardData, SpaceHardware

from deploy import hub

ROOT = Path(__file__).resolve().parent.parent
SERVING = ("app.py", "LICENSE", "requirements.txt", "model", "ui", "api")
BUILDING = ("Dockerfile", ".dockerignore", "requirements.lock")
NOT_SERVED = ("api/function.py",)  # the Cloud Run function

# What a Space of each kind runs on unless its owner says otherwise; a free account gets ZeroGPU alone.
HARDWARE = {"gradio": "zero-a10g", "docker": "cpu-basic"}
SPACE_APP = '''"""Starts app.py on ZeroGPU, which refuses a Space without a function for a GPU."""

import runpy

import spaces


@spaces.GPU
def never_called() -> None:
    """What ZeroGPU looks for when the Space starts."""


runpy.run_path("app.py", run_name="__main__")
'''

FRONT_MATTER: Mapping[str, Any] = {
    "title": "Breast FNA Explorer",
    "emoji": "🔬",
    "colorFrom": "blue",
    "colorTo": "red",
    "short_description": "Move 30 sliders, see why a breast FNA looks malignant",
    "license": "apache-2.0",
    "pinned": False,
    "header": "mini",
    "datasets": ["scikit-learn/breast-cancer-wisconsin"],
    "tags": ["tabular-classification", "breast-cancer", "explainability", "mcp-server"],
}
README = """---
{front_matter}
---

# Breast FNA Explorer

{badges}A teaching and research demo on the Wisconsin Diagnostic Breast Cancer data. You set thirty
measurements of cell nuclei, and it answers with the calibrated probability of malignancy and with how much
each measurement contributes. It is not a medical device, and nothing that you enter is stored.

This repository is written by `deploy/space.py`{source}. A change made here is overwritten by the next upload.
"""

STARTING = ("BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING")
ANSWERING = ("RUNNING", "SLEEPING")  # a sleeping Space wakes up when it is asked
UNKNOWN = "UNKNOWN"
POLL = 5.0  # seconds between two looks
SETTLED = 60.0  # seconds after which a Space that does not build has nothing to build


def collect(
    sdk: str,
    *,
    space: str | None = None,
    model: str | None = None,
    hardware: str | None = None,
    source: str | None = None,
) -> dict[str, bytes]:
    """All that the Space needs and nothing else: tracked files, the generated README and start file.

    Args:
        sdk: the kind of Space, "gradio" or "docker".
        space: NAMESPACE/NAME of the Space, from which the Hub takes its picture.
        model: the model repository to link.
        hardware: what it runs on, unless that is the kind's own.
        source: the address of the repository that the files come from.
    """
    wanted = SERVING + (BUILDING if sdk == "docker" else ())
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *wanted, *(f":!{path}" for path in NOT_SERVED)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    files = {path: (ROOT / path).read_bytes() for path in listed.stdout.split("\0") if path}
    if missing := [path for path in wanted if not any(f"{name}/".startswith(f"{path}/") for name in files)]:
        raise FileNotFoundError(f"not tracked by git: {', '.join(missing)}")
    fields = {**FRONT_MATTER, "sdk": sdk, "suggested_hardware": hardware or HARDWARE[sdk]}
    if model:
        fields["models"] = [model]
    if space:
        fields["thumbnail"] = f"https://huggingface.co/spaces/{space}/resolve/main/ui/thumbnail.png"
    if sdk == "docker":
        fields["app_port"] = 7860
    else:
        pins = re.findall(r"^gradio(?:\[[^]]*\])?==([0-9.]+)", files["requirements.txt"].decode(), re.M)
        # Python's version is one of the two that ZeroGPU has
        fields |= {"sdk_version": pins[0], "python_version": "3.12.12", "app_file": "space_app.py"}
        files["space_app.py"] = SPACE_APP.encode()
    files["README.md"] = readme(fields, source).encode()
    return files


def readme(fields: Mapping[str, Any], source: str | None) -> str:
    """The Space's README.md, whose front matter the Hub itself validates before it takes an upload."""
    # A fixed order, and the same bytes for the same fields: an unchanged card is not uploaded again.
    front_matter = SpaceCardData(ignore_metadata_errors=False, **fields).to_yaml()
    if source is None:
        return README.format(front_matter=front_matter, badges="", source="")
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    # links that are relative there
    badges = [line.replace("../..", source) for line in lines if line.startswith("[![")]
    link = f" of [{source.removeprefix('https://')}]({source})"
    return README.format(front_matter=front_matter, badges="\n".join([*badges, "", ""]), source=link)


def wait(api: HfApi, space: str, timeout: float, *, changed: bool) -> str:
    """Waits until the Space runs what was uploaded; returns its address.

    Right after a commit the Hub may still give the state of the old one: a state counts when nothing was
    changed, when a build has been seen, or when none has come up in the first minute.
    """
    began = time.monotonic()
    counts, stage = not changed, UNKNOWN
    while (waited := time.monotonic() - began) <= timeout:
        try:
            info = api.space_info(space)
            stage = str(info.runtime.stage) if info.runtime else STARTING[0]
        except (httpx2.HTTPError, RuntimeError) as error:
            reason, passes = hub.diagnose(error, space)
            if not passes:
                raise hub.HubError(reason) from error
            stage = UNKNOWN  # a Hub that does not answer for a moment is not the end of the wait
        counts = counts or stage in STARTING or waited > SETTLED
        if counts and stage in ANSWERING:
            return str(info.host)
        if counts and stage not in (*STARTING, UNKNOWN):
            raise hub.HubError(f"{space} is {stage}: see https://huggingface.co/spaces/{space}?logs=build")
        time.sleep(POLL)
    raise hub.HubError(f"{space} is still {stage} after {timeout:.0f} s")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = hub.upload_parser("deploy.space", __doc__, "HF_SPACE")
    sdk = os.environ.get("HF_SPACE_SDK") or "gradio"
    parser.add_argument(
        "--sdk",
        choices=tuple(HARDWARE),
        default=sdk,
        help="gradio: ZeroGPU, which a free account has; docker: the image, for paid plans (HF_SPACE_SDK)",
    )
    parser.add_argument(
        "--hardware",
        default=os.environ.get("HF_SPACE_HARDWARE"),
        help="such as cpu-basic (HF_SPACE_HARDWARE)",
    )
    parser.add_argument(
        "--model", default=os.environ.get("HF_MODEL"), help="the model repository to link (HF_MODEL)"
    )
    parser.add_argument(
        "--timeout", type=float, default=900, help="seconds to wait for the Space to run; 0: do not"
    )
    if sdk not in HARDWARE:  # argparse does not look at defaults
        parser.error(f"HF_SPACE_SDK is {sdk!r}, not one of {', '.join(HARDWARE)}")
    return hub.parse(parser, argv)


def deploy(chosen: argparse.Namespace, files: Mapping[str, bytes]) -> None:
    """Uploads what changed, waits for the Space to run it and asks for a prediction."""
    api, space = HfApi(token=hub.token()), chosen.name

    def create() -> None:
        hardware = SpaceHardware(chosen.hardware or HARDWARE[chosen.sdk])
        api.create_repo(
            space, repo_type="space", space_sdk=chosen.sdk, space_hardware=hardware, exist_ok=True
        )

    changed = hub.upload(api, "space", space, files, create)
    if not chosen.timeout:
        return
    address = wait(api, space, chosen.timeout, changed=changed)
    print(f"runs at {address}", flush=True)
    smoke = [sys.executable, str(ROOT / "deploy" / "smoke.py"), address, "--timeout", str(chosen.timeout)]
    subprocess.run(smoke, check=True)
    if output := os.environ.get("GITHUB_OUTPUT"):
        with Path(output).open("a", encoding="utf-8") as outputs:
            print(f"address={address}", file=outputs)


def main(argv: Sequence[str] | None = None) -> str | None:
    """What went wrong, if anything did."""
    chosen = arguments(argv)
    repository = os.environ.get("GITHUB_REPOSITORY")  # where GitHub runs this
    source = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
    try:
        files = collect(
            chosen.sdk,
            space=chosen.name,
            model=chosen.model,
            hardware=chosen.hardware,
            source=source if repository else None,
        )
        if not hub.only_shown(chosen, files):
            deploy(chosen, files)
    except (OSError, ValueError, hub.HubError, subprocess.CalledProcessError) as error:
        return f"error: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
