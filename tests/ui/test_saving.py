"""Saving from the builder, opening again, referring to what was saved, and being told who saved first."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from duckmart.library.library import Library
from duckmart.library.saved import Details
from duckmart.mart import Mart
from duckmart.settings import Settings, settings
from duckmart.spec import draft_json
from duckmart.spec.draft import BLANK, ROOT, ConditionRow, Draft, GroupRow
from duckmart.spec.parser import parse
from duckmart.ui.library.saving import slug
from tests.ui.conftest import Open
from tests.ui.page import Page, size

NOW = datetime(2126, 11, 22, 9, 30)
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
    """Fills in the dialog. AppTest redraws all, not the dialog alone, so to see more opens it again."""
    page.press("Save")
    page.find("Name").set_value(name)
    page.find("Id").set_value(given)
    return page.press("Save segment")


def open_saved(page: Page, segment_id: str, version: int | None = None) -> Page:
    """Likewise."""
    page.press("Open").find("Saved segment").set_value(segment_id)
    page.press("Open")
    if version is not None:
        page.find("Version").set_value(version)
        page.press("Open")
    page.find("Open segment").click()
    return page.press("Open")


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
    open_saved(page, "texans")
    assert page.spec == TEXAS
    assert "`texans` · version 1 · saved" in page.words
    page.press("Undo")
    assert page.spec == OHIO
    page.press("Clear")
    assert "version 1" not in page.words


def test_who_saves_second_is_told_and_loses_nothing(page: Page, library: Library) -> None:
    save(library, "texans", TEXAS)
    open_saved(page.run(), "texans").add_event("LOGIN", "gte", 1, "2")
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


def test_for_an_id_that_is_taken_a_free_one_is_offered_and_nothing_is_lost(
    page: Page, library: Library
) -> None:
    save(library, "texans", TEXAS)
    save(library, "texans-2", TEXAS)
    library.delete("texans-2", now=NOW)
    page.run().paste(OHIO)
    save_as(page, "Texans").press("Save")
    assert "`texans` is taken. `texans-3` is free" in page.words
    assert page.spec == OHIO
    assert library.get("texans").spec == TEXAS
    assert page.find("Name").value == "Texans 3"
    page.press("Save segment")
    assert (library.get("texans-3").spec, library.get("texans-3").name) == (OHIO, "Texans 3")
    assert "`texans-3` · version 1 · saved" in page.words


@pytest.mark.parametrize(
    ("name", "words"), [("", "Write a name first"), ("東京", "Write an id too")], ids=["nothing", "no latin"]
)
def test_a_name_that_gives_no_id_is_said(page: Page, library: Library, name: str, words: str) -> None:
    save_as(page.paste(TEXAS), name).press("Save")
    assert words in page.words
    assert library.listed() == ()


def test_rows_that_do_not_count_are_kept_with_the_segment_and_come_back(
    page: Page, library: Library, open_page: Open, folder: Path
) -> None:
    page.paste({**TEXAS, "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]})
    page.choose("More for filter 2", "Mute").press("Add attribute")
    page.choose("More for filter 2", "Mute").press("Save")
    assert "Kept with the segment but not counted: 2 rows." in page.words
    save_as(page, "Texans")
    assert "version 1 · saved" in page.words
    assert library.get("texans").spec == TEXAS
    assert "LOGIN" not in library.export()

    other = open_saved(open_page(folder), "texans")
    assert "version 1 · saved" in other.words
    assert draft_json.build(other.draft) == draft_json.build(page.draft)
    other.choose("More for filter 3", "Count again")
    assert other.spec["event_filters"][0]["event_name"] == "LOGIN"


def test_a_muted_row_alone_makes_the_segment_edited_and_each_version_has_its_own(
    page: Page, library: Library
) -> None:
    logins = {"event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]}
    page.paste({**TEXAS, **logins})
    save_as(page.choose("More for filter 2", "Mute"), "Texans")
    page.press("Remove filter 2")
    assert page.spec == TEXAS
    assert "version 1 · :orange[edited, not saved]" in page.words
    page.press("Add event").choose("More for filter 2", "Mute").press("Save")
    assert "version 2 · saved" in page.words
    assert "Kept with the segment but not counted: 1 row." in page.app.toast[0].value

    open_saved(page, "texans", version=1)
    assert page.spec == TEXAS
    assert "version 2 · :orange[edited, not saved]" in page.words
    page.choose("More for filter 2", "Count again")
    assert page.spec == {**TEXAS, **logins}
    page.press("Save")
    assert library.get("texans").version == 3
    assert library.get("texans").spec == {**TEXAS, **logins}


def test_a_name_that_is_taken_may_become_a_new_version_of_its_segment(page: Page, library: Library) -> None:
    library.save("abc", parse(TEXAS, Settings()), Details("Lone star"), now=NOW)
    save_as(page.run().paste(OHIO), "lone Star").press("Save")
    assert "The name “lone Star” is taken" in page.words
    assert library.listed()[0].version == 1
    page.find("Save as a new version of “Lone star”").click()
    page.run()
    assert (library.get("abc").spec, library.get("abc").name) == (OHIO, "Lone star")
    assert "**Lone star** · `abc` · version 2 · saved" in page.words
    assert len(library.listed()) == 1


def test_an_id_is_never_taken_for_a_name(page: Page, library: Library) -> None:
    save_as(page.paste(TEXAS), "", "texans").press("Save")
    assert "Write a name first" in page.words
    assert library.listed() == ()


def refer(name: str) -> Any:
    return {"segment_filters": [{"segment": name, "operator": "in"}]}


def test_a_segment_and_those_built_on_it_are_not_offered_in_its_own_rows(
    page: Page, library: Library
) -> None:
    for name, spec in (("a", TEXAS), ("b", refer("a")), ("c", refer("b")), ("d", OHIO)):
        library.save(name, parse(spec, Settings()), Details(f"Segment {name}"), now=NOW)
    open_saved(page.run(), "a").press("Add saved segment")
    assert page.find("Filter 2 saved segment").options == ["Segment d"]
    open_saved(page, "c").press("Add saved segment")
    assert page.find("Filter 2 saved segment").options == ["Segment a", "Segment b", "Segment d"]


@pytest.mark.parametrize("operator", ["in", "not_in"])
def test_a_circle_that_comes_about_elsewhere_is_said_at_once_in_names(
    page: Page, library: Library, operator: str
) -> None:
    for name, spec in (("a", TEXAS), ("b", OHIO)):
        library.save(name, parse(spec, Settings()), Details(f"Segment {name}"), now=NOW)
    open_saved(page.run(), "a").press("Add saved segment").choose("Filter 2 saved segment", "b")
    page.choose("Filter 2 operator", operator)
    assert page.count >= 0
    library.save("b", parse(refer("a"), Settings()), now=NOW, version=1)
    page.run()
    told = "cannot be a part of itself: Segment a → Segment b → Segment a"
    assert told in page.words.replace("\\", "")
    assert page.app.metric[0].value == "–"
    assert page.find("Save").disabled
    page.press("Remove filter 2")
    assert page.count > 0


def test_a_new_version_that_would_refer_to_itself_is_refused_in_plain_words(
    page: Page, library: Library
) -> None:
    library.save("a", parse(TEXAS, Settings()), Details("Texans"), now=NOW)
    save_as(page.run().paste(refer("a")), "Texans").press("Save")
    page.find("Save as a new version of “Texans”").click()
    page.press("Save")
    assert "it would be a part of itself" in page.words
    assert library.get("a").spec == TEXAS


def test_unfinished_rows_that_were_saved_once_come_back_and_wait(page: Page, library: Library) -> None:
    blank = ConditionRow("n9", "event_filters", BLANK["event_filters"])
    rows = draft_json.dump(
        Draft(GroupRow(ROOT, (*draft_json.draft_of(parse(TEXAS, Settings())).root.children, blank)))
    )
    library.save("texans", parse(TEXAS, Settings()), Details(), now=NOW, kept=json.dumps(rows))
    open_saved(page.run(), "texans")
    assert "version 1 · saved" in page.words
    assert page.words.count("Not counted yet") == 1
    assert page.find("Save").disabled
    page.press("Remove filter 1")
    assert page.app.metric[0].value == "–"


def test_both_forms_of_an_unfinished_row_are_kept_with_a_segment_that_mutes_it(
    page: Page, library: Library, open_page: Open, folder: Path
) -> None:
    page.paste({**OHIO, "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]})
    page.choose("Filter 1 attribute", "age").choose("More for filter 1", "Mute")
    save_as(page, "Texans")
    other = open_saved(open_page(folder), "texans")
    assert other.draft == page.draft
    other.choose("More for filter 1", "Count again")
    assert other.spec["user_filters"] == OHIO["user_filters"]
    assert other.find("Filter 1 attribute").value == "age"


def test_a_spec_saved_by_another_door_comes_without_the_rows_of_the_version_before(
    page: Page, library: Library
) -> None:
    page.paste({**TEXAS, "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]})
    save_as(page.choose("More for filter 2", "Mute"), "Texans")
    save(library, "texans", OHIO, version=1)
    open_saved(page, "texans")
    assert page.spec == OHIO
    assert not page.has("Remove filter 2")


def test_undo_brings_back_which_segment_the_rows_were_and_no_version_that_is_overtaken(
    page: Page, library: Library
) -> None:
    save(library, "ohioans", OHIO)
    save_as(page.run().paste(TEXAS), "Texans")
    page.add_event("LOGIN", "gte", 1, "2").press("Save")
    page.press("Clear", "Undo")
    assert "`texans` · version 2 · saved" in page.words
    open_saved(page, "ohioans").press("Undo", "Undo", "Undo")
    assert "`texans` · version 2 · :orange[edited, not saved]" in page.words
    page.press("Save")
    assert library.get("texans").version == 3
    page.press("Redo", "Redo", "Redo")
    assert page.spec == OHIO
    assert "`ohioans` · version 1 · saved" in page.words


def test_of_many_segments_one_is_found_by_name_owner_and_tag(page: Page, library: Library) -> None:
    for number in range(60):
        save(library, f"s{number}", OHIO)
    details = Details("Lone *star*", "All of Texas", ("spring",), "Ann")
    library.save("texans", parse(TEXAS, Settings()), details, now=NOW)
    page.run().press("Open")
    choice = page.find("Saved segment")
    assert choice.options[0] == "Lone *star* · texans · Ann · #spring"
    assert len(choice.options) == 61
    [table] = page.app.dataframe
    assert list(table.value.columns) == ["name", "description", "owner", "updated", "version"]
    choice.set_value("texans")
    page.press("Open")
    assert "All of Texas" in page.words
    assert "Users whose location is any of “Texas”." in page.words


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


def test_saved_segments_of_one_name_are_told_apart_by_their_ids(
    page: Page, library: Library, demo_mart: Mart
) -> None:
    for name, spec in (("aaa", TEXAS), ("bbb", OHIO)):
        library.save(name, parse(spec, Settings()), Details(name="Same"), now=NOW)
    page.run().press("Add saved segment").choose("Filter 1 saved segment", "aaa")
    assert page.find("Filter 1 saved segment").options == ["Same · aaa", "Same · bbb"]
    assert page.spec == {"segment_filters": [{"segment": "aaa", "operator": "in"}]}
    page.add_attribute("age", "gte", 18, "1")
    assert page.spec["segment_filters"] == [{"segment": "aaa", "operator": "in"}]


def test_without_its_library_a_segments_rows_can_still_be_removed(
    page: Page, library: Library, folder: Path
) -> None:
    save(library, "texans", TEXAS)
    page.run().press("Add saved segment").choose("Filter 1 saved segment", "texans")
    (folder / "library.sqlite").write_text("this is no database, however long it may be. " * 40)
    page.run()
    assert "library.sqlite" in page.words.replace("\\", "")
    assert page.press("Remove filter 1").count == 10_000


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
