"""What a segment means, in plain Python: loop over the users, ask each condition, keep those who match.

Written from the contract alone and slow on purpose. It shares no code with the compiler, so that the two can
only agree by both being right. Rows are dicts of plain values; times are naive UTC.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from operator import ge, gt, le, lt
from typing import Any
from zoneinfo import ZoneInfo

Spec = dict[str, Any]
Row = dict[str, Any]

SEGMENT_KEYS = {"limit", "as_of", "timezone"}
GROUP_KEYS = {"user_filters", "event_filters", "groups", "logic_operator", "negate"}
ORDER: dict[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
DAY = timedelta(days=1)
NEGATIVE = {"ne": "eq", "not_in": "in"}


def member_ids(
    spec: Spec, users: list[Row], events: list[Row], loaded_at: datetime | None = None
) -> list[Any]:
    """The ids that the segment returns: integers by number, text by code point, cut at the limit."""
    ids = sorted(user["user_id"] for user in _members(spec, users, events, loaded_at))
    return ids[: spec.get("limit")]


def total(spec: Spec, users: list[Row], events: list[Row], loaded_at: datetime | None = None) -> int:
    """How many users are in the segment, whatever its limit."""
    return len(_members(spec, users, events, loaded_at))


def truths(
    spec: Spec, users: list[Row], events: list[Row], loaded_at: datetime | None = None
) -> dict[Any, tuple[bool, ...]]:
    """Per user id: which direct children of the root hold, in the order of the spec."""
    seen = _Seen(spec, events, loaded_at)
    return {user["user_id"]: tuple(_children(spec, user, seen)) for user in users}


def as_of(spec: Spec, events: list[Row], loaded_at: datetime | None = None) -> datetime:
    """The moment the segment counts back from: its own, else the newest event, else the time of loading."""
    written = spec.get("as_of")
    if written is None:
        return max((event["timestamp"] for event in events), default=loaded_at or datetime.min)
    parsed = read_time(written)
    return parsed if isinstance(parsed, datetime) else last_instant(parsed, _zone(spec))


def matches_pattern(text: str, pattern: str) -> bool:
    """LIKE: `%` is any run of characters, `_` is exactly one, everything else is itself."""
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def read_time(text: str) -> date | datetime:
    """A date, or a time as naive UTC."""
    day, clock = date(int(text[:4]), int(text[5:7]), int(text[8:10])), text[11:]
    if not clock:
        return day
    parts = re.fullmatch(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|([+-])(\d\d):(\d\d))?", clock)
    if parts is None:
        raise ValueError(text)
    hour, minute, second, fraction, sign, off_hours, off_minutes = parts.groups()
    local = datetime.combine(day, time(int(hour), int(minute), int(second or 0)))
    local += timedelta(microseconds=int((fraction or "0").ljust(6, "0")))
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    # East of Greenwich the clock is ahead of UTC.
    return local + offset if sign == "-" else local - offset


@cache
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant whose local date is `day` (or later, where the calendar skips the day)."""
    # Where clocks show midnight twice, Python means the earlier one.
    instant = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    # Where clocks skip midnight, Python lands behind the jump: walk back to it.
    while (instant - timedelta(seconds=1)).astimezone(zone).date() >= day:
        instant -= timedelta(seconds=1)
    return instant.replace(tzinfo=None)


