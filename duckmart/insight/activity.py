"""What users did: how often over time and at which hours, members beside everyone; and one user's timeline.

Each question is one query over the events up to the moment that a segment counts back from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart.catalog import Catalog, Cell
from duckmart.compile import EVENTS, KEY, USERS
from duckmart.compile.days import by_offset, plus
from duckmart.compile.events import TIME, same_user
from duckmart.compile.plan import EVENT, USER
from duckmart.compile.query import Query, aliased, column, value
from duckmart.insight.users import IS_MEMBER, MEMBERS, MEMBERSHIP, with_membership
from duckmart.instants import DAY, MICROSECOND, clock_changes, days_before, utc_offset

EVENT_NAME = "event_name"
WEEK = 7 * DAY
# With fewer weeks than this a line says little, so the steps are days.
WEEKS_WORTH_A_LINE = 8
WEEKS_SHOWN = 52
# Habits are what people do now, so only this many days count.
HABIT_DAYS = 90
TIMELINE_EVENTS = 200
WEEKDAYS, HOURS = 7, 24


@dataclass(frozen=True, slots=True)
class Steps:
    """The time up to `until` in steps of one length; step 0 is the latest. A step includes its end."""

    until: datetime
    length: timedelta
    number: int

    @classmethod
    def of(cls, catalog: Catalog, as_of: datetime) -> "Steps":
        """Weeks, or days where the data has few weeks; none where it has no event up to `as_of`."""
        oldest = catalog.oldest_event
        if oldest is None or oldest > as_of:
            return cls(as_of, WEEK, 0)
        span = as_of - oldest
        if span >= WEEKS_WORTH_A_LINE * WEEK:
            # Whole weeks only: a shorter one would look like a drop.
            return cls(as_of, WEEK, min(span // WEEK, WEEKS_SHOWN))
        return cls(as_of, DAY, span // DAY + 1)

    @property
    def after(self) -> datetime:
        return days_before(self.until, self.number * (self.length // DAY))

    def end(self, step: int) -> datetime:
        return self.until - step * self.length


@dataclass(frozen=True, slots=True)
class AudienceSize:
    """How many members, and how many users in all, the figures are about."""

    members: int
    everyone: int


@dataclass(frozen=True, slots=True)
class MemberCounts:
    """Events, or users, counted among the members and among everyone."""

    members: int
    everyone: int

    def rates(self, audience: AudienceSize) -> tuple[float, float]:
        """Events per member, and per user of everyone."""
        of_members = self.members / audience.members if audience.members else 0.0
        return of_members, self.everyone / audience.everyone if audience.everyone else 0.0

    def index(self, audience: AudienceSize) -> float | None:
        """The rate of the members over everyone's, 100 where both are the same; None where nobody did it."""
        of_members, of_everyone = self.rates(audience)
        return 100 * of_members / of_everyone if of_everyone else None


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event of a user, with those of its properties that have a value."""

    time: datetime
    name: str
    properties: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A user's attributes and latest events, newest first; `more` if there are earlier ones."""

    user_id: str | int
    attributes: Mapping[str, Cell | None]
    events: tuple[TimelineEvent, ...]
    more: bool


