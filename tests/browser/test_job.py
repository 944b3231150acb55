"""The marketer's whole job, and the same segment through the other doors of the same process."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import duckdb
import pytest
from playwright.sync_api import Page, expect

from duckmart.data.generations import Generations
from tests.browser.builder import (
    add_california_logins,
    chip,
    choose,
    copied,
    expect_everyone,
    matching,
    open_saved,
    press,
)
from tests.browser.conftest import PHONE, Open, Server, serving

pytestmark = pytest.mark.browser

SPEC = {
    "user_filters": [{"field": "location", "operator": "in", "value": ["California"]}],
    "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}],
}


@pytest.fixture(scope="module")
def ids(server: Server) -> list[int]:
    """The members, by the command line."""
    command = [sys.executable, "-m", "duckmart", "segment", "-", "--data", str(server.data)]
    answer = subprocess.run(
        command, input=json.dumps(SPEC), capture_output=True, text=True, check=True, timeout=60
    )
    return [int(line) for line in answer.stdout.splitlines()]


def test_a_marketer_builds_downloads_and_copies_a_segment_and_gets_it_back(
    server: Server, open_page: Open, ids: list[int]
) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    add_california_logins(page)
    expect(matching(page)).to_have_text(f"{len(ids):,}")

    page.get_by_role("tab", name="Members", exact=True).click()
    expect(page.get_by_text(f"The first 100 of {len(ids):,} members")).to_be_visible()
    assert downloaded(page) == ids

    sql = copied(page, "SQL")
    assert "LIMIT" not in sql.upper()
    assert answered(sql, server.data) == ids

    spec = copied(page, "JSON")
    assert json.loads(spec) == SPEC
    page.reload()
    expect(matching(page)).to_have_text(f"{len(ids):,}")
    press(page, "Clear")
    expect_everyone(page)
    press(page, "Paste JSON")
    page.get_by_label("Segment JSON").fill(spec)
    page.get_by_label("Segment JSON").press("Control+Enter")
    press(page, "Build rows")
    expect(matching(page)).to_have_text(f"{len(ids):,}")
    expect(page.get_by_role("combobox", name="Filter 1 attribute")).to_have_value("location")
    expect(chip(page, "California")).to_be_visible()
    expect(page.get_by_role("combobox", name="Filter 2 event")).to_have_value("LOGIN · 7.2k")
    expect(page.get_by_label("Filter 2 count")).to_have_value("1")


def downloaded(page: Page) -> list[int]:
    with page.expect_download() as download:
        press(page, "Download user ids")
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        return [int(row["user_id"]) for row in csv.DictReader(file)]


def answered(sql: str, data: Path) -> list[int]:
    """What plain DuckDB makes of the SQL on the data that is served."""
    generation = Generations(data).current()
    assert generation is not None
    with duckdb.connect(str(generation.path), read_only=True) as connection:
        return [row[0] for row in connection.execute(sql).fetchall()]


def test_the_api_on_the_same_port_gives_the_same_ids(server: Server, ids: list[int]) -> None:
    answer = asked(f"{server.url}/segment", SPEC)
    assert answer["total_count"] == len(ids)
    assert answer["user_ids"] == ids[:1000]
    assert asked(f"{server.url}/health")["status"] == "ok"
    assert len(asked(f"{server.url}/examples")["examples"]) >= 6


def test_the_api_documentation_draws_on_the_same_port(server: Server, open_page: Open) -> None:
    page = open_page(f"{server.url}/docs")
    expect(page.get_by_text("/segment", exact=True).first).to_be_visible()


def asked(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=30) as answer:
        return json.load(answer)


def test_two_browsers_at_once_on_an_empty_folder_make_the_demo_data_once(
    open_page: Open, tmp_path: Path
) -> None:
    with serving(tmp_path / "data", tmp_path / "log.txt") as empty:
        # The very first visit goes to a page of its own address, which must not come without its frame.
        first, second = open_page(f"{empty.url}/data"), open_page(empty.url, color_scheme="dark")
        expect(first.get_by_role("heading", name="Bring your own")).to_be_visible()
        expect(first.get_by_role("link", name="Builder")).to_be_visible()
        expect_everyone(second)
        expect(second.get_by_role("button", name="Add attribute")).to_be_visible()
        first.close()
        second.close()
    assert [one.id for one in Generations(tmp_path / "data").listed()] == ["000001"]


def test_of_two_browsers_that_change_one_saved_segment_the_second_is_told_and_loses_nothing(
    server: Server, open_page: Open
) -> None:
    first, second = open_page(server.url), open_page(server.url)
    for page in (first, second):
        expect_everyone(page)
    add_california_logins(first)
    press(first, "Save")
    first.get_by_label("Name", exact=True).fill("Californians who log in")
    first.get_by_label("Name", exact=True).press("Tab")
    press(first, "Save segment")
    expect(first.get_by_text("version 1 · saved")).to_be_visible()

    second.reload()
    expect_everyone(second)
    open_saved(second, "log in", "Californians who log in · californians-who-log-in")
    expect(matching(second)).to_have_text(matching(first).inner_text())
    for page in (first, second):
        press(page, "Remove filter 2")
        expect(page.get_by_text("edited, not saved")).to_be_visible()
    press(first, "Save")
    expect(first.get_by_text("version 2 · saved")).to_be_visible()
    press(second, "Save")
    expect(second.get_by_role("heading", name="Somebody else saved first")).to_be_visible()
    press(second, "Save mine over it")
    expect(second.get_by_text("version 3 · saved")).to_be_visible()
    expect(chip(second, "California")).to_be_visible()


# Other screens


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["dark", "phone"],
)
def test_the_builder_fits_the_screen_and_keeps_the_count_in_sight(
    server: Server, open_page: Open, options: Any, ids: list[int]
) -> None:
    page = open_page(server.url, **options)
    expect_everyone(page)
    add_california_logins(page)
    expect(matching(page)).to_have_text(f"{len(ids):,}")
    expect(page.get_by_text("Who they are")).to_be_attached()
    page.get_by_role("button", name="Add group", exact=True).scroll_into_view_if_needed()
    expect(matching(page)).to_be_in_viewport()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    dark = options.get("color_scheme") == "dark"
    red = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/)[0]")
    assert (int(red) < 60) == dark


def test_the_data_page_fits_a_phone(server: Server, open_page: Open) -> None:
    page = open_page(f"{server.url}/data", viewport=PHONE)
    expect(page.get_by_role("heading", name="Bring your own")).to_be_visible()
    expect(matching(page).first).to_have_text("10,000")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


# Hands and ears


def test_buttons_that_show_only_an_icon_have_names(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    press(page, "Add group")
    press(page, "Add event to group 1")
    expect(page.get_by_role("button", name="Remove filter 1.1", exact=True)).to_be_visible()
    press(page, "Remove filter 1.1")
    expect(page.get_by_role("combobox", name="Filter 1.1 event")).to_have_count(0)
    press(page, "Remove group 1")
    expect(page.get_by_role("button", name="Remove group 1", exact=True)).to_have_count(0)


def test_a_number_of_days_can_be_typed(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    press(page, "Add event")
    choose(page, "Filter 1 event", "LOGIN", "LOGIN · 7.2k")
    choose(page, "Filter 1 window", "45", "Add: 45")
    expect(page.get_by_role("combobox", name="Filter 1 window")).to_have_value("in the last 45 days")
    expect(page.get_by_text("Users who did LOGIN at least once in the last 45 days.")).to_be_visible()
