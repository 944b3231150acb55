"""Which events set members apart from everyone else: by reach, with an interval, and the rate per day there.

Each number here is explained, with its formula, in docs/figures.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile import EVENTS, KEY, USERS
from duckmart.compile.days import Calendar
from duckmart.compile.events import TIME, same_user
from duckmart.compile.plan import EVENT, USER
from duckmart.compile.query import Query, aliased, column, value
from duckmart.insight.activity import (
    EVENT_NAME,
    HABIT_DAYS,
    AudienceSize,
    MemberCounts,
    between,
    count_columns,
)
from duckmart.insight.event_windows import EventWindow
from duckmart.insight.findings import Fourfold, Index, adjusted_p_values
from duckmart.insight.replay import signup
from duckmart.insight.significance import FALSE_DISCOVERY_RATE
from duckmart.insight.users import IS_MEMBER, MEMBERSHIP, with_membership
from duckmart.instants import DAY, MICROSECOND, days_before


@dataclass(frozen=True, slots=True)
class Exposure:
    """Days on which the members, and everyone, could do something: a user's days start with their signup."""

    members: float
    everyone: float

    @property
    def rest(self) -> float:
        return self.everyone - self.members


@dataclass(frozen=True, slots=True)
class Habit:
    """One kind of event: how often it was done, and by how many users at least once.

    `p` is adjusted for all kinds of events that were tested with it. An event that the segment itself asks
    about is not tested: `is_own`.
    """

    event_name: str
    events: MemberCounts
    users: MemberCounts
    audience: AudienceSize
    exposure: Exposure
    p: float = 1.0
    is_own: bool = False

    @property
    def counts(self) -> Fourfold:
        """The users who did it at least once."""
        return Fourfold(
            self.users.members, self.audience.members, self.users.everyone, self.audience.everyone
        )

    @property
    def reach(self) -> tuple[float, float]:
        """The share of the members, and of everyone else, who did it at least once."""
        return self.counts.shares

    @property
    def index(self) -> Index | None:
        """The reach among members over that among everyone else; None where there is nobody else."""
        return Index.to_rest(*self.counts)

    @property
    def rates(self) -> tuple[float | None, float | None]:
        """Events per day of exposure, of the members and of everyone else; None without such a day."""
        others = self.events.everyone - self.events.members
        return _ratio(self.events.members, self.exposure.members), _ratio(others, self.exposure.rest)

    @property
    def is_finding(self) -> bool:
        return self.p <= FALSE_DISCOVERY_RATE


def habits(members: Query, catalog: Catalog, as_of: datetime, zone: ZoneInfo) -> Query:
    """Rows of `event_name`, events and users (`members` and `everyone` of each) in the last days.

    Each row repeats the exposure of all events, in microseconds. `members` is a query of user ids without a
    limit.
    """
    per_user = (
        exp.select(KEY, EVENT_NAME, exp.alias_(exp.Count(this=exp.Star()), "times"))
        .from_(aliased(EVENTS, EVENT))
        .where(*between(days_before(as_of, HABIT_DAYS), as_of, EVENT))
        .group_by(KEY, EVENT_NAME)
    )
    times = exp.column("times")
    names = ("everyone_exposure", "members_exposure")
    query = (
        exp.select(
            EVENT_NAME,
            *count_columns(exp.Sum(this=times), exp.Sum(this=_if_member(times)), "events"),
            *count_columns(exp.Count(this=exp.Star()), exp.CountIf(this=IS_MEMBER.copy()), "users"),
            *(exp.alias_(exp.Max(this=column(name, "exposure")), name) for name in names),
        )
        .from_("counted")
        .join(MEMBERSHIP, on=same_user(MEMBERSHIP, "counted"))
        .join(_exposure(catalog, as_of, zone).subquery("exposure"), join_type="cross")
        .group_by(EVENT_NAME)
        .with_("counted", as_=per_user)
    )
    return with_membership(query, members, [column(KEY, USER)])


