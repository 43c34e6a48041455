"""Every setting of the two servers: what it means, what it is unless told, and the check that it passes.

All are environment variables. They are read and checked before anything heavy is imported, so that a wrong
one is told within a second. ``SETTINGS`` is the one table; docs/serving.md is written from it.
"""

import errno
import math
import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

from api.limits import Proxies

MB = 2**20
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class WrongSetting(ValueError):
    """A setting that cannot be used, in one sentence that names it."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name} is {value[:100]!r}: expected {expected}.")


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable; ``read`` raises ValueError for what is not ``expected``."""

    name: str
    default: str
    expected: str
    meaning: str
    read: Callable[[str], Any]

    def of(self, environment: Mapping[str, str], default: str | None = None) -> Any:
        """The value that is set, or the default, checked.

        Raises:
            WrongSetting: if it is not what is expected.
        """
        text = environment.get(self.name, self.default if default is None else default).strip()
        try:
            return self.read(text)
        except ValueError:
            raise WrongSetting(self.name, text, self.expected) from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise ValueError
    return int(text)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError
    return number


def _bytes(text: str) -> int:
    return max(1, int(_positive(text) * MB))


def _rate(text: str) -> str:
    if text:
        from limits import parse_many  # noqa: PLC0415  # a tenth of a second, which an unlimited server saves

        parse_many(text)
    return text


def _storage(text: str) -> str:
    if not re.match(r"memory://|(async\+)?redis[+a-z]*://.", text):
        raise ValueError
    return text


def _host(text: str) -> str:
    host = text.removeprefix("[").removesuffix("]") or "127.0.0.1"
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        raise ValueError from None
    return host


