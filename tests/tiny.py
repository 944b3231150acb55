"""Eight users and their events, each there for one edge; small enough to count by hand.

`AS_OF` is the moment the tests count back from; one event lies a microsecond after it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.world import COLUMNS, MICROSECOND, Row, World

AS_OF = datetime(2026, 11, 22, 12)
A_MONTH_BEFORE = AS_OF - timedelta(days=30)
LOADED_AT = datetime(2026, 11, 24, 3)

ANN, BOB, CY, DEE, EVE, FAY, GUS, HAL = EVERYONE = range(1, 9)


def _user(user_id: int, **cells: Any) -> Row:
    return {"user_id": user_id, **dict.fromkeys(COLUMNS), **cells}


USERS = [
    _user(
        ANN, name="Ann", age=25, location="California", subscription_plan="free", newsletter=True,
        signup_date=date(2026, 11, 21), last_seen=datetime(2026, 11, 21, 23, 59, 59, 999999),
        lifetime_value=Decimal("0.10"), score=0.0,
    ),
    _user(
        BOB, name="O'Neil", age=34, location="California", subscription_plan="premium", newsletter=False,
        signup_date=date(2026, 11, 22), last_seen=datetime(2026, 11, 22),
        lifetime_value=Decimal("0.30"), score=0.3,
    ),
    # Nothing is known of Cy, who never did anything.
    _user(CY),
    # Dee never did anything either.
    _user(
        DEE, name="50%", age=35, location="New York", subscription_plan="premium", newsletter=True,
        signup_date=date(2026, 11, 23), last_seen=datetime(2026, 11, 22, 23, 59, 59, 999999),
        lifetime_value=Decimal("19.99"), score=1.0,
    ),
    _user(
        EVE, name="50 cents", age=24, location="california", subscription_plan="free", newsletter=False,
        signup_date=date(2024, 2, 29), last_seen=datetime(2026, 11, 23), score=0.7,
    ),
    _user(FAY, name="a_b", age=30, location="New York", subscription_plan="enterprise", score=0.29),
    _user(GUS, name="aXb", age=0, location="Québec", subscription_plan="premium"),
    # Hal shopped only after `AS_OF`.
    _user(HAL, name="東京", age=99, location="California", subscription_plan="free"),
]  # fmt: skip


def _event(user_id: int, event_name: str, timestamp: datetime) -> Row:
    return {
        "user_id": user_id,
        "event_name": event_name,
        "timestamp": timestamp,
        "amount": None,
        "category": None,
    }


EVENTS = [
    _event(ANN, "LOGIN", AS_OF),
    _event(ANN, "LOGIN", AS_OF - timedelta(days=400)),
    # Twice in the same instant.
    _event(BOB, "LOGIN", A_MONTH_BEFORE + MICROSECOND),
    _event(BOB, "LOGIN", A_MONTH_BEFORE + MICROSECOND),
    _event(EVE, "LOGIN", A_MONTH_BEFORE),
    _event(FAY, "LOGIN", A_MONTH_BEFORE - MICROSECOND),
    _event(BOB, "PURCHASE_MADE", AS_OF - timedelta(hours=24)),
    _event(GUS, "PURCHASE_MADE", AS_OF - timedelta(hours=24) + MICROSECOND),
    _event(HAL, "PURCHASE_MADE", AS_OF + MICROSECOND),
    _event(FAY, "O'Neil's click", AS_OF - timedelta(days=2)),
    _event(FAY, "50% off", AS_OF - timedelta(days=2)),
    _event(FAY, "login", AS_OF - timedelta(days=2)),
    # Nobody has this id.
    _event(999, "LOGIN", AS_OF),
]

# Stored in another order than that of the ids.
WORLD = World("tiny", "INTEGER", USERS[::-1], EVENTS, LOADED_AT)
WITHOUT_EVENTS = World("no_events", "INTEGER", USERS, [], LOADED_AT)


def attribute(field: str, operator: str, value: Any) -> Row:
    return {"field": field, "operator": operator, "value": value}


def event(event_name: str, operator: str, count: Any, days: int | None = None) -> Row:
    row = {"event_name": event_name, "operator": operator, "count": count}
    return row if days is None else row | {"time_range_days": days}


def spec(*rows: Row, **rest: Any) -> dict[str, Any]:
    """A segment of these conditions, as JSON would have it, that counts back from `AS_OF`."""
    return {"as_of": AS_OF.isoformat(), **group(*rows, **rest)}


def group(*rows: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """The rows under the keys that they belong to."""
    keys = {"field": "user_filters", "event_name": "event_filters"}
    made: dict[str, Any] = {}
    for row in rows:
        key = next((place for name, place in keys.items() if name in row), "groups")
        made.setdefault(key, []).append(row)
    return made | rest
