"""What the tests of deployment share."""

from pathlib import Path

import pytest

from tests.deploy.google_project import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    """An empty Google Cloud project."""
    return Cloud(tmp_path / "cloud")
