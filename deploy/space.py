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

# The default hardware of each kind of Space; a free account can have ZeroGPU only.
HARDWARE = {"gradio": "zero-a10g", "docker": "cpu-basic"}
SPACE_APP = '''"""Starts app.py on ZeroGPU, which refuses a Space without a function for a GPU."""

import runpy

import spaces


@spaces.GPU
def never_called() -> None:
    """ZeroGPU looks for such a function when the Space starts."""


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

STARTING_STAGES = ("BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING")
RUNNING_STAGES = ("RUNNING", "SLEEPING")  # a sleeping Space wakes up at the next request
UNKNOWN = "UNKNOWN"
POLL_SECONDS = 5.0
NO_BUILD_SECONDS = 60.0  # if no build has begun after this time, there is nothing to build


def collect(
    sdk: str,
    *,
    space: str | None = None,
    model: str | None = None,
    hardware: str | None = None,
    source: str | None = None,
) -> dict[str, bytes]:
    """The files that the Space needs and no others: tracked files, the generated README and start file.

    Args:
        sdk: the kind of Space, "gradio" or "docker".
        space: NAMESPACE/NAME of the Space, for the address of its picture.
        model: the model repository to link.
        hardware: the hardware, if not the default of the kind.
        source: the address of the repository that the files come from.
    """
    paths = SERVING + (BUILDING if sdk == "docker" else ())
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *paths, *(f":!{path}" for path in NOT_SERVED)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    files = {path: (ROOT / path).read_bytes() for path in listed.stdout.split("\0") if path}
    if missing := [path for path in paths if not any(f"{name}/".startswith(f"{path}/") for name in files)]:
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
        # ZeroGPU has two versions of Python; this is one of them.
        fields |= {"sdk_version": pins[0], "python_version": "3.12.12", "app_file": "space_app.py"}
        files["space_app.py"] = SPACE_APP.encode()
    badges = link = ""
    if source:
        lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        # Relative links become absolute.
        shown = [line.replace("../..", source) for line in lines if line.startswith("[![")]
        badges, link = "\n".join([*shown, "", ""]), f" of [{source.removeprefix('https://')}]({source})"
    # The Hub validates the front matter before it accepts an upload. The same fields always give the same
    # bytes, so an unchanged card is not uploaded again.
    front_matter = SpaceCardData(ignore_metadata_errors=False, **fields).to_yaml()
    files["README.md"] = README.format(front_matter=front_matter, badges=badges, source=link).encode()
    return files


def wait(api: HfApi, space: str, timeout: float, *, changed: bool) -> str:
    """Wait until the Space runs the uploaded files; returns its address.

    Right after a commit, the Hub may still report the stage of the previous one. A stage counts if nothing
    was changed, if a build was seen, or if no build has begun in the first minute.
    """
    start = time.monotonic()
    is_current, stage = not changed, UNKNOWN
    while (waited := time.monotonic() - start) <= timeout:
        try:
            info = api.space_info(space)
            stage = str(info.runtime.stage) if info.runtime else STARTING_STAGES[0]
        except (httpx2.HTTPError, RuntimeError) as error:
            reason, temporary = hub.diagnose(error, space)
            if not temporary:
                raise hub.HubError(reason) from error
            stage = UNKNOWN  # the Hub may fail to answer now and then
        is_current = is_current or stage in STARTING_STAGES or waited > NO_BUILD_SECONDS
        if is_current and stage in RUNNING_STAGES:
            return str(info.host)
        if is_current and stage not in (*STARTING_STAGES, UNKNOWN):
            raise hub.HubError(f"{space} is {stage}: see https://huggingface.co/spaces/{space}?logs=build")
        time.sleep(POLL_SECONDS)
    raise hub.HubError(f"{space} is still {stage} after {timeout:.0f} s")


def deploy(options: argparse.Namespace, files: hub.Files) -> None:
    """Upload the changes, wait until the Space runs them, and run the smoke test."""
    api, space = HfApi(token=hub.token()), options.name

    def create() -> None:
        hardware = SpaceHardware(options.hardware or HARDWARE[options.sdk])
        api.create_repo(
            space, repo_type="space", space_sdk=options.sdk, space_hardware=hardware, exist_ok=True
        )

    changed = hub.upload(api, "space", space, files, create)
    if not options.timeout:
        return
    address = wait(api, space, options.timeout, changed=changed)
    print(f"runs at {address}", flush=True)
    smoke = [sys.executable, str(ROOT / "deploy" / "smoke.py"), address, "--timeout", str(options.timeout)]
    subprocess.run(smoke, check=True)
    if output := os.environ.get("GITHUB_OUTPUT"):
        with Path(output).open("a", encoding="utf-8") as outputs:
            print(f"address={address}", file=outputs)


def main(argv: Sequence[str] | None = None) -> str | None:
    """Run the command; returns an error message, or None."""
    parser = hub.upload_parser("deploy.space", __doc__.splitlines()[0], "HF_SPACE")
    sdk = os.environ.get("HF_SPACE_SDK") or "gradio"
    if sdk not in HARDWARE:  # argparse does not check defaults
        parser.error(f"HF_SPACE_SDK is {sdk!r}, not one of {', '.join(HARDWARE)}")
    kinds = "gradio: ZeroGPU, which a free account has; docker: the image, for paid plans (HF_SPACE_SDK)"
    parser.add_argument("--sdk", choices=tuple(HARDWARE), default=sdk, help=kinds)
    hardware, model = os.environ.get("HF_SPACE_HARDWARE"), os.environ.get("HF_MODEL")
    parser.add_argument("--hardware", default=hardware, help="such as cpu-basic (HF_SPACE_HARDWARE)")
    parser.add_argument("--model", default=model, help="the model repository to link (HF_MODEL)")
    parser.add_argument(
        "--timeout", type=float, default=900, help="seconds to wait for the Space to run; 0: do not"
    )
    repository = os.environ.get("GITHUB_REPOSITORY")  # set on GitHub's runners
    source = (
        f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}" if repository else None
    )

    def files(options: argparse.Namespace) -> hub.Files:
        about = {
            "space": options.name,
            "model": options.model,
            "hardware": options.hardware,
            "source": source,
        }
        return collect(options.sdk, **about)

    return hub.run(parser, argv, files, deploy)


if __name__ == "__main__":
    sys.exit(main())
