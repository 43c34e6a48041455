"""The benchmark of the image says why it measured nothing, rather than making a figure up."""

from pathlib import Path

import pytest

from bench import image


def test_without_an_engine_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENGINE", "no-such-engine")
    assert image.measure(1) == []
    assert "there is no no-such-engine" in capsys.readouterr().out


def test_without_an_image_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\nexit 125\n")
    engine.chmod(0o755)
    monkeypatch.setenv("ENGINE", str(engine))
    assert image.measure(1) == []
    assert "run `make image`" in capsys.readouterr().out
