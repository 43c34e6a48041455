"""Uploads the demo to a Hugging Face Space and waits until it answers: `python -m deploy.space USER/NAME`."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, SpaceHardware

from deploy import card, hub

ROOT = Path(__file__).resolve().parent.parent
SERVING = ("app.py", "LICENSE", "requirements.txt", "model", "ui", "api")
BUILDING = ("Dockerfile", ".dockerignore", "requirements.lock")
NOT_SERVED = ("api/function.py",)  # the Cloud Run function

SPACE_APP = '''"""Starts app.py on ZeroGPU, which refuses a Space without a function for a GPU."""

import runpy

import spaces


@spaces.GPU
def never_called() -> None:
    """What ZeroGPU looks for when the Space starts."""


runpy.run_path("app.py", run_name="__main__")
'''

STARTING = ("BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING")
ANSWERING = ("RUNNING", "SLEEPING")  # a sleeping Space wakes up when it is asked
UNKNOWN = "UNKNOWN"
SETTLED = 60.0  # seconds after which a Space that does not build has nothing to build


def collect(
    sdk: str,
    *,
    space: str | None = None,
    model: str | None = None,
    hardware: str | None = None,
    source: str | None = None,
) -> dict[str, bytes]:
    """All that the Space needs and nothing else: tracked files, the generated README and start file."""
    wanted = SERVING + (BUILDING if sdk == "docker" else ())
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *wanted, *(f":!{path}" for path in NOT_SERVED)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    files = {path: (ROOT / path).read_bytes() for path in listed.stdout.split("\0") if path}
    if missing := [path for path in wanted if not any(f"{name}/".startswith(f"{path}/") for name in files)]:
        raise FileNotFoundError(f"not tracked by git: {', '.join(missing)}")
    requirements = files["requirements.txt"].decode()
    fields = card.front_matter(sdk, requirements, space=space, model=model, hardware=hardware)
    badges = card.badges((ROOT / "README.md").read_text(encoding="utf-8"), source) if source else ""
    files["README.md"] = card.readme(fields, source, badges).encode()
    if sdk == "gradio":
        files[card.SPACE_APP] = SPACE_APP.encode()
    return files


def wait(api: HfApi, space: str, timeout: float, poll: float, *, changed: bool) -> str:
    """Waits until the Space runs what was uploaded; returns its address.

    Right after a commit the Hub may still give the state of the old one: a state counts when nothing was
    changed, when a build has been seen, or when none has come up in the first minute.
    """
    began = time.monotonic()
    counts = not changed
    while (waited := time.monotonic() - began) <= timeout:
        stage, address = _stage(api, space)
        counts = counts or stage in STARTING or waited > SETTLED
        if counts and stage in ANSWERING:
            return address
        if counts and stage not in (*STARTING, UNKNOWN):
            raise hub.HubError(f"{space} is {stage}: see https://huggingface.co/spaces/{space}?logs=build")
        time.sleep(poll)
    raise hub.HubError(f"{space} is still {stage} after {timeout:.0f} s")


def _stage(api: HfApi, space: str) -> tuple[str, str]:
    """The Space's state and address; a Hub that does not answer for a moment is not the end of the wait."""
    try:
        info = api.space_info(space)
    except (httpx2.HTTPError, RuntimeError) as error:
        if hub.is_passing(error):
            return UNKNOWN, ""
        raise hub.HubError(hub.explain(error, hub.Repository("space", space))) from error
    return str(info.runtime.stage) if info.runtime else STARTING[0], str(info.host)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.space", description=__doc__)
    parser.add_argument(
        "space", nargs="?", default=os.environ.get("HF_SPACE"), help="NAMESPACE/NAME (HF_SPACE)"
    )
    parser.add_argument(
        "--sdk",
        choices=card.SDKS,
        default=os.environ.get("HF_SPACE_SDK") or "gradio",
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
    parser.add_argument("--dry-run", action="store_true", help="print the files and ask nobody")
    parser.add_argument("--stage", type=Path, metavar="DIR", help="write the files there, upload nothing")
    parser.add_argument(
        "--timeout", type=float, default=900, help="seconds to wait for the Space to run; 0: do not"
    )
    parser.add_argument("--poll", type=float, default=5, help="seconds between two looks at the Space")
    chosen = parser.parse_args(argv)
    if not (chosen.space or chosen.dry_run or chosen.stage):
        parser.error("say which Space: NAMESPACE/NAME, or set HF_SPACE")
    if chosen.sdk not in card.SDKS:  # argparse does not look at defaults
        parser.error(f"HF_SPACE_SDK is {chosen.sdk!r}, not one of {', '.join(card.SDKS)}")
    return chosen


def source() -> str | None:
    """Where this copy of the code lives, when GitHub runs it."""
    repository = os.environ.get("GITHUB_REPOSITORY")
    return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}" if repository else None


def deploy(chosen: argparse.Namespace, files: Mapping[str, bytes]) -> None:
    """Uploads what changed, waits for the Space to run it and asks for a prediction."""
    api = HfApi(token=hub.token())

    def create() -> None:
        hardware = SpaceHardware(chosen.hardware or card.HARDWARE[chosen.sdk])
        api.create_repo(
            chosen.space, repo_type="space", space_sdk=chosen.sdk, space_hardware=hardware, exist_ok=True
        )

    repository = hub.Repository("space", chosen.space)
    uploaded = hub.upload(api, repository, files, "Upload the demo", create=create)
    hub.report(uploaded, repository, files)
    if chosen.timeout:
        address = wait(api, chosen.space, chosen.timeout, chosen.poll, changed=uploaded.changed)
        print(f"runs at {address}")
        smoke = [sys.executable, str(ROOT / "deploy" / "smoke.py"), address, "--timeout", str(chosen.timeout)]
        subprocess.run(smoke, check=True)
        if output := os.environ.get("GITHUB_OUTPUT"):
            with Path(output).open("a", encoding="utf-8") as outputs:
                print(f"address={address}", file=outputs)


def main(argv: Sequence[str] | None = None) -> int:
    chosen = arguments(argv)
    try:
        files = collect(
            chosen.sdk,
            space=chosen.space,
            model=chosen.model,
            hardware=chosen.hardware,
            source=source(),
        )
        if chosen.stage:
            hub.write(files, chosen.stage)
        if chosen.dry_run or chosen.stage:
            hub.show(files)
        else:
            deploy(chosen, files)
    except (OSError, ValueError, hub.HubError, subprocess.CalledProcessError) as error:
        return hub.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
