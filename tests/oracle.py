"""What a segment means, in plain Python: loop over the users, ask each condition, keep those who match.

Written from the contract alone and slow on purpose. It shares no code with the compiler, so that the two can
only agree by both being right. Rows are dicts of plain values; times are naive UTC; `saved` holds specs
by their ids.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import md5
from itertools import accumulate
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

Spec = dict[str, Any]
Row = dict[str, Any]
Saved = Mapping[str, Spec]

SEGMENT_KEYS = {"limit", "as_of", "timezone", "sample"}
GROUP_KEYS = {
    "user_filters",
    "event_filters",
    "sequence_filters",
    "segment_filters",
    "groups",
    "logic_operator",
    "at_least",
    "negate",
}
WINDOW_KEYS = {"time_range_days", "time_range_hours", "time_range"}
ORDER: dict[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
NEGATIVE = {
    "ne": "eq",
    "not_in": "in",
    "not_between": "between",
    "not_like": "like",
    "not_contains": "contains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_in_last_days": "in_last_days",
    "contains_none": "contains_any",
}
CASELESS = {"contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"}
IN_LISTS = {"contains_any": any, "contains_all": all}
RANKS = {"top", "bottom", "top_percent", "bottom_percent"}
WITHOUT_VALUE = {"is_null", "is_not_null"}
# What a count, a sum, the lowest and the highest may be compared by.
MEASURED = {"eq", "ne", "between", *ORDER}
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
LOTS = 2**32
NONE_SAVED: Saved = MappingProxyType({})


def member_ids(
    spec: Spec,
    users: list[Row],
    events: list[Row],
    loaded_at: datetime | None = None,
    saved: Saved = NONE_SAVED,
) -> list[Any]:
    """The ids that the segment returns: integers by number, text by code point, cut at the limit."""
    return _ids(spec, users, events, loaded_at, saved)[: spec.get("limit")]


def total(
    spec: Spec,
    users: list[Row],
    events: list[Row],
    loaded_at: datetime | None = None,
    saved: Saved = NONE_SAVED,
) -> int:
    """How many users are in the segment, whatever its limit."""
    return len(_ids(spec, users, events, loaded_at, saved))


def truths(
    spec: Spec,
    users: list[Row],
    events: list[Row],
    loaded_at: datetime | None = None,
    saved: Saved = NONE_SAVED,
) -> dict[Any, tuple[bool, ...]]:
    """Per user id: which direct children of the root hold, in the order of the spec."""
    _refuse_unknown(spec, GROUP_KEYS | SEGMENT_KEYS)
    seen = _seen(spec, users, events, loaded_at, saved)
    return {user["user_id"]: tuple(_children(spec, user, seen)) for user in users}


def variants(
    spec: Spec,
    users: list[Row],
    events: list[Row],
    loaded_at: datetime | None = None,
    saved: Saved = NONE_SAVED,
) -> dict[Any, str]:
    """The arm of each user in the segment, whatever its limit."""
    return {user_id: _arm(spec["sample"], user_id) for user_id in _ids(spec, users, events, loaded_at, saved)}


def sampled(spec: Spec, user_id: Any) -> bool:
    """Whether the sample keeps the user; without one, or with arms instead, all are kept."""
    sample = _said(spec.get("sample") or {"percent": 100, "seed": ""})
    _refuse_unknown(sample, {"percent", "split", "seed"})
    if ("percent" in sample) == ("split" in sample):
        raise ValueError(sample)
    if "split" in sample:
        return True
    return _lot(f"{sample['seed']}:{user_id}") < _share(sample["percent"])


def as_of(spec: Spec, events: list[Row], loaded_at: datetime | None = None) -> datetime:
    """The moment the segment counts back from: its own, else the newest event, else the time of loading."""
    written = spec.get("as_of")
    if written is None:
        return max((event["timestamp"] for event in events), default=loaded_at or datetime.min)
    return _ends(written, _zone(spec))


def matches_pattern(text: str, pattern: str) -> bool:
    """LIKE: `%` is any run of characters, `_` is exactly one, everything else is itself."""
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(letter) or re.escape(letter) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


@cache
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


def lowercase(text: str) -> str:
    """Each character's simple lowercase, one for one: no letter becomes two, and no sigma is a final one."""
    return "".join("i" if letter == "\u0130" else letter.lower() for letter in text)