def over_time(members: Query, steps: Steps) -> Query:
    """Rows of `step`, `everyone`, `members`: events in each step that has any.

    `members` is, here and below, a query of user ids without a limit.
    """
    # Each step is later than its start, so a whole number of lengths ago is a step further back.
    ago = exp.DateDiff(this=value(steps.until), expression=column(TIME, EVENT), unit=exp.var("MICROSECOND"))
    step = exp.IntDiv(this=ago, expression=value(steps.length // MICROSECOND))
    query = (
        exp.select(
            exp.alias_(step, "step"), *count_columns(exp.Count(this=exp.Star()), exp.CountIf(this=IS_MEMBER))
        )
        .from_(aliased(EVENTS, EVENT))
        .join(MEMBERSHIP, on=same_user(MEMBERSHIP, EVENT))
        .where(*between(steps.after, steps.until, EVENT))
        # By its place: an event may have a property of the step's name.
        .group_by(exp.Literal.number(1))
    )
    return with_membership(query, members, [column(KEY, USER)])


def read_over_time(steps: Steps, rows: Sequence[Mapping[str, Any]]) -> list[MemberCounts]:
    """The events of each step, oldest first; none where nothing happened."""
    counts = {row["step"]: MemberCounts(int(row["members"]), int(row["everyone"])) for row in rows}
    return [counts.get(step, MemberCounts(0, 0)) for step in reversed(range(steps.number))]


@dataclass(frozen=True, slots=True)
class Weeks:
    """The whole weeks that the hours are counted in, so that each weekday is among them equally often.

    They end at `until`, and begin at the same time of the local week. `left_out` is the number of days of
    `HABIT_DAYS` before them. `is_cut` if the data has less than one week.
    """

    number: int
    after: datetime
    until: datetime
    left_out: int
    is_cut: bool = False

    @classmethod
    def of(cls, catalog: Catalog, as_of: datetime, zone: ZoneInfo) -> "Weeks":
        span = HABIT_DAYS * DAY
        if catalog.oldest_event is not None:
            span = min(span, max(as_of - catalog.oldest_event, timedelta(0)))
        number = max(span // WEEK, 1)
        left_out = max(span // DAY - number * WEEKDAYS, 0)
        return cls(number, _local_before(as_of, number * WEEKDAYS, zone), as_of, left_out, span < WEEK)


def _local_before(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The moment this many days earlier at the same time of day by the zone's clocks."""
    early = days_before(moment, days)
    # Clocks that are set within these days make one of them longer or shorter.
    shifted = utc_offset(moment, zone) - utc_offset(early, zone)
    return early if early - datetime.min < DAY else early + shifted


def hours(members: Query, weeks: Weeks, zone: ZoneInfo) -> Query:
    """Rows of `weekday` (1 is Monday), `hour` and `events`: the members' events in these weeks, local."""
    after, as_of = weeks.after, weeks.until
    local = exp.select(exp.alias_(_local(column(TIME, EVENT), zone, after, as_of), "local")).from_(
        aliased(EVENTS, EVENT)
    )
    local = local.join(MEMBERS, on=same_user(MEMBERS, EVENT)).where(*between(after, as_of, EVENT))
    part = exp.column("local")
    query = (
        exp.select(
            exp.alias_(exp.Extract(this=exp.var("isodow"), expression=part), "weekday"),
            exp.alias_(exp.Extract(this=exp.var("hour"), expression=part.copy()), "hour"),
            exp.alias_(exp.Count(this=exp.Star()), "events"),
        )
        .from_(local.subquery("happened"))
        .group_by(exp.column("weekday"), exp.column("hour"))
    )
    return Query(query.with_(MEMBERS, as_=members.tree))


def read_hours(rows: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Events by weekday from Monday, then by hour."""
    grid = [[0] * HOURS for _ in range(WEEKDAYS)]
    for row in rows:
        grid[row["weekday"] - 1][row["hour"]] = row["events"]
    return grid


def attributes(user_id: str | int, catalog: Catalog) -> Query:
    """A user's row; nothing for an id that the data does not have."""
    names = [column(name, USER) for name in catalog.attributes]
    return Query(exp.select(*names).from_(aliased(USERS, USER)).where(column(KEY, USER).eq(value(user_id))))


def timeline(user_id: str | int, catalog: Catalog, as_of: datetime) -> Query:
    """A user's latest events, newest first: one more than are shown, which tells whether there are more."""
    names = [column(name, EVENT) for name in (TIME, EVENT_NAME, *catalog.properties)]
    event_name = column(EVENT_NAME, EVENT)
    event_name.type = exp.DType.TEXT  # dialects order texts by code point where engines would not
    order = [exp.Ordered(this=column(TIME, EVENT), desc=True), exp.Ordered(this=event_name)]
    return Query(
        exp.select(*names)
        .from_(aliased(EVENTS, EVENT))
        .where(
            column(KEY, EVENT).eq(value(user_id)),
            exp.LTE(this=column(TIME, EVENT), expression=value(as_of)),
        )
        .order_by(*order)
        .limit(value(TIMELINE_EVENTS + 1))
    )


def read_timeline(user_id: str | int, row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Timeline:
    """`row` is of `attributes`, `rows` are of `timeline`."""
    events = tuple(
        TimelineEvent(
            event[TIME],
            event[EVENT_NAME],
            {
                name: cell
                for name, cell in event.items()
                if name not in (TIME, EVENT_NAME) and cell is not None
            },
        )
        for event in rows[:TIMELINE_EVENTS]
    )
    return Timeline(user_id, dict(row), events, more=len(rows) > TIMELINE_EVENTS)


def _local(time: exp.Expr, zone: ZoneInfo, low: datetime, high: datetime) -> exp.Expr:
    """A time as the zone's clocks show it, without any time zone data of the engine."""
    starts, offsets = zip(*clock_changes(zone, low, high), strict=True)
    return by_offset(time, list(starts[1:]), list(offsets), lambda offset: plus(time.copy(), offset))


def count_columns(everyone: exp.Expr, members: exp.Expr, of: str = "") -> list[exp.Expr]:
    suffix = f"_{of}" if of else ""
    return [exp.alias_(everyone, f"everyone{suffix}"), exp.alias_(members, f"members{suffix}")]


def between(after: datetime, until: datetime, table: str) -> list[exp.Expr]:
    return [
        exp.GT(this=column(TIME, table), expression=value(after)),
        exp.LTE(this=column(TIME, table), expression=value(until)),
    ]
