"""Uploads files to the Hugging Face Hub, in one commit after which the repository has exactly these files."""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import HfHubHTTPError, OIDCError, RepositoryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars

ATTEMPTS = 5
# Statuses after which another attempt may succeed: time-outs, commits of others, rate limits, server errors.
TEMPORARY_STATUSES = frozenset({408, 409, 412, 429, 500, 502, 503, 504})

ADVICE = {
    401: "the Hub does not accept the token: make a new one with write access and set HF_TOKEN",
    402: "the Hub asks for a paid plan to create {name}: a free account can have `--sdk gradio`",
    403: "the token may not write to {name}: give it write access to this repository",
    404: "{name} does not exist, or this token may not see it: create it, or check the name",
    409: "{name} was changed by somebody else meanwhile",
    412: "{name} was changed by somebody else meanwhile",
}


Files = Mapping[str, bytes]
"""The contents of files by their paths in the repository."""


class HubError(Exception):
    """The upload did not succeed; the message says why and what to do about it."""


def upload_parser(module: str, description: str, variable: str) -> argparse.ArgumentParser:
    """The arguments of both commands: the name of the repository, and two ways to see the files only."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument(
        "name", nargs="?", default=os.environ.get(variable), help=f"NAMESPACE/NAME ({variable})"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the files and ask nobody")
    parser.add_argument("--stage", type=Path, metavar="DIR", help="write the files there, upload nothing")
    return parser


def run(
    parser: argparse.ArgumentParser,
    argv: Sequence[str] | None,
    collect: Callable[[argparse.Namespace], Files],
    publish: Callable[[argparse.Namespace, Files], object],
) -> str | None:
    """Collect the files and publish, write or list them; returns an error message, or None."""
    options = parser.parse_args(argv)
    if not (options.name or options.dry_run or options.stage):
        parser.error("say which repository: NAMESPACE/NAME, as an argument or in the environment")
    try:
        files = collect(options)
        if not (options.stage or options.dry_run):
            publish(options, files)
            return None
        if options.stage:
            write(files, options.stage)
    except (OSError, ValueError, RuntimeError, HubError, subprocess.CalledProcessError) as error:
        return f"error: {error}"
    print(*(f"{len(content):>9,}  {path}" for path, content in sorted(files.items())), sep="\n")
    print(f"{sum(map(len, files.values())):>9,}  in {len(files)} files")
    return None


def write(files: Files, directory: Path) -> None:
    """Write the files into the directory, with their paths in the repository."""
    for path, content in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def token() -> str:
    """The token of a Trusted Publisher (on GitHub), else HF_TOKEN, else the token of `hf auth login`."""
    fallback = os.environ.get("HF_TOKEN")
    try:
        hub_token = get_token()
    except (OIDCError, httpx2.HTTPError) as error:
        reason = str(error).strip().splitlines()[0]
        if not fallback:
            raise HubError(
                f"the Hub does not trust this workflow ({reason}): add it as a Trusted Publisher in the "
                "settings of the repository on the Hub, or set the secret HF_TOKEN"
            ) from error
        print(f"not a Trusted Publisher ({reason}): using HF_TOKEN")
        del os.environ["HF_OIDC_RESOURCE"]  # else the Hub's client tries again for each large file
        return fallback
    if not hub_token:
        raise HubError("no token: set HF_TOKEN, or log in with `hf auth login`")
    return hub_token


def upload(api: HfApi, kind: str, name: str, files: Files, create: Callable[[], object]) -> bool:
    """Upload the files and delete all others; returns whether that changed anything.

    Each attempt names its parent commit. So an upload whose answer got lost is not repeated, and a commit
    that somebody else makes meanwhile is not overwritten unseen: the next attempt starts from it.

    Args:
        api: the client of the Hub.
        kind: "space" or "model".
        name: NAMESPACE/NAME.
        files: their contents, by path.
        create: is called to make the repository if it does not exist.

    Raises:
        HubError: if the upload fails, or still fails after ATTEMPTS.
    """
    # The files have a few MB. Without the chunk store for large files an upload is a single commit.
    constants.HF_HUB_DISABLE_XET = True
    disable_progress_bars()

    def attempt() -> bool:
        try:
            head = api.repo_info(name, repo_type=kind).sha
        except RepositoryNotFoundError:
            create()
            head = api.repo_info(name, repo_type=kind).sha
        with tempfile.TemporaryDirectory() as directory:
            write(files, Path(directory))
            commit = api.upload_folder(
                repo_id=name,
                repo_type=kind,
                folder_path=directory,
                commit_message=f"Upload the {kind}",
                delete_patterns="*",
                parent_commit=head,
            ).oid
        print("nothing to upload" if commit == head else f"uploaded {commit}")
        return commit != head

    for number in range(1, ATTEMPTS + 1):
        try:
            return attempt()
        except (httpx2.HTTPError, RuntimeError) as error:
            reason, temporary = diagnose(error, name)
            if number == ATTEMPTS or not temporary:
                raise HubError(reason) from error
            print(f"attempt {number} of {ATTEMPTS}: {reason}; trying again")
            time.sleep(2.0**number)
    raise AssertionError("the last attempt returns or raises")


def diagnose(error: BaseException, name: str) -> tuple[str, bool]:
    """One line about what went wrong and what to do, and whether another attempt may succeed."""
    # The Hub's client wraps errors with large files in a RuntimeError.
    cause = error.__cause__ if isinstance(error, RuntimeError) else error
    if not isinstance(cause, HfHubHTTPError):
        temporary = isinstance(cause, httpx2.TransportError)
        return f"the connection broke ({type(cause).__name__}: {cause})", temporary
    status = cause.response.status_code
    advice = ADVICE.get(status, f"the Hub answered {status}").format(name=name)
    return f"{advice} ({cause.response.url})", status in TEMPORARY_STATUSES
