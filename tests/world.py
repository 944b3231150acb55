"""A tiny world that holds the edges: 58 users and some 500 events, as plain rows and as the loader's tables.

Every instant here is written down in UTC, not computed with a time zone, so the tests do not lean on the zone
arithmetic that they check.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import cycle, product
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

_BUSY_NAMES = (
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
# A visit and a rating are there for one edge each.
EVENT_NAMES = (*_BUSY_NAMES, "VISIT", "RATED")

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
    "tags": ("text list", "VARCHAR[]"),
    "marks": ("number list", "DECIMAL(12, 2)[]"),
}
# Further columns of the events, some named like a column of the users or of the SQL for counts.
PROPERTIES = {
    "amount": ("number", "DECIMAL(12, 2)"),
    "category": ("text", "VARCHAR"),
    "times": ("number", "BIGINT"),
    "score": ("number", "DOUBLE"),
    "due": ("date", "DATE"),
    "expires at": ("timestamp", "TIMESTAMP"),
    "gift": ("boolean", "BOOLEAN"),
    'Item "x"': ("text", "VARCHAR"),
    "items": ("text list", "VARCHAR[]"),
    "counts": ("number list", "BIGINT[]"),
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
    # Letters whose lowercase is special.
    "ẞ",
    "ΟΔΟΣ",
    "οδος",
    "\u212a",
    "ǅ",
    "İi",
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
_AMOUNTS = tuple(
    None if text is None else Decimal(text)
    for text in ("19.99", None, "0.10", "-3.00", "100.00", "0.20", "9999999999.99", "20.00")
)
_CATEGORIES = ("books", "toys", None, "Books", "50% off", "O'Neil", "東京", "", "BOOKS", "e\u0301", "é")
_TIMES = (1, 2, None, 3, 0, 2, -1, 2**62, 1, 5, None, 2, 1)
# Sums of halves of halves are exact.
_EVENT_SCORES = (0.5, -0.25, None, 1024.0, 0.0, math.nan, 2.5, 0.125, math.inf, -0.0, -math.inf, 3.0, 0.5)
_DUES = (
    date(2026, 11, 22),
    date(2026, 11, 21),
    None,
    date(2026, 11, 23),
    date(2024, 2, 29),
    date(2026, 10, 25),
    date(2026, 12, 1),
)
_GIFTS = (True, None, False, True, False)
_ITEMS = (
    "gold",
    "Gold",
    None,
    "İpek",
    "ipek",
    "ẞ",
    "ß",
    "ss",
    "ΟΔΟΣ",
    "οδοσ",
    "οδος",
    "\u212a",
    "k",
    "ǅ",
    "ǆ",
    "50%",
    "",
    "a_b",
    "aXb",
)

# Empty, unknown, with elements that are nothing, with one twice, and with those that differ by their case.
_TAGS = (
    ["vip", "new"],
    [],
    None,
    ["VIP"],
    ["new", None, "", "O'Neil"],
    [None],
    ["vip", "vip", "50%"],
    ["e\u0301", "é", "a, b", "[x]"],
    ["new"],
)
_MARKS = tuple(
    None if texts is None else [each and Decimal(each) for each in texts]
    for texts in (
        ["1.00", "2.50"],
        [],
        ["2.50"],
        None,
        ["-3.00", None, "9999999999.99"],
        ["1.00", "1.00", "0.10"],
    )
)
_COUNTS = ([1, 2, 3], [], None, [2**62, -1], [3], [None, 2], [0])

CART, BUY, LOGIN = "ADDED_TO_CART", "PURCHASE_MADE", "LOGIN"
_HOUR = timedelta(hours=1)
_WEEK = 7 * DAY
_LEAP, _LONG_DAY, _PLAIN = datetime(2024, 2, 28, 12), datetime(2026, 10, 24, 22), datetime(2026, 11, 10, 12)
# For sequences: what one user each did, and when after the story's first moment.
_STORIES: tuple[tuple[datetime, tuple[tuple[str, timedelta], ...]], ...] = (
    (_LEAP, ((CART, 0 * DAY), (BUY, DAY))),
    (_LONG_DAY, ((CART, 0 * DAY), (BUY, DAY + MICROSECOND))),
    # Both at once: neither is later.
    (_PLAIN, ((CART, 0 * DAY), (BUY, 0 * DAY))),
    # Only a later start is followed in time.
    (_LONG_DAY, ((CART, 0 * DAY), (CART, 3 * DAY), (BUY, 3 * DAY + _HOUR))),
    (_PLAIN, ((CART, 0 * DAY), (LOGIN, _HOUR), (CART, DAY), (LOGIN, DAY + _HOUR), (BUY, DAY + 2 * _HOUR))),
    (_PLAIN, ((LOGIN, 0 * DAY), (CART, _HOUR), (BUY, 2 * _HOUR))),
    (_PLAIN, ((CART, 0 * DAY), (BUY, _WEEK))),
    (_PLAIN, ((CART, 0 * DAY), (BUY, _WEEK + MICROSECOND))),
    # Nothing bought after the second of two logins; nothing bought later than the login.
    (_PLAIN, ((CART, 0 * DAY), (LOGIN, _HOUR), (BUY, 2 * _HOUR), (LOGIN, 3 * _HOUR))),
    (_LEAP, ((CART, 0 * DAY), (LOGIN, _HOUR), (BUY, _HOUR))),
    # The time to buy ends with `as_of`, and just after it.
    (PINNED, ((CART, -_WEEK),)),
    (PINNED, ((CART, MICROSECOND - _WEEK),)),
    (NEWEST, ((CART, -_WEEK), (CART, -DAY))),
    (NEWEST, ((CART, MICROSECOND - DAY),)),
)
# For windows that count from a date: where each N days after it begin in UTC, Berlin and Los Angeles.
_STARTS = {
    date(2026, 10, 25): {
        0: ("2026-10-25T00", "2026-10-24T22", "2026-10-25T07"),
        1: ("2026-10-26T00", "2026-10-25T23", "2026-10-26T07"),
        7: ("2026-11-01T00", "2026-10-31T23", "2026-11-01T07"),
        30: ("2026-11-24T00", "2026-11-23T23", "2026-11-24T08"),
    },
    date(2024, 2, 29): {
        0: ("2024-02-29T00", "2024-02-28T23", "2024-02-29T08"),
        1: ("2024-03-01T00", "2024-02-29T23", "2024-03-01T08"),
        7: ("2024-03-07T00", "2024-03-06T23", "2024-03-07T08"),
        30: ("2024-03-30T00", "2024-03-29T23", "2024-03-30T07"),
    },
}


@dataclass(frozen=True, eq=False, repr=False)
class Fields:
    """What a spec can name of users or of events, and the rows with the values."""

    kinds: dict[str, str]
    types: dict[str, str]
    rows: list[Row]

    @property
    def whole(self) -> set[str]:
        """Whole-number columns: fractions suit them with order operators only."""
        return {
            name for name, sql_type in self.types.items() if sql_type in ("INTEGER", "BIGINT", "BIGINT[]")
        }

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def cells(self, name: str) -> list[Any]:
        """The column's distinct values that a spec can write, in the order of the rows."""
        known = (row[name] for row in self.rows)
        if "list" in self.kinds[name]:
            known = (element for elements in known if elements for element in elements)
        return list(dict.fromkeys(cell for cell in known if stored(cell) is not None))


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """Users and events as plain rows; `id_type` is the SQL type of the user ids."""

    name: str
    id_type: str
    users: list[Row]
    events: list[Row]
    loaded_at: datetime = LOADED_AT

    @cached_property
    def attributes(self) -> Fields:
        """The columns of the users, their id included."""
        id_kind = "text" if self.id_type == "VARCHAR" else "number"
        columns = {"user_id": (id_kind, self.id_type)} | COLUMNS
        return _fields(columns, self.users)

    @cached_property
    def properties(self) -> Fields:
        """The further columns of the events: of those there are, what is said of the first."""
        said = self.events[0] if self.events else PROPERTIES
        return _fields({name: column for name, column in PROPERTIES.items() if name in said}, self.events)

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
    """What the loader keeps of a cell: no empty text, no NaN, no infinity; of a list, its elements alike."""
    if isinstance(cell, list):
        return [element for element in cell if stored(element) is not None]
    if cell == "" or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    return cell


