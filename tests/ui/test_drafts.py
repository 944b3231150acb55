"""What is built outlives its session: reloads, other pages, restarts, two tabs, and a library that fails."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from duckmart.library.library import Library
from duckmart.settings import Settings
from duckmart.spec import draft_json
from duckmart.spec.parser import parse
from duckmart.ui.library import drafts, links
from tests.ui.conftest import APP, Open
from tests.ui.page import Page
from tests.ui.test_saving import NOW, OHIO, TEXAS, save_as

LOGINS = {"event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]}


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


def address(page: Page) -> str | None:
    """The draft's id as the browser shows it."""
    named: Any = page.app.query_params.get(drafts.ADDRESS)
    return str(named[0]) if isinstance(named, list) else named


def visited(**said: str) -> Page:
    """The app in a new session, at an address: what a reload is, or another tab."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in said.items():
        app.query_params[name] = value
    return Page(app).run()


def reloaded(page: Page) -> Page:
    return visited(draft=address(page) or "")


def said(page: Page) -> str:
    return "\n".join(str(toast.value) for toast in page.app.toast)


def test_the_address_names_a_draft_from_the_first_edit_on(page: Page) -> None:
    assert address(page) is None
    page.paste(TEXAS)
    named = address(page)
    assert named is not None
    assert len(named) == 16
    page.press("Add event", "Undo", "Redo", "Clear")
    assert address(page) == named


def test_a_reload_brings_every_row_back_and_the_steps_before_and_after(page: Page) -> None:
    page.paste(OHIO).paste({**TEXAS, **LOGINS})
    page.choose("More for filter 2", "Mute").press("Add group", "Add attribute to group 3", "Undo")
    again = reloaded(page)
    assert again.draft == page.draft
    assert again.count == page.count
    assert draft_json.build(again.draft).muted
    again.press("Redo")
    assert again.has("Filter 3.1 attribute")
    again.press("Undo", "Undo", "Undo", "Undo")
    assert again.spec == OHIO
    again.press("Undo")
    assert again.spec == {}
    assert again.find("Undo").disabled
    # The steps were taken back in the library too.
    assert reloaded(again).find("Undo").disabled


def test_a_reload_brings_both_forms_of_an_unfinished_row_back(page: Page) -> None:
    page.paste({**TEXAS, **LOGINS}).choose("Filter 1 attribute", "age").more("Filter 1", "Duplicate")
    again = reloaded(page)
    assert again.draft == page.draft
    assert (again.count, again.words.count("not applied yet")) == (page.count, 2)
    again.press("Undo", "Undo").press("Redo")
    assert again.spec == {**TEXAS, **LOGINS}
    assert again.find("Filter 1 attribute").value == "age"


def test_a_row_that_is_added_after_a_reload_has_an_id_of_its_own(page: Page) -> None:
    page.paste(TEXAS).press("Add attribute", "Remove filter 2")
    again = reloaded(page).press("Add attribute")
    ids = [row.id for row in again.draft.root.rows()]
    assert len(ids) == len({*ids}) == 2


def test_a_reload_knows_which_saved_segment_the_rows_are(page: Page, library: Library) -> None:
    save_as(page.paste(TEXAS), "Texans")
    again = reloaded(page)
    assert "`texans` · version 1 · saved" in again.words
    again.add_event("LOGIN", "gte", 1, "2").press("Save")
    assert library.get("texans").version == 2
    last = reloaded(again)
    assert "`texans` · version 2 · saved" in last.words
    last.press("Undo", "Undo").press("Save")
    assert library.get("texans").version == 3


def test_a_visit_to_another_page_loses_nothing(page: Page) -> None:
    page.paste({**TEXAS, **LOGINS})
    named, count = address(page), page.count
    # Links to other pages drop what the address says.
    page.app.query_params.clear()
    page.app.switch_page("pages/data.py")
    page.run()
    assert address(page) == named
    page.app.switch_page("pages/builder.py")
    page.run()
    assert (page.count, address(page)) == (count, named)
    assert page.find("Undo").disabled is False


def test_an_unknown_id_is_an_empty_builder_whose_draft_gets_an_id_of_its_own(
    open_page: Open, folder: Path
) -> None:
    open_page(folder)
    page = visited(draft="nobody' OR 1=1 --")
    assert page.count == 10_000
    assert not said(page)
    page.paste(TEXAS)
    assert address(page) not in (None, "nobody' OR 1=1 --")
    assert reloaded(page).spec == TEXAS


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"opened": {}, "here": 7, "past": [], "future": []}'])
def test_a_document_that_is_no_draft_is_an_empty_builder_and_stays(
    page: Page, library: Library, document: str
) -> None:
    library.keep_draft("odd", document, now=NOW)
    page = visited(draft="odd").paste(TEXAS)
    assert address(page) != "odd"
    kept = library.draft("odd")
    assert kept is not None
    assert kept.document == document


def test_of_two_tabs_with_one_draft_the_second_that_edits_goes_on_with_a_copy(page: Page) -> None:
    page.paste(TEXAS)
    other = reloaded(page)
    page.paste(OHIO)
    other.press("Add event")
    assert "edited in another tab or browser too" in said(other)
    assert address(other) != address(page)
    other.choose("Filter 2 event", "LOGIN")
    page.press("Undo")
    assert not said(page)
    assert not said(other)
    assert reloaded(page).spec == TEXAS
    assert reloaded(other).spec["event_filters"][0]["event_name"] == "LOGIN"


def test_a_shared_link_is_opened_over_the_draft_and_is_a_draft_of_its_own(page: Page) -> None:
    page.paste(OHIO)
    packed = links.pack(parse(TEXAS, Settings()))
    shared = visited(draft=address(page) or "", segment=packed)
    assert shared.spec == TEXAS
    assert address(shared) not in (None, address(page))
    assert reloaded(page).spec == OHIO
    assert reloaded(shared).spec == TEXAS
    shared.press("Undo")
    assert shared.spec == OHIO


def test_what_a_link_opens_over_a_saved_segment_is_not_saved_in_its_place(
    page: Page, library: Library
) -> None:
    save_as(page.paste(OHIO), "Ohioans")
    shared = visited(draft=address(page) or "", segment=links.pack(parse(TEXAS, Settings())))
    assert "ohioans" not in shared.words
    save_as(shared, "Texans")
    assert library.get("ohioans").version == 1
    assert library.get("texans").spec == TEXAS


def test_a_library_that_cannot_be_written_is_said_once_and_the_builder_goes_on(
    open_page: Open, folder: Path
) -> None:
    (folder / "library.sqlite").write_text("this is no database, however long it may be. " * 40)
    page = open_page(folder).press("Add attribute")
    assert "Your draft is not kept" in said(page)
    page.press("Add event")
    assert not said(page)
    (folder / "library.sqlite").unlink()
    (folder / "library.sqlite.made").unlink(missing_ok=True)  # as the words ask, to begin with an empty one
    page.run()
    assert len(reloaded(page).draft.root.children) == 2


def test_a_long_list_is_kept_with_as_many_steps_as_fit(page: Page, library: Library) -> None:
    values = [f"place {number}" for number in range(100_000)]
    page.paste({"user_filters": [{"field": "location", "operator": "in", "value": values}]})
    page.press("Add event", "Add event")
    kept = library.draft(address(page) or "")
    assert kept is not None
    assert len(kept.document) < 5_000_000
    again = drafts.from_text(kept.document)
    assert again.here.draft == page.draft
    assert len(again.past) < 3
