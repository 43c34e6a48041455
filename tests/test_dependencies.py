"""The pinned files say what pyproject.toml declares: nothing missing, stale, or of one machine only."""

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

    requirement: Requirement
    hashes: int
    via: frozenset[str]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")


def pins(file: str) -> list[Pin]:
    entries = re.split(r"\n(?=\S)", (ROOT / file).read_text(encoding="utf-8").rstrip())
    return [
        Pin(
            Requirement(entry.split("\n")[0].removesuffix(" \\")),
            entry.count("--hash=sha256:"),
            frozenset(re.findall(r"#\s+(?:via )?(\S.*)", entry)),
        )
        for entry in entries
    ]


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


def applying(found: list[Pin], name: str, python: str, system: dict[str, str]) -> list[str]:
    place = system | {"python_version": python, "python_full_version": f"{python}.9"}
    return [
        pin.version
        for pin in found
        if pin.name == canonicalize_name(name)
        and (pin.requirement.marker is None or pin.requirement.marker.evaluate(place))
    ]


@pytest.mark.parametrize("file", DECLARED)
def test_a_pinned_file_holds_just_what_is_declared(file: str) -> None:
    ours = re.compile(rf"{PROJECT['project']['name']} \(pyproject\.toml.*\)")
    wanted = {pin.name for pin in pins(file) if any(ours.fullmatch(via) for via in pin.via)}
    assert wanted == {canonicalize_name(declared.name) for declared in DECLARED[file]}, REMEDY


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system["sys_platform"])
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", DECLARED)
def test_every_supported_python_gets_one_fitting_version(
    file: str, python: str, system: dict[str, str]
) -> None:
    found = pins(file)
    for declared in DECLARED[file]:
        versions = applying(found, declared.name, python, system)
        assert len(versions) == 1, f"{declared}: {versions}; {REMEDY}"
        assert versions[0] in declared.specifier, f"{declared}: {versions}; {REMEDY}"


def test_supported_pythons_are_those_that_are_required_tested_and_told() -> None:
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"
    tests = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    (tested,) = re.findall(r"^ *python: (\[.*\])$", tests, re.MULTILINE)
    assert tuple(json.loads(tested)) == PYTHONS
    for page in ("README.md", "Makefile"):
        assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / page).read_text(encoding="utf-8"), page


def test_the_pinned_files_agree() -> None:
    every = {str(pin.requirement) for pin in pins("requirements.lock")}
    served = {str(pin.requirement) for pin in pins("requirements.txt")}
    assert served <= every, REMEDY
    for pin in pins("training/requirements.txt"):
        same = [one for one in pins("requirements.lock") if one.name == pin.name]
        assert pin.version in {one.version for one in same}, REMEDY


def test_only_the_lock_is_hashed_and_all_of_it() -> None:
    assert all(pin.hashes for pin in pins("requirements.lock"))
    # a Space adds packages of its own when it installs these, which pip refuses next to hashes
    assert not any(pin.hashes for pin in (*pins("requirements.txt"), *pins("training/requirements.txt")))


@pytest.mark.parametrize("file", DECLARED)
def test_a_pinned_file_names_no_place_to_fetch_from(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", text, re.MULTILINE)


def test_what_a_space_adds_agrees_with_our_pins() -> None:
    """A Space installs requirements.txt beside gradio[oauth,mcp]; `make resolve` asks the index itself."""
    found = {pin.name: pin.version for pin in pins("requirements.txt") if pin.requirement.marker is None}
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
