"""The page about serving lists every setting and every door, and its proxy works."""

from api.reference import DOCS, pages


def test_its_tables_are_those_of_the_code() -> None:
    page = DOCS / "serving.md"
    assert page.read_text(encoding="utf-8") == pages()[page], "run `make figures` and commit docs/serving.md"