def _exposure(catalog: Catalog, as_of: datetime, zone: ZoneInfo) -> exp.Select:
    """One row: the microseconds of all users' days of exposure."""
    start = days_before(as_of, HABIT_DAYS)
    if catalog.oldest_event is not None:
        # Before the data's first event nobody's events are known.
        start = max(start, catalog.oldest_event)
    first = (
        exp.select(column(KEY, EVENT), exp.alias_(exp.Min(this=column(TIME, EVENT)), "first_event"))
        .from_(aliased(EVENTS, EVENT))
        .where(exp.LTE(this=column(TIME, EVENT), expression=value(as_of)))
        .group_by(column(KEY, EVENT))
    )
    # A user without a known signup or event has no day of exposure.
    began = exp.Coalesce(this=_began(signup(catalog), start, as_of, zone), expressions=[value(as_of)])
    later = exp.Greatest(this=began, expressions=[value(start)], ignore_nulls=True)
    within = exp.Least(this=later, expressions=[value(as_of)], ignore_nulls=True)
    length = exp.DateDiff(this=value(as_of), expression=within, unit=exp.var("MICROSECOND"))
    return (
        exp.select(*count_columns(exp.Sum(this=length), exp.Sum(this=_if_member(length)), "exposure"))
        .from_(aliased(USERS, USER))
        .join(MEMBERSHIP, on=same_user(MEMBERSHIP, USER))
        .join(first.subquery("seen"), on=same_user("seen", USER), join_type="left")
    )


def _began(signup: Column | None, start: datetime, as_of: datetime, zone: ZoneInfo) -> exp.Expr:
    """When a user came: the earlier of signup and first event; NULL if neither is known."""
    event = column("first_event", "seen")
    if signup is None:
        return event
    time: exp.Expr = column(signup.name, USER)
    if not signup.kind.has_time:
        time = Calendar(zone, start, as_of).begins(time, 0)
    # Engines differ in what the least of a value and NULL is.
    return exp.Least(
        this=exp.Coalesce(this=time, expressions=[event]),
        expressions=[exp.Coalesce(this=event.copy(), expressions=[time.copy()])],
        ignore_nulls=True,
    )


def _if_member(number: exp.Expr) -> exp.Expr:
    return exp.Case().when(IS_MEMBER.copy(), number.copy()).else_(exp.Literal.number(0))


def own_windows(windows: Iterable[EventWindow], as_of: datetime) -> tuple[EventWindow, ...]:
    """Those of a segment's windows that overlap the days of the habits."""
    start = days_before(as_of, HABIT_DAYS)
    return tuple(window for window in windows if window.overlaps(start, as_of))


def read_habits(
    rows: Sequence[Mapping[str, Any]], audience: AudienceSize, own: Sequence[EventWindow] = ()
) -> list[Habit]:
    """The kinds of event, what sets the members apart first, strongest first; then those that may be chance,
    and last those in the segment's `own` windows.

    Each of the others is tested exactly, and all of them together, as the values of attributes are.
    """
    kinds = [_habit(row, audience, own) for row in rows]
    tests = [kind for kind in kinds if not kind.is_own]
    p = adjusted_p_values([kind.counts for kind in tests])
    of_name = dict(zip((kind.event_name for kind in tests), p, strict=True))
    return sorted((replace(kind, p=of_name.get(kind.event_name, 1.0)) for kind in kinds), key=_rank)


def _habit(row: Mapping[str, Any], audience: AudienceSize, own: Sequence[EventWindow]) -> Habit:
    day = DAY // MICROSECOND
    return Habit(
        row[EVENT_NAME],
        MemberCounts(int(row["members_events"]), int(row["everyone_events"])),
        MemberCounts(int(row["members_users"]), int(row["everyone_users"])),
        audience,
        Exposure(int(row["members_exposure"]) / day, int(row["everyone_exposure"]) / day),
        is_own=any(window.is_of(row[EVENT_NAME]) for window in own),
    )


def _rank(habit: Habit) -> tuple[bool, bool, float, float, str]:
    index = habit.index
    return habit.is_own, not habit.is_finding, -index.strength if index else 0.0, habit.p, habit.event_name


def _ratio(part: float, total: float) -> float | None:
    return part / total if total else None
