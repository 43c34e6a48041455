"""The Hub ends up with exactly the given files, whatever goes wrong on the way."""

import pytest
from huggingface_hub import HfApi

from deploy.hub import ATTEMPTS, HubError, upload
from tests.deploy.hub_stand_in import TOKEN, Fault, Hub, Repo

# The Hub's own client uploads large files in a way that its HTTP library is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
FILES = {
    "README.md": b"---\nsdk: docker\n---\n",
    "app.py": b"print()\n",
    "model/a.csv": b"1\n",
    "a.png": b"\0",
}


@pytest.fixture
def repo(hub: Hub) -> Repo:
    """The repository of the Space, without any of our files."""
    hub.repos["space", "ada/demo"] = Repo()
    return hub.repos["space", "ada/demo"]


def uploaded(files: dict[str, bytes] = FILES, name: str = "ada/demo", token: str = TOKEN) -> bool:
    """Whether the upload has changed anything."""
    api = HfApi(token=token)
    return upload(
        api, "space", name, files, lambda: api.create_repo(name, repo_type="space", space_sdk="docker")
    )


def test_uploads_what_changed_in_one_commit_and_deletes_what_is_stale(hub: Hub, repo: Repo) -> None:
    assert uploaded({**FILES, "old.py": b"old", "ui/old.css": b"old"})
    assert len(repo.commits) == 2
    assert uploaded({**FILES, "app.py": b"print(1)\n"})
    assert repo.held == {**FILES, "app.py": b"print(1)\n"}
    assert ".gitattributes" in repo.files  # the Hub's own
    assert not uploaded({**FILES, "app.py": b"print(1)\n"})
    assert len(repo.commits) == 3
    assert hub.count("PUT /lfs/") == 1


def interfere(other: Hub) -> None:
    repo = other.repos["space", "ada/demo"]
    repo.files["stray.txt"] = b"mine"
    repo.commits.append(40 * "1")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST .*/commit/"),
        Fault("GET .*/demo$"),
        Fault("GET .*/tree/"),
        Fault("POST .*/commit/", status=409),
        Fault("POST .*/commit/", status=412),
        Fault("POST .*/commit/", status=503),
        Fault("POST .*/objects/batch", status=409),
        Fault("POST .*/preupload/", status=409, after=True, meanwhile=interfere),
        Fault("POST .*/commit/", after=True),  # done, but the answer is lost
    ],
    ids=lambda fault: f"{fault.status} to {fault.pattern}",
)
def test_what_passes_is_tried_again_and_no_commit_is_made_twice(hub: Hub, repo: Repo, fault: Fault) -> None:
    hub.faults.append(fault)
    uploaded()
    assert repo.held == FILES
    assert len(repo.commits) == (2 if fault.meanwhile is not interfere else 3)


def test_a_missing_repository_is_created_or_it_says_what_to_do(hub: Hub) -> None:
    hub.may_create = False
    with pytest.raises(HubError, match="paid plan"):
        uploaded(name="ada/new")
    hub.may_create = True
    uploaded(name="ada/new")
    assert hub.repos["space", "ada/new"].held == FILES


def test_gives_up_after_five_attempts_or_at_once_if_the_token_is_bad_or_may_only_read(
    hub: Hub, repo: Repo
) -> None:
    with pytest.raises(HubError, match="does not accept the token"):
        uploaded(token="hf_stolen")
    assert len(hub.asked) == 1
    for faults, said in (
        ([Fault("POST .*/commit/", status=403)], "may not write"),
        ([Fault("POST .*/commit/")] * ATTEMPTS, "the connection broke"),
    ):
        hub.asked.clear()
        hub.faults += faults
        with pytest.raises(HubError, match=said):
            uploaded()
        assert (hub.count("POST .*/commit/"), repo.held) == (len(faults), {})
