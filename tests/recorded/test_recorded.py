"""Every interface still gives the recorded answers."""

import pytest

from tests.recorded import differences, read
from tests.recorded.doors import DOORS, ask


@pytest.mark.parametrize("door", DOORS)
def test_every_door_answers_as_recorded(server: str, door: str) -> None:
    changed = differences(read(door), ask(door, server))
    advice = "If it was meant, `.venv/bin/python -m tests.recorded` and commit what it writes."
    assert not changed, "\n".join([f"{len(changed)} answers changed. {advice}", *changed[:20]])
