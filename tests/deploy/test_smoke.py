"""deploy/smoke.py passes on the real demo, and fails on every answer that the demo must not give."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.smoke import main
from model.classifier import Classifier
from model.specimen import Specimen
from tests.conftest import ROOT, free_port

Answer = dict[str, Any]
Pages = dict[str, tuple[int, str]]


@contextmanager
def demo(classifier: Classifier, change: Callable[[Answer], object], pages: Pages) -> Iterator[str]:
    """A server that answers like the demo, but for ``change`` made to a prediction and ``pages`` by name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(*pages.get("health" if self.path == "/v1/health" else "page", (200, "fine")))

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = classifier.predict(Specimen.parse(sent["features"])).to_dict()
            change(answer)
            self.reply(*pages.get("predict", (200, json.dumps(answer))))

        def reply(self, status: int, text: str) -> None:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", text)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_real_demo_passes(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([server]) == 0
    assert f"smoke test of {server} passed" in capsys.readouterr().out


def test_a_wrong_prediction_fails(classifier: Classifier, capsys: pytest.CaptureFixture[str]) -> None:
    changes: tuple[tuple[Callable[[Answer], object], str], ...] = (
        (lambda a: a.update(diagnosis="malignant"), "expected benign, got malignant"),
        (lambda a: a.update(probability=float("nan")), "probability nan"),
        (lambda a: a.update(probability=1.5), "probability 1.5"),
        (lambda a: a.update(logit=a["logit"] + 1), "add up to"),
        (lambda a: a["contributions"].pop(), "29 contributions"),
        (lambda a: a["model"].update(sha256="0" * 64), "served by model 000000000000"),
        (lambda a: a.pop("logit"), "not a prediction"),
    )
    for change, complaint in changes:
        with demo(classifier, change, {}) as url:
            assert main([url]) == 1
        assert complaint in capsys.readouterr().err


def test_a_wrong_page_or_nobody_there_fails(
    classifier: Classifier, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong: tuple[tuple[Pages, str], ...] = (
        ({"health": (503, "starting")}, "the last answer was 503: starting"),
        ({"health": (403, "")}, "give --token"),
        ({"health": (302, "https://elsewhere.example")}, "302: https://elsewhere.example"),
        ({"page": (500, "oops")}, "page: expected 200, got 500: oops"),
        ({"predict": (429, "slow down")}, "got 429: slow down"),
        ({"predict": (200, "<html>a captive portal</html>")}, "not a prediction"),
        ({"predict": (200, "[]")}, "not a prediction"),
    )
    for pages, complaint in wrong:
        with demo(classifier, lambda _: None, pages) as url:
            assert main([url, "--timeout", "0.3"]) == 1
        assert complaint in capsys.readouterr().err
    assert main([f"http://127.0.0.1:{free_port()}", "--timeout", "0.3"]) == 1
    assert "not 200 within 0.3 s" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["localhost:7860"])  # no scheme


ENGINE = """#!/bin/sh
echo "$@" >> "$CALLS"
case $1 in
  run) echo a1b2c3 ;;
  port) echo "$ADDRESS" ;;
  inspect) echo "$CODE" ;;
  logs) echo "the last words of the demo" ;;
esac
"""
PROMISES = (
    "--read-only", "--tmpfs /tmp", "--cap-drop ALL", "--security-opt no-new-privileges",
    "--user 1000", "--memory 512m", "--cpus 1",
)  # fmt: skip


def test_the_check_of_an_image_starts_it_as_strictly_as_hosts_and_asks_it(
    tmp_path: Path, server: str
) -> None:
    engine, calls = tmp_path / "engine", tmp_path / "calls"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    here = server.removeprefix("http://")
    nowhere = f"127.0.0.1:{free_port()}"
    for address, code, passes, said in (
        (here, "0", True, ""),
        (here, "137", False, "137"),  # it had to be killed
        (nowhere, "0", False, "the last words of the demo"),
    ):
        calls.write_text("")
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        settings = {"ENGINE": str(engine), "CALLS": str(calls), "ADDRESS": address, "CODE": code}
        run = subprocess.run(
            [ROOT / "deploy" / "check-image.sh", "demo"], cwd=ROOT, capture_output=True, text=True,
            env=settings | {"PATIENCE": "0", "PATH": path},
        )  # fmt: skip
        assert (run.returncode == 0) == passes, run.stderr
        assert said in run.stderr
        started, *_, ended = calls.read_text().splitlines()
        assert all(promise in started for promise in PROMISES)
        assert ended == "rm --force a1b2c3"
