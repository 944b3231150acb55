"""For eyes, ears and hands: contrast and names by axe-core, the keyboard, and a page that stands still."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.builder import expect_everyone, expect_still, matching, press
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, Open, Server

pytestmark = pytest.mark.browser

# A row of each kind, with a value that nobody has, a property, steps and a group.
KINDS: dict[str, Any] = {
    "user_filters": [
        {"field": "location", "operator": "in", "value": ["California", "Texs"]},
        {"field": "signup_date", "operator": "gte", "value": "2024-01-01"},
    ],
    "event_filters": [
        {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 300},
        {
            "event_name": ["PURCHASE_MADE", "SEARCH"],
            "measure": {"sum": "amount"},
            "operator": "between",
            "value": [1, 50000],
            "time_range": {"from_days_ago": 900, "to_days_ago": 3},
            "where": [{"field": "category", "operator": "not_in", "value": ["Books"]}],
        },
    ],
    "sequence_filters": [
        {
            "steps": [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE", "absent": True}],
            "within_days": 7,
            "time_range": {"from": "2024-01-01"},
        }
    ],
    "groups": [
        {
            "logic_operator": "OR",
            "user_filters": [{"field": "age", "operator": "gte", "value": 18}],
            "event_filters": [{"event_name": "*", "operator": "eq", "count": 0}],
        }
    ],
    "logic_operator": "OR",
}

# What Streamlit draws and this project cannot mend: rule, what it concerns, why it stands.
UPSTREAM = {
    (
        "scrollable-region-focusable",
        ".stCode pre",
    ): "Chromium and Firefox focus a box that scrolls; text is copied by a button",
}

VIOLATIONS = """async ([within, upstream]) => {
  const found = await axe.run(within, {resultTypes: ["violations"]});
  const known = (rule, node) => upstream.some(([name, selector]) =>
    name === rule && document.querySelector(node.target.at(-1))?.matches(selector));
  return found.violations
    .filter(({impact}) => ["serious", "critical"].includes(impact))
    .flatMap(({id, nodes}) => nodes.filter(node => !known(id, node))
      .map(node => `${id}: ${node.html} ${node.failureSummary}`));
}"""


@pytest.fixture(scope="module", params=["light", pytest.param("dark", marks=pytest.mark.long)])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# What axe-core finds


def test_the_empty_builder_can_be_read_by_everyone(server: Server, open_page: Open, scheme: str) -> None:
    page = open_page(server.url, color_scheme=scheme)
    expect_everyone(page)
    expect(page.get_by_text("Who they are").first).to_be_visible()
    assert violations(page) == []


def test_rows_of_every_kind_can_be_read_by_everyone(server: Server, open_page: Open, scheme: str) -> None:
    page = open_page(server.url, color_scheme=scheme)
    paste(page, KINDS)
    menu(page, "More for filter 2", "Mute")
    expect(page.get_by_text("Muted: kept here")).to_be_visible()
    press(page, "Add attribute")
    expect(page.get_by_text("Not counted yet")).to_be_visible()
    assert violations(page) == []
    press(page, "Undo")
    expect(page.get_by_text("Not counted yet")).to_have_count(0)
    press(page, "More formats")
    expect(page.get_by_text("Attributes beside the ids")).to_be_visible()
    assert violations(page) == []


def test_dialogs_can_be_read_by_everyone(server: Server, open_page: Open, scheme: str) -> None:
    page = open_page(server.url, color_scheme=scheme)
    paste(page, {"user_filters": [{"field": "location", "operator": "in", "value": ["California"]}]})
    for name in dialogs(page):
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == [], name
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def dialogs(page: Page) -> Iterator[str]:
    """Opens one dialog after the other."""
    for name in ("Save", "Share"):
        press(page, name)
        yield name
    press(page, "Paste JSON")
    page.get_by_label("Segment JSON").fill('{"user_filters": [{"field": "agee"}]}')
    page.get_by_label("Segment JSON").press("Control+Enter")
    press(page, "Build rows")
    expect(page.get_by_text("to fix:")).to_be_visible()
    yield "Paste JSON"
    menu(page, "More for filter 1", "Paste or upload a list…")
    page.get_by_label("Pasted values").fill("Texas\nTexs")
    page.get_by_label("Pasted values").press("Control+Enter")
    expect(page.get_by_text("1 unknown")).to_be_visible()
    yield "A list of values"


def test_every_tab_can_be_read_by_everyone(server: Server, open_page: Open, scheme: str) -> None:
    page = open_page(server.url, color_scheme=scheme)
    paste(page, KINDS)
    tabs = page.get_by_role("tab").all_inner_texts()
    assert {"SQL", "JSON", "API"} < set(tabs)
    found = {}
    for name in tabs:
        page.get_by_role("tab", name=name, exact=True).click()
        panel = page.get_by_role("tabpanel", name=name, exact=True)
        expect(panel).to_contain_text(re.compile(r"\S"))
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        found[name] = violations(page, ".stTabs")
    assert found == {name: [] for name in tabs}


def test_the_data_page_can_be_read_by_everyone(server: Server, open_page: Open, scheme: str) -> None:
    page = open_page(f"{server.url}/data", color_scheme=scheme)
    expect(page.get_by_role("heading", name="Bring your own")).to_be_visible()
    assert violations(page) == []


def violations(page: Page, within: str = "html") -> list[str]:
    """Serious and critical ones that are not Streamlit's own, once what is old and faint is drawn again."""
    expect_still(page)
    page.evaluate(AXE)
    found: list[str] = page.evaluate(VIOLATIONS, [within, list(UPSTREAM)])
    return found


