"""The pinned files say what pyproject.toml declares: nothing missing, stale, or of one machine only."""

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = ({"sys_platform": "linux", "platform_system": "Linux"}, {"sys_platform": "darwin"})
REMEDY = "run `make lock` and commit the result"


@dataclass(frozen=True)
class Pin:
    """One entry of a pinned file: ``name==version ; marker``, its hashes, and what wanted it."""

    name: str
    version: str
    marker: Marker | None
    hashes: int
    via: frozenset[str]

    @classmethod
    def of(cls, entry: str) -> "Pin":
        needs = Requirement(entry.split("\n", maxsplit=1)[0].removesuffix(" \\"))
        version = str(needs.specifier).removeprefix("==")
        via = frozenset(re.findall(r"#\s+(?:via )?(\S.*)", entry))
        return cls(canonicalize_name(needs.name), version, needs.marker, entry.count("--hash=sha256:"), via)


def pins(file: str) -> list[Pin]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return [Pin.of(entry) for entry in re.split(r"\n(?=\S)", text.rstrip())]


def group(name: str) -> Iterator[Requirement]:
    for item in PROJECT["dependency-groups"][name]:
        if isinstance(item, dict):
            yield from group(item["include-group"])
        else:
            yield Requirement(item)


SERVING = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
DECLARED = {
    "requirements.txt": SERVING,
    "training/requirements.txt": list(group("training")),
    "requirements.lock": [*SERVING, *group("dev"), *group("comparison")],
}


@pytest.mark.parametrize("file", DECLARED)
def test_a_pinned_file_holds_just_what_is_declared_and_no_place_to_fetch_it_from(file: str) -> None:
    ours = re.compile(rf"{PROJECT['project']['name']} \(pyproject\.toml.*\)")
    wanted = {pin.name for pin in pins(file) if any(ours.fullmatch(via) for via in pin.via)}
    assert wanted == {canonicalize_name(declared.name) for declared in DECLARED[file]}, REMEDY
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"://|^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", text, re.MULTILINE)
    # a Space adds packages of its own when it installs these, which pip refuses next to hashes
    assert {bool(pin.hashes) for pin in pins(file)} == {file == "requirements.lock"}


@pytest.mark.parametrize("file", DECLARED)
def test_every_supported_python_gets_one_fitting_version(file: str) -> None:
    found = pins(file)
    for python, system, declared in itertools.product(PYTHONS, SYSTEMS, DECLARED[file]):
        place = system | {"python_version": python, "python_full_version": f"{python}.9"}
        name = canonicalize_name(declared.name)
        applying = [
            pin for pin in found if pin.name == name and not (pin.marker and not pin.marker.evaluate(place))
        ]
        versions = [pin.version for pin in applying]
        assert len(versions) == 1, f"{declared} on {place}: {versions}; {REMEDY}"
        assert versions[0] in declared.specifier, f"{declared} on {place}: {versions}; {REMEDY}"


def test_supported_pythons_are_those_that_are_required_tested_and_told() -> None:
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"
    tests = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    (tested,) = re.findall(r"^ *python: (\[.*\])$", tests, re.MULTILINE)
    assert tuple(json.loads(tested)) == PYTHONS
    for page in ("README.md", "Makefile"):
        assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / page).read_text(encoding="utf-8"), page


def test_the_pinned_files_agree() -> None:
    every = {(pin.name, pin.version, pin.marker) for pin in pins("requirements.lock")}
    assert {(pin.name, pin.version, pin.marker) for pin in pins("requirements.txt")} <= every, REMEDY
    trained = {(pin.name, pin.version) for pin in pins("training/requirements.txt")}
    assert trained <= {(name, version) for name, version, _ in every}, REMEDY


def test_what_a_space_adds_agrees_with_our_pins() -> None:
    """A Space installs requirements.txt together with gradio[oauth,mcp]; `make resolve` asks the index."""
    found = {pin.name: pin.version for pin in pins("requirements.txt") if pin.marker is None}
    assert metadata.version("gradio") == found["gradio"]
    added = [Requirement("uvicorn>=0.14.0"), Requirement("websockets>=10.4")]
    for text in metadata.requires("gradio") or []:
        needs = Requirement(text)
        extra = needs.marker is None or any(
            Marker(str(needs.marker)).evaluate({"extra": name}) for name in ("oauth", "mcp")
        )
        added += [needs] if extra else []
    checked = [needs for needs in added if canonicalize_name(needs.name) in found]
    assert {"pydantic", "mcp", "uvicorn"} <= {needs.name for needs in checked}
    for needs in checked:
        assert found[canonicalize_name(needs.name)] in needs.specifier, needs
