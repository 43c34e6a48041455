"""Asks a running demo for its health, its page and two real predictions, wherever it was deployed.

    python deploy/smoke.py URL [--timeout SECONDS] [--token TOKEN]

It uses only the standard library, so it runs in any image with Python 3.11. Exit code 0: the demo at URL has
the model of this checkout, and its predictions are right. Exit code 1: they are not; the last line says why.
"""

import argparse
import hashlib
import json
import math
import os
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

ARTIFACT = Path(__file__).resolve().parent.parent / "model" / "artifact"
CASES = ("case-1", "case-2")  # one is clearly benign, the other clearly malignant
REQUEST_SECONDS = 20.0


class Failure(Exception):
    """A check failed; the message is for the reader of a build log."""


class _NoRedirect(HTTPRedirectHandler):
    """Reports a redirect as an answer, because following it would send the token to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Do not follow."""


class Demo:
    """A running demo at a base URL."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._open = build_opener(_NoRedirect).open

    def ask(self, path: str, body: object = None) -> tuple[int, str]:
        """Status and body of the answer to one request; raises OSError if there is no answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if data else {})
        try:
            with self._open(Request(self.url + path, data, headers), timeout=REQUEST_SECONDS) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace")

    def expect(self, name: str, path: str, body: object = None) -> str:
        """The body of an answer; raises Failure if its status is not 200."""
        status, answer = self.ask(path, body)
        if status != 200:
            raise Failure(f"{name}: expected 200, got {status}: {answer[:200]}")
        return answer

    def wait(self, timeout: float) -> float:
        """Wait until /v1/health answers 200, and return the seconds; errors until then are ignored."""
        start, pause = time.monotonic(), 0.25
        while True:
            try:
                status, answer = self.ask("/v1/health")
                if status == 200:
                    return time.monotonic() - start
                last_attempt = f"the last answer was {status}: {answer[:200]}"
                if status in (401, 403):
                    last_attempt += " (a private service: give --token)"
            except (OSError, HTTPException) as error:
                last_attempt = f"the last attempt ended with: {error}"
            if time.monotonic() - start + pause > timeout:
                raise Failure(f"health: not 200 within {timeout:g} s; {last_attempt}")
            time.sleep(pause)
            pause = min(pause * 1.5, 3.0)


def check_prediction(demo: Demo, case: dict[str, Any], sha256: str) -> float:
    """The demo's probability for ``case``; raises Failure if any part of the answer is wrong."""
    key, truth = case["key"], case["diagnosis"]
    body = demo.expect(key, "/v1/predict", {"features": case["features"]})
    try:
        answer = json.loads(body)
        probability, logit = float(answer["probability"]), float(answer["logit"])
        shares = [float(share["contribution"]) for share in answer["contributions"]]
        total = math.fsum([float(answer["reference_logit"]), *shares])
        diagnosis, served = answer["diagnosis"], answer["model"]["sha256"]
    except (ValueError, TypeError, LookupError) as error:
        raise Failure(f"{key}: not a prediction ({error!r}): {body[:200]}") from error
    if diagnosis != truth:
        raise Failure(f"{key}: expected {truth}, got {diagnosis} with probability {probability}")
    if not 0 <= probability <= 1 or len(shares) != len(case["features"]):
        raise Failure(f"{key}: probability {probability} with {len(shares)} contributions")
    if not math.isclose(total, logit, abs_tol=1e-3):
        raise Failure(f"{key}: contributions add up to {total:.4f}, but the logit is {logit:.4f}")
    if served != sha256:
        raise Failure(f"{key}: served by model {served[:12]}, but this checkout has {sha256[:12]}")
    return probability


def smoke(demo: Demo, timeout: float) -> None:
    """Run every check and print a line for each; raises Failure at the first that fails."""
    sha256 = hashlib.sha256((ARTIFACT / "classifier.json").read_bytes()).hexdigest()
    cases = {case["key"]: case for case in json.loads((ARTIFACT / "cases.json").read_text("utf-8"))["cases"]}
    print(f"health             200 after {demo.wait(timeout):.1f} s", flush=True)
    demo.expect("page", "/")
    print("page               200")
    for key in CASES:
        probability = check_prediction(demo, cases[key], sha256)
        print(f"{key:18} {cases[key]['diagnosis']}, probability {probability:.3f}")
    print(f"model              {sha256[:12]}, as in this checkout")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python deploy/smoke.py", description=__doc__.splitlines()[0])
    parser.add_argument("url", help="where the demo runs, such as http://127.0.0.1:7860")
    parser.add_argument("--timeout", type=float, default=120, help="seconds until it must be healthy (120)")
    parser.add_argument(
        "--token",
        default=os.environ.get("SMOKE_TOKEN"),
        help="bearer token of a private demo; better given as SMOKE_TOKEN, which no list of processes shows",
    )
    options = parser.parse_args(arguments)
    if not options.url.startswith(("http://", "https://")):
        parser.error(f"URL must begin with http:// or https://, not {options.url!r}")
    try:
        smoke(Demo(options.url, options.token), options.timeout)
    except (Failure, OSError, HTTPException) as error:
        print(f"smoke test of {options.url} FAILED: {error}", file=sys.stderr)
        return 1
    print(f"smoke test of {options.url} passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