@cache
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant whose local date is `day` (or later, where the calendar skips the day)."""
    try:
        # Where clocks show midnight twice, Python means the earlier one.
        instant = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
        # Where clocks skip midnight, Python lands behind the jump: walk back to it.
        while (instant - timedelta(seconds=1)).astimezone(zone).date() >= day:
            instant -= timedelta(seconds=1)
    except OverflowError:
        # East of Greenwich the calendar's first day begins before the first instant.
        return datetime.min
    return instant.replace(tzinfo=None)


def last_instant(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of the local day."""
    if day == date.max:
        return datetime.max
    return first_instant(day + DAY, zone) - MICROSECOND


@cache
def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day that has begun last: once a day has begun, clocks set back do not return to the day before."""
    try:
        shown = instant.replace(tzinfo=UTC).astimezone(zone).date()
        following = shown + DAY
    except OverflowError:
        return date.max
    return following if first_instant(following, zone) <= instant else shown


@dataclass(frozen=True)
class _Seen:
    """What the conditions look at beside the user: events by user, the moment, the zone, the others."""

    events: dict[Any, list[Row]]
    as_of: datetime
    zone: ZoneInfo
    saved: Saved
    users: list[Row]
    # The cells that users are ranked by, of each condition.
    ranked: dict[tuple[int, ZoneInfo], list[Any]]


def _seen(spec: Spec, users: list[Row], events: list[Row], loaded_at: datetime | None, saved: Saved) -> _Seen:
    by_user: dict[Any, list[Row]] = {}
    moment = as_of(spec, events, loaded_at)
    for event in events:
        # Later events never count.
        if event["timestamp"] <= moment:
            by_user.setdefault(event["user_id"], []).append(event)
    return _Seen(by_user, moment, _zone(spec), saved, users, {})


def _ids(
    spec: Spec, users: list[Row], events: list[Row], loaded_at: datetime | None, saved: Saved
) -> list[Any]:
    seen = _seen(spec, users, events, loaded_at, saved)
    return sorted(user["user_id"] for user in users if _segment(spec, user, seen))


def _segment(spec: Spec, user: Row, seen: _Seen) -> bool:
    return _group(spec, user, seen, GROUP_KEYS | SEGMENT_KEYS) and sampled(spec, user["user_id"])


def _group(group: Spec, user: Row, seen: _Seen, known: set[str]) -> bool:
    _refuse_unknown(group, known)
    return _joined(group, _children(group, user, seen)) != bool(group.get("negate"))


def _joined(group: Spec, held: list[bool]) -> bool:
    joiner, needed = group.get("logic_operator") or "AND", group.get("at_least")
    if (joiner == "AT_LEAST") != (needed is not None):
        raise ValueError("at_least belongs to AT_LEAST alone")
    match joiner:
        case "AND":
            return all(held)
        case "OR":
            # An empty root is everyone; an empty nested group is refused before it gets here.
            return any(held) or not held
        case "AT_LEAST":
            return sum(held) >= needed
        case _:
            raise ValueError(joiner)


def _children(group: Spec, user: Row, seen: _Seen) -> list[bool]:
    return [
        *(_user_filter(row, user, seen) for row in group.get("user_filters") or ()),
        *(_event_filter(row, user, seen) for row in group.get("event_filters") or ()),
        *(_sequence_filter(row, user, seen) for row in group.get("sequence_filters") or ()),
        *(_segment_filter(row, user, seen) for row in group.get("segment_filters") or ()),
        *(_group(row, user, seen, GROUP_KEYS) for row in group.get("groups") or ()),
    ]


def _user_filter(row: Spec, user: Row, seen: _Seen) -> bool:
    if row.get("other_field") is not None:
        return _two_fields(row, user[row["field"]], user[row["other_field"]])
    _refuse_unknown(row, {"field", *_comparison(row)})
    if row["operator"] in RANKS:
        return _is_ranked(row, user, seen, lambda one: _known_cell(one[row["field"]]))
    return _matches(user[row["field"]], row, seen)


def _two_fields(row: Spec, cell: Any, other: Any) -> bool:
    """Whether a cell stands to another one of the same row as the operator says; both are of one kind."""
    _refuse_unknown(row, {"field", "operator", "other_field"})
    if row["field"] == row["other_field"] or row["operator"] not in {"eq", "ne", *ORDER}:
        raise ValueError(row)
    if is_unknown(cell) or is_unknown(other):
        return row["operator"] == "ne"
    if isinstance(cell, float) or isinstance(other, float):
        cell, other = float(cell), float(other)
    compares: Callable[[Any, Any], bool] = {"eq": eq, "ne": ne, **ORDER}[row["operator"]]
    return compares(cell, other)


def _known_cell(cell: Any) -> Any:
    return None if is_unknown(cell) else cell


def _is_ranked(row: Spec, user: Row, seen: _Seen, cell_of: Callable[[Row], Any]) -> bool:
    """Whether fewer users than asked for have more, or less, among all who have a value."""
    own = cell_of(user)
    if own is None:
        return False
    key = (id(row), seen.zone)
    if key not in seen.ranked:
        cells = map(cell_of, seen.users)
        seen.ranked[key] = [cell for cell in cells if cell is not None]
    cells = seen.ranked[key]
    better = sum(cell > own if row["operator"].startswith("top") else cell < own for cell in cells)
    size = Fraction(row["value"])
    return better < (size * len(cells) / 100 if row["operator"].endswith("percent") else size)


def _comparison(row: Spec) -> set[str]:
    """The keys by which a row may say what it compares with."""
    keys = {"operator"} if row["operator"] in WITHOUT_VALUE else {"operator", "value"}
    return keys | {"case_sensitive"} if row["operator"] in CASELESS else keys


def _matches(cell: Any, row: Spec, seen: _Seen) -> bool:
    """Whether the row's operator and value hold for the cell."""
    operator, value = row["operator"], row.get("value")
    if is_unknown(cell):
        return operator == "is_null" or operator in NEGATIVE
    if operator in WITHOUT_VALUE:
        return operator == "is_not_null"
    if operator in CASELESS and not row.get("case_sensitive"):
        cell, value = lowercase(cell), lowercase(value)
    positive = NEGATIVE.get(operator, operator)
    holds = (
        _list_holds(cell, positive, value) if positive in IN_LISTS else _holds(cell, positive, value, seen)
    )
    return holds != (operator in NEGATIVE)


