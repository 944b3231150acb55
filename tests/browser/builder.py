"""The builder's widgets as a user of the browser names them."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, label: str, typed: str, option: str | re.Pattern[str]) -> None:
    """Types into a select box and takes the option that is offered."""
    page.get_by_role("combobox", name=label, exact=True).fill(typed)
    page.get_by_role("option", name=option, exact=isinstance(option, str)).click()


def counted(name: str) -> re.Pattern[str]:
    """A name in a menu or on a chip with its count, which comes first where the box is narrow."""
    number, name = r"[\d.]+[kMB]?", re.escape(name)
    return re.compile(f"^({name} · {number}|{number} · {name})$")


def chip(page: Page, name: str) -> Locator:
    """The button that removes a value from a row; its name says the count too."""
    return page.get_by_role("button", name=re.compile(f"^Remove .*{re.escape(name)}"))


def add_california_logins(page: Page) -> None:
    """Two rows: the location is any of California, and LOGIN at least once."""
    press(page, "Add attribute")
    choose(page, "Filter 1 attribute", "loc", "location")
    choose(page, "Filter 1 value", "Calif", counted("California"))
    page.keyboard.press("Escape")
    press(page, "Add event")
    choose(page, "Filter 2 event", "LOGIN", counted("LOGIN"))


def open_saved(page: Page, typed: str, option: str) -> None:
    """Finds a saved segment by a part of what is said of it."""
    # The arrows of select boxes are called so too.
    page.locator(".st-key-action-open").get_by_role("button").click()
    choose(page, "Saved segment", typed, option)
    press(page, "Open segment")


def expect_still(page: Page) -> None:
    """Nothing is being drawn any more. Only of use after what a run was to bring is seen."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def matching(page: Page) -> Locator:
    return page.get_by_test_id("stMetricValue")


def expect_everyone(page: Page) -> None:
    expect(matching(page)).to_have_text("10,000")


def copied(page: Page, tab: str) -> str:
    """What the copy button of the SQL or the JSON puts on the clipboard."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("tab", name=tab, exact=True).click()
    code = page.get_by_role("tabpanel", name=tab, exact=True).get_by_test_id("stCode")
    code.hover()
    code.get_by_role("button").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text !== '')")
    return str(page.evaluate("navigator.clipboard.readText()"))
