"""Each patch of Gradio is still needed: a test fails once Gradio does not need it; then it can be removed."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

PROGRAM = """
import httpx, io, sys
from ui.stubs import without_stubs
with without_stubs():  # that one is about time alone
    import gradio as gr
def echo(x: dict, y: float) -> dict:
    return {"x": x}
def fail(x: float) -> float:
    raise ValueError(f"no {x}")
def size(table: str) -> str:
    return str(table)
with gr.Blocks() as page:
    for fn in (echo, fail):
        gr.api(fn, api_name=fn.__name__, queue=False)
    given, out = gr.File(visible=False), gr.Textbox(visible=False)
    gr.on([], size, given, out, api_name="size", queue=False)
_, base, _ = page.launch(prevent_thread_lock=True, quiet=True, mcp_server=True)
client = httpx.Client(timeout=60)  # one for all: each takes a while to make
def ask(name, arguments):
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    call["params"] = {"name": name, "arguments": arguments}
    kinds = {"accept": "application/json, text/event-stream"}
    return client.post(f"{base}gradio_api/mcp/", json=call, headers=kinds).text
origin = {"origin": "https://elsewhere.example", "host": "demo.example"}
answer = client.get(base, headers=origin)
print("cors", answer.headers.get("access-control-allow-credentials"))
print("json", ask("echo", {"x": {"a": 1}, "y": 2}))
print("faults", ask("echo", {}))
sys.stderr = log = io.StringIO()
answer = client.post(f"{base}gradio_api/run/fail", json={"data": [1799.5]})
print("words", answer.status_code, "1799.5" in log.getvalue(), answer.json().get("error"))
body = {"path": "http://127.0.0.1:9/table.csv", "meta": {"_type": "gradio.FileData"}}
answer = client.post(f"{base}gradio_api/run/size", json={"data": [body]})
files = [("files", (name, name)) for name in "ab"]
print("form", client.post(f"{base}gradio_api/upload", files=files, data={"x": "y"}).status_code)
print("address", "not uploaded" in answer.text or "expected the file" in answer.text)
for _ in range(60):
    client.post(f"{base}gradio_api/call/echo", json={"data": [{}, 1]})
print("results", sum(map(len, page._queue.pending_event_ids_session.values())))
print("looks", page._queue.sleep_when_free)
print("headers", client.get(base, headers={"x": "y" * 2**20}).status_code)
print("name", client.post(f"{base}gradio_api/run/nosuch", json={"data": []}).status_code)
"""


@pytest.fixture(scope="module")
def plain_gradio(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What Gradio does without the patches, as a line for each patch that begins with its name."""
    folder = tmp_path_factory.mktemp("plain")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=200,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "GRADIO_ANALYTICS_ENABLED": "False",
             "GRADIO_TEMP_DIR": str(folder / "gradio")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("patch", "still"),
    [
        ("parent_configures_cors", "cors true"),
        ("postprocess_output_data", "{'x': {'a': 1}}"),
        ("_Server", "'x' is a required property"),
        ("patch_blocks", "words 500 True None"),
        ("_check_files", "address False"),
        ("strict", "form 200"),
        ("bound_results", "results 60"),
        ("bound_results", "looks 0.001"),
        ("HTTP_PROTOCOLS", "headers 200"),
        ("refusals", "name 500"),
    ],
)
def test_gradio_still_does_it(plain_gradio: str, patch: str, still: str) -> None:
    assert still in plain_gradio, f"Gradio does better now: {patch} of api/gradio_patches.py can go"