def _list_holds(cell: list[Any], operator: str, value: list[Any]) -> bool:
    known = [element for element in cell if not is_unknown(element)]
    return IN_LISTS[operator](one in known for one in value)


def _holds(cell: Any, operator: str, value: Any, seen: _Seen) -> bool:
    """A positive operator on a known cell."""
    match operator:
        case "in":
            return any(_holds(cell, "eq", one, seen) for one in value)
        case "between":
            low, high = value
            return _holds(cell, "gte", low, seen) and _holds(cell, "lte", high, seen)
        case "like":
            return matches_pattern(cell, value)
        case "contains":
            return value in cell
        case "starts_with":
            return cell.startswith(value)
        case "ends_with":
            return cell.endswith(value)
        case operator if operator in NEAR:
            return NEAR[operator](cell, value, seen)
        case "eq":
            left, right = _comparable(cell, value, seen.zone)
            return left == right
        case _:
            left, right = _comparable(cell, value, seen.zone)
            return ORDER[operator](left, right)


def is_unknown(cell: Any) -> bool:
    """No value, and what counts as none: the empty text, NaN and the infinities."""
    return cell is None or cell == "" or (isinstance(cell, float) and not math.isfinite(cell))


def _age(cell: date | datetime, seen: _Seen) -> timedelta:
    if isinstance(cell, datetime):
        return seen.as_of - cell
    return local_day(seen.as_of, seen.zone) - cell


def _days_from(seen: _Seen, first: int, last: int) -> list[date]:
    """The days so far from the local day of `as_of`, as far as the calendar goes."""
    today = local_day(seen.as_of, seen.zone).toordinal()
    numbers = range(max(today + first, 1), min(today + last, date.max.toordinal()) + 1)
    return [date.fromordinal(number) for number in numbers]


def _is_anniversary(day: date, cell: date | datetime, zone: ZoneInfo) -> bool:
    """Whether the cell's day comes round again on this day, in a later year."""
    own = local_day(cell, zone) if isinstance(cell, datetime) else cell
    dates = [(day.month, day.day)]
    if dates == [(2, 28)] and (day + DAY).day == 1:
        # The year has no 29th of February.
        dates.append((2, 29))
    return day.year > own.year and (own.month, own.day) in dates


