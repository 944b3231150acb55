"""A point of a curve is clicked, and a member in the preview: what only a browser can do."""

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.builder import expect_everyone, expect_still, matching, press
from tests.browser.conftest import Open, Server

pytestmark = pytest.mark.browser

ELDERS = '{"user_filters": [{"field": "age", "operator": "gte", "value": 60}]}'


@pytest.fixture
def page(server: Server, open_page: Open) -> Page:
    """The builder on users of 60 and older."""
    opened = open_page(server.url)
    expect_everyone(opened)
    press(opened, "Paste JSON")
    opened.get_by_label("Segment JSON").fill(ELDERS)
    opened.keyboard.press("Control+Enter")
    press(opened, "Build rows")
    expect(matching(opened)).not_to_have_text("10,000")
    expect_still(opened)
    return opened


def test_a_click_on_a_point_of_the_curve_makes_it_the_value(page: Page, server: Server) -> None:
    users = pd.read_csv(server.data / "user_attributes.csv")
    page.get_by_role("tab", name="What if", exact=True).click()
    points = page.locator(".st-key-card-curve .point")
    expect(points).to_have_count(12)

    # From 15 in steps of 5: the sixth is 40.
    points.nth(5).click(force=True)

    expect(matching(page)).to_have_text(f"{(users['age'] >= 40).sum():,}")
    expect(page.locator(".sentence")).to_contain_text("age is at least 40")


def test_a_member_chosen_in_the_preview_is_told_about(page: Page, server: Server) -> None:
    users = pd.read_csv(server.data / "user_attributes.csv")
    first = int(users.loc[users["age"] >= 60, "user_id"].min())
    page.get_by_role("tab", name="Members", exact=True).click()
    table = page.locator(".st-key-members").get_by_test_id("stDataFrame")
    expect(table).to_be_visible()

    # The table is a canvas: the box of the first row is below the header's.
    table.click(position={"x": 16, "y": 52})

    expect(page.get_by_label(re.compile("^Why is a user in"))).to_have_value(str(first))
    expect(page.get_by_text(f"{first} is in the segment", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(f"^(All|The|Latest).* of user {first}$"))).to_be_visible()
