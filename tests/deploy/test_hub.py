"""The Hub ends up with exactly the given files, whatever goes wrong on the way."""

from collections.abc import Iterator

import pytest
from huggingface_hub import HfApi, constants

from deploy import hub
from tests.deploy.hub_server import TOKEN, Fault, Hub, Repo, hub_server

SPACE = hub.Repository("space", "ada/demo")
# The Hub's own client uploads large files in a way that its HTTP library is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
FILES = {
    "README.md": b"---\nsdk: docker\n---\n",
    "app.py": b"print()\n",
    "model/a.csv": b"1\n",
    "a.png": b"\0",
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", constants.HF_HUB_DISABLE_XET)  # set back afterwards
    with hub_server() as running:
        running.repos["space", "ada/demo"] = Repo()
        yield running


def upload(
    server: Hub, files: dict[str, bytes] = FILES, to: hub.Repository = SPACE, token: str = TOKEN
) -> hub.Uploaded:
    api = HfApi(endpoint=server.url, token=token)

    def create() -> None:
        api.create_repo(to.name, repo_type=to.kind, space_sdk="docker")

    return hub.upload(api, to, files, "Upload", create=create, sleep=lambda _: None)


def test_uploads_what_changed_in_one_commit_and_deletes_what_is_stale(server: Hub) -> None:
    repo = server.repos["space", "ada/demo"]
    first = upload(server, {**FILES, "old.py": b"old", "ui/old.css": b"old"})
    assert (first.changed, len(repo.commits), first.commit) == (True, 2, repo.commits[-1])
    assert upload(server, {**FILES, "app.py": b"print(1)\n"}).changed
    assert repo.held == {**FILES, "app.py": b"print(1)\n"}
    assert ".gitattributes" in repo.files  # the Hub's own
    again = upload(server, {**FILES, "app.py": b"print(1)\n"})
    assert (again.changed, len(repo.commits), again.commit) == (False, 3, repo.commits[-1])
    assert server.count("PUT /lfs/") == 1


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
    ],
    ids=lambda fault: f"{fault.status} to {fault.pattern}",
)
def test_what_passes_is_tried_again(server: Hub, fault: Fault) -> None:
    server.faults.append(fault)
    upload(server)
    assert server.repos["space", "ada/demo"].held == FILES


def test_a_commit_whose_answer_was_lost_is_not_made_twice(server: Hub) -> None:
    server.faults.append(Fault("POST .*/commit/", after=True))
    upload(server)
    assert len(server.repos["space", "ada/demo"].commits) == 2


def test_gives_up_after_five_attempts(server: Hub) -> None:
    server.faults += [Fault("POST .*/commit/")] * 9
    with pytest.raises(hub.HubError, match="the connection broke"):
        upload(server)
    assert server.count("POST .*/commit/") == hub.ATTEMPTS


def test_a_missing_repository_is_created_or_it_says_what_to_do(server: Hub) -> None:
    server.may_create = False
    nowhere = hub.Repository("space", "ada/new")
    with pytest.raises(hub.HubError, match="paid plan"):
        upload(server, to=nowhere)
    server.may_create = True
    upload(server, to=nowhere)
    assert server.repos["space", "ada/new"].held == FILES


def test_a_token_that_is_bad_or_may_only_read_is_named_at_once(server: Hub) -> None:
    with pytest.raises(hub.HubError, match="does not accept the token"):
        upload(server, token="hf_stolen")
    assert len(server.asked) == 1
    server.faults.append(Fault("POST .*/commit/", status=403))
    with pytest.raises(hub.HubError, match="may not write"):
        upload(server)
    assert server.count("POST .*/commit/") == 1
