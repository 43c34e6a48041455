"""A stand-in for the Hugging Face Hub: what huggingface_hub asks is answered here, with faults on demand."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx2

URL = "https://hub.example"
TOKEN = "hf_write"
OIDC_TOKEN = "hf_jwt_one_repository"
HUB = "def hf_hub_download(repo_id, filename): return f'{folder}/{{filename}}'\n"
"""The source of a huggingface_hub that downloads from a folder."""

NAMED = r"(space|model)s/([\w.-]+/[\w.-]+)"
ROUTES = {  # by what Hub does at each, tried in order
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


class Refused(Exception):
    """Raised to end the handling of a request with a status, an error and headers."""


def oid(path: str, content: bytes) -> str:
    """Git's hash of a file, or the checksum of a file that is stored separately."""
    if path.endswith(".png"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass
class Hub:
    """Everything that the stand-in knows, open to the test."""

    repos: dict[tuple[str, str], Repo] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    may_create: bool = True

    def count(self, pattern: str) -> int:
        return sum(re.search(pattern, line) is not None for line in self.asked)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        line = f"{request.method} {unquote(request.url.path)}"
        self.asked.append(line)
        self.body = request.read()
        self.token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        fault = self.fault(line)
        if fault is None or fault.after:
            answer = self.answer(line)
        if fault:
            fault.meanwhile(self)
            if fault.status is None:
                raise httpx2.ReadError("the connection was cut", request=request)
            answer = httpx2.Response(fault.status)
        return answer

    def fault(self, line: str) -> Fault | None:
        for fault in self.faults:
            if re.search(fault.pattern, line):
                if not fault.skip:
                    self.faults.remove(fault)
                    return fault
                fault.skip -= 1
        return None

    def answer(self, line: str) -> httpx2.Response:
        for pattern, name in ROUTES.items():
            if match := re.fullmatch(pattern, line):
                try:
                    return httpx2.Response(200, json=getattr(self, name)(*match.groups()))
                except Refused as refused:
                    status, error, headers = refused.args
                    return httpx2.Response(status, json={"error": error}, headers=headers)
        return httpx2.Response(501, json={"error": f"the stand-in does not know {line}"})

    # What is asked, route by route

    def id_token(self) -> Any:
        return {"value": "signed-by-github"}

    def exchange(self) -> Any:
        if json.loads(self.body)["subject_token"] != "signed-by-github" or OIDC_TOKEN not in self.tokens:
            raise Refused(401, "no Trusted Publisher matches", {})
        return {"access_token": OIDC_TOKEN, "expires_in": 3600}

    def authorize(self) -> None:
        if self.token not in self.tokens:
            message = "Invalid credentials in Authorization header"
            raise Refused(401, message, {"X-Error-Message": message})

    def repo(self, kind: str, name: str) -> Repo:
        self.authorize()
        if (kind, name) not in self.repos:
            raise Refused(404, "Repository not found", {"X-Error-Code": "RepoNotFound"})
        return self.repos[kind, name]

    def create(self) -> Any:
        self.authorize()
        asked = json.loads(self.body)
        kind, name = asked.get("type", "model"), f"{asked['organization']}/{asked['name']}"
        if not self.may_create:
            raise Refused(402, "Docker Spaces need a paid plan", {})
        self.repos[kind, name] = Repo()
        return {"url": f"{URL}/{kind}s/{name}"}

    def validate(self) -> Any:
        if not json.loads(self.body)["content"].startswith("---\n"):
            raise Refused(400, "no front matter", {})
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
            if asked["oid"] not in self.objects:
                asked["actions"] = {"upload": {"href": f"{URL}/lfs/{asked['oid']}"}}
        return {"transfer": "basic", "objects": objects}

    def put(self, name: str) -> Any:
        if hashlib.sha256(self.body).hexdigest() != name:
            raise Refused(400, "the content is not what its name says", {})
        self.objects[name] = self.body
        return {}

    def commit(self, kind: str, name: str) -> Any:
        repo = self.repo(kind, name)
        header, *operations = [json.loads(line) for line in self.body.splitlines()]
        if header["value"].get("parentCommit") != repo.commits[-1]:
            raise Refused(412, "A commit has happened since", {})
        for operation in operations:
            value = operation["value"]
            match operation["key"]:
                case "file":
                    repo.files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    repo.files[value["path"]] = self.objects[value["oid"]]
                case "deletedFile":
                    del repo.files[value["path"]]
        repo.stages = list(repo.after_a_commit)
        commit = hashlib.sha1(self.body + repo.commits[-1].encode()).hexdigest()  # noqa: S324
        repo.commits.append(commit)
        return {"commitUrl": f"{URL}/{name}/commit/{commit}", "commitOid": commit}
