"""docs/api.md says what the code does."""

from api.reference import PAGE, published


def test_the_published_reference_is_that_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == published(), "run `make figures` and commit docs/api.md"
