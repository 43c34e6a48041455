"""Recorded answers to a few hundred requests, which show whether a change of the code changes an answer.

``doors`` has the requests, and there is a file of JSON lines with answers for each interface; ``python -m
tests.recorded`` records them again. Numbers are stored with 12 digits and compared with 9, because another
processor may round differently. Hashes, dates, addresses, folders and durations are masked.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MAX_CHARACTERS = 5_000
"""Bodies up to this length are recorded whole, longer ones as their beginning and a hash."""

SHOWN_LINES = 12
MASKS = (
    (r"http://127\.0\.0\.1:\d+", "http://server"),
    (r"\b[0-9a-f]{64}\b", "<sha256>"),
    (r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?)?", "<date>"),
    (r'(?:/[^/"\s]+)+/(?=[\w-]+\.csv\b)', "<folder>/"),
)
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
DURATIONS = {"duration", "average_duration"}


def compact(value: Any) -> Any:
    """A JSON value as it is kept: masked, with numbers to 12 digits."""
    if isinstance(value, str):
        for pattern, word in MASKS:
            value = re.sub(pattern, word, value)
        return value
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [compact(item) for item in value]
    if isinstance(value, dict):
        return {key: compact(item) for key, item in value.items() if key not in DURATIONS}
    return value


def shortened(body: Any) -> Any:
    """A body, or the beginning of a long one with its hash, for which numbers are rounded to 6 digits."""
    body = compact(body)
    written = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    if len(written) <= MAX_CHARACTERS:
        return body
    rounded = NUMBER.sub(lambda number: f"{float(number[0]):.6g}", written)
    digest = hashlib.sha256(rounded.encode("utf-8", "replace")).hexdigest()[:16]
    return {"begins": written[:300], "characters": len(rounded), "hash": digest}


def alike(one: Any, other: Any) -> bool:
    """Whether two answers are equal, but for the last digits of their numbers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, str) and isinstance(other, str):
        # a table writes all digits of its numbers
        same = NUMBER.sub("#", one) == NUMBER.sub("#", other)
        return same and all(map(alike, *([float(n) for n in NUMBER.findall(t)] for t in (one, other))))
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1e-3)
    return bool(one == other)


def read(door: str) -> dict[str, Any]:
    """The recorded answers of a door, by the name of the request."""
    path = FOLDER / f"{door}.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    return {entry["ask"]: entry["answer"] for entry in map(json.loads, filter(None, lines))}


def write(door: str, answers: dict[str, Any]) -> None:
    """Write the answers of a door, one a line; those that changed in their last digits alone stay."""
    before = read(door)
    kept = {name: before[name] if alike(before.get(name), now) else now for name, now in answers.items()}
    lines = (json.dumps({"ask": k, "answer": v}, ensure_ascii=False) + "\n" for k, v in kept.items())
    (FOLDER / f"{door}.jsonl").write_text("".join(lines), encoding="utf-8")


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What changed, each request with its first differences."""
    found = [f"- {name}: is not asked any more" for name in before.keys() - now.keys()]
    for name, answer in now.items():
        if name not in before:
            found.append(f"+ {name}: has not been recorded")
        elif not alike(before[name], answer):
            old, new = dict(_flat(before[name])), dict(_flat(answer))
            changed = [key for key in old | new if not alike(old.get(key), new.get(key))]
            lines = [f"    {key}: {_excerpts(old.get(key), new.get(key))}" for key in changed[:SHOWN_LINES]]
            more = [f"    … and {len(changed) - SHOWN_LINES} more"] if len(changed) > SHOWN_LINES else []
            found.append("\n".join([f"* {name}", *lines, *more]))
    return found


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value of an answer, by its path."""
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _excerpts(old: Any, new: Any) -> str:
    """Both values; of long texts what is around their first difference."""
    texts = [json.dumps(value, ensure_ascii=False) for value in (old, new)]
    start = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), 0)
    start = max(0, start - 30)
    return " -> ".join(("…" if start else "") + text[start : start + 90] for text in texts)
