"""Columns whose cells are lists, in the builder: a row asks for elements, and a chart counts them."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.settings import Settings
from tests.ui.conftest import Open
from tests.ui.page import Page

TAGS = (["vip", "new"], [], None, ["vip"], ["new", "churned"], ["vip", "churned"])


@pytest.fixture
def tagged(open_page: Open, tmp_path: Path) -> Page:
    """A page on sixty users with tags and sizes, who each bought something once."""
    users = [
        (number, json.dumps(tags) if tags is not None else "", json.dumps([38 + number % 3]))
        for number, tags in enumerate(TAGS * 10, start=1)
    ]
    (tmp_path / "users.csv").write_text(
        "user_id\ttags\tsizes\n" + "".join(f"{number}\t{tags}\t{sizes}\n" for number, tags, sizes in users)
    )
    (tmp_path / "events.csv").write_text(
        "user_id\tevent_name\ttimestamp\titems\n"
        + "".join(f"{number}\tBUY\t2026-11-{1 + number % 20:02}\t{tags}\n" for number, tags, _ in users)
    )
    files = tmp_path / "users.csv", tmp_path / "events.csv"
    load(*files, Generations(tmp_path / "data"), now=datetime(2026, 11, 22), settings=Settings())
    return open_page(tmp_path / "data")


def test_a_row_asks_for_elements_and_offers_those_there_are(tagged: Page) -> None:
    tagged.press("Add attribute").choose("Filter 1 attribute", "tags")
    assert tagged.find("Filter 1 operator").value == "contains_any"
    assert tagged.find("Filter 1 value").options == ["vip · 30", "churned · 20", "new · 20"]
    tagged.choose("Filter 1 value", ["vip"])
    assert tagged.spec == {"user_filters": [{"field": "tags", "operator": "contains_any", "value": ["vip"]}]}
    assert tagged.count == 30
    tagged.choose("Filter 1 operator", "contains_none")
    assert tagged.count == 30
    tagged.choose("Filter 1 value", ["vip", "new"]).choose("Filter 1 operator", "contains_all")
    assert tagged.count == 10
    assert "whose tags contains all of “vip” and “new”" in tagged.words


def test_numbers_of_lists_are_chosen_and_typed(tagged: Page) -> None:
    tagged.press("Add attribute").choose("Filter 1 attribute", "sizes").choose("Filter 1 value", [38, 40])
    assert tagged.spec["user_filters"][0]["value"] == [38, 40]
    assert tagged.count == 40


def test_an_event_can_be_one_with_an_element(tagged: Page) -> None:
    tagged.press("Add event").choose("Filter 1 event", "BUY").more("Filter 1", "Only events with a property")
    tagged.choose("Filter 1 property 1 property", "items").choose("Filter 1 property 1 value", ["churned"])
    assert tagged.count == 20


def test_a_chart_counts_elements_among_users_with_a_list(tagged: Page) -> None:
    tagged.paste({"user_filters": [{"field": "sizes", "operator": "contains_any", "value": [38]}]})
    tagged.open_tab("Who they are")
    assert "Tags" in tagged.words


def test_an_element_that_no_spec_can_write_has_a_bar_all_the_same(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user_id\tsizes\n1\t[1e30, 2.5]\n2\t[2.5]\n")
    (tmp_path / "events.csv").write_text("user_id,event_name,timestamp\n1,BUY,2026-11-01\n")
    files = tmp_path / "users.csv", tmp_path / "events.csv"
    load(*files, Generations(tmp_path / "data"), now=datetime(2026, 11, 22), settings=Settings())
    page = open_page(tmp_path / "data")
    page.open_tab("Who they are")
    assert "Sizes" in page.words
