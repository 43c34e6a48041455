"""Three replicas of the demo behind one address: requests go to each by turns, or a visitor to the same."""

import contextlib
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest

from tests.conftest import free_port, serving
from tests.machine import program, wait_until

REPLICAS = 3
CONFIGURATION = """
daemon off; pid {directory}/pid; error_log stderr; worker_processes 1;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f;
  uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
  map $cookie_replica $kept {{ default $cookie_replica; "" $request_id; }}
  upstream turns {{ {servers} }}
  upstream sticky {{ hash $kept; {servers} }}
  server {{ listen 127.0.0.1:{turns}; {proxy} location / {{ proxy_pass http://turns; }} }}
  server {{ listen 127.0.0.1:{sticky}; {proxy} add_header Set-Cookie "replica=$kept; Path=/";
    location / {{ proxy_pass http://sticky; }} }}
}}
"""
PROXY = """proxy_http_version 1.1; proxy_buffering off;
    proxy_set_header Connection ""; proxy_set_header Host $http_host;"""


@pytest.fixture(scope="session")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The addresses of nginx before three replicas: by turns, and with cookie affinity."""
    nginx_path = program("nginx", "/usr/sbin")
    directory = tmp_path_factory.mktemp("nginx")
    with contextlib.ExitStack() as stack:
        ports = [free_port() for _ in range(REPLICAS)]
        replicas = [serving("app.py", path="/v1/health", port=port) for port in ports]
        with ThreadPoolExecutor() as together:
            list(together.map(stack.enter_context, replicas))
        turns, sticky = free_port(), free_port()
        servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
        settings = {"directory": directory, "servers": servers, "turns": turns, "sticky": sticky}
        configuration = directory / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(proxy=PROXY, **settings))
        command = [nginx_path, "-c", str(configuration), "-e", "stderr"]
        nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        stack.callback(nginx.wait, 10)
        stack.callback(nginx.terminate)
        bases = f"http://127.0.0.1:{turns}", f"http://127.0.0.1:{sticky}"
        for base in bases:
            wait_until(partial(_answers, base), f"nginx to answer at {base}")
        yield bases


def _answers(base: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{base}/v1/health").status_code == 200
    return False
