"""The spec's dates and times: days are local, instants are naive UTC to the microsecond."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
_STEP = timedelta(days=5)

Point = TypeVar("Point", date, datetime)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def parse(text: str) -> date | datetime:
    """A bare `date`, or a time as naive UTC `datetime`; no offset means UTC.

    Raises `ValueError` for anything else, a time finer than a microsecond included.
    """
    if _DATE.fullmatch(text):
        return date.fromisoformat(text)
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    try:
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except OverflowError as error:
        raise ValueError(text) from error


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant whose local date is `day`, as naive UTC; never beyond the calendar's ends."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    try:
        early, late = sorted(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        return datetime.min if day.year == 1 else datetime.max
    if early.astimezone(zone).date() == day:
        return early.replace(tzinfo=None)
    # Clocks that skip midnight may do so from before it: the day then begins where the gap ends.
    while early < late:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).date() < day:
            early = middle + MICROSECOND
        else:
            late = middle
    return late.replace(tzinfo=None)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of the local day, as naive UTC."""
    if day == date.max:
        return datetime.max
    following = day_start(day + DAY, zone)
    return following if following == datetime.max else following - MICROSECOND


def days_before(moment: datetime, days: int) -> datetime:
    """The instant `days` x 24 hours before `moment`, or the calendar's start."""
    return before(moment, timedelta(days=days))


def days_after(moment: datetime, days: int) -> datetime:
    """The instant `days` x 24 hours after `moment`, or the calendar's end."""
    return after(moment, timedelta(days=days))


def before(moment: datetime, length: timedelta) -> datetime:
    """The instant so long before `moment`, or the calendar's start."""
    try:
        return moment - length
    except OverflowError:
        return datetime.min


def after(moment: datetime, length: timedelta) -> datetime:
    """The instant so long after `moment`, or the calendar's end."""
    try:
        return moment + length
    except OverflowError:
        return datetime.max


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day that a naive UTC moment is in: the one that has begun last."""
    try:
        day = moment.replace(tzinfo=UTC).astimezone(zone).date()
    except OverflowError:
        return date.min if moment.year == 1 else date.max
    # Clocks set back across midnight show the day before again; the day that began goes on.
    return day + DAY if day < date.max and day_start(day + DAY, zone) <= moment else day


@cache
def day_offsets(zone: ZoneInfo, low: date, high: date) -> tuple[tuple[date, timedelta], ...]:
    """When the local days from `low` to `high` begin: (first day, how long after midnight UTC).

    Each row is for the days up to the next row's; a zone without clock changes has one row.
    """
    return tuple(_changes(lambda day: day_start(day, zone) - datetime.combine(day, time()), low, high, DAY))


def clock_changes(zone: ZoneInfo, low: datetime, high: datetime) -> tuple[tuple[datetime, timedelta], ...]:
    """When the zone's clocks change between two moments (naive UTC), and their offset from UTC from then on.

    The first row is `low` itself; each row holds up to the next one's moment.
    """
    return tuple(_changes(lambda moment: utc_offset(moment, zone), low, high, MICROSECOND))


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in the zone show at a naive UTC moment, as a naive time."""
    try:
        return moment + utc_offset(moment, zone)
    except OverflowError:
        return moment


def utc_offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    # On its first and last day the calendar has no room for a local time.
    inside = min(max(moment, datetime.min + DAY), datetime.max - DAY)
    offset = inside.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    assert offset is not None  # noqa: S101 - a time with a zone has one
    return offset


def _changes(
    offset_at: Callable[[Point], timedelta], low: Point, high: Point, unit: timedelta
) -> Iterator[tuple[Point, timedelta]]:
    """`low` and each point up to `high`, to the unit, from which the offset differs; with the offset."""
    yield low, (offset := offset_at(low))
    while low < high:
        # A summer time of Brazil in 2000 had seven days: shorter steps do not miss it. Where clocks skip
        # part of a midnight, that day's own offset lies between two, so the search goes on from there.
        later = low + _STEP if high - low > _STEP else high
        if offset_at(later) == offset:
            low = later
        else:
            low = _first_with_another(offset_at, low, later, unit)
            offset = offset_at(low)
            yield low, offset


def _first_with_another(
    offset_at: Callable[[Point], timedelta], low: Point, high: Point, unit: timedelta
) -> Point:
    offset = offset_at(low)
    units = range((high - low) // unit)
    return low + unit * bisect_left(units, True, key=lambda number: offset_at(low + unit * number) != offset)


def shifted(day: date, days: int) -> date:
    """The day so many days later or earlier; never beyond the calendar's ends."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def first_moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant that a window begins with: a time itself, a bare date its first instant."""
    point = parse(text)
    return point if isinstance(point, datetime) else day_start(point, zone)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant that a window ends with, or an `as_of`: a time itself, a bare date its last microsecond."""
    point = parse(text)
    return point if isinstance(point, datetime) else day_end(point, zone)


def is_reversed(low: str, high: str, zone: ZoneInfo) -> bool:
    """Whether a range begins after its end; a day that the zone skips is a range all the same."""
    if isinstance(parse(low), datetime) or isinstance(parse(high), datetime):
        return first_moment(low, zone) > moment(high, zone)
    return parse(low) > parse(high)


def now() -> datetime:
    """What the clock says, naive UTC; the doors read it, everything else is told."""
    return datetime.now(UTC).replace(tzinfo=None)


def stamp(moment: datetime) -> str:
    """A naive UTC moment as JSON and people read it: 2026-11-22T09:30:00Z."""
    return f"{moment.isoformat()}Z"
