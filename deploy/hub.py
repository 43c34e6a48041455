"""Makes a Hub repository hold exactly the given files, in one commit or none, whatever they are."""

import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, OIDCError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

ATTEMPTS = 5
WRITTEN_BY_THE_HUB = frozenset({".gitattributes"})
# Worth another try: time-outs, somebody else's commit (409, 412), too many requests, broken servers.
PASSING = frozenset({408, 409, 412, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Repository:
    """A repository on the Hub: `kind` is "space" or "model", `name` is "namespace/name"."""

    kind: str
    name: str


@dataclass(frozen=True)
class Change:
    """What it takes to get from the files that a repository holds to those it should hold."""

    upload: tuple[str, ...]
    delete: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.upload or self.delete)

    def lines(self) -> list[str]:
        lines = [f"upload {path}" for path in self.upload] + [f"delete {path}" for path in self.delete]
        return lines or ["nothing to upload"]


@dataclass(frozen=True)
class Synced:
    """The commit that holds the files, and what had to be changed to get there."""

    commit: str
    change: Change


class NoToken(Exception):
    """Nobody vouches for us, in words that say what to set."""


def token() -> str:
    """A Trusted Publisher's token where GitHub vouches for us, else HF_TOKEN or that of `hf auth login`."""
    fallback = os.environ.get("HF_TOKEN")
    try:
        found = get_token()
    except (OIDCError, httpx2.HTTPError) as refused:
        why = str(refused).strip().splitlines()[0]
        if not fallback:
            raise NoToken(
                f"the Hub does not trust this workflow ({why}): add it as a Trusted Publisher in the "
                "settings of the repository on the Hub, or set the secret HF_TOKEN"
            ) from refused
        print(f"not a Trusted Publisher ({why}): using HF_TOKEN")
        return fallback
    if not found:
        raise NoToken("no token: set HF_TOKEN, or log in with `hf auth login`")
    return found


def fail(message: str) -> int:
    """Prints an error; returns the exit code."""
    print(f"error: {message}", file=sys.stderr)
    return 1


def git_oid(content: bytes) -> str:
    """Git's name for a file's content, by which the Hub lists regular files."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def compare(present: Mapping[str, str], files: Mapping[str, bytes]) -> Change:
    """Compares with what is `present`: each path's git oid, or its sha256 if stored as a large file."""
    upload = (
        path
        for path, content in files.items()
        if present.get(path) not in (git_oid(content), hashlib.sha256(content).hexdigest())
    )
    delete = (path for path in present if path not in files and path not in WRITTEN_BY_THE_HUB)
    return Change(tuple(sorted(upload)), tuple(sorted(delete)))


def present(api: HfApi, repository: Repository, commit: str) -> dict[str, str]:
    """What the repository holds at a commit, for `compare`."""
    tree = api.list_repo_tree(repository.name, recursive=True, revision=commit, repo_type=repository.kind)
    return {
        entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
        for entry in tree
        if isinstance(entry, RepoFile)
    }


def sync(
    api: HfApi,
    repository: Repository,
    files: Mapping[str, bytes],
    message: str,
    *,
    create: Callable[[], object],
    sleep: Callable[[float], None] = time.sleep,
) -> Synced:
    """Brings the repository to exactly `files`; `create` makes it when it is missing.

    Every attempt starts from what the Hub holds at that moment, so a commit whose answer got lost is not
    made twice, and a commit that somebody else made meanwhile is compared with, not written over blindly.
    """

    def once() -> Synced:
        head = _head(api, repository, create)
        change = compare(present(api, repository, head), files)
        commit = _commit(api, repository, head, files, change, message) if change else head
        return Synced(commit, change)

    for attempt in range(1, ATTEMPTS):
        try:
            return once()
        except (httpx2.HTTPError, RuntimeError) as error:
            if not is_passing(error):
                raise
            print(f"attempt {attempt} of {ATTEMPTS}: {explain(error, repository)}; trying again")
            sleep(2.0**attempt)
    return once()


def _head(api: HfApi, repository: Repository, create: Callable[[], object]) -> str:
    try:
        info = api.repo_info(repository.name, repo_type=repository.kind)
    except RepositoryNotFoundError:
        create()
        info = api.repo_info(repository.name, repo_type=repository.kind)
    return str(info.sha)


def _commit(
    api: HfApi, repository: Repository, head: str, files: Mapping[str, bytes], change: Change, message: str
) -> str:
    commit = api.create_commit(
        repository.name,
        [
            *(CommitOperationAdd(path, files[path]) for path in change.upload),
            *(CommitOperationDelete(path) for path in change.delete),
        ],
        commit_message=message,
        repo_type=repository.kind,
        parent_commit=head,
    )
    return str(commit.oid)


def is_passing(error: BaseException) -> bool:
    """Whether another try may help; the Hub's client wraps trouble with a large file in a RuntimeError."""
    cause = error.__cause__ if isinstance(error, RuntimeError) else error
    if isinstance(cause, HfHubHTTPError):
        return cause.response.status_code in PASSING
    return isinstance(cause, httpx2.TransportError)


ADVICE = {
    401: "the Hub does not accept the token: make a new one with write access and set HF_TOKEN",
    402: "the Hub asks for a paid plan to create {where}: a free account can have `--sdk gradio`",
    403: "the token may not write to {where}: give it write access to this repository",
    404: "{where} does not exist and could not be created: create it by hand once",
    409: "{where} was changed by somebody else meanwhile",
    412: "{where} was changed by somebody else meanwhile",
}


def explain(error: BaseException, repository: Repository) -> str:
    """One line that says what went wrong and what to do about it."""
    cause = error.__cause__ if isinstance(error, RuntimeError) else error
    where = f"{repository.kind} {repository.name}"
    if not isinstance(cause, HfHubHTTPError):
        return f"the connection broke ({type(cause).__name__}: {cause})"
    if isinstance(cause, RepositoryNotFoundError):
        return f"{where} does not exist, or this token may not see it: create it, or check the name"
    advice = ADVICE.get(cause.response.status_code, f"the Hub answered {cause.response.status_code}")
    return f"{advice.format(where=where)} ({cause.response.url})"