AXE = Axe().axe_script


def paste(page: Page, spec: Any) -> None:
    expect_everyone(page)
    press(page, "Paste JSON")
    page.get_by_label("Segment JSON").fill(json.dumps(spec))
    page.get_by_label("Segment JSON").press("Control+Enter")
    press(page, "Build rows")
    expect(matching(page)).not_to_have_text("10,000")


def menu(page: Page, label: str, entry: str) -> None:
    press(page, label)
    page.get_by_role("menuitem", name=entry, exact=True).click()


# What the keyboard does


def test_a_segment_is_built_with_the_keyboard_alone(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    keys = page.keyboard

    reach(page, page.get_by_role("button", name="Add attribute", exact=True))
    keys.press("Enter")
    expect(page.get_by_role("combobox", name="Filter 1 attribute")).to_be_visible()
    pick(page, "Filter 1 attribute", "location")
    pick(page, "Filter 1 value", "California")
    keys.press("Escape")
    expect(matching(page)).to_have_text(re.compile(r"^(?!10,000)[\d,]+$"))
    alone = matching(page).inner_text()

    reach(page, page.get_by_role("button", name="Add event", exact=True))
    keys.press("Enter")
    expect(page.get_by_role("combobox", name="Filter 2 event")).to_be_visible()
    pick(page, "Filter 2 event", "LOGIN")
    expect(matching(page)).not_to_have_text(alone)
    once = matching(page).inner_text()
    count = page.get_by_label("Filter 2 count", exact=True)
    reach(page, count)
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(matching(page)).not_to_have_text(once)
    twice = matching(page).inner_text()
    # What was typed into keeps the focus while the page draws the answer.
    assert has_focus(count)

    reach(page, page.get_by_role("button", name="More for filter 2", exact=True))
    keys.press("Enter")
    expect(page.get_by_role("menuitem").first).to_have_attribute("data-focused", "true")
    duplicate = page.get_by_role("menuitem", name="Duplicate", exact=True)
    for _ in range(1 + page.get_by_role("menuitem").count()):
        if duplicate.get_attribute("data-focused") != "true":
            keys.press("ArrowDown")
    expect(duplicate).to_have_attribute("data-focused", "true")
    keys.press("Enter")
    expect(page.get_by_role("combobox", name="Filter 3 event")).to_be_visible()
    reach(page, page.get_by_role("button", name="Undo", exact=True), back=True)
    keys.press("Enter")
    expect(page.get_by_role("combobox", name="Filter 3 event")).to_have_count(0)
    expect(matching(page)).to_have_text(twice)

    reach(page, page.get_by_role("radio", name="Match all", exact=True))
    keys.press("ArrowRight")
    keys.press("Space")
    expect(page.get_by_role("radio", name="Match any")).to_be_checked()
    reach(page, page.get_by_role("switch", name="Exclude", exact=True))
    keys.press("Space")
    expect(page.get_by_role("switch", name="Exclude")).to_be_checked()
    expect(page.get_by_text("everyone else", exact=False).first).to_be_attached()


def test_tab_reaches_everything_that_a_mouse_can_press(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    paste(page, KINDS)
    for label in ("Filter 1 value", "Filter 2 value", "Filter 3 count", "Filter 6.2 count"):
        expect(page.get_by_label(label, exact=True).first).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    wanted = set(page.evaluate(f"[...document.querySelectorAll('{CONTROLS}')].map({NAMED})"))
    assert len(wanted) > 50
    reached = set()
    page.evaluate("document.activeElement.blur()")
    for _ in range(3 * len(wanted)):
        page.keyboard.press("Tab")
        name = page.evaluate(f"({NAMED})(document.activeElement)")
        if name in reached and not wanted - reached:
            break
        reached.add(name)
    assert wanted - reached == set()


# Radios, tabs and chips are one stop each, from which the arrows go on. The arrow of a box and the steps of a
# number are no stops of Streamlit's: the keys do the same in the field beside them.
CONTROLS = ", ".join(
    f".stMainBlockContainer {kind}"
    for kind in (
        ".stButton button:not(:disabled)",
        ".stMenuButton button",
        ".stPopover button:not(:disabled)",
        "input[role=combobox]",
        "input[type=text]",
        "input[type=number]",
        "[role=spinbutton]",
        "input[role=switch]",
        "[role=radio]",
        "[role=tab][aria-selected=true]",
        "summary",
    )
)
NAMED = """element => {
  const stop = element.closest("[role=radiogroup]") || element;
  const name = stop.getAttribute("aria-label") || stop.labels?.[0]?.innerText || stop.innerText || "";
  return `${stop.getAttribute("role") || stop.tagName} ${name.replace(/\\s/g, "")}`;
}"""


def pick(page: Page, label: str, typed: str) -> None:
    """Takes what a select box offers for a text, without the mouse."""
    reach(page, page.get_by_role("combobox", name=label, exact=True))
    page.keyboard.type(typed)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def reach(page: Page, wanted: Locator, *, back: bool = False) -> None:
    """Tabs until a control has the focus."""
    for _ in range(80):
        if has_focus(wanted):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    pytest.fail(f"{wanted} is not reached")


def has_focus(control: Locator) -> bool:
    return bool(control.evaluate("control => control === document.activeElement"))


# What moves by itself


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_is_painted_keeps_its_place_while_the_rest_arrives(
    server: Server, chromium: Browser, screen: Any
) -> None:
    page = chromium.new_page(viewport=screen)
    page.set_default_timeout(PATIENCE)
    page.add_init_script(SHIFTS)
    page.goto(server.url)
    expect_everyone(page)
    expect(page.get_by_role("tab", name="SQL")).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    assert page.evaluate("worst()") < 0.1
    # On a phone the rows stand above all else, so that more rows must move it.
    if screen == PHONE:
        page.close()
        return
    press(page, "Examples")
    page.get_by_role("menuitem").first.click()
    expect(matching(page)).not_to_have_text("10,000")
    expect(page.get_by_role("button", name="Remove filter 1")).to_be_visible()
    for act in ("Add event", "Undo", "Redo"):
        press(page, act)
        expect(page.get_by_text("Not counted yet")).to_have_count(int(act != "Undo"))
    assert page.evaluate("worst()") < 0.1
    page.close()


def test_a_new_count_is_said_and_parts_of_the_page_are_headings(server: Server, open_page: Open) -> None:
    page = open_page(server.url)
    expect_everyone(page)
    status = page.get_by_role("status").filter(has_text="Matching users")
    press(page, "Add event")
    expect(status).to_contain_text("–")
    press(page, "Undo")
    expect(status).to_contain_text("10,000")
    expect(page.get_by_role("heading", level=2, name="location")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/data"])
def test_the_document_comes_with_the_name_and_the_look(server: Server, path: str) -> None:
    headers = {"Accept": "text/html,*/*", "Accept-Encoding": "gzip, deflate, br"}
    with urlopen(Request(server.url + path, headers=headers), timeout=30) as answer:
        html = answer.read().decode()
        assert "etag" not in answer.headers
    assert "<title>DuckMart</title>" in html
    assert ".st-key-headline {" in html


# The cumulative layout shift as browsers report it: the largest sum over a window of up to five seconds.
SHIFTS = """
const shifts = [];
new PerformanceObserver(list => shifts.push(...list.getEntries().filter(one => !one.hadRecentInput)))
  .observe({type: "layout-shift", buffered: true});
window.worst = () => {
  let worst = 0, sum = 0, first = -Infinity, last = -Infinity;
  for (const {startTime, value} of shifts) {
    if (startTime - last > 1000 || startTime - first > 5000) { sum = 0; first = startTime; }
    sum += value; last = startTime; worst = Math.max(worst, sum);
  }
  return worst;
};
"""
