"""When the events of a condition count, as moments: what a window of the spec stands for at a moment."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """When a condition is asked: the moment it counts back from (naive UTC), and the zone of its days."""

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
    """When events count: later than `after`, from `since` on, until `until` (naive UTC), beside an anchor."""

    until: datetime
    after: datetime | None = None
    since: datetime | None = None
    anchor: Anchor | None = None

    def start(self, oldest: datetime | None) -> datetime:
        """The earliest moment that one of its events can have, in data that begin with `oldest`."""
        starts = (self.after, self.since, oldest)
        return max((start for start in starts if start is not None), default=self.until)

    @property
    def suffix(self) -> str:
        """What the name of a CTE says of it: `_30d`; nothing of all history."""
        if self.anchor is not None:
            return f"_first_{self.anchor.days}d"
        if self.after is None:
            return "_since" if self.since else ""
        return f"_{(self.until - self.after).days}d"

    def __str__(self) -> str:
        start = self.after or self.since
        words = f"{start.date()} to {self.until.date()}" if start else f"until {self.until.date()}"
        if self.anchor is None:
            return words
        return f"within {self.anchor.days} days of {self.anchor.field}, {words}"
