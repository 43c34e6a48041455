"""docs/api.md says what the code does."""

from api.reference import DOCS, pages


def test_the_published_reference_is_that_of_the_code() -> None:
    page = DOCS / "api.md"
    assert page.read_text(encoding="utf-8") == pages()[page], "run `make figures` and commit docs/api.md"
