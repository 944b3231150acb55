"""A tiny world that holds the edges: 44 users and some 300 events, as plain rows and as the loader's tables.

Every instant here is written down in UTC, not computed with a time zone, so the tests do not lean on the zone
arithmetic that they check.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)

# Moments that windows count back from; around each, events sit on the very edges.
NEWEST = datetime(2026, 11, 25, 18, 0, 0, 123456)
PINNED = datetime(2026, 11, 22, 9, 30)
# Last microseconds of local days: UTC, then the long autumn days of Berlin and Los Angeles.
END_OF_UTC_DAY = datetime(2026, 11, 22, 23, 59, 59, 999999)
END_OF_BERLIN_DAY = datetime(2026, 10, 25, 22, 59, 59, 999999)
END_OF_LOS_ANGELES_DAY = datetime(2026, 11, 2, 7, 59, 59, 999999)
ANCHORS = (PINNED, END_OF_UTC_DAY, END_OF_BERLIN_DAY, END_OF_LOS_ANGELES_DAY)
WINDOWS = (1, 7, 30)

LOADED_AT = datetime(2026, 11, 26, 3, 0)
STRANGER = 999

EVENT_NAMES = (
    "LOGIN",
    "PURCHASE_MADE",
    "ADDED_TO_CART",
    "login",
    "O'Neil's click",
    "50% off",
    'said "hi"',
    "café 東京 🎌",
    "a_b",
    "end; */ -- x",
    "two\nlines",
)

# Column name -> (kind, type). `times` and the quoted names are traps for aliases and quoting.
COLUMNS = {
    "name": ("text", "VARCHAR"),
    "age": ("number", "INTEGER"),
    "gender": ("text", "VARCHAR"),
    "location": ("text", "VARCHAR"),
    "signup_date": ("date", "DATE"),
    "subscription_plan": ("text", "VARCHAR"),
    "points": ("number", "BIGINT"),
    "lifetime_value": ("number", "DECIMAL(12, 2)"),
    "score": ("number", "DOUBLE"),
    "newsletter": ("boolean", "BOOLEAN"),
    "last_seen": ("timestamp", "TIMESTAMP"),
    "trial_ends": ("timestamp", "TIMESTAMP"),
    'Plan "x"': ("text", "VARCHAR"),
    "order": ("number", "INTEGER"),
    "times": ("number", "INTEGER"),
    "timestamp": ("date", "DATE"),
}

_NAMES = (
    "O'Neil",
    "o'neil",
    "50%",
    "a_b",
    "aXb",
    "100%_x",
    "back\\slash",
    'say "hi"',
    "two\nlines",
    "; DROP TABLE user_attributes; --",
    "/* x */",
    "é",
    "e\u0301",
    "Straße",
    "STRASSE",
    "東京",
    "🦆",
    "🦆🦆",
    "İ",
    "i",
    " padded ",
    "padded",
    "%",
    "_",
    "$1",
    "?",
    "NULL",
    None,
    "",
)
_LOCATIONS = ("California", "california", "CALIFORNIA", "California ", "New York", "Québec", "東京", None)
_PLANS = ("free", "premium", "enterprise", "Premium", None)
_AGES = (25, 34, 24, 35, 18, 0, -1, 99, None, 30, 25)
_GENDERS = ("f", "m", "x", None)
_SIGNUPS = (
    date(2024, 2, 29),
    date(2024, 2, 28),
    date(2024, 3, 1),
    date(2026, 11, 22),
    date(2026, 11, 21),
    date(2026, 11, 23),
    None,
    date(2026, 10, 25),
    date(1970, 1, 1),
    date(1969, 12, 31),
    date(2000, 1, 1),
    date(1900, 3, 1),
)
_POINTS = (
    2**31,
    2**31 - 1,
    -(2**31) - 1,
    9_007_199_254_740_993,
    2**63 - 1,
    -(2**63) + 1,
    0,
    1,
    None,
    250,
    1000,
)
_LIFETIME_VALUES = tuple(
    None if text is None else Decimal(text)
    for text in ("0.00", "0.10", "19.99", "20.00", "20.01", "-5.00", None, "9999999999.99", "100.00", "0.30")
)
_SCORES = (
    0.1,
    0.2,
    0.30000000000000004,
    0.3,
    -0.0,
    1.0,
    25.0,
    1e300,
    math.nan,
    math.inf,
    -math.inf,
    None,
    2.5,
)
_NEWSLETTERS = (True, False, None, True, False)
# First and last instants of days with 23 and 25 hours, and their neighbours.
_LAST_SEEN = (
    datetime(2026, 3, 28, 23),  # Berlin, 29 March begins
    datetime(2026, 3, 29, 22),  # and is over after 23 hours
    datetime(2026, 3, 29, 1),  # the hour that Berlin skips
    datetime(2026, 10, 24, 22),  # Berlin, 25 October begins
    datetime(2026, 10, 25, 23),  # and is over after 25 hours
    datetime(2026, 10, 25, 0, 30),  # 02:30 for the first time
    datetime(2026, 10, 25, 1, 30),  # 02:30 again
    datetime(2026, 3, 8, 8),  # Los Angeles, 8 March begins
    datetime(2026, 3, 9, 7),  # and is over after 23 hours
    datetime(2026, 11, 1, 7),  # Los Angeles, 1 November begins
    datetime(2026, 11, 2, 8),  # and is over after 25 hours
    datetime(2026, 11, 22),
    datetime(2026, 11, 22, 12, 0, 0, 1),
)
_TRIAL_ENDS = (
    datetime(2024, 4, 25, 22),  # Cairo, 26 April begins at 01:00
    datetime(2024, 4, 26, 21),  # and is over
    datetime(2010, 11, 7, 2, 30),  # St. John's, 7 November begins,
    datetime(2010, 11, 7, 2, 45),  # clocks show the 6th again, yet it stays the 7th
    datetime(2010, 11, 8, 3, 30),  # and is over
    datetime(2011, 12, 30, 10),  # Apia goes from the 29th to the 31st
    datetime(1919, 3, 31, 4, 30),  # Toronto goes from 23:30 on the 30th to 00:30 on the 31st
    datetime(1919, 3, 31, 4, 45),
    datetime(2024, 2, 29),
    datetime(2024, 3, 1),
    datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime(2026, 11, 22, 9, 30),
)


@dataclass(frozen=True, eq=False)
class World:
    """Users and events as plain rows; `id_type` is the SQL type of the user ids."""

    name: str
    id_type: str
    users: list[Row]
    events: list[Row]
    loaded_at: datetime = LOADED_AT

    @property
    def kinds(self) -> dict[str, str]:
        """Column -> kind, the user id included."""
        id_kind = "text" if self.id_type == "VARCHAR" else "number"
        return {"user_id": id_kind} | {name: kind for name, (kind, _) in COLUMNS.items()}

    @property
    def whole(self) -> set[str]:
        """Whole-number columns: fractions suit them with order operators only."""
        types = {"user_id": self.id_type} | {name: sql_type for name, (_, sql_type) in COLUMNS.items()}
        return {name for name, sql_type in types.items() if sql_type in ("INTEGER", "BIGINT")}

    def cells(self, column: str) -> list[Any]:
        """The column's distinct values that a spec can write, in the order of the users."""
        known = (user[column] for user in self.users)
        return list(dict.fromkeys(cell for cell in known if stored(cell) is not None))

    def without_events_after(self, moment: datetime) -> "World":
        early = [event for event in self.events if event["timestamp"] <= moment]
        return replace(self, name=f"{self.name}_early", events=early)

    def write(self, folder: Path) -> Path:
        """A DuckDB file with the tables that the loader makes."""
        path = folder / f"{self.name}.duckdb"
        with duckdb.connect(str(path)) as connection:
            _write_users(connection, self)
            _write_events(connection, self)
            connection.execute("CREATE TABLE load_info (loaded_at TIMESTAMP)")
            connection.execute("INSERT INTO load_info VALUES (?)", [self.loaded_at])
        return path


