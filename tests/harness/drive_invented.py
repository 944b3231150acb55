"""The rows of `invented.py` from JSON to the builder; test_tables.py runs this in a process of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.errors import SpecError
from duckmart.insight.sensitivity import varied_parameters
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.describe import sentence
from tests.ui.conftest import framed, hasty, open_page  # noqa: F401 - fixtures
from tests.ui.page import Page

USERS = """user_id,discount
1,5.50
2,20.25
3,
"""
EVENTS = """user_id,event_name,timestamp,amount
2,BUY,2026-10-01 10:00:00,11.00
1,BUY,2026-11-10 10:00:00,10.50
1,BUY,2026-11-11 10:00:00,30.75
2,BUY,2026-11-21 10:00:00,10.00
2,BUY,2026-11-22 10:00:00,12.00
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("invented")
    (made / "users.csv").write_text(USERS)
    (made / "events.csv").write_text(EVENTS)
    files = made / "users.csv", made / "events.csv"
    load(*files, Generations(made), now=datetime(2026, 11, 23, tzinfo=UTC), settings=Settings(data=made))
    return made


@pytest.fixture(scope="module")
def mart(folder: Path) -> Mart:
    return current(Settings(data=folder))


def percent(operator: str = "lte", value: Any = 10) -> dict[str, Any]:
    return {"user_filters": [{"field": "discount", "operator": operator, "value": value}]}


def spread(value: Any = 10, of: str = "amount") -> dict[str, Any]:
    row = {"event_name": "BUY", "measure": {"spread": of}, "operator": "gte", "value": value}
    return {"event_filters": [row]}


def week(**keys: Any) -> dict[str, Any]:
    row = {"event_name": "BUY", "operator": "gte", "count": 1, "time_range": keys or {"weeks_ago": 1}}
    return {"event_filters": [row]}


SPECS = pytest.mark.parametrize(
    ("spec", "members", "words", "sql", "reason"),
    [
        (percent(), [1], "discount is at most 10", "discount <= 10", "discount is 20.25"),
        (spread(), [1], "spread of amount over BUY is at least 10", "MAX(amount)", "spread amount is 2"),
        (week(), [1], "BUY at least once in the week 1 weeks ago", "2026-11-15 10:00:00", "0 times"),
    ],
    ids=["kind", "measure", "window"],
)  # fmt: skip


@SPECS
def test_from_json_to_members_sql_sentence_and_explanation(
    mart: Mart, spec: Any, members: list[int], words: str, sql: str, reason: str
) -> None:
    segment, warnings = mart.accept(spec)
    assert not warnings
    assert segment.as_dict() == mart.accept(segment.as_dict())[0].as_dict()
    assert mart.audience(segment).ids.to_pylist() == members
    assert words in sentence(segment)
    assert sql in mart.members(segment).sql()
    [told] = mart.explain(segment, [2])
    assert (told.member, told.conditions[0].words) == (False, reason)
    assert told.conditions[0].change is not None
    assert [lever.current for lever in varied_parameters(segment, mart.catalog, mart.as_of(segment))][-1:]


@pytest.mark.parametrize(
    ("spec", "path", "message", "hint"),
    [
        (percent(value="a"), "user_filters.0.value", "is a percent field", "write a percentage"),
        (percent("like", "a%"), "user_filters.0.operator", "a percent field", "eq, ne, gt"),
        (spread(of="nothing"), "event_filters.0.measure", "unknown property", "amount"),
        (spread("a"), "event_filters.0.value", "is a number field", "without quotes"),
        (week(weeks_ago=0), "event_filters.0.time_range.weeks_ago", "out of range", "from 1"),
        (week(weeks_ago=1, to="2026-11-01"), "event_filters.0.time_range", "mixes two", "or weeks_ago"),
        (week(week_ago=1), "event_filters.0.time_range.week_ago", "unknown key", "weeks_ago"),
    ],
)
def test_the_check_knows_them(mart: Mart, spec: Any, path: str, message: str, hint: str) -> None:
    with pytest.raises(SpecError) as refused:
        mart.accept(spec)
    [problem] = refused.value.problems
    assert (problem.path, message in problem.message, hint in problem.hint) == (path, True, True), problem


def test_the_builder_knows_the_kind(open_page: Callable[..., Page], folder: Path) -> None:  # noqa: F811
    page = open_page(folder).press("Add attribute").choose("Filter 1 attribute", "discount")
    assert page.find("Filter 1 operator").value == "lte"
    page.choose("Filter 1 value", 10)
    assert (page.spec, page.count) == (percent(), 1)


def test_the_builder_knows_the_measure(open_page: Callable[..., Page], folder: Path) -> None:  # noqa: F811
    page = open_page(folder).add_event("BUY", "gte", 1, "1").more("Filter 1", "Measure something else")
    page.choose("Filter 1 measure", "spread").choose("Filter 1 value", 10)
    assert (page.spec, page.count) == (spread(), 1)


def test_the_builder_knows_the_window(open_page: Callable[..., Page], folder: Path) -> None:  # noqa: F811
    page = open_page(folder).add_event("BUY", "gte", 1, "1").choose("Filter 1 window", "a week, weeks ago")
    assert (page.spec, page.count) == (week(), 1)
    page.choose("Filter 1 weeks ago", 2)
    assert page.spec == week(weeks_ago=2)