NEAR: dict[str, Callable[[date | datetime, int, _Seen], bool]] = {
    "in_last_days": lambda cell, days, seen: timedelta(0) <= _age(cell, seen) < days * DAY,
    "in_next_days": lambda cell, days, seen: timedelta(0) < -_age(cell, seen) <= days * DAY,
    "anniversary_in_last_days": lambda cell, days, seen: any(
        _is_anniversary(day, cell, seen.zone) for day in _days_from(seen, -days, 0)
    ),
    "anniversary_in_next_days": lambda cell, days, seen: any(
        _is_anniversary(day, cell, seen.zone) for day in _days_from(seen, 0, days)
    ),
}


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
    if row.get("than") is not None:
        return _than(row, user, seen)
    if row["operator"] in RANKS:
        _refuse_unknown(row, {*SIDE_KEYS, "operator", "value"})
        return _is_ranked(row, user, seen, lambda one: _ranked_cell(row, one, seen))
    measure, events = row.get("measure") or "count", _measured(row, user, seen)
    if measure == "count":
        _refuse_unknown(row, {"event_name", "where", "measure", "operator", "count", *WINDOW_KEYS})
        return _compares(len(events), row["operator"], row["count"])
    _refuse_unknown(row, {"event_name", "where", "measure", *_comparison(row), *WINDOW_KEYS})
    if isinstance(measure, dict):
        [(name, field)] = measure.items()
        return _property_measure(name, field, events, row, seen)
    return _time_measure(measure, [event["timestamp"] for event in events], row, seen)


def _measured(row: Spec, user: Row, seen: _Seen) -> list[Row]:
    """The user's events that the row is about."""
    return [
        event
        for event in seen.events.get(user["user_id"], ())
        if _is_one(event, row, seen) and _in_window(event["timestamp"], row, user, seen)
    ]


SIDE_KEYS = {"event_name", "where", "measure", *WINDOW_KEYS}


def _than(row: Spec, user: Row, seen: _Seen) -> bool:
    """One measure against some times another; without either, only not equal holds."""
    _refuse_unknown(row, {*SIDE_KEYS, "operator", "than", "times"})
    _refuse_unknown(row["than"], SIDE_KEYS)
    if row["operator"] not in {"eq", "ne", *ORDER}:
        raise ValueError(row["operator"])
    one, other = (_amount(side, user, seen) for side in (row, row["than"]))
    if one is None or other is None:
        return row["operator"] == "ne"
    return _compares(one, row["operator"], other * Fraction(row.get("times") or 1))


def _ranked_cell(row: Spec, user: Row, seen: _Seen) -> Any:
    """What a user is ranked by; None for who never did it, or has no value."""
    events = _measured(row, user, seen)
    measure = row.get("measure")
    if not events:
        return None
    if isinstance(measure, dict):
        [(name, field)] = measure.items()
        known = [event[field] for event in events if not is_unknown(event.get(field))]
        if name in ("min", "max"):
            return (min if name == "min" else max)(known, default=None)
        if name in ("first", "last"):
            return _at_the_end(name, field, events)
    return _amount(row, user, seen)


