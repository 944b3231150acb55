"""Saving from the builder, opening again, referring to what was saved, and being told who saved first."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from duckmart.library import Library
from duckmart.mart import Mart
from duckmart.segment import parse
from duckmart.settings import Settings, settings
from duckmart.ui.saving import slug
from tests.app.conftest import Open
from tests.app.page import Page, size

TEXAS = {"user_filters": [{"field": "location", "operator": "in", "value": ["Texas"]}]}
OHIO = {"user_filters": [{"field": "location", "operator": "in", "value": ["Ohio"]}]}


@pytest.fixture
def folder(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo data, whose library is the test's own."""
    return Path(shutil.copytree(demo, tmp_path / "data"))


@pytest.fixture
def page(open_page: Open, folder: Path) -> Page:
    return open_page(folder)


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(folder / "library.sqlite")


def save(library: Library, name: str, spec: Any, version: int | None = None) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    library.save(name, parse(spec, Settings()), now=now, version=version)


def save_as(page: Page, name: str, given: str = "") -> Page:
    """Fills in the dialog. AppTest redraws all, not the dialog alone, so each step opens it again."""
    page.press("Save")
    page.find("Name").set_value(name)
    page.find("Id").set_value(given)
    page.press("Save")
    page.find("Save segment").click()
    return page.press("Save")


def test_a_first_save_asks_for_a_name_and_a_second_needs_none(page: Page, library: Library) -> None:
    assert page.find("Open").disabled
    page.paste(TEXAS)
    save_as(page, "Lone star Texans")
    assert library.get("lone-star-texans").spec == TEXAS
    assert "**Lone star Texans** · `lone-star-texans` · version 1 · saved" in page.words
    page.add_event("LOGIN", "gte", 1, "2")
    assert "version 1 · :orange[edited, not saved]" in page.words
    page.press("Save")
    assert "version 2 · saved" in page.words
    assert library.get("lone-star-texans").spec == page.spec


def test_what_was_saved_opens_again_and_undo_brings_back_the_rows_before(
    page: Page, library: Library
) -> None:
    save(library, "texans", TEXAS)
    page.run().paste(OHIO)
    page.choose("Open", "texans")
    assert page.spec == TEXAS
    assert "`texans` · version 1 · saved" in page.words
    page.press("Undo")
    assert page.spec == OHIO
    page.press("Clear")
    assert "version 1" not in page.words


def test_who_saves_second_is_told_and_loses_nothing(page: Page, library: Library) -> None:
    save(library, "texans", TEXAS)
    page.run().choose("Open", "texans").add_event("LOGIN", "gte", 1, "2")
    mine = page.spec
    save(library, "texans", OHIO, version=1)
    page.press("Save")
    assert "is at version 2 now" in page.words
    assert page.spec == mine
    assert library.get("texans").spec == OHIO
    page.press("Save")
    page.find("Save mine over it").click()
    page.press("Save")
    assert library.get("texans").spec == mine
    assert [one.saved.spec for one in library.history("texans")] == [TEXAS, OHIO, mine]


def test_an_id_that_is_taken_is_said_and_the_rows_stay(page: Page, library: Library) -> None:
    save(library, "texans", TEXAS)
    page.run().paste(OHIO)
    save_as(page, "Texans")
    assert "`texans` is taken" in page.words
    assert page.spec == OHIO
    assert library.get("texans").spec == TEXAS


def test_a_row_refers_to_a_saved_segment_and_counts_what_it_means_now(
    page: Page, library: Library, demo_mart: Mart
) -> None:
    assert not page.has("Add saved segment")
    save(library, "texans", TEXAS)
    page.run().press("Add saved segment")
    assert "Not counted yet" in page.words
    page.choose("Filter 1 saved segment", "texans")
    texans = size(demo_mart, TEXAS)
    assert page.count == texans
    assert page.spec == {"segment_filters": [{"segment": "texans", "operator": "in"}]}
    page.choose("Filter 1 operator", "not_in")
    assert page.count == 10_000 - texans
    save(library, "texans", OHIO, version=1)
    page.run()
    assert page.count == 10_000 - size(demo_mart, OHIO)


def test_a_library_that_cannot_be_read_is_said_and_the_count_is_there(open_page: Open, folder: Path) -> None:
    (folder / "library.sqlite").write_text("this is no database, however long it may be. " * 40)
    page = open_page(folder)
    assert "Saved segments cannot be read" in page.words
    assert page.count == 10_000


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Cart abandoners, 30 days", "cart-abandoners-30-days"),
        ("Café Über", "cafe-uber"),
        ("東京", ""),
        ("", ""),
    ],
)
def test_an_id_is_made_of_a_name(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_the_library_is_that_of_the_settings(page: Page, folder: Path) -> None:
    assert page.count == 10_000
    assert settings().library_place == folder / "library.sqlite"
