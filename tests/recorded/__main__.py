"""Records the answers again and prints what changed: ``python -m tests.recorded``."""

from tests.conftest import free_port, serving
from tests.recorded import differences, read, write
from tests.recorded.doors import DOORS, ask


def main() -> None:
    with serving("app.py", path="/v1/health", port=free_port()) as server:
        for door in DOORS:
            answers = ask(door, server)
            changed = differences(read(door), answers)
            print(f"{door}: {len(answers)} answers, {len(changed)} changed", *changed[:20], sep="\n")
            write(door, answers)


if __name__ == "__main__":
    main()
