"""Whole pieces of work in a real browser: a segment from scratch, every example, an overtaken question."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from duckmart.spec.examples import examples
from tests.browser.builder import choose, counted, expect_everyone, expect_still, matching, press
from tests.browser.conftest import Open, Server, serving

pytestmark = pytest.mark.browser


def asked(server: Server, spec: Any) -> Any:
    """What the API on the same port answers."""
    request = Request(
        f"{server.url}/segment", json.dumps(spec).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def offered(page: Page) -> Any:
    """The JSON that the page offers to copy."""
    page.get_by_role("tab", name="JSON", exact=True).click()
    code = page.get_by_role("tabpanel", name="JSON", exact=True).get_by_test_id("stCode").locator("code")
    expect(code).to_contain_text("{")
    return json.loads(code.inner_text())


def paste(page: Page, spec: Any) -> None:
    # While its charts are still being drawn, the page may close a dialog again.
    expect_still(page)
    press(page, "Paste JSON")
    box = page.get_by_label("Segment JSON")
    box.fill(json.dumps(spec))
    box.press("Control+Enter")
    press(page, "Build rows")
    expect(box).to_have_count(0)


def fill(page: Page, label: str, value: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")


def take(page: Page, row: str, entry: str) -> None:
    """An entry of a row's menu."""
    press(page, f"More for {row}")
    page.get_by_role("menuitem", name=entry, exact=True).click()


# (a)