def stored(cell: Any) -> Any:
    """What the loader keeps of a cell: no empty text, no NaN, no infinity."""
    if cell == "" or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    return cell


def _users(ids: Iterable[Any]) -> list[Row]:
    # Lists of coprime lengths, run round at different paces, so that columns do not move together.
    columns = {
        "name": cycle(_NAMES),
        "age": cycle(_AGES),
        "gender": cycle(_GENDERS),
        "location": cycle(_LOCATIONS),
        "signup_date": cycle(_SIGNUPS),
        "subscription_plan": cycle(_PLANS),
        "points": cycle(_POINTS),
        "lifetime_value": cycle(_LIFETIME_VALUES),
        "score": cycle(_SCORES),
        "newsletter": cycle(_NEWSLETTERS),
        "last_seen": _with_neighbours(_LAST_SEEN),
        "trial_ends": _with_neighbours(_TRIAL_ENDS),
        'Plan "x"': cycle(("gold", "Gold", "1", None, "g'ld", "gold%")),
        "order": cycle((1, 2, 3, None)),
        "times": cycle((None, 0, 1, 2, 7)),
        "timestamp": cycle(reversed(_SIGNUPS)),
    }
    return [{"user_id": user_id} | {name: next(cells) for name, cells in columns.items()} for user_id in ids]


