"""cloudbuild.yaml, service.yaml and vertex-job.yaml are what Google's API schemas say, to the last key."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.google_schema import faults

# file, schema, API
FILES = {
    "cloudbuild.yaml": ("Build", "cloudbuild.v1"),
    "deploy/service.yaml": ("Service", "run.v1"),
    "deploy/vertex-job.yaml": ("GoogleCloudAiplatformV1CustomJobSpec", "aiplatform.v1"),
}


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m[1].lower(), key)


def keys(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every key whose name the schema fixes: all but substitutions, labels and annotations."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            if key not in {"substitutions", "labels", "annotations", "limits"}:
                yield from keys(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from keys(item, (*path, i))


def renamed(document: Any, path: tuple[Any, ...], name: str) -> Any:
    document = copy.deepcopy(document)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[name] = holder.pop(path[-1])
    return document


@pytest.mark.parametrize("name", FILES)
def test_google_accepts_the_file(name: str) -> None:
    assert faults(load(name), *FILES[name]) == []


@pytest.mark.parametrize("name", FILES)
def test_a_misspelt_key_anywhere_is_refused(name: str) -> None:
    document = load(name)
    for path in keys(document):
        assert faults(renamed(document, path, f"{path[-1]}x"), *FILES[name]), path


@pytest.mark.parametrize("name", FILES)
def test_a_snake_case_key_anywhere_is_refused(name: str) -> None:
    document = load(name)
    camel = [path for path in keys(document) if isinstance(path[-1], str) and snake(path[-1]) != path[-1]]
    assert camel
    for path in camel:
        assert faults(renamed(document, path, snake(path[-1])), *FILES[name]), path


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cloudbuild.yaml", {"timeout": "30m"}),
        ("cloudbuild.yaml", {"options": {"logging": "CLOUD_LOGGING"}}),
        ("cloudbuild.yaml", {"steps": {"name": "one step, but no list"}}),
        ("cloudbuild.yaml", {"status": "SUCCESS"}),
        ("deploy/service.yaml", {"spec": {"traffic": [{"percent": "100"}]}}),
        ("deploy/service.yaml", {"spec": {"template": {"spec": {"containerConcurrency": 0.5}}}}),
        ("deploy/vertex-job.yaml", {"scheduling": {"timeout": 3600}}),
        ("deploy/vertex-job.yaml", {"enableWebAccess": "yes"}),
    ],
)
def test_a_wrong_value_is_refused(name: str, change: dict[str, object]) -> None:
    assert faults(load(name) | change, *FILES[name])
