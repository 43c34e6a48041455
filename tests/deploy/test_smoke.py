"""deploy/smoke.py passes on the real demo, and fails on every answer that the demo must not give."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deploy import smoke
from model.classifier import Classifier
from model.specimen import Specimen
from tests.conftest import ROOT, free_port
from tests.deploy.test_google_files import STEPS

Answer = dict[str, Any]


class Stand(smoke.Demo):
    """Answers like the demo, except for a ``change`` of predictions and for ``pages`` by their path."""

    def __init__(
        self, change: Callable[[Answer], object] = repr, pages: dict[str, tuple[int, str]] | None = None
    ) -> None:
        super().__init__("http://127.0.0.1")
        self.change, self.pages, self.classifier = change, pages or {}, Classifier.load()

    def ask(self, path: str, body: Any = None) -> tuple[int, str]:
        if path in self.pages or body is None:
            return self.pages.get(path, (200, "fine"))
        answer = self.classifier.predict(Specimen.parse(body["features"])).to_dict()
        self.change(answer)
        return 200, json.dumps(answer)


def test_the_real_demo_passes(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke.main([server]) == 0
    assert f"smoke test of {server} passed" in capsys.readouterr().out
    smoke.smoke(Stand(), 1)


class Moved(BaseHTTPRequestHandler):
    """Sends whoever asks to another host."""

    def do_GET(self) -> None:  # the name that http.server looks for
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:9")
        self.end_headers()


def test_nobody_there_a_redirect_or_no_address_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with HTTPServer(("127.0.0.1", 0), Moved) as moved:
        Thread(target=moved.serve_forever, daemon=True).start()
        for port, said in (
            (free_port(), "not 200 within 0.3 s"),
            (moved.server_port, "the last answer was 302"),  # not followed: the token would go there, too
        ):
            arguments = f"http://127.0.0.1:{port}", "--timeout", "0.3", "--token", "secret"
            assert smoke.main([*arguments]) == 1
            assert said in capsys.readouterr().err
        moved.shutdown()
    with pytest.raises(SystemExit, match="2"):
        smoke.main(["localhost:7860"])  # no scheme


@pytest.mark.parametrize(
    ("demo", "complaint"),
    [
        (Stand(lambda a: a.update(diagnosis="malignant")), "expected benign, got malignant"),
        (Stand(lambda a: a.update(probability=float("nan"))), "probability nan"),
        (Stand(lambda a: a.update(probability=1.5)), "probability 1.5"),
        (Stand(lambda a: a.update(logit=a["logit"] + 1)), "add up to"),
        (Stand(lambda a: a["contributions"].pop()), "29 contributions"),
        (Stand(lambda a: a["model"].update(sha256="0" * 64)), "served by model 000000000000"),
        (Stand(lambda a: a.pop("logit")), "not a prediction"),
        (Stand(pages={"/v1/health": (503, "starting")}), "the last answer was 503: starting"),
        (Stand(pages={"/v1/health": (403, "")}), "give --token"),
        (Stand(pages={"/": (500, "oops")}), "page: expected 200, got 500: oops"),
        (Stand(pages={"/v1/predict": (429, "slow down")}), "got 429: slow down"),
        (Stand(pages={"/v1/predict": (200, "<html>a captive portal</html>")}), "not a prediction"),
        (Stand(pages={"/v1/predict": (200, "[]")}), "not a prediction"),
    ],
)
def test_a_wrong_answer_fails(demo: Stand, complaint: str) -> None:
    with pytest.raises(smoke.Failure, match=complaint):
        smoke.smoke(demo, 0.3)


ENGINE = """#!/bin/sh
echo "$@" >> "$CALLS"
case $1 in
  run) echo a1b2c3 ;;
  port) echo "$ADDRESS" ;;
  inspect) echo "$CODE" ;;
  logs) echo "the last words of the demo" ;;
esac
"""


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
        limits = r"--(?:read-only|tmpfs|cap-drop|security-opt|memory|cpus)(?: \w\S*| /\S*)?"
        promised = re.findall(limits, STEPS["test"]["script"])  # of the build on Google Cloud
        assert len(promised) == 6 and all(promise in started for promise in [*promised, "--user 1000"])
        assert ended == "rm --force a1b2c3"