def _amount(side: Spec, user: Row, seen: _Seen) -> Fraction | None:
    """A measure as an exact number; None where there is no value."""
    measure, events = side.get("measure") or "count", _measured(side, user, seen)
    instants = [event["timestamp"] for event in events]
    if isinstance(measure, dict):
        [(name, field)] = measure.items()
        return _property_amount(name, field, events)
    if measure == "count":
        return Fraction(len(events))
    if measure == "active_days":
        return Fraction(len({local_day(instant, seen.zone) for instant in instants}))
    if WINDOW_KEYS & set(_said(side)):
        raise ValueError("days since an event are counted without a window")
    if not instants:
        return None
    instant = {"days_since_last": max, "days_since_first": min}[measure](instants)
    return Fraction((seen.as_of - instant) // MICROSECOND, DAY // MICROSECOND)


def _property_amount(name: str, field: str, events: list[Row]) -> Fraction | None:
    known = [event[field] for event in events if not is_unknown(event.get(field))]
    match name:
        case "distinct":
            return Fraction(len(set(known)))
        case "sum":
            return _sum(known)
        case "first" | "last":
            cell = _at_the_end(name, field, events)
            return None if cell is None else Fraction(cell)
        case _ if not known:
            return None
        case "avg":
            return _sum(known) / len(known)
        case "median":
            return Fraction(_median(known))
        case "min" | "max":
            return Fraction((min if name == "min" else max)(known))
        case _:
            raise ValueError(name)


def _time_measure(measure: str, instants: list[datetime], row: Spec, seen: _Seen) -> bool:
    """How often, how lately: what is asked of the times of the events."""
    if measure == "active_days":
        days = {local_day(instant, seen.zone) for instant in instants}
        return _compares(len(days), row["operator"], row["value"])
    if WINDOW_KEYS & set(_said(row)):
        raise ValueError("days since an event are counted without a window")
    if not instants:
        return row["operator"] == "ne"
    instant = {"days_since_last": max, "days_since_first": min}[measure](instants)
    age = (seen.as_of - instant) // MICROSECOND
    return _compares(age, row["operator"], row["value"], unit=DAY // MICROSECOND)


def _property_measure(name: str, field: str, events: list[Row], row: Spec, seen: _Seen) -> bool:
    """What is asked of a property of the events."""
    known = [event[field] for event in events if not is_unknown(event.get(field))]
    match name:
        case "distinct":
            return _compares(len(set(known)), row["operator"], row["value"])
        case "sum":
            return _compares(_sum(known), row["operator"], _nearest(row["value"], known))
        case "avg" if not known:
            return row["operator"] == "ne"
        case "avg":
            # No division, so that nothing is rounded.
            return _compares(_sum(known), row["operator"], _nearest(row["value"], known), unit=len(known))
        case "median" if not known:
            return row["operator"] == "ne"
        case "median":
            return _compares(_median(known), row["operator"], _nearest(row["value"], known))
        case "min" | "max":
            if row["operator"] not in MEASURED:
                raise ValueError(row["operator"])
            return _matches((min if name == "min" else max)(known, default=None), row, seen)
        case "first" | "last":
            return _matches(_at_the_end(name, field, events), row, seen)
        case _:
            raise ValueError(name)


def _at_the_end(name: str, field: str, events: list[Row]) -> Any:
    """The property at the first or last instant: of several events then, the lowest or highest known."""
    outermost = min if name == "first" else max
    instant = outermost((event["timestamp"] for event in events), default=None)
    cells = (event.get(field) for event in events if event["timestamp"] == instant)
    return outermost((cell for cell in cells if not is_unknown(cell)), default=None)


def _median(cells: list[Any]) -> Fraction | float:
    """The value in the middle; of an even number of them the mean of the two there, a float of floats."""
    half = len(cells) // 2
    middle = sorted(cells)[half if len(cells) % 2 else half - 1 : half + 1]
    mean = sum(map(Fraction, middle), Fraction(0)) / len(middle)
    return float(mean) if isinstance(cells[0], float) else mean


def _sum(cells: list[Any]) -> Fraction:
    return sum(map(Fraction, cells), Fraction(0))


def _nearest(value: Any, cells: list[Any]) -> Any:
    """The value as the column would hold it: a float column, the nearest float."""
    if isinstance(value, list):
        return [_nearest(one, cells) for one in value]
    return float(value) if any(isinstance(cell, float) for cell in cells) else value


def _compares(number: int | float | Fraction, operator: str, value: Any, unit: int = 1) -> bool:
    """Whether so many hold against the value, of which each 1 is worth `unit`; exact, whatever the digits."""
    if operator == "between":
        low, high = value
        return _compares(number, "gte", low, unit) and _compares(number, "lte", high, unit)
    against = Fraction(value) * unit
    match operator:
        case "eq":
            return number == against
        case "ne":
            return number != against
        case _:
            return ORDER[operator](number, against)


def _is_one(event: Row, row: Spec, seen: _Seen) -> bool:
    """Whether the event has the name, or one of the names, and the properties that the row asks for."""
    wanted = [row["event_name"]] if isinstance(row["event_name"], str) else row["event_name"]
    if "*" in wanted and len(wanted) > 1:
        raise ValueError("any event stands alone")
    if "*" not in wanted and event["event_name"] not in wanted:
        return False
    return all(_where(condition, event, seen) for condition in row.get("where") or ())


def _where(row: Spec, event: Row, seen: _Seen) -> bool:
    if row.get("other_field") is not None:
        return _two_fields(row, event.get(row["field"]), event.get(row["other_field"]))
    _refuse_unknown(row, {"field", *_comparison(row)})
    return _matches(event.get(row["field"]), row, seen)


def _in_window(instant: datetime, row: Spec, user: Row, seen: _Seen) -> bool:
    """Whether the instant, which is not after `as_of`, lies in the row's window."""
    said, age, span = _said(row), seen.as_of - instant, _said(row.get("time_range") or {})
    if len(said.keys() & {"time_range_days", "time_range_hours"}) + bool(span) > 1:
        raise ValueError("at most one window")
    match sorted(span):
        case [] if "time_range_hours" in said:
            return age < said["time_range_hours"] * HOUR
        case []:
            return "time_range_days" not in said or age < said["time_range_days"] * DAY
        case ["from"] | ["to"] | ["from", "to"]:
            begun = "from" not in span or _begins(span["from"], seen.zone) <= instant
            return begun and ("to" not in span or instant <= _ends(span["to"], seen.zone))
        case ["from_days_ago", "to_days_ago"]:
            return span["to_days_ago"] * DAY <= age < span["from_days_ago"] * DAY
        case ["days", "within_days_of"]:
            return _is_within(instant, user[span["within_days_of"]], span["days"], seen.zone)
        case _:
            raise ValueError(span)


def _begins(text: str, zone: ZoneInfo) -> datetime:
    moment = read_time(text)
    return moment if isinstance(moment, datetime) else first_instant(moment, zone)


def _ends(text: str, zone: ZoneInfo) -> datetime:
    moment = read_time(text)
    return moment if isinstance(moment, datetime) else last_instant(moment, zone)


def _is_within(instant: datetime, anchor: date | datetime | None, days: int, zone: ZoneInfo) -> bool:
    if anchor is None:
        return False
    if isinstance(anchor, datetime):
        return timedelta(0) <= instant - anchor < days * DAY
    return first_instant(anchor, zone) <= instant < first_instant(anchor + days * DAY, zone)


def _sequence_filter(row: Spec, user: Row, seen: _Seen) -> bool:
    _refuse_unknown(row, {"steps", "within_days", "within_hours", "operator", *WINDOW_KEYS})
    own = seen.events.get(user["user_id"], [])
    first, *later = ([event for event in own if _is_step(event, step, seen)] for step in row["steps"])
    followers = list(zip(row["steps"][1:], later, strict=True))
    if any(step.get("absent") for step in row["steps"][:-1]):
        raise ValueError("only the last step may be absent")
    within = _length(row)
    did = any(
        _can_follow(followers, start["timestamp"], start["timestamp"] + within, seen)
        for start in first
        if _in_window(start["timestamp"], row, user, seen)
    )
    return did == {"did": True, "did_not": False}[row.get("operator") or "did"]


def _length(row: Spec) -> timedelta:
    """How long the sequence may take: in days or in hours, not in both."""
    lengths = {"within_days": DAY, "within_hours": HOUR}
    [(key, number)] = ((key, number) for key, number in _said(row).items() if key in lengths)
    return number * lengths[key]


def _is_step(event: Row, step: Spec, seen: _Seen) -> bool:
    _refuse_unknown(step, {"event_name", "where", "absent"})
    return _is_one(event, step, seen)


def _can_follow(steps: list[tuple[Spec, list[Row]]], last: datetime, deadline: datetime, seen: _Seen) -> bool:
    """Whether some choice of events does the steps, each later than the one before and none too late."""
    if not steps:
        return True
    (step, events), *rest = steps
    instants = sorted({event["timestamp"] for event in events if last < event["timestamp"] <= deadline})
    if step.get("absent"):
        # Who still has time is not yet absent.
        return not instants and deadline <= seen.as_of
    return any(_can_follow(rest, instant, deadline, seen) for instant in instants)


def _segment_filter(row: Spec, user: Row, seen: _Seen) -> bool:
    """In a saved segment or not: it counts back from the same moment, by days of its own zone."""
    _refuse_unknown(row, {"segment", "operator"})
    spec = seen.saved[row["segment"]]
    inside = _segment(spec, user, replace(seen, zone=_zone(spec)))
    return inside == {"in": True, "not_in": False}[row["operator"]]


def _arm(sample: Spec, user_id: Any) -> str:
    arms = sorted(sample["split"])
    lot, ends = _lot(f"{sample['seed']}:arm:{user_id}"), accumulate(sample["split"][arm] for arm in arms)
    return next(arm for arm, end in zip(arms, ends, strict=True) if lot < _share(end))


def _lot(text: str) -> int:
    """What the text draws: a number below `LOTS`, the same everywhere and on every day."""
    return int(md5(text.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def _share(percent: Any) -> int:
    return math.floor(Fraction(percent) / 100 * LOTS)


def _zone(spec: Spec) -> ZoneInfo:
    return ZoneInfo(spec.get("timezone") or "UTC")


def _said(row: Spec) -> Spec:
    """Null says the same as leaving a key out."""
    return {key: value for key, value in row.items() if value is not None}


def _refuse_unknown(row: Spec, known: Iterable[str]) -> None:
    """A key the oracle does not know would make it agree by accident."""
    if unknown := set(_said(row)) - set(known):
        raise ValueError(f"the oracle does not know {sorted(unknown)}")
