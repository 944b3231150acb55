"""A second, small data set: the members of a sports club, with birthdays, tags and the day their plan ends.

It shows what the shop's eight columns cannot: dates that come round each year, lists, and two dates of one
user side by side. It is drawn one member at a time; the same seed gives the same rows.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

MEMBERS = 600
_DAY = timedelta(days=1)

USERS_SCHEMA = pa.schema(
    {
        "user_id": pa.int32(),
        "name": pa.string(),
        "birthday": pa.date32(),
        "studio": pa.string(),
        "signup_date": pa.date32(),
        "plan": pa.string(),
        "plan_started": pa.date32(),
        "plan_ends": pa.date32(),
        "tags": pa.string(),
    }
)
EVENTS_SCHEMA = pa.schema(
    {
        "user_id": pa.int32(),
        "event_name": pa.string(),
        "timestamp": pa.timestamp("s"),
        "sport": pa.string(),
        "minutes": pa.int32(),
        "items": pa.string(),
        "amount": pa.decimal128(8, 2),
    }
)

_FIRST = "Ada Ben Cleo Dan Eva Finn Gia Hugo Ida Jon Kim Leo Mia Noah Ona Paul Quin Rosa Sam Tess Uma"
_LAST = "Abel Brook Cruz Dahl Evans Frost Gray Hall Ito Jones Kaya Lund Moss Novak Ortiz Park Reed"
_STUDIOS = ("Harbour", "Old Town", "Park", "Station")
_PLANS = {"day pass": 1, "monthly": 30, "yearly": 365}
_TAGS = ("vip", "coach", "student", "family", "newsletter", "churned")
_SPORTS = {"yoga": 60, "spin": 45, "climbing": 120, "swimming": 50, "boxing": 75}
_ITEMS = {"towel": 9, "bottle": 14, "shake": 5, "mat": 39, "gloves": 25, "chalk": 12}


def draw_members(seed: int, end: date) -> pa.Table:
    """A row for each member: who they are, and when their plan began and ends."""
    rows = [_member(_chance(seed, user_id), user_id, end) for user_id in range(1, MEMBERS + 1)]
    return pa.Table.from_pylist(rows, schema=USERS_SCHEMA)


def draw_club_events(members: pa.Table, seed: int, end: date) -> Iterator[pa.Table]:
    """What the members did since they signed up, or in the last year, member by member."""
    for member in members.to_pylist():
        chance = _chance(seed, -member["user_id"])
        events = pa.Table.from_pylist([*_events(chance, member, end)], schema=EVENTS_SCHEMA)
        is_past = pc.less(events["timestamp"], pa.scalar(datetime.combine(end + _DAY, time())))
        yield events.filter(is_past).sort_by("timestamp")


def _chance(seed: int, number: int) -> Random:
    """Where a member's rows come from, whatever the other members are."""
    return Random(f"{seed}/{number}")  # noqa: S311 - nothing here is a secret


def _member(chance: Random, user_id: int, end: date) -> dict[str, object]:
    plan = chance.choices(list(_PLANS), (2, 5, 4))[0]
    signup = end - _DAY * int(chance.triangular(0, 1500, 100))
    # A plan is renewed again and again; some members let the last one run out.
    started = max(signup, end - _DAY * chance.randrange(_PLANS[plan] + chance.choice((1, 1, 1, 90))))
    if (end - signup).days < _PLANS[plan] and chance.random() < 0.7:
        started = signup
    has_tags = chance.random() < 0.9
    tags = [tag for tag in _TAGS if chance.random() < 0.22] if has_tags else None
    return {
        "user_id": user_id,
        "name": f"{chance.choice(_FIRST.split())} {chance.choice(_LAST.split())}",
        "birthday": date(1946, 1, 1) + _DAY * chance.randrange(60 * 365) if chance.random() < 0.95 else None,
        "studio": chance.choice(_STUDIOS),
        "signup_date": signup,
        "plan": plan,
        "plan_started": started,
        "plan_ends": started + _DAY * _PLANS[plan],
        "tags": None if tags is None else json.dumps(tags),
    }


def _events(chance: Random, member: dict[str, object], end: date) -> Iterator[dict[str, object]]:
    signup, ends = member["signup_date"], member["plan_ends"]
    assert isinstance(signup, date)  # noqa: S101 - as the schema says
    assert isinstance(ends, date)  # noqa: S101
    first, last = max(signup, end - 365 * _DAY), min(ends, end)
    for _ in range(int(chance.paretovariate(1.1) * 3) % 60):
        day = first + _DAY * chance.randrange(max(1, (last - first).days + 1))
        yield from _visit(chance, member["user_id"], datetime.combine(day, time(chance.randrange(6, 21))))


def _visit(chance: Random, user_id: object, start: datetime) -> Iterator[dict[str, object]]:
    """A class is looked at, mostly booked, and visited the next day; now and then something is bought."""
    sport = chance.choices(list(_SPORTS), (6, 5, 2, 4, 3))[0]
    at = start + timedelta(seconds=chance.randrange(3600))
    about = {"user_id": user_id, "sport": sport}
    for _ in range(chance.choice((1, 1, 2, 4))):
        yield about | {"event_name": "CLASS_VIEWED", "timestamp": at}
        at += timedelta(minutes=chance.randrange(1, 30))
    if chance.random() < 0.3:
        return
    yield about | {"event_name": "CLASS_BOOKED", "timestamp": at}
    visit = at + timedelta(hours=chance.randrange(1, 30))
    if chance.random() < 0.8:
        yield about | {"event_name": "VISIT", "timestamp": visit, "minutes": _SPORTS[sport]}
    if chance.random() < 0.4:
        items = chance.sample(list(_ITEMS), chance.randrange(1, 4))
        amount = sum(_ITEMS[item] for item in items) - Decimal("0.05")
        basket = {"items": json.dumps(items), "amount": amount}
        yield {
            "user_id": user_id,
            "event_name": "SHOP_ORDER",
            "timestamp": visit + timedelta(hours=1),
            **basket,
        }
