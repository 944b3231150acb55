"""Summaries of frequent events say what the events say; data without them is answered all the same."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from duckmart.data.load import Options, summaries
from duckmart.data.load.append import append
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.json_text import to_json
from tests.data.conftest import NOW, Shop

NAMES = ("LOGIN", "BUY", "VIEW", "RATE")
SPECS = [
    {"event_filters": [{"event_name": name, "operator": operator, "count": count, **window}]}
    for name in NAMES
    for operator, count in (("gte", 1), ("eq", 0), ("gte", 3), ("lt", 2))
    for window in ({}, {"time_range_days": 20})
]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of the four events have summaries."""
    monkeypatch.setattr(summaries, "FEWEST_EVENTS", 1)
    monkeypatch.setattr(summaries, "MOST_SUMMARIES", 3)


def users(ids: list[Any]) -> str:
    return "user_id,name\n" + "".join(f"{one},x\n" for one in ids)


def events(ids: list[Any], seed: int, rows: int) -> str:
    chance = random.Random(seed)
    lines = [
        f"{chance.choice(ids)},{chance.choices(NAMES, (8, 4, 2, 1))[0]},"
        f"{datetime(2026, 10, 1) + timedelta(seconds=chance.randrange(50 * 86_400))}\n"
        for _ in range(rows)
    ]
    return "user_id,event_name,timestamp\n" + "".join(lines)


def assert_same(settings: Settings) -> None:
    """With summaries and without, every segment has the same members and size."""
    mart = current(settings)
    assert len(mart.stored_catalog.summaries) == summaries.MOST_SUMMARIES
    plain = Mart(mart.engine, settings, catalog=mart.catalog)
    for spec in SPECS:
        segment, _ = mart.read(to_json(spec))
        assert mart.audience(segment).ids.to_pylist() == plain.audience(segment).ids.to_pylist(), spec
        assert mart.size(segment).total == plain.size(segment).total, spec


@pytest.mark.parametrize(
    "make_id", [int, lambda number: f"u{number * 7919 % 1000}"], ids=["numbers", "texts"]
)
def test_loaded_and_appended(shop: Shop, make_id: Callable[[int], Any]) -> None:
    ids = [make_id(number) for number in range(1, 60)]
    # Some users never did anything, and some are new in the second file.
    shop.load(users(ids[:50]), events(ids[:40], 1, 300))
    settings = Settings(data=shop.generations.folder, as_of="data")
    assert_same(settings)

    more: dict[str, Path] = {
        "users": shop.file("more_users.csv", users(ids[45:])),
        "events": shop.file("more_events.csv", events(ids[30:], 2, 200)),
    }
    append(more, shop.generations, now=NOW, settings=settings, options=Options(accept_loss=True))
    assert_same(settings)


def test_an_event_that_is_rare_has_none(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "FEWEST_EVENTS", 100)
    shop.load(users([1, 2, 3]), events([1, 2, 3], 1, 150))
    catalog = current(Settings(data=shop.generations.folder)).stored_catalog
    assert {*catalog.summaries} == {name for name, rows in catalog.events.items() if rows >= 100}


def test_data_of_before_there_were_summaries_is_answered_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duckmart.data.load.build.write_catalog", lambda draft, settings: None)
    shop.load(users([1, 2, 3]), events([1, 2], 1, 50))
    mart = current(Settings(data=shop.generations.folder))
    assert mart.stored_catalog.summaries == {}
    never = {"event_filters": [{"event_name": "LOGIN", "operator": "eq", "count": 0}]}
    segment, _ = mart.read(to_json(never))
    assert mart.audience(segment).ids.to_pylist() == [3]
