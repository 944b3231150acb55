"""The glossary's terms are in use: each occurs in other pages or in the code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"


def test_each_term_of_the_glossary_is_used_elsewhere() -> None:
    assert [term for term in terms() if not is_used(term, texts())] == []


def test_a_term_that_nobody_uses_is_noticed() -> None:
    assert not is_used("flux condensator", texts())


def test_terms_are_there_once_in_order_and_each_is_explained() -> None:
    assert terms() == sorted(set(terms()))
    assert len(terms()) >= 25
    assert all(len(meaning) > 15 for _, meaning in rows())


def test_the_glossary_can_be_found() -> None:
    for page in ("README.md", "docs/contributing.md"):
        assert "glossary.md" in (ROOT / page).read_text("utf-8")


def rows() -> list[tuple[str, str]]:
    cells = [
        line.strip("| ").split(" | ") for line in GLOSSARY.read_text("utf-8").splitlines() if line[:1] == "|"
    ]
    return [(term, meaning) for term, meaning in cells[2:]]


def terms() -> list[str]:
    return [term for term, _ in rows()]


def texts() -> list[str]:
    pages = [file for file in (ROOT / "docs").glob("*.md") if file != GLOSSARY]
    return [file.read_text("utf-8") for file in [*pages, *(ROOT / "duckmart").rglob("*.py")]]


def is_used(term: str, texts: list[str]) -> bool:
    words = re.escape(term).replace("\\ ", "[ _]?")  # event set, event_set, EventSet
    return any(re.search(rf"\b{words}s?\b", text, re.IGNORECASE) for text in texts)
