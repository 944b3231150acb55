"""Nothing that is built is lost: reload, other pages, a killed server, two tabs, the keyboard."""

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from duckmart.library.library import Library
from tests.browser.builder import add_california_logins, chip, expect_everyone, matching, open_saved, press
from tests.browser.conftest import Open, Server, free_port, serving

pytestmark = pytest.mark.browser


def draft_of(page: Page) -> str:
    """The id in the address."""
    page.wait_for_url(re.compile(r"[?&]draft="))
    return parse_qs(urlsplit(page.url).query)["draft"][0]


def mute(page: Page, number: str) -> None:
    page.locator(".stMenuButton").get_by_role("button", name=f"More for filter {number}").click()
    page.get_by_role("menuitem", name="Mute").click()


def expect_rows(page: Page) -> None:
    expect(page.get_by_role("combobox", name="Filter 1 attribute")).to_have_value("location")
    expect(chip(page, "California")).to_be_visible()
    expect(page.get_by_role("combobox", name="Filter 2 event")).to_have_value("LOGIN · 7.2k")


def test_a_server_that_is_killed_in_the_middle_of_an_edit_loses_no_row(
    profiles: Callable[..., BrowserContext], demo: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(demo, tmp_path / "data"))
    port = free_port()
    # Its connections fail, and it says so: not a page whose errors count.
    page = profiles().new_page()
    with serving(data, tmp_path / "first.txt", port) as first:
        page.goto(first.url)
        expect_everyone(page)
        add_california_logins(page)
        expect(
            page.get_by_text("Users who did LOGIN").or_(page.get_by_text("did LOGIN")).first
        ).to_be_visible()
        before = matching(page).inner_text()
        draft = draft_of(page)
        press(page, "Add event")
        # The row is on screen; its count, its charts and the look at what was written are under way.
        expect(page.get_by_role("combobox", name="Filter 3 event")).to_be_visible()
        first.process.kill()
        first.process.wait(30)
    with serving(data, tmp_path / "second.txt", port):
        page.reload()
        expect_rows(page)
        expect(page.get_by_role("combobox", name="Filter 3 event")).to_be_visible()
        expect(matching(page)).to_have_text(before)
        assert draft_of(page) == draft
        press(page, "Undo")
        expect(page.get_by_role("combobox", name="Filter 3 event")).to_have_count(0)
        page.close()


@pytest.mark.long
def test_a_page_that_is_left_open_while_the_server_restarts_goes_on_where_it_was(
    profiles: Callable[..., BrowserContext], demo: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(demo, tmp_path / "data"))
    port = free_port()
    page = profiles().new_page()
    with serving(data, tmp_path / "first.txt", port) as first:
        page.goto(first.url)
        expect_everyone(page)
        add_california_logins(page)
        draft = draft_of(page)
        press(page, "Add attribute")
        expect(page.get_by_role("combobox", name="Filter 2 attribute")).to_be_visible()
        first.process.kill()
        first.process.wait(30)
    with serving(data, tmp_path / "second.txt", port):
        # Between the connection and the first drawing of the new session a click has no row to go to.
        group = page.get_by_role("button", name="Remove group 4", exact=True)
        for _ in range(10):
            press(page, "Add group")
            with suppress(AssertionError):
                expect(group).to_be_visible(timeout=3_000)
                break
        expect(group).to_be_visible()
        expect(chip(page, "California")).to_be_visible()
        expect(page.get_by_role("combobox", name="Filter 3 event")).to_have_value("LOGIN · 7.2k")
        assert draft_of(page) == draft
        page.close()


@pytest.mark.long
def test_a_visit_to_the_data_page_and_a_reload_there_lose_nothing(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    add_california_logins(page)
    draft = draft_of(page)
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_role("heading", name="Bring your own")).to_be_visible()
    assert draft_of(page) == draft
    page.get_by_role("link", name="Builder").click()
    expect_rows(page)
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_role("heading", name="Bring your own")).to_be_visible()
    assert draft_of(page) == draft
    page.reload()
    expect(page.get_by_role("heading", name="Bring your own")).to_be_visible()
    page.get_by_role("link", name="Builder").click()
    expect_rows(page)
    assert draft_of(page) == draft


def test_of_two_tabs_with_one_draft_each_keeps_its_own_rows(server: Server, open_page: Open) -> None:
    first = open_page(server.url)
    expect_everyone(first)
    add_california_logins(first)
    draft = draft_of(first)
    second = open_page(first.url)
    expect_rows(second)
    press(first, "Remove filter 2")
    expect(first.get_by_role("combobox", name="Filter 2 event")).to_have_count(0)
    press(second, "Remove filter 1")
    expect(second.get_by_text("This draft is edited in another tab or browser too.")).to_be_visible()
    second.wait_for_url(lambda url: f"draft={draft}" not in url)
    for page in (first, second):
        page.reload()
    expect(chip(first, "California")).to_be_visible()
    expect(first.get_by_role("combobox", name="Filter 2 event")).to_have_count(0)
    expect(second.get_by_role("combobox", name="Filter 1 event")).to_have_value("LOGIN · 7.2k")
    assert draft_of(first) == draft


def test_a_segment_is_saved_and_opened_by_keyboard_with_its_muted_row(
    server: Server, open_page: Open
) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    add_california_logins(page)
    mute(page, "2")
    expect(page.get_by_text("1 muted row is left out.")).to_be_visible()
    press(page, "Save")
    expect(page.get_by_text("Kept with the segment but not counted: 1 row.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Keyboard *Californians*")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text(
            "Saved Keyboard *Californians*, version 1. Kept with the segment but not counted: 1 row"
        )
    ).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("version 1 · saved")).to_be_visible()
    assert "event_filters" not in Library(server.data / "library.sqlite").get("keyboard-californians").spec

    # The id is taken; a free one stands in its place, and Enter takes it.
    press(page, "Save as")
    page.get_by_label("Name", exact=True).fill("Keyboard Californians")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is free: save again to take that")).to_be_visible()
    expect(page.get_by_label("Id", exact=True)).to_have_value("keyboard-californians-2")
    page.get_by_label("Id", exact=True).press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("keyboard-californians-2")).to_be_visible()

    press(page, "Clear")
    expect_everyone(page)
    open_saved(page, "*Cali", "Keyboard *Californians* · keyboard-californians")
    expect_rows(page)
    expect(page.get_by_text("1 muted row is left out.")).to_be_visible()
    expect(page.get_by_text("version 1 · saved")).to_be_visible()


def test_a_row_of_the_table_of_saved_segments_is_clicked_open(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    add_california_logins(page)
    press(page, "Save")
    page.get_by_label("Name", exact=True).fill("Clicked open")
    page.keyboard.press("Enter")
    expect(page.get_by_text("version 1 · saved")).to_be_visible()
    press(page, "Clear")
    expect_everyone(page)
    page.locator(".st-key-action-open").get_by_role("button").click()
    table = page.get_by_role("dialog").get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    # The latest comes first, below the head; its first cell is the mark of the row.
    table.click(position={"x": 18, "y": 52})
    expect(page.get_by_role("combobox", name="Saved segment")).to_have_value("Clicked open · clicked-open")
    press(page, "Open segment")
    expect_rows(page)
