"""Numbers on the screen: no box cuts or changes one; and tables offer no file of their own."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.builder import expect_everyone, expect_still, matching, press
from tests.browser.conftest import PHONE, Open, Server

pytestmark = pytest.mark.browser

COUNTED: dict[str, Any] = {
    "user_filters": [
        {"field": "location", "operator": "eq", "value": "North Carolina"},
        {"field": "location", "operator": "in", "value": ["North Carolina", "California"]},
    ],
    "event_filters": [
        {"event_name": "SUBSCRIPTION_CANCELLED", "operator": "gte", "count": 1, "time_range_days": 300},
        {"event_name": ["SUBSCRIPTION_CANCELLED", "LOGIN"], "operator": "gte", "count": 1},
        {
            "event_name": "PURCHASE_MADE",
            "operator": "gte",
            "count": 1,
            "where": [{"field": "category", "operator": "eq", "value": "Electronics"}],
        },
    ],
    "logic_operator": "OR",
}

# Boxes and chips whose text ends with a count that does not fit, and so is cut.
CUT = """() => [...document.querySelectorAll(
    "input[role=combobox], .stMultiSelect [data-tag], .stMultiSelect [data-tag] *, [role=option] *")]
  .map(element => [element, element.value ?? element.innerText ?? ''])
  .filter(([element, text]) => /· [\\d.]+[kMB]?$/.test(text.trim())
    && element.scrollWidth > element.clientWidth && getComputedStyle(element).display !== "inline")
  .map(([element, text]) => `${text}: ${element.scrollWidth} > ${element.clientWidth}`)"""


@pytest.mark.parametrize("width", [1440, 1280, PHONE["width"]])
def test_no_box_nor_menu_cuts_a_count(server: Server, open_page: Open, width: int) -> None:
    page = open_page(server.url, viewport={"width": width, "height": 844})
    paste(page, COUNTED)
    for label in ("Filter 3 event", "Filter 1 value"):
        box = page.get_by_role("combobox", name=label, exact=True)
        expect(box).to_have_value(re.compile(" · "))
        assert page.evaluate(CUT) == []
        box.click()
        expect(page.get_by_role("option").first).to_be_visible()
        assert page.evaluate(CUT) == []
        page.keyboard.press("Escape")


def test_a_number_that_is_not_whole_is_refused_in_words(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    paste(page, {"event_filters": [{"event_name": "SUBSCRIPTION_CANCELLED", "operator": "gte", "count": 1}]})
    count = page.get_by_label("Filter 1 count", exact=True)
    before = matching(page).inner_text()
    count.fill("1.7")
    count.press("Enter")
    expect(page.get_by_text("“1.7” is not a whole number: write 1 or 2")).to_be_visible()
    expect(page.get_by_label("Filter 1 count", exact=True)).to_have_value("1")
    expect(matching(page)).to_have_text(before)
    count.fill("3")
    count.press("Enter")
    expect(matching(page)).not_to_have_text(before)
    expect(count).to_have_value("3")


def test_a_table_offers_no_download_of_its_own(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    paste(page, {"user_filters": [{"field": "location", "operator": "eq", "value": "Texas"}]})
    page.get_by_role("tab", name="Members", exact=True).click()
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible()
    table.hover()
    expect(page.get_by_role("button", name=re.compile("search", re.IGNORECASE)).first).to_be_visible()
    expect(page.locator('button[aria-label^="Download as CSV"]').first).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^Download as CSV"))).to_have_count(0)


def paste(page: Page, spec: Any) -> None:
    expect_everyone(page)
    press(page, "Paste JSON")
    page.get_by_label("Segment JSON").fill(json.dumps(spec))
    page.get_by_label("Segment JSON").press("Control+Enter")
    press(page, "Build rows")
    expect(matching(page)).not_to_have_text("10,000")
    expect_still(page)
