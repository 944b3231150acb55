"""A small data set of one's own: text ids, every kind of attribute, and names that could break a page."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.settings import Settings

Row = dict[str, Any]

NEWEST = datetime(2026, 11, 22, 18, 30)

MARKUP_EVENT = "<b>bold</b> *click*"
SPOKEN_EVENT = 'said "hi" & left | $5 :smile:'
LONG_EVENT = "NEWSLETTER_SIGN_UP_FORM_SUBMITTED_FROM_THE_FOOTER_OF_A_LANDING_PAGE_IN_AUTUMN"
EVENT_NAMES = (MARKUP_EVENT, SPOKEN_EVENT, LONG_EVENT, "LOGIN")

PLANS = ("gold", "silver", "<i>none</i>", "**new** [x](y)", "")
LAST_SEEN = (
    datetime(2026, 11, 21, 23, 59, 59),
    datetime(2026, 11, 22),
    datetime(2026, 11, 22, 12, 30),
    datetime(2026, 11, 22, 23, 59, 59),
    datetime(2026, 11, 23),
    None,
)

USERS: list[Row] = [
    {
        "user_id": f"user-{number:02}",
        'Plan "x"': PLANS[number % len(PLANS)],
        "order": number % 4,
        "<b>tier</b>": ("<b>one</b>", "two")[number % 2],
        "newsletter": (True, False, None)[number % 3],
        "last_seen": LAST_SEEN[number % len(LAST_SEEN)],
        "joined": date(2026, 11, 1) + timedelta(days=number % 10),
        "spent": ("19.99", "20.00", "20.01", "0.10", "")[number % 5],
        "a_rather_long_name_for_an_attribute_of_a_user_in_the_crm": ("yes please", "no")[number % 2],
    }
    for number in range(60)
]
EVENTS: list[Row] = [
    {
        "user_id": USERS[number * 7 % 45]["user_id"],
        "event_name": EVENT_NAMES[number % len(EVENT_NAMES)],
        "timestamp": NEWEST - timedelta(hours=11 * number),
    }
    for number in range(150)
]


def make(folder: Path) -> Path:
    """A data folder that serves the club."""
    files = {"users": folder / "users.csv", "events": folder / "events.csv"}
    for path, rows in zip(files.values(), (USERS, EVENTS), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    load(**files, generations=Generations(folder), now=now, settings=Settings(data=folder))
    return folder


def times(user: Row, event_name: str, days: int | None = None) -> int:
    """How often a user did it, up to the newest event."""
    since = NEWEST - timedelta(days=days) if days else datetime.min
    return sum(
        event["user_id"] == user["user_id"]
        and event["event_name"] == event_name
        and since < event["timestamp"] <= NEWEST
        for event in EVENTS
    )
