"""Publishes the model and its card to a Hub model repository: `python -m deploy.model_repo USER/NAME`."""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi

from deploy import hub

ARTIFACT = Path(__file__).resolve().parent.parent / "model" / "artifact"
CARD = "MODEL_CARD.md"
MODEL = "classifier.json"
SUMS = "SHA256SUMS"
# The scikit-learn pipeline is not in git: `make train` writes it beside the artifact that serves.
PIPELINE = "pipeline.joblib"


def collect(artifact: Path) -> dict[str, bytes]:
    """The artifact's files, the card as README.md; refuses what the recorded checksums do not vouch for."""
    files = {path.name: path.read_bytes() for path in sorted(artifact.iterdir()) if path.is_file()}
    if missing := {PIPELINE, CARD} - set(files):
        raise FileNotFoundError(f"{', '.join(sorted(missing))} missing in {artifact}: run `make train`")
    for line in files.pop(SUMS).decode().splitlines():
        recorded, name = line.split()
        if sha256(files[name]) != recorded:
            raise ValueError(f"{name} is not what {SUMS} was written for: run `make train`")
    if sha256(files[MODEL]) not in files[CARD].decode():
        raise ValueError(
            f"{CARD} is of another model than {MODEL}: run `make evaluate`, or `git restore {artifact}`"
        )
    files["README.md"] = files.pop(CARD)
    # Whoever loads a pickle needs somebody who vouches for it: the published sums cover the pipeline, too.
    files[SUMS] = "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    return files


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.model_repo", description=__doc__)
    parser.add_argument(
        "model", nargs="?", default=os.environ.get("HF_MODEL"), help="NAMESPACE/NAME (HF_MODEL)"
    )
    parser.add_argument("--artifact", type=Path, default=ARTIFACT, help="the folder that training wrote")
    parser.add_argument("--dry-run", action="store_true", help="print the files and ask nobody")
    chosen = parser.parse_args(argv)
    if not (chosen.model or chosen.dry_run):
        parser.error("say which repository: NAMESPACE/NAME, or set HF_MODEL")
    try:
        files = collect(chosen.artifact)
    except (FileNotFoundError, ValueError) as error:
        return hub.fail(error)
    if chosen.dry_run:
        hub.show(files)
        return 0
    repository = hub.Repository("model", chosen.model)
    try:
        api = HfApi(token=hub.token())
        uploaded = hub.upload(
            api, repository, files, "Publish the model", create=lambda: api.create_repo(chosen.model)
        )
    except hub.HubError as error:
        return hub.fail(error)
    hub.report(uploaded, repository, files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
