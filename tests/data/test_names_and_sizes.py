"""Columns may have any name, also those that the load uses inside, and values any length."""

from datetime import datetime

import pytest

from duckmart.data.load import Options
from duckmart.data.load.append import append
from duckmart.settings import Settings
from tests.data.conftest import NOW, Shop

INSIDE = (
    *(
        "row",
        "rowid",
        "file",
        "path",
        "place",
        "line",
        "shift",
        "raw",
        "again",
        "users",
        "events",
        "old",
        "new",
    ),
    *("value", "reason", "action", "column", "column_name", "x", "times", "name", "day", "time", "c1", "c2"),
    *("old_id", "new_id", "old0", "new0", "old1", "new1", "a0", "made", "user_events", "user_attributes"),
    *("users_raw", "refused", "cleared", "inputs", "lines", "known_names", "filled", "low", "high", "event"),
)
EVENTS_ONLY = ("event_name", "timestamp")


def users(names: tuple[str, ...], ids: tuple[int, ...] = (1, 2)) -> str:
    rows = [",".join([str(number), *(f"{name} {number}" for name in names)]) for number in ids]
    return "\n".join([",".join(["user_id", *names]), *rows]) + "\n"


def events(names: tuple[str, ...], ids: tuple[int, ...] = (1, 2)) -> str:
    head = ["user_id", "event_name", "timestamp"]
    rows = [
        ",".join([str(number), "LOGIN", "2026-11-01 10:00:00", *(f"{name} {number}" for name in names)])
        for number in ids
    ]
    return "\n".join([",".join([*head, *names]), *rows]) + "\n"


def appended(shop: Shop, new_users: str, new_events: str) -> None:
    files = {
        "users": shop.file("more_users.csv", new_users),
        "events": shop.file("more_events.csv", new_events),
    }
    settings = Settings(memory="500MB", threads=2)
    append(files, shop.generations, now=NOW, settings=settings, options=Options())


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("name", EVENTS_ONLY)
def test_users_may_have_a_column_named_as_what_events_need(shop: Shop, name: str, spelled):
    shop.load(users((spelled(name),)))
    assert shop.users() == [(1, f"{spelled(name)} 1"), (2, f"{spelled(name)} 2")]
    appended(shop, users((spelled(name),), (2, 3)), events((), (3,)))
    assert shop.users() == [(number, f"{spelled(name)} {number}") for number in (1, 2, 3)]
    assert len(shop.events()) == 3


@pytest.mark.slow
def test_columns_may_be_named_as_anything_inside_the_load(shop: Shop):
    names = (*INSIDE, *EVENTS_ONLY)
    shop.load(users(names), events(INSIDE))
    appended(shop, users(names, (2, 3)), events(INSIDE, (2, 3)))
    assert shop.users() == [(number, *(f"{name} {number}" for name in names)) for number in (1, 2, 3)]
    at = datetime(2026, 11, 1, 10)
    assert shop.query("FROM user_events ORDER BY ALL") == [
        (number, "LOGIN", at, *(f"{name} {number}" for name in INSIDE)) for number in (1, 2, 2, 3)
    ]


def test_events_of_unknown_users_are_refused_whatever_the_users_columns_are_called(shop: Shop):
    report = shop.load(users(EVENTS_ONLY), events((), (1, 8, 9)))
    assert report.events.refused_by == {"no such user": 2}
    report = shop.load(users(EVENTS_ONLY), events((), (8, 9)))
    assert report.events.refused_by == {"no such user": 2}


LONG = "x" * 200_000


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("at", [5, 40])
@pytest.mark.parametrize("blank", ["", "\n\n"])
def test_a_value_may_be_longer_than_131072_characters_anywhere(shop: Shop, quote: str, at: int, blank: str):
    notes = [LONG if number == at else "short" for number in range(60)]
    rows = [f"{number},{quote}{note}{quote}\n" for number, note in enumerate(notes)]
    rows[30] += blank
    report = shop.load("user_id,note\n" + "".join(rows) + "7,again\n")
    assert (report.users.loaded, report.users.refused) == (60, 1)
    assert shop.query(f"SELECT length(note) FROM user_attributes WHERE user_id = {at}") == [(200_000,)]
    assert [entry["line"] for entry in shop.rejects()] == [str(62 + len(blank))]


def test_a_header_may_have_a_name_longer_than_131072_characters(shop: Shop):
    shop.load(f'user_id,"{LONG}"\n1,a\n')
    assert shop.users() == [(1, "a")]