def _fields(columns: dict[str, tuple[str, str]], rows: list[Row]) -> Fields:
    kinds = {name: kind for name, (kind, _) in columns.items()}
    return Fields(kinds, {name: sql_type for name, (_, sql_type) in columns.items()}, rows)


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
        "tags": cycle(_TAGS),
        "marks": cycle(_MARKS),
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
    busy, storytellers = users[: -len(_STORIES)], users[-len(_STORIES) :]
    # Every sixth user never did anything; the others are busy in unequal measure.
    active = [user["user_id"] for position, user in enumerate(busy) if position % 6]
    doers = cycle([*active, *active[:9], *active[:9], *active[:4], stranger])
    done = [
        *((next(doers), name, instant) for name, instant in _happenings()),
        *_visits(active),
        *_ratings(active),
        *_around_anchors(busy),
        *_told(storytellers),
    ]
    events = [event | cells for event, cells in zip(map(_event, done), _properties(), strict=False)]
    # Two simultaneous equal events are two; so are two that differ in what is known of them.
    twins = [dict(event) for event in events[5:60:9]]
    siblings = [events[place] | _known(events[place + 1]) for place in range(8, 90, 11)]
    return [*events, *twins, *siblings, *_barren(active)]


def _event(done: tuple[Any, str, datetime]) -> Row:
    return dict(zip(("user_id", "event_name", "timestamp"), done, strict=True))


