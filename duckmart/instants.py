"""The spec's dates and times: days are local, instants are naive UTC to the microsecond."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)

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
    try:
        return moment - timedelta(days=days)
    except OverflowError:
        return datetime.min


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The local date of a naive UTC moment."""
    return moment.replace(tzinfo=UTC).astimezone(zone).date()


def moment(text: str, zone: ZoneInfo) -> datetime:
    """The instant that `as_of` names: a time itself, a bare date the last microsecond of that local day."""
    parsed = parse(text)
    return parsed if isinstance(parsed, datetime) else day_end(parsed, zone)


def stamp(moment: datetime) -> str:
    """A naive UTC moment as JSON and people read it: 2026-11-22T09:30:00Z."""
    return f"{moment.isoformat()}Z"
