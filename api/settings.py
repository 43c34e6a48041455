"""Every setting of the two servers: its meaning, its default, and how it is checked.

Settings are environment variables. They are checked before anything large is imported, so that the error
message for a wrong one appears within a second. The table in docs/serving.md is written from ``SETTINGS``.
"""

import errno
import math
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from api.limits import Proxies

MB = 2**20


class WrongSetting(ValueError):
    """A setting cannot be used; the message is one sentence that names it."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name} is {str(value)[:100]!r}: expected {expected}.")


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable; ``read`` raises ValueError or OSError for what is not ``expected``."""

    name: str
    default: str
    expected: str
    read: Callable[[str], Any]
    meaning: str
    shown: str
    """The default, as the docs show it."""


def _setting(
    name: str, default: str, kind: tuple[str, Callable[[str], Any]], meaning: str, shown: str = ""
) -> Any:
    """A field that an environment variable sets.

    Args:
        name: of the variable.
        default: its value if it is not set.
        kind: what is expected, in words, and what reads it.
        meaning: what it does, for the docs.
        shown: the default in the docs, if that varies.
    """
    setting = Setting(name, default, *kind, meaning, shown or default)
    return field(default=setting.read(default), metadata={"setting": setting})


def _whole(maximum: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= maximum:
            raise ValueError
        return int(text)

    return read


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError
    return number


def _matching(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return read


def _rate(text: str) -> str:
    if text:
        from limits import parse_many  # noqa: PLC0415  # takes a tenth of a second, which an unlimited server saves

        parse_many(text)
    return text


def _host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]") or "127.0.0.1"
    socket.getaddrinfo(host, None)
    return host


def _folder(text: str) -> Path:
    folder = Path(text)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError
    return folder


_SIZE = ("a number of megabytes above 0, such as 16 or 0.5", lambda text: max(1, int(_positive(text) * MB)))
_TIME = ("a number of seconds above 0", _positive)
_RATE = ("a rate such as 1200/minute, or nothing for no limit", _rate)


@dataclass(frozen=True)
class Settings:
    """The settings of a server, checked."""

    host: str = _setting(
        "HOST", "127.0.0.1", ("an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::", _host),
        "Where to listen. `0.0.0.0` serves other machines, too, and turns the rate limits on. Without it "
        "`GRADIO_SERVER_NAME` is used, which a Gradio Space sets.",
    )  # fmt: skip
    port: int = _setting(
        "PORT", "7860", ("a free port from 1 to 65535", _whole(65535)),
        "The port. Without it the page takes `GRADIO_SERVER_PORT`, if that is set.",
        "7860; REST alone 8000",
    )  # fmt: skip
    root_path: str = _setting(
        "GRADIO_ROOT_PATH", "",
        ("a path such as /demo, or an address such as https://example.org/demo",
         _matching(r"(https?://[^/\s]+)?(/[^/\s?#]+)*/?")),
        "The prefix under which a proxy serves the demo.",
    )  # fmt: skip
    frame_ancestors: str = _setting(
        "FRAME_ANCESTORS", "*",
        ("sources as in a Content-Security-Policy, between blanks", _matching(r"[ -+\--:<-~]+")),
        "Who may embed the page, as in [CSP](https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/"
        "Content-Security-Policy/frame-ancestors).",
    )  # fmt: skip
    proxies: Proxies = _setting(  # noqa: RUF009  # frozen, as a path is
        "TRUSTED_PROXIES", "0", ("a number of proxies, or networks such as 10.0.0.0/8,::1", Proxies.parse),
        "How many proxies in front are trusted, or their networks. `X-Forwarded-For` and "
        "`X-Forwarded-Host` are used only as far as they come from these.",
        "0; on Cloud Run and Spaces 1",
    )  # fmt: skip
    rate_limit_client: str = _setting(
        "RATE_LIMIT_CLIENT", "", _RATE,
        "How often one client may ask for something to be computed. Empty means no limit, as on a Space, "
        "whose proxies hide the clients.",
        "1200/minute when serving others",
    )  # fmt: skip
    rate_limit_overall: str = _setting(
        "RATE_LIMIT_OVERALL", "", _RATE, "The same for all clients together.",
        "60000/minute when serving others",
    )  # fmt: skip
    rate_limit_storage: str = _setting(
        "RATE_LIMIT_STORAGE", "memory://",
        ("memory:// or redis://HOST:PORT", _matching(r"memory://.*|(async\+)?redis[+a-z]*://.+")),
        "Where requests are counted: in each process, or for all replicas in `redis://HOST:PORT`.",
    )  # fmt: skip
    body_seconds: float = _setting(
        "BODY_SECONDS", "20", _TIME,
        "The longest time for a body of numbers to arrive, and for a part of a long answer to be read.",
    )  # fmt: skip
    upload_seconds: float = _setting(
        "UPLOAD_SECONDS", "300", _TIME, "The longest time for a table to arrive."
    )
    max_upload: int = _setting(
        "MAX_UPLOAD_MB", "100", _SIZE, "The largest table; it may unpack to eight times as much."
    )
    max_in_flight: int = _setting(
        "MAX_IN_FLIGHT_MB", "64", _SIZE,
        "Memory for the bodies of all requests together, beyond the first 64 kB of each.",
    )  # fmt: skip
    scratch: int = _setting(
        "SCRATCH_MB", "2000", _SIZE,
        "Space on the disk for the tables of all visitors together; when it is full, the answer is 503.",
    )  # fmt: skip
    score_at_once: int = _setting(
        "SCORE_AT_ONCE", "2", ("a whole number from 1 to 1000", _whole(1000)),
        "How many tables are scored at the same time; for one more, the answer is 503 with a time to retry.",
    )  # fmt: skip
    temp_dir: Path = _setting(  # noqa: RUF009  # the same
        "GRADIO_TEMP_DIR", gettempdir(), ("a folder that can be written", _folder),
        "The folder where tables of Gradio's clients are kept for a few minutes.",
        "breast-fna-explorer-UID in /tmp",
    )  # fmt: skip
    on_cloud_run: bool = False

    @property
    def prefix(self) -> str:
        """The path that a proxy puts in front of every path: ``/demo``."""
        return re.sub(r"^https?://[^/]+", "", self.root_path).rstrip("/")

    @property
    def url_host(self) -> str:
        """The host as written in an address: IPv6 is put in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @classmethod
    def read(cls, environment: Mapping[str, str], port: int = 7860) -> "Settings":
        """Read the settings from environment variables.

        By default, a server that other machines can reach has rate limits. On a Space there is none per
        client, as its proxies hide the client. On Cloud Run and on a Space there is a proxy in front.

        Raises:
            WrongSetting: for the first one that cannot be used.
        """
        values_by_name = {
            "HOST": environment.get("GRADIO_SERVER_NAME", ""),
            "PORT": environment.get("GRADIO_SERVER_PORT", str(port)),
            # one for each user of the machine, so that no other user can have made it
            "GRADIO_TEMP_DIR": f"{gettempdir()}/breast-fna-explorer-{os.getuid()}",
            **environment,
        }
        if values_by_name["HOST"].strip("[] ") not in {"", "127.0.0.1", "::1", "localhost"}:
            per_client = {} if "SPACE_ID" in values_by_name else {"RATE_LIMIT_CLIENT": "1200/minute"}
            values_by_name = {"RATE_LIMIT_OVERALL": "60000/minute"} | per_client | values_by_name
        if not values_by_name.keys().isdisjoint({"K_SERVICE", "SPACE_ID"}):
            values_by_name = {"TRUSTED_PROXIES": "1"} | values_by_name
        checked: dict[str, Any] = {"on_cloud_run": "K_SERVICE" in environment}
        for name, setting in _SETTINGS.items():
            text = values_by_name.get(setting.name, setting.default).strip()
            try:
                checked[name] = setting.read(text)
            except (ValueError, OSError):
                raise WrongSetting(setting.name, text, setting.expected) from None
        return cls(**checked)

    def check_address(self) -> None:
        """Bind to the address for a moment, so that an error appears before a server is built.

        Raises:
            WrongSetting: if it is in use, or not an address of this machine.
        """
        (family, _, _, _, address), *_ = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        try:
            socket.create_server(address[:2], family=family).close()
        except OSError as error:
            name = "port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "host"
            expected = f"{_SETTINGS[name].expected} ({os.strerror(error.errno or 0)})"
            raise WrongSetting(_SETTINGS[name].name, getattr(self, name), expected) from None


_SETTINGS: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Settings) if f.metadata}

SETTINGS = tuple(_SETTINGS.values())
"""Every setting, in the order of the docs."""


def settings_or_exit(environment: Mapping[str, str], port: int = 7860) -> Settings:
    """The settings of this process; if one is wrong, its error is printed and the exit code is 2.

    Until the program handles signals itself, one ends it with 0.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    try:
        settings = Settings.read(environment, port)
        settings.check_address()
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        raise SystemExit(2) from None
    return settings
