"""Lets Gradio be imported without writing type stubs of its components, which only editors read."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """While this lasts, Gradio cannot find the source files of its components.

    Otherwise it parses the source of each component when it is imported and writes a stub next to it, which
    takes a fifth of the time to the first page, with Python 3.11 a third.
    """
    getfile = inspect.getfile

    def nowhere(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError("without stubs")
        return getfile(thing)

    inspect.getfile = nowhere  # type: ignore[assignment]  # the name of its argument differs
    try:
        yield
    finally:
        inspect.getfile = getfile
