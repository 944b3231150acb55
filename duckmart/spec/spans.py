"""Windows as moments: which span of time a window of the spec covers at the moment it is counted from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment that conditions count back from (naive UTC), and the time zone of their days."""

    as_of: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Anchor:
    """Days counted from a user's own date or time."""

    field: str
    days: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """When events count: later than `after`, from `since` on, and until `until`, all naive UTC.

    With an `anchor`, only events in the days from the user's own date count too.
    """

    until: datetime
    after: datetime | None = None
    since: datetime | None = None
    anchor: Anchor | None = None

    def start(self, oldest: datetime | None) -> datetime:
        """The earliest time that one of its events can have, in data whose first event is at `oldest`."""
        starts = (self.after, self.since, oldest)
        return max((start for start in starts if start is not None), default=self.until)

    @property
    def hours(self) -> int | None:
        """How long it is, where that is a whole number of hours but not of days."""
        if self.after is None:
            return None
        hours, rest = divmod(self.until - self.after, timedelta(hours=1))
        return hours if hours % 24 and not rest else None

    @property
    def suffix(self) -> str:
        """The end of a CTE's name: `_30d`, `_36h`; empty for all history."""
        if self.anchor is not None:
            return f"_first_{self.anchor.days}d"
        if self.after is None:
            return "_since" if self.since else ""
        return f"_{self.hours}h" if self.hours else f"_{(self.until - self.after).days}d"

    def __str__(self) -> str:
        start = self.after or self.since
        words = f"{start.date()} to {self.until.date()}" if start else f"until {self.until.date()}"
        if self.after is not None and self.hours:
            words = f"{self.after:%Y-%m-%d %H:%M} to {self.until:%Y-%m-%d %H:%M}"
        if self.anchor is None:
            return words
        return f"within {self.anchor.days} days of {self.anchor.field}, {words}"
