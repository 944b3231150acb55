"""Files, links and commands as they leave a real browser."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.builder import (
    add_california_logins,
    choose,
    copied,
    expect_everyone,
    expect_still,
    matching,
    press,
)
from tests.browser.conftest import Open, Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def members(server: Server) -> pd.DataFrame:
    """Californians who logged in, as the files have them."""
    users = pd.read_csv(server.data / "user_attributes.csv")
    events = pd.read_csv(server.data / "user_events.csv")
    logged_in = events.loc[events.event_name == "LOGIN", "user_id"].unique()
    return users[(users.location == "California") & users.user_id.isin(logged_in)].sort_values("user_id")


def built(server: Server, open_page: Open, members: pd.DataFrame, **screen: Any) -> Page:
    page = open_page(server.url, **screen)
    expect_everyone(page)
    add_california_logins(page)
    expect(matching(page)).to_have_text(f"{len(members):,}")
    return page


def downloaded(page: Page, name: str) -> bytes:
    # A run that draws the button again puts a new file behind it.
    expect_still(page)
    with page.expect_download() as download:
        press(page, name)
    assert download.value.suggested_filename == f"segment_2026-11-22.{name.lower()}"
    return Path(download.value.path()).read_bytes()


def test_members_with_chosen_attributes_in_three_formats(
    server: Server, open_page: Open, members: pd.DataFrame
) -> None:
    page = built(server, open_page, members)
    press(page, "More formats")
    choose(page, "Attributes beside the ids", "age", "age")
    page.keyboard.press("Escape")
    expected = [
        {"user_id": user, "age": None if pd.isna(age) else int(age)}
        for user, age in zip(members.user_id, members.age, strict=True)
    ]

    lines = downloaded(page, "CSV").decode()
    assert list(csv.reader(io.StringIO(lines, newline=""))) == [
        ["user_id", "age"],
        *([str(row["user_id"]), str(row["age"] or "")] for row in expected),
    ]
    assert pq.read_table(io.BytesIO(downloaded(page, "Parquet"))).to_pylist() == expected
    assert [json.loads(line) for line in downloaded(page, "NDJSON").splitlines()] == expected


def test_a_shared_link_opens_the_segment_in_another_browser(
    server: Server, open_page: Open, members: pd.DataFrame
) -> None:
    page = built(server, open_page, members)
    assert "segment=" not in page.url
    press(page, "Share")
    dialog = page.get_by_role("dialog")
    dialog.get_by_test_id("stCode").hover()
    dialog.get_by_test_id("stCode").get_by_role("button").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('segment='))")
    link = page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(link).query)["segment"] == parse_qs(urlsplit(page.url).query)["segment"]
    assert "draft=" not in link

    other = open_page(link, color_scheme="dark")
    expect(matching(other)).to_have_text(f"{len(members):,}")
    expect(other.get_by_role("combobox", name="Filter 1 attribute")).to_have_value("location")
    other.wait_for_url(lambda url: "segment=" not in url)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_copied_command_asks_the_server_that_shows_it(
    server: Server, open_page: Open, members: pd.DataFrame
) -> None:
    page = built(server, open_page, members)
    command = copied(page, "API")

    answer = subprocess.run(["sh"], input=command, capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(answer.stdout)["user_ids"] == members.user_id.tolist()