def _known(event: Row) -> Row:
    return {name: event[name] for name in PROPERTIES}


def _properties() -> Iterator[Row]:
    columns = {
        "amount": cycle(_AMOUNTS),
        "category": cycle(_CATEGORIES),
        "times": cycle(_TIMES),
        "score": cycle(_EVENT_SCORES),
        "due": cycle(_DUES),
        "expires at": _with_neighbours(_LAST_SEEN),
        "gift": cycle(_GIFTS),
        'Item "x"': cycle(_ITEMS),
        "items": cycle(_TAGS[::-1]),
        "counts": cycle(_COUNTS),
    }
    while True:
        yield {name: next(cells) for name, cells in columns.items()}


def _visits(active: list[Any]) -> Iterator[tuple[Any, str, datetime]]:
    """One user each who came just before and just as a day of some zone begins or ends."""
    for user_id, instant in zip(cycle(active), (*_LAST_SEEN, *_TRIAL_ENDS), strict=False):
        yield from ((user_id, "VISIT", instant - MICROSECOND), (user_id, "VISIT", instant))


def _ratings(active: list[Any]) -> Iterator[tuple[Any, str, datetime]]:
    """First and last events of which several are simultaneous, with different properties."""
    for times, user_id in enumerate(active[:12], start=1):
        yield from ((user_id, "RATED", _PLAIN) for _ in range(1 + times % 3))
        yield from ((user_id, "RATED", _PLAIN + DAY) for _ in range(1 + times % 2))


def _barren(active: list[Any]) -> list[Row]:
    """Last events without any property: alone, and beside one that has some."""
    return [
        _event((user_id, "RATED", _PLAIN + days * DAY)) | dict.fromkeys(PROPERTIES)
        for user_id, days in ((active[1], 2), (active[2], 1), (active[3], 0), (active[12], 0))
    ]


def _around_anchors(users: list[Row]) -> Iterator[tuple[Any, str, datetime]]:
    """Events at the very edges of windows that count from a user's own date or time."""
    for day, starts in _STARTS.items():
        owner = next(user["user_id"] for user in users if user["signup_date"] == day)
        for text in (text for texts in starts.values() for text in texts):
            yield from _beside(owner, datetime.fromisoformat(text))
    owners = [user for user in users if user["trial_ends"] and user["trial_ends"].year >= 2024]
    for user, days in product(owners[:5], (0, 1, 7)):
        yield from _beside(user["user_id"], user["trial_ends"] + days * DAY)


def _beside(user_id: Any, instant: datetime) -> Iterator[tuple[Any, str, datetime]]:
    yield from ((user_id, "VISIT", instant - MICROSECOND), (user_id, "LOGIN", instant))


def _told(storytellers: list[Row]) -> Iterator[tuple[Any, str, datetime]]:
    for user, (start, steps) in zip(storytellers, _STORIES, strict=True):
        yield from ((user["user_id"], name, start + later) for name, later in steps)


def _happenings() -> Iterator[tuple[str, datetime]]:
    names = cycle([*_BUSY_NAMES, "LOGIN", "a_b", "LOGIN", "50% off", "PURCHASE_MADE"])
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
    types = world.properties.types
    columns = ", ".join(f"{_quoted(name)} {sql_type}" for name, sql_type in types.items())
    allowed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    connection.execute(
        f"CREATE TABLE user_events (user_id {world.id_type}, event_name ENUM ({allowed}), "
        f"timestamp TIMESTAMP, {columns})"
    )
    ordered = sorted(
        world.events, key=lambda event: (event["event_name"], event["user_id"], event["timestamp"])
    )
    told = ("user_id", "event_name", "timestamp", *types)
    rows = [[stored(event[name]) for name in told] for event in ordered]
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"INSERT INTO user_events VALUES ({marks})", rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _whole_id_world() -> World:
    users = _users([*range(1, 41), 2**31, 2**31 + 1, 2**40, -7, *range(41, 41 + len(_STORIES))])
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
    users = _users([*odd, *(f"user-{number}" for number in range(29 + len(_STORIES)))])
    return World("text_ids", "VARCHAR", users, _events(users, "nobody"))


WHOLE_IDS = _whole_id_world()
TEXT_IDS = _text_id_world()
