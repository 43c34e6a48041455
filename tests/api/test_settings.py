"""A wrong setting gives a sentence before the server is built; a right one reaches the server."""

import os
import re
import socket
import subprocess
import sys

import pytest

from api.settings import SETTINGS, Settings, WrongSetting
from tests.conftest import ROOT, free_port

EVERYBODY = "0.0.0.0"  # noqa: S104  # the host of who serves others
WRONG = (
    ("HOST", "no.such.host.invalid"), ("PORT", "abc"), ("PORT", "0"), ("PORT", "70000"),
    ("GRADIO_SERVER_PORT", "x"), ("GRADIO_ROOT_PATH", "demo"), ("FRAME_ANCESTORS", "*; script-src *"),
    ("TRUSTED_PROXIES", "-1"), ("TRUSTED_PROXIES", "10.0.0.0/99"), ("RATE_LIMIT_CLIENT", "abc"),
    ("RATE_LIMIT_OVERALL", "0 apples"), ("RATE_LIMIT_STORAGE", "postgres://x"), ("BODY_SECONDS", "nan"),
    ("UPLOAD_SECONDS", "-1"), ("MAX_UPLOAD_MB", "-5"), ("MAX_IN_FLIGHT_MB", "inf"), ("SCRATCH_MB", "0"),
    ("SCORE_AT_ONCE", "0"), ("SCORE_AT_ONCE", "1.5"), ("GRADIO_TEMP_DIR", "/proc/nowhere"),
)  # fmt: skip


def test_a_wrong_setting_is_named_with_what_it_may_be() -> None:
    assert {setting.name for setting in SETTINGS} <= {name for name, _ in WRONG}
    for name, value in WRONG:
        with pytest.raises(WrongSetting) as raised:
            Settings.read({name: value})
        shown = name.replace("GRADIO_SERVER_PORT", "PORT")
        assert str(raised.value).startswith(f"{shown} is {value!r}: expected ")


@pytest.mark.parametrize("command", [["app.py"], ["-m", "api"]], ids=["page", "REST alone"])
def test_both_servers_end_with_2_at_once(command: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for name, value in (("PORT", port), ("RATE_LIMIT_CLIENT", "abc"), ("HOST", "192.0.2.1")):
            environment = os.environ | {"PORT": str(free_port()), name: value}
            done = subprocess.run(
                [sys.executable, "-X", "importtime", *command],
                cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            (sentence,) = (line for line in done.stderr.splitlines() if not line.startswith("import time:"))
            assert (done.returncode, sentence[: len(name)]) == (2, name)
            assert value in sentence
            # what takes most of the time of a start has not been imported yet
            assert "| api.settings" in done.stderr.replace("|   ", "| ")
            assert not re.findall(r"\| +(gradio|numpy|fastapi)\n", done.stderr)


@pytest.mark.parametrize(
    ("environment", "host", "limit"),
    [
        ({}, "127.0.0.1", ""),
        ({"HOST": "[::]"}, "::", "1200/minute"),
        ({"GRADIO_SERVER_NAME": EVERYBODY}, EVERYBODY, "1200/minute"),
        ({"GRADIO_SERVER_NAME": EVERYBODY, "SPACE_ID": "a/b"}, EVERYBODY, ""),
        ({"HOST": "localhost", "GRADIO_SERVER_NAME": EVERYBODY}, "localhost", ""),
        ({"HOST": EVERYBODY, "RATE_LIMIT_CLIENT": "5/second"}, EVERYBODY, "5/second"),
    ],
)
def test_whom_it_serves_decides_its_limits(environment: dict[str, str], host: str, limit: str) -> None:
    found = Settings.read(environment)
    assert (found.host, found.rate_limit_client) == (host, limit)
