"""The Hub ends up with exactly the given files, whatever goes wrong on the way."""

from collections.abc import Iterator

import httpx2
import pytest
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import HfHubHTTPError

from deploy import hub
from tests.deploy.hub_server import TOKEN, Fault, Hub, Repo, hub_server

SPACE = hub.Repository("space", "ada/demo")
MODEL = hub.Repository("model", "ada/model")
# The Hub's own client uploads large files in a way that its HTTP library is about to drop.
LARGE = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
FILES = {"README.md": b"---\nsdk: docker\n---\n", "app.py": b"print()\n", "model/a.csv": b"1\n"}


@pytest.fixture
def server() -> Iterator[Hub]:
    with hub_server() as running:
        running.repos["space", "ada/demo"] = Repo()
        yield running


def sync(
    server: Hub, files: dict[str, bytes] = FILES, *, to: hub.Repository = SPACE, token: str = TOKEN
) -> hub.Synced:
    api = HfApi(endpoint=server.url, token=token)

    def create() -> None:
        api.create_repo(to.name, repo_type=to.kind, space_sdk="docker" if to.kind == "space" else None)

    return hub.sync(api, to, files, "Upload", create=create, sleep=lambda _: None)


def held(server: Hub, repository: hub.Repository = SPACE) -> dict[str, bytes]:
    files = server.repos[repository.kind, repository.name].files
    return {path: content for path, content in files.items() if path != ".gitattributes"}


def test_uploads_everything_in_one_commit(server: Hub) -> None:
    synced = sync(server)
    assert held(server) == FILES
    assert server.count("POST .*/commit/") == 1
    assert synced.commit == server.repos["space", "ada/demo"].commits[-1]


def test_a_second_run_uploads_nothing_and_makes_no_commit(server: Hub) -> None:
    first = sync(server)
    server.asked.clear()
    second = sync(server)
    assert not second.change
    assert second.commit == first.commit
    assert {line.split()[0] for line in server.asked} == {"GET"}


def test_uploads_only_what_changed_and_deletes_what_is_stale(server: Hub) -> None:
    sync(server, {**FILES, "old.py": b"old", "ui/old.css": b"old"})
    change = sync(server, {**FILES, "app.py": b"print(1)\n"}).change
    assert change == hub.Change(upload=("app.py",), delete=("old.py", "ui/old.css"))
    assert held(server) == {**FILES, "app.py": b"print(1)\n"}


def test_what_the_hub_wrote_itself_is_kept(server: Hub) -> None:
    sync(server)
    assert ".gitattributes" in server.repos["space", "ada/demo"].files


@pytest.mark.parametrize("place", ["create_commit", "info", "tree"])
def test_a_cut_connection_is_tried_again(server: Hub, place: str) -> None:
    route = {"create_commit": "POST .*/commit/", "info": "GET .*/demo$", "tree": "GET .*/tree/"}[place]
    server.faults.append(Fault(route))
    sync(server)
    assert held(server) == FILES


def test_a_commit_whose_answer_was_lost_is_not_made_twice(server: Hub) -> None:
    server.faults.append(Fault("POST .*/commit/", after=True))
    synced = sync(server)
    assert held(server) == FILES
    assert server.count("POST .*/commit/") == 1
    assert synced.commit == server.repos["space", "ada/demo"].commits[-1]


def test_a_commit_by_somebody_else_is_compared_with_again(server: Hub) -> None:
    def interfere(other: Hub) -> None:
        repo = other.repos["space", "ada/demo"]
        repo.files["stray.txt"] = b"mine"
        repo.commits.append(40 * "1")

    server.faults.append(Fault("POST .*/preupload/", after=True, status=409, meanwhile=interfere))
    sync(server)
    assert held(server) == FILES


@pytest.mark.parametrize("status", [409, 412, 503])
def test_a_passing_answer_is_tried_again(server: Hub, status: int) -> None:
    server.faults.append(Fault("POST .*/commit/", status=status))
    sync(server)
    assert held(server) == FILES


def test_gives_up_after_five_attempts(server: Hub) -> None:
    server.faults += [Fault("POST .*/commit/")] * 9
    with pytest.raises(httpx2.TransportError):
        sync(server)
    assert server.count("POST .*/commit/") == hub.ATTEMPTS


def test_a_missing_repository_is_created(server: Hub) -> None:
    sync(server, to=hub.Repository("space", "ada/new"))
    assert held(server, hub.Repository("space", "ada/new")) == FILES


def test_a_missing_repository_that_may_not_be_created_says_what_to_do(server: Hub) -> None:
    server.may_create = False
    nowhere = hub.Repository("space", "ada/new")
    with pytest.raises(HfHubHTTPError) as raised:
        sync(server, to=nowhere)
    assert "paid plan" in hub.explain(raised.value, nowhere)
    assert ("space", "ada/new") not in server.repos


def test_a_bad_token_is_refused_at_once_and_named(server: Hub) -> None:
    with pytest.raises(HfHubHTTPError) as raised:
        sync(server, token="hf_stolen")
    assert "does not accept the token" in hub.explain(raised.value, SPACE)
    assert len(server.asked) == 1
    assert held(server) == {}


def test_a_token_that_may_only_read_is_named(server: Hub) -> None:
    server.faults.append(Fault("POST .*/commit/", status=403))
    with pytest.raises(HfHubHTTPError) as raised:
        sync(server)
    assert "may not write" in hub.explain(raised.value, SPACE)


@LARGE
def test_large_files_are_stored_once(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    files = {"README.md": b"---\nlicense: mit\n---\n", "pipeline.joblib": bytes(range(256)) * 99}
    sync(server, files, to=MODEL)
    assert held(server, MODEL) == files
    assert not sync(server, files, to=MODEL).change
    assert server.count("PUT /lfs/") == 1


@LARGE
def test_an_upload_of_a_large_file_that_breaks_is_tried_again(
    server: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    server.faults.append(Fault("POST .*/objects/batch", status=409))
    files = {"pipeline.joblib": b"\0weights"}
    sync(server, files, to=MODEL)
    assert held(server, MODEL) == files