CART_RECOVERY: dict[str, Any] = {
    "user_filters": [{"field": "subscription_plan", "operator": "in", "value": ["free"]}],
    "event_filters": [
        {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 90},
    ],
    "sequence_filters": [
        {
            "steps": [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE", "absent": True}],
            "within_days": 3,
            "time_range_days": 90,
        }
    ],
    "groups": [
        {
            "logic_operator": "OR",
            "user_filters": [{"field": "age", "operator": "gte", "value": 30}],
            "event_filters": [{"event_name": "SEARCH", "operator": "gte", "count": 1}],
        },
        {
            "event_filters": [{"event_name": "SUBSCRIPTION_CANCELLED", "operator": "gte", "count": 1}],
            "negate": True,
        },
    ],
}


def test_cart_recovery_from_scratch_saved_reloaded_and_downloaded(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    press(page, "Add attribute")
    choose(page, "Filter 1 attribute", "subsc", "subscription_plan")
    choose(page, "Filter 1 value", "free", counted("free"))
    page.keyboard.press("Escape")
    press(page, "Add event")
    choose(page, "Filter 2 event", "LOGIN", counted("LOGIN"))
    choose(page, "Filter 2 window", "90", "in the last 90 days")
    press(page, "Add sequence")
    choose(page, "Filter 3 step 1 event", "ADDED", counted("ADDED_TO_CART"))
    choose(page, "Filter 3 step 2 event", "PURCHASE", counted("PURCHASE_MADE"))
    choose(page, "Filter 3 step 2 absent", "but", "but then no")
    fill(page, "Filter 3 within days", "3")
    choose(page, "Filter 3 window", "90", "in the last 90 days")
    press(page, "Add group")
    page.get_by_role("radiogroup").nth(1).get_by_text("Match any").click()
    press(page, "Add attribute to group 4")
    choose(page, "Filter 4.1 attribute", "age", "age")
    fill(page, "Filter 4.1 value", "30")
    press(page, "Add event to group 4")
    choose(page, "Filter 4.2 event", "SEARCH", counted("SEARCH"))
    press(page, "Add group")
    page.get_by_text("Exclude group 5", exact=True).click()
    press(page, "Add event to group 5")
    choose(page, "Filter 5.1 event", "SUBSCRIPTION", counted("SUBSCRIPTION_CANCELLED"))

    answer = asked(server, CART_RECOVERY)
    assert 0 < answer["total_count"] <= 1000
    expect(matching(page)).to_have_text(f"{answer['total_count']:,}")
    assert offered(page) == CART_RECOVERY

    press(page, "Save")
    page.get_by_label("Name", exact=True).fill("Cart recovery")
    press(page, "Save segment")
    expect(page.get_by_text("version 1 · saved")).to_be_visible()
    page.reload()
    expect(matching(page)).to_have_text(f"{answer['total_count']:,}")
    expect(page.get_by_role("combobox", name="Filter 3 step 1 event")).to_be_visible()
    with page.expect_download() as download:
        press(page, "Download user ids")
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        assert [int(row["user_id"]) for row in csv.DictReader(file)] == answer["user_ids"]


# (b)


@pytest.fixture(scope="module")
def builder(server: Server, profiles: Any) -> Iterator[Page]:
    """One page for all examples: each takes the place of the one before."""
    page = profiles().new_page()
    page.goto(server.url)
    expect_everyone(page)
    yield page
    page.close()


@pytest.mark.parametrize("shown", examples(), ids=lambda shown: shown.id)
def test_a_pasted_example_becomes_rows_of_the_same_json_and_counts_as_the_api_does(
    builder: Page, server: Server, shown: Any
) -> None:
    paste(builder, shown.spec)
    expect(matching(builder)).to_have_text(f"{asked(server, shown.spec)['total_count']:,}")
    assert offered(builder) == json.loads(json.dumps(shown.spec))


def test_a_hundred_thousand_ids_are_a_row_and_a_count_and_no_page_of_text(
    server: Server, open_page: Open
) -> None:
    spec = {"user_filters": [{"field": "user_id", "operator": "in", "value": list(range(2, 200_002, 2))}]}
    page = open_page(server.url)
    expect_everyone(page)
    paste(page, spec)
    expect(matching(page)).to_have_text(f"{asked(server, spec)['total_count']:,}")
    expect(page.get_by_text("100,000 values")).to_be_visible()
    assert len(page.content()) < 1_000_000
    take(page, "filter 1", "Mute")
    expect_everyone(page)
    take(page, "filter 1", "Count again")
    expect(matching(page)).to_have_text("5,000")


# (e)

# Every number that the page shows, in its order.
WATCH = """() => {
  window.seen = [];
  const note = () => {
    const shown = document.querySelector('[data-testid="stMetricValue"]');
    if (shown && shown.innerText !== window.seen.at(-1)) window.seen.push(shown.innerText);
  };
  note();
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture(scope="module")
def held(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose answers and edits can be held."""
    folder = tmp_path_factory.mktemp("held")
    shutil.copytree(server.data, folder / "data")
    with serving(folder / "data", folder / "log.txt", app="tests/browser/held_app.py") as started:
        yield started


def test_a_slow_question_that_an_edit_overtakes_never_shows_its_number(
    server: Server, held: Server, open_page: Open
) -> None:
    spec = {"user_filters": [{"field": "age", "operator": "gte", "value": 33}]}
    slow = f"{asked(server, spec)['total_count']:,}"
    page = open_page(held.url)
    expect_everyone(page)
    page.evaluate(WATCH)
    (held.data / "count").touch()
    paste(page, spec)
    # A placeholder has taken the place of the number.
    expect(matching(page)).to_have_count(0)
    press(page, "Undo")
    expect_everyone(page)
    (held.data / "count").unlink()
    # The answer that nobody waits for any more is there at once.
    page.wait_for_timeout(1_000)
    assert page.evaluate("window.seen") == ["10,000"]
    press(page, "Redo")
    expect(matching(page)).to_have_text(slow)


def test_an_edit_that_the_next_click_overtakes_is_not_lost(held: Server, open_page: Open) -> None:
    page = open_page(held.url)
    expect_everyone(page)
    press(page, "Add event")
    choose(page, "Filter 1 event", "LOGIN", counted("LOGIN"))
    expect(matching(page)).not_to_have_text("10,000")
    (held.data / "edit").touch()
    choose(page, "Filter 1 window", "90", "in the last 90 days")
    while not (held.data / "edit.begun").exists():
        page.wait_for_timeout(50)
    press(page, "Add attribute")
    # The click reaches the server, where the edit is still being made.
    page.wait_for_timeout(1_000)
    (held.data / "edit").unlink()
    expect(page.get_by_role("combobox", name="Filter 1 attribute")).to_be_visible()
    expect(page.get_by_role("combobox", name="Filter 2 window")).to_have_value("in the last 90 days")
    expect(page.get_by_text("Users who did LOGIN at least once in the last 90 days.")).to_be_visible()