def last_instant(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of the local day."""
    if day == date.max:
        return datetime.max
    return first_instant(day + DAY, zone) - timedelta(microseconds=1)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day that has begun last: once a day has begun, clocks set back do not return to the day before."""
    shown = instant.replace(tzinfo=UTC).astimezone(zone).date()
    following = shown + DAY
    return following if first_instant(following, zone) <= instant else shown


class _Seen:
    """What the conditions look at beside the user: everyone's events, the moment, the zone."""

    def __init__(self, spec: Spec, events: list[Row], loaded_at: datetime | None) -> None:
        self.events: dict[Any, list[Row]] = {}
        for event in events:
            self.events.setdefault(event["user_id"], []).append(event)
        self.as_of = as_of(spec, events, loaded_at)
        self.zone = _zone(spec)


def _members(spec: Spec, users: list[Row], events: list[Row], loaded_at: datetime | None) -> list[Row]:
    seen = _Seen(spec, events, loaded_at)
    return [user for user in users if _group(spec, user, seen, GROUP_KEYS | SEGMENT_KEYS)]


def _group(group: Spec, user: Row, seen: _Seen, known: set[str]) -> bool:
    _refuse_unknown(group, known)
    held = _children(group, user, seen)
    # An empty root is everyone; an empty nested group is refused before it gets here.
    joined = any(held) if _or(group) and held else all(held)
    return joined != bool(group.get("negate"))


def _children(group: Spec, user: Row, seen: _Seen) -> list[bool]:
    return [
        *(_user_filter(row, user, seen) for row in group.get("user_filters") or ()),
        *(_event_filter(row, user, seen) for row in group.get("event_filters") or ()),
        *(_group(row, user, seen, GROUP_KEYS) for row in group.get("groups") or ()),
    ]


def _user_filter(row: Spec, user: Row, seen: _Seen) -> bool:
    _refuse_unknown(row, {"field", "operator", "value"})
    cell, operator, value = user[row["field"]], row["operator"], row["value"]
    if operator in NEGATIVE:
        return not _holds(cell, NEGATIVE[operator], value, seen.zone)
    return _holds(cell, operator, value, seen.zone)


def _holds(cell: Any, operator: str, value: Any, zone: ZoneInfo) -> bool:
    """A positive operator; unknown is not a match."""
    if is_unknown(cell):
        return False
    match operator:
        case "like":
            return matches_pattern(cell, value)
        case "in":
            return any(_holds(cell, "eq", one, zone) for one in value)
        case "eq":
            left, right = _comparable(cell, value, zone)
            return left == right
        case _:
            left, right = _comparable(cell, value, zone)
            return ORDER[operator](left, right)


def is_unknown(cell: Any) -> bool:
    """No value, and what counts as none: the empty text, NaN and the infinities."""
    return cell is None or cell == "" or (isinstance(cell, float) and not math.isfinite(cell))


def _comparable(cell: Any, value: Any, zone: ZoneInfo) -> tuple[Any, Any]:
    """Cell and value as two things of one type."""
    if isinstance(cell, bool | str):
        return cell, value
    if isinstance(cell, float):
        # A float column holds the nearest float to what was written, so the value does too.
        return cell, float(value)
    if isinstance(cell, int | Decimal):
        return cell, Decimal(str(value))
    moment = read_time(value)
    if isinstance(cell, datetime) and not isinstance(moment, datetime):
        # A day, set against a time, is the whole local day.
        return local_day(cell, zone), moment
    return cell, moment


def _event_filter(row: Spec, user: Row, seen: _Seen) -> bool:
    _refuse_unknown(row, {"event_name", "operator", "count", "time_range_days"})
    own = seen.events.get(user["user_id"], [])
    named = [event for event in own if event["event_name"] == row["event_name"]]
    times = sum(_in_window(event["timestamp"], row.get("time_range_days"), seen.as_of) for event in named)
    match row["operator"]:
        case "eq":
            return times == row["count"]
        case "ne":
            return times != row["count"]
        case operator:
            return ORDER[operator](times, row["count"])


def _in_window(instant: datetime, days: int | None, as_of: datetime) -> bool:
    age = as_of - instant
    return age >= timedelta(0) and (days is None or age < days * DAY)


def _or(group: Spec) -> bool:
    joiner = group.get("logic_operator") or "AND"
    if joiner not in ("AND", "OR"):
        raise ValueError(joiner)
    return joiner == "OR"


def _zone(spec: Spec) -> ZoneInfo:
    return ZoneInfo(spec.get("timezone") or "UTC")


def _refuse_unknown(row: Spec, known: Iterable[str]) -> None:
    """A key the oracle does not know would make it agree by accident."""
    if unknown := set(row) - set(known):
        raise ValueError(f"the oracle does not know {sorted(unknown)}")