def _with_neighbours(instants: Iterable[datetime]) -> Iterator[datetime | None]:
    """Each instant, one microsecond before it, one after it, and now and then nothing."""
    while True:
        for instant in instants:
            yield from (instant, instant - MICROSECOND)
        yield None
        for instant in instants:
            yield instant + MICROSECOND


def _events(users: list[Row], stranger: Any) -> list[Row]:
    # Every sixth user never did anything; the others are busy in unequal measure.
    active = [user["user_id"] for position, user in enumerate(users) if position % 6]
    doers = cycle([*active, *active[:9], *active[:9], *active[:4], stranger])
    amounts = cycle(
        (Decimal("19.99"), None, Decimal("0.10"), Decimal("-3.00"), Decimal("100.00"), Decimal("0.20"))
    )
    categories = cycle(("books", "toys", None, "Books", "50% off", "O'Neil", "東京"))
    events = [
        {
            "user_id": next(doers),
            "event_name": name,
            "timestamp": instant,
            "amount": next(amounts),
            "category": next(categories),
        }
        for name, instant in _happenings()
    ]
    # Two simultaneous equal events are two.
    twins = [dict(event) for event in events[5:60:9]]
    return events + twins


def _happenings() -> Iterator[tuple[str, datetime]]:
    names = cycle([*EVENT_NAMES, "LOGIN", "a_b", "LOGIN", "50% off", "PURCHASE_MADE"])
    yield "LOGIN", NEWEST
    for instant in _edges():
        yield from (("LOGIN", instant), ("PURCHASE_MADE", instant), (next(names), instant))
    # Quiet days in between and a long past, so that counts above one and "ever" differ from the windows.
    recent = (NEWEST - timedelta(hours=11 * step) for step in range(1, 110))
    past = (NEWEST - timedelta(days=37 * step) for step in range(1, 30))
    yield from zip(names, (*recent, *past), strict=False)


def _edges() -> list[datetime]:
    """Around each moment and the start of each window before it: one microsecond early, exact, one late."""
    around = [
        anchor - days * DAY + nudge
        for anchor in (NEWEST, *ANCHORS)
        for days in (0, *WINDOWS)
        for nudge in (-MICROSECOND, timedelta(0), MICROSECOND)
    ]
    return [instant for instant in around if instant <= NEWEST]


def _write_users(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    types = {name: sql_type for name, (_, sql_type) in COLUMNS.items()}
    columns = ", ".join(f"{_quoted(name)} {sql_type}" for name, sql_type in types.items())
    connection.execute(f"CREATE TABLE user_attributes (user_id {world.id_type} PRIMARY KEY, {columns})")
    rows = [[stored(user[name]) for name in ("user_id", *types)] for user in world.users]
    marks = ", ".join("?" for _ in rows[0])
    connection.executemany(f"INSERT INTO user_attributes VALUES ({marks})", rows)


def _write_events(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    names = list(dict.fromkeys(event["event_name"] for event in world.events)) or ["LOGIN"]
    allowed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    connection.execute(
        f"CREATE TABLE user_events (user_id {world.id_type}, event_name ENUM ({allowed}), "
        "timestamp TIMESTAMP, amount DECIMAL(12, 2), category VARCHAR)"
    )
    ordered = sorted(
        world.events, key=lambda event: (event["event_name"], event["user_id"], event["timestamp"])
    )
    if ordered:
        connection.executemany(
            "INSERT INTO user_events VALUES (?, ?, ?, ?, ?)", [list(row.values()) for row in ordered]
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _whole_id_world() -> World:
    users = _users([*range(1, 41), 2**31, 2**31 + 1, 2**40, -7])
    return World("whole_ids", "BIGINT", users, _events(users, STRANGER))


def _text_id_world() -> World:
    odd = [
        "007",
        "7",
        "a",
        "A",
        "é",
        "e\u0301",
        "a b",
        "O'Neil",
        "50%",
        "a_b",
        "東京",
        "🦆",
        "Z",
        " 7",
        "\uffee",
    ]
    users = _users([*odd, *(f"user-{number}" for number in range(29))])
    return World("text_ids", "VARCHAR", users, _events(users, "nobody"))


WHOLE_IDS = _whole_id_world()
TEXT_IDS = _text_id_world()
