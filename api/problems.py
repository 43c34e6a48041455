"""Errors that people and programs can read: problem details (RFC 9457). Uses no web framework."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MEDIA_TYPE = "application/problem+json"
MAX_LISTED = 100  # faults that an answer lists; a body could have millions


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status, its title, and what a caller can do about it."""

    status: int
    title: str
    advice: str


KINDS = {
    "invalid-input": Kind(422, "Invalid input", "Correct everything that `faults` lists."),
    "bad-request": Kind(400, "Bad request", "Send what `detail` asks for."),
    "not-found": Kind(404, "Not found", "See the list of paths."),
    "method-not-allowed": Kind(405, "Method not allowed", "Use a method that the `Allow` header names."),
    "unsupported-content": Kind(415, "Unsupported content", "Send JSON, or CSV to `/v1/score`."),
    "too-large": Kind(413, "Too large", "Send fewer specimens at a time; `limit` is in bytes."),
    "address-too-long": Kind(414, "Address too long", "Send numbers in a body, not in the address."),
    "too-slow": Kind(408, "Too slow", "Send the whole body without a pause."),
    "too-many-requests": Kind(429, "Too many requests", "Wait as many seconds as `Retry-After` says."),
    "busy": Kind(503, "Busy", "There is no room for more now; wait as many seconds as `Retry-After` says."),
    "internal": Kind(500, "Internal error", "This is our fault. It was logged, without what you sent."),
}  # fmt: skip
"""Every kind of problem that can be an answer, by the last part of its ``type``."""


class Problem(Exception):
    """An error that ends a request; the answer describes it.

    Args:
        kind: a key of ``KINDS``.
        detail: what happened, in one sentence.
        headers: further headers of the answer.
        members: further members of the problem document.
    """

    def __init__(
        self, kind: str, detail: str, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.members = kind, detail, members
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return KINDS[self.kind].status

    def content(self, prefix: str = "") -> bytes:
        """As JSON; ``prefix`` is the path that a proxy puts in front of all paths."""
        document = {
            "type": f"{prefix}/v1/docs#{self.kind}",
            "title": KINDS[self.kind].title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        # A message repeats what was sent, which may contain half a surrogate pair: UTF-8 has none.
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def invalid(faults: Iterable[Mapping[str, Any]]) -> Problem:
    """The problem for an input with these faults; if there are many specimens, ``specimen`` is the index."""
    listed = list(faults)
    detail = "; ".join(
        (f"specimen {fault['specimen']}: " if "specimen" in fault else "") + fault["message"]
        for fault in listed[:3]
    )
    more = f"; and {len(listed) - 3} more, see faults" if len(listed) > 3 else ""
    return Problem("invalid-input", detail + more, faults=listed[:MAX_LISTED])
