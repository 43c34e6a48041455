"""A Hugging Face Hub on a free local port: the routes that huggingface_hub asks, with faults on demand."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_write"
OIDC_TOKEN = "hf_jwt_one_repository"
NAMED = r"(space|model)s/([\w.-]+/[\w.-]+)"
ROUTES = {  # by what Handler does at each, tried in order
    r"GET /oidc": "id_token",
    r"POST /oauth/token": "exchange",
    r"POST /api/repos/create": "create",
    r"POST /api/validate-yaml": "validate",
    rf"GET /api/{NAMED}/tree/\w+": "tree",
    rf"POST /api/{NAMED}/preupload/main": "preupload",
    rf"POST /api/{NAMED}/commit/main": "commit",
    rf"GET /api/{NAMED}(?:/revision/main)?": "info",
    r"POST /(?:spaces/)?[\w.-]+/[\w.-]+\.git/info/lfs/objects/batch": "batch",
    r"PUT /lfs/(\w+)": "put",
    r"(?:GET|HEAD) /([\w.-]+/[\w.-]+)/resolve/main/(.+)": "resolve",
    r"GET /moved/.*": "moved",
}


@dataclass
class Repo:
    """The files and commits of a repository; a Space also has the stages that follow a commit."""

    files: dict[str, bytes] = field(default_factory=lambda: {".gitattributes": b"*.png filter=lfs\n"})
    commits: list[str] = field(default_factory=lambda: [40 * "0"])
    stages: list[str] = field(default_factory=lambda: ["RUNNING"])  # one a look, the last stays
    after_a_commit: tuple[str, ...] = ("RUNNING", "BUILDING", "APP_STARTING", "RUNNING")
    host: str = ""

    @property
    def held(self) -> dict[str, bytes]:
        """The files, without the one that the Hub itself writes."""
        return {path: content for path, content in self.files.items() if path != ".gitattributes"}


@dataclass
class Fault:
    """A fault of the next request whose "METHOD /path" matches: a status, or a broken connection."""

    pattern: str
    status: int | None = None
    after: bool = False  # done on the Hub, but the answer is lost
    skip: int = 0  # so many requests that match pass first
    meanwhile: Callable[["Hub"], object] = repr


@dataclass
class Hub:
    """Everything that the stand-in knows, open to the test."""

    repos: dict[tuple[str, str], Repo] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    may_create: bool = True
    elsewhere: str = ""
    url: str = ""

    def count(self, pattern: str) -> int:
        return sum(re.search(pattern, line) is not None for line in self.asked)

    def fault(self, line: str) -> Fault | None:
        for fault in self.faults:
            if re.search(fault.pattern, line):
                if not fault.skip:
                    self.faults.remove(fault)
                    return fault
                fault.skip -= 1
        return None


class Answer(Exception):
    """Raised to end the handling of a request."""

    def __init__(self, status: int, body: object = None, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()


def oid(path: str, content: bytes) -> str:
    """Git's hash of a file, or the checksum of a file that is stored separately."""
    if path.endswith(".png"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    hub: Hub
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line = f"{self.command} {unquote(urlsplit(self.path).path)}"
        self.hub.asked.append(line)
        fault = self.hub.fault(line)
        if fault is None or fault.after:
            answer = self.answer(line)
        if fault:
            fault.meanwhile(self.hub)
            self.close_connection = True  # before an answer: a cut connection
            if fault.status is None:
                return
            answer = Answer(fault.status)
        self.send_response(answer.status)
        for name, value in (answer.headers | {"Content-Length": str(len(answer.content))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    do_GET = do_HEAD = do_POST = do_PUT = handle_any  # noqa: N815  # the names that http.server looks for

    def answer(self, line: str) -> Answer:
        for pattern, name in ROUTES.items():
            if match := re.fullmatch(pattern, line):
                try:
                    return Answer(200, getattr(self, name)(*match.groups()))
                except Answer as answer:
                    return answer
        return Answer(501, {"error": f"the stand-in does not know {line}"})

    def log_message(self, *args: object) -> None:
        pass

    # What is asked, route by route

    def id_token(self) -> Any:
        return {"value": "signed-by-github"}

    def exchange(self) -> Any:
        if json.loads(self.body)["subject_token"] != "signed-by-github" or OIDC_TOKEN not in self.hub.tokens:
            raise Answer(401, {"error": "no Trusted Publisher matches"})
        return {"access_token": OIDC_TOKEN, "expires_in": 3600}

    def authorize(self) -> None:
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.hub.tokens:
            message = "Invalid credentials in Authorization header"
            raise Answer(401, {"error": message}, **{"X-Error-Message": message})

    def repo(self, kind: str, name: str) -> Repo:
        self.authorize()
        if (kind, name) not in self.hub.repos:
            raise Answer(404, {"error": "Repository not found"}, **{"X-Error-Code": "RepoNotFound"})
        return self.hub.repos[kind, name]

    def create(self) -> Any:
        self.authorize()
        asked = json.loads(self.body)
        kind, name = asked.get("type", "model"), f"{asked['organization']}/{asked['name']}"
        if not self.hub.may_create:
            raise Answer(402, {"error": "Docker Spaces need a paid plan"})
        self.hub.repos[kind, name] = Repo()
        return {"url": f"{self.hub.url}/{kind}s/{name}"}

    def validate(self) -> Any:
        if not json.loads(self.body)["content"].startswith("---\n"):
            raise Answer(400, {"errors": [{"message": "no front matter"}]})
        return {"errors": [], "warnings": []}

    def info(self, kind: str, name: str) -> Any:
        repo = self.repo(kind, name)
        stage = repo.stages[0] if len(repo.stages) == 1 else repo.stages.pop(0)
        about = {"id": name, "sha": repo.commits[-1], "siblings": [{"rfilename": p} for p in repo.files]}
        return about | {"host": repo.host, "runtime": {"stage": stage, "hardware": {}}}

    def tree(self, kind: str, name: str) -> Any:
        files = self.repo(kind, name).files.items()
        return [{"type": "file", "oid": oid(p, c), "size": len(c), "path": p} for p, c in files]

    def preupload(self, kind: str, name: str) -> Any:
        files = self.repo(kind, name).files
        asked = json.loads(self.body)["files"]
        for file in asked:
            path = file["path"]
            file |= {"uploadMode": "lfs" if path.endswith(".png") else "regular", "shouldIgnore": False}
            file["oid"] = oid(path, files[path]) if path in files else None
        return {"files": asked}

    def batch(self) -> Any:
        self.authorize()
        objects = json.loads(self.body)["objects"]
        for asked in objects:
            if asked["oid"] not in self.hub.objects:
                asked["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{asked['oid']}"}}
        return {"transfer": "basic", "objects": objects}

    def put(self, name: str) -> Any:
        if hashlib.sha256(self.body).hexdigest() != name:
            raise Answer(400, {"error": "the content is not what its name says"})
        self.hub.objects[name] = self.body
        return {}

    def commit(self, kind: str, name: str) -> Any:
        repo = self.repo(kind, name)
        header, *operations = [json.loads(line) for line in self.body.splitlines()]
        if header["value"].get("parentCommit") != repo.commits[-1]:
            raise Answer(412, {"error": "A commit has happened since"})
        for operation in operations:
            value = operation["value"]
            match operation["key"]:
                case "file":
                    repo.files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    repo.files[value["path"]] = self.hub.objects[value["oid"]]
                case "deletedFile":
                    del repo.files[value["path"]]
        repo.stages = list(repo.after_a_commit)
        commit = hashlib.sha1(self.body + repo.commits[-1].encode()).hexdigest()  # noqa: S324
        repo.commits.append(commit)
        return {"commitUrl": f"{self.hub.url}/{name}/commit/{commit}", "commitOid": commit}

    def resolve(self, name: str, path: str) -> Any:
        repo = self.hub.repos["model", name]
        if path not in repo.files:
            raise Answer(404, {"error": "Entry not found"}, **{"X-Error-Code": "EntryNotFound"})
        content = repo.files[path]
        raise Answer(200, content, ETag=f'"{oid(path, content)}"', **{"X-Repo-Commit": repo.commits[-1]})

    def moved(self) -> Any:
        raise Answer(302, self.hub.elsewhere.encode(), Location=self.hub.elsewhere)


@contextmanager
def hub_server() -> Iterator[Hub]:
    """Serves an empty Hub until the block ends."""
    hub = Hub()
    handler = type("BoundHandler", (Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