def _folder(text: str) -> Path:
    folder = Path(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ValueError from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError
    return folder


def _ancestors(text: str) -> str:
    if not text or not text.isprintable() or ";" in text or "," in text:
        raise ValueError
    return text


def _prefix(text: str) -> str:
    if text and not re.fullmatch(r"(https?://[^/\s]+)?(/[^/\s?#]+)*/?", text):
        raise ValueError
    return text.rstrip("/")


_A_SIZE = "a number of megabytes above 0, such as 16 or 0.5"
_A_TIME = "a number of seconds above 0"
_A_RATE = "a rate such as 1200/minute, or nothing for no limit"

SETTINGS = (
    Setting("HOST", "127.0.0.1", "an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::",
        "Where to listen. `0.0.0.0` serves others, and sets the rate limits. Without it "
        "`GRADIO_SERVER_NAME` counts, which a Gradio Space sets.", _host),
    Setting("PORT", "7860; REST alone 8000", "a free port from 1 to 65535",
        "The port. Without it the page takes `GRADIO_SERVER_PORT`, if that is set.", _port),
    Setting("GRADIO_ROOT_PATH", "", "a path such as /demo, or an address such as https://example.org/demo",
        "The prefix under which a proxy serves the demo.", _prefix),
    Setting("FRAME_ANCESTORS", "*", "sources as in a Content-Security-Policy, between blanks",
        "Who may embed the page, as in [CSP](https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/"
        "Content-Security-Policy/frame-ancestors).", _ancestors),
    Setting("TRUSTED_PROXIES", "0; on Cloud Run and Spaces 1",
        "a number of proxies, or networks such as 10.0.0.0/8,::1",
        "How many proxies stand in front, or their networks. As far as they are trusted, `X-Forwarded-For` "
        "and `X-Forwarded-Host` are believed.", Proxies.parse),
    Setting("RATE_LIMIT_CLIENT", "1200/minute when serving others", _A_RATE,
        "Requests of one client that compute. Empty: no limit, as on a Space, whose proxies hide who asks.",
        _rate),
    Setting("RATE_LIMIT_OVERALL", "60000/minute when serving others", _A_RATE,
        "Requests of all clients together.", _rate),
    Setting("RATE_LIMIT_STORAGE", "memory://", "memory:// or redis://HOST:PORT",
        "Where they are counted: in each process, or for all replicas in `redis://HOST:PORT`.", _storage),
    Setting("BODY_SECONDS", "20", _A_TIME, "The time for a body of numbers to arrive.", _positive),
    Setting("UPLOAD_SECONDS", "300", _A_TIME, "The time for a table to arrive.", _positive),
    Setting("MAX_UPLOAD_MB", "100", _A_SIZE,
        "The largest table; it may unpack to eight times as much.", _bytes),
    Setting("MAX_IN_FLIGHT_MB", "64", _A_SIZE,
        "Memory for the bodies of all requests together, beyond the first 64 kB of each.", _bytes),
    Setting("SCRATCH_MB", "2000", _A_SIZE,
        "Room on the disk for the tables of all visitors together; who finds none is answered 503.", _bytes),
    Setting("SCORE_AT_ONCE", "2", "a whole number from 1 to 1000",
        "Tables scored at the same time. Who finds all places taken is answered 503 and when to come again.",
        _count),
    Setting("GRADIO_TEMP_DIR", "breast-fna-explorer below the system's", "a folder that can be written",
        "Where the tables of Gradio's clients stand for minutes.", _folder),
)  # fmt: skip
"""Every setting, in the order of the docs."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is told, checked; see ``SETTINGS`` for the meaning of each."""

    host: str = "127.0.0.1"
    port: int = 7860
    root_path: str = ""
    frame_ancestors: str = "*"
    proxies: Proxies = field(default_factory=Proxies)
    rate_limit_client: str = ""
    rate_limit_overall: str = ""
    rate_limit_storage: str = "memory://"
    body_seconds: float = 20.0
    upload_seconds: float = 300.0
    max_upload: int = 100 * MB
    max_in_flight: int = 64 * MB
    scratch: int = 2000 * MB
    score_at_once: int = 2
    temp_dir: Path | None = None
    on_cloud_run: bool = False

    @property
    def prefix(self) -> str:
        """The path before every path, as a browser sees it: ``/demo``."""
        return re.sub(r"^https?://[^/]+", "", self.root_path)

    @property
    def url_host(self) -> str:
        """The host as it stands in an address: IPv6 between brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    def own_folder(self) -> Path:
        """A new folder for the files of this process; what a killed one leaves is swept by the next."""
        return Path(mkdtemp(prefix=f"{os.getpid()}-", dir=self.temp_dir))

    @classmethod
    def read(cls, environment: Mapping[str, str], port: int = 7860) -> "Settings":
        """From environment variables.

        A server that others can reach has rate limits unless told otherwise; on a Space none per client, for
        its proxies hide who asks. On Cloud Run and on a Space a proxy stands in front.

        Raises:
            WrongSetting: for the first that cannot be used.
        """

        def of(name: str, default: str | None = None) -> Any:
            return _BY_NAME[name].of(environment, default)

        host = of("HOST", environment.get("GRADIO_SERVER_NAME"))
        public = host not in LOOPBACK
        hosted = not environment.keys().isdisjoint({"K_SERVICE", "SPACE_ID"})
        each = "1200/minute" if public and "SPACE_ID" not in environment else ""
        return cls(
            host=host,
            port=of("PORT", environment.get("GRADIO_SERVER_PORT", str(port))),
            root_path=of("GRADIO_ROOT_PATH"),
            frame_ancestors=of("FRAME_ANCESTORS"),
            proxies=of("TRUSTED_PROXIES", "1" if hosted else "0"),
            rate_limit_client=of("RATE_LIMIT_CLIENT", each),
            rate_limit_overall=of("RATE_LIMIT_OVERALL", "60000/minute" if public else ""),
            rate_limit_storage=of("RATE_LIMIT_STORAGE"),
            body_seconds=of("BODY_SECONDS"),
            upload_seconds=of("UPLOAD_SECONDS"),
            max_upload=of("MAX_UPLOAD_MB"),
            max_in_flight=of("MAX_IN_FLIGHT_MB"),
            scratch=of("SCRATCH_MB"),
            score_at_once=of("SCORE_AT_ONCE"),
            temp_dir=of("GRADIO_TEMP_DIR", f"{gettempdir()}/breast-fna-explorer"),
            on_cloud_run="K_SERVICE" in environment,
        )

    def check_address(self) -> None:
        """Try the address for a moment, so that one that cannot be had is told before a server is built.

        Raises:
            WrongSetting: if it is taken, or not this machine's.
        """
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
                name, value = ("PORT", str(self.port)) if taken else ("HOST", self.host)
                expected = _BY_NAME[name].expected
                why = ", and another program listens there" if error.errno == errno.EADDRINUSE else ""
                raise WrongSetting(name, value, expected + why) from None


def settings_or_exit(environment: Mapping[str, str], port: int = 7860) -> Settings:
    """The settings of this process; if one is wrong, a sentence says which, and the process ends with 2."""
    try:
        settings = Settings.read(environment, port)
        settings.check_address()
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        raise SystemExit(2) from None
    return settings
