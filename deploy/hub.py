"""Publishes files to the Hugging Face Hub: a repository then holds exactly them, by one commit or none."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import HfApi, constants, get_token
from huggingface_hub.errors import HfHubHTTPError, OIDCError, RepositoryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars

ATTEMPTS = 5
# Statuses that another try may mend: time-outs, somebody else's commit, too many requests, broken servers.
PASSING = frozenset({408, 409, 412, 429, 500, 502, 503, 504})

ADVICE = {
    401: "the Hub does not accept the token: make a new one with write access and set HF_TOKEN",
    402: "the Hub asks for a paid plan to create {where}: a free account can have `--sdk gradio`",
    403: "the token may not write to {where}: give it write access to this repository",
    404: "{where} does not exist and could not be created: create it by hand once",
    409: "{where} was changed by somebody else meanwhile",
    412: "{where} was changed by somebody else meanwhile",
}


@dataclass(frozen=True)
class Repository:
    """A repository on the Hub: `kind` is "space" or "model", `name` is "namespace/name"."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Uploaded:
    """The commit that holds the files, and whether this upload made it."""

    commit: str
    changed: bool


class HubError(Exception):
    """The upload did not succeed; the message says why and what to do about it."""


def token() -> str:
    """A Trusted Publisher's token where GitHub vouches for us, else HF_TOKEN or that of `hf auth login`."""
    fallback = os.environ.get("HF_TOKEN")
    try:
        found = get_token()
    except (OIDCError, httpx2.HTTPError) as refused:
        why = str(refused).strip().splitlines()[0]
        if not fallback:
            raise HubError(
                f"the Hub does not trust this workflow ({why}): add it as a Trusted Publisher in the "
                "settings of the repository on the Hub, or set the secret HF_TOKEN"
            ) from refused
        print(f"not a Trusted Publisher ({why}): using HF_TOKEN")
        del os.environ["HF_OIDC_RESOURCE"]  # or the Hub's client tries again for each large file
        return fallback
    if not found:
        raise HubError("no token: set HF_TOKEN, or log in with `hf auth login`")
    return found


def write(files: Mapping[str, bytes], directory: Path) -> None:
    """Writes the files below the directory, as they would lie in the repository."""
    for path, content in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def show(files: Mapping[str, bytes]) -> None:
    """Prints the size and path of each file, and their sum."""
    print(*(f"{len(content):>9,}  {path}" for path, content in sorted(files.items())), sep="\n")
    print(f"{sum(map(len, files.values())):>9,}  in {len(files)} files")


def upload(
    api: HfApi,
    repository: Repository,
    files: Mapping[str, bytes],
    message: str,
    *,
    create: Callable[[], object],
    sleep: Callable[[float], None] = time.sleep,
) -> Uploaded:
    """Uploads the files and deletes all others; `create` makes the repository when it is missing.

    Each attempt names the commit that it builds on. So an upload whose answer got lost is not made twice,
    and what somebody else commits meanwhile is not overwritten blindly: the next attempt starts from it.

    Raises:
        HubError: when it cannot be done, or not within ATTEMPTS.
    """
    # A few MB at most. Without the chunk store for large files an upload is one commit, not several.
    constants.HF_HUB_DISABLE_XET = True
    disable_progress_bars()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _upload(api, repository, files, message, create)
        except (httpx2.HTTPError, RuntimeError) as error:
            if attempt == ATTEMPTS or not is_passing(error):
                raise HubError(explain(error, repository)) from error
            print(f"attempt {attempt} of {ATTEMPTS}: {explain(error, repository)}; trying again")
            sleep(2.0**attempt)
    raise AssertionError("the last attempt returns or raises")


def _upload(
    api: HfApi,
    repository: Repository,
    files: Mapping[str, bytes],
    message: str,
    create: Callable[[], object],
) -> Uploaded:
    try:
        head = api.repo_info(repository.name, repo_type=repository.kind).sha
    except RepositoryNotFoundError:
        create()
        head = api.repo_info(repository.name, repo_type=repository.kind).sha
    with tempfile.TemporaryDirectory() as directory:
        write(files, Path(directory))
        commit = api.upload_folder(
            repo_id=repository.name,
            repo_type=repository.kind,
            folder_path=directory,
            commit_message=message,
            delete_patterns="*",
            parent_commit=head,
        ).oid
    return Uploaded(commit, changed=commit != head)


def report(uploaded: Uploaded, repository: Repository, files: Mapping[str, bytes]) -> None:
    """Prints what the repository holds now."""
    if not uploaded.changed:
        print("nothing to upload")
    print(f"{repository.name} holds {len(files)} files at {uploaded.commit}")


def is_passing(error: BaseException) -> bool:
    """Whether another try may help; the Hub's client wraps trouble with a large file in a RuntimeError."""
    cause = error.__cause__ if isinstance(error, RuntimeError) else error
    if isinstance(cause, HfHubHTTPError):
        return cause.response.status_code in PASSING
    return isinstance(cause, httpx2.TransportError)


def explain(error: BaseException, repository: Repository) -> str:
    """One line that says what went wrong and what to do about it."""
    cause = error.__cause__ if isinstance(error, RuntimeError) else error
    if not isinstance(cause, HfHubHTTPError):
        return f"the connection broke ({type(cause).__name__}: {cause})"
    if isinstance(cause, RepositoryNotFoundError):
        return f"{repository} does not exist, or this token may not see it: create it, or check the name"
    advice = ADVICE.get(cause.response.status_code, f"the Hub answered {cause.response.status_code}")
    return f"{advice.format(where=repository)} ({cause.response.url})"


def fail(message: object) -> int:
    """Prints an error; returns the exit code."""
    print(f"error: {message}", file=sys.stderr)
    return 1
