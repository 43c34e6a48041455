"""`python -m bench`: measures every story, writes bench/README.md and results.json, tells what got worse."""

import argparse
import sys
from pathlib import Path

from bench import image, page, predict, results, start, table, visitors
from bench.machine import machine, versions

STORIES = {
    "start": start,
    "predict": predict,
    "page": page,
    "visitors": visitors,
    "table": table,
    "image": image,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("stories", nargs="*", metavar="story", help=f"only these of: {', '.join(STORIES)}")
    parser.add_argument("--rounds", type=int, default=12, help="how often each is measured (%(default)s)")
    parser.add_argument(
        "--against", type=Path, metavar="RESULTS", help="an older results.json to compare with"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="directory (%(default)s)")
    chosen = parser.parse_args()
    if unknown := set(chosen.stories) - set(STORIES):
        parser.error(f"{', '.join(sorted(unknown))}: expected some of {', '.join(STORIES)}")
    old = results.read(chosen.against) if chosen.against else []
    claims = []
    for name in chosen.stories or STORIES:
        print(f"Measuring {name} …", flush=True)
        claims += STORIES[name].measure(chosen.rounds)
    about = machine() | versions()
    print(results.table(claims, about))
    if not chosen.stories:
        results.write(chosen.output, claims, about)
    worse = results.compare(claims, old)
    for line in worse:
        print(f"Worse than before: {line}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
