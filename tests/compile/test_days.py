"""Local days in SQL beside what `zoneinfo` shows on the clock, second by second, where clocks are changed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp

from duckmart import instants
from duckmart.compile.days import Calendar, plus
from tests.world import DAY, MICROSECOND

STEP = timedelta(seconds=30)
# A zone, and the day of a change of its clocks: what the change is like.
CHANGES = [
    ("UTC", date(2026, 3, 29)),  # none
    ("Asia/Tokyo", date(2026, 3, 29)),  # none, ahead
    ("Europe/Berlin", date(2026, 3, 29)),  # an hour skipped at night
    ("Europe/Berlin", date(2026, 10, 25)),  # an hour repeated at night
    ("America/Los_Angeles", date(2026, 3, 8)),
    ("America/Los_Angeles", date(2026, 11, 1)),
    ("Africa/Cairo", date(2024, 4, 26)),  # midnight skipped
    ("Africa/Cairo", date(2024, 10, 31)),  # the hour before midnight repeated
    ("America/St_Johns", date(2010, 11, 7)),  # back to the day before, a minute past midnight
    ("America/Toronto", date(1919, 3, 31)),  # from 23:30 to 00:30
    ("America/Havana", date(2026, 11, 1)),  # midnight repeated
    ("Pacific/Apia", date(2011, 12, 30)),  # a day skipped
    ("Pacific/Kiritimati", date(1994, 12, 31)),  # a day skipped
    ("Pacific/Kwajalein", date(1969, 9, 30)),  # a day repeated
    ("Asia/Kathmandu", date(1986, 1, 1)),  # from 5:30 to 5:45 ahead
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Antarctica/Troll", date(2026, 3, 29)),  # two hours
    ("Africa/Monrovia", date(1972, 1, 7)),  # from 44 minutes and 30 seconds behind to none
    ("Africa/Casablanca", date(2026, 2, 15)),  # for Ramadan
]
LATER = (0, 1, 7, 30)

every_change = pytest.mark.parametrize(("name", "day"), CHANGES, ids=lambda cell: str(cell).replace("/", "-"))


@dataclass(frozen=True, slots=True)
class Clock:
    """What the clocks of a zone show in the days around a change."""

    zone: ZoneInfo
    moments: list[datetime]
    days: list[date]

    @property
    def starts(self) -> dict[date, datetime]:
        """The local days that begin here, with the moments at which they do."""
        shown = zip(self.moments, self.days, strict=True)
        return {day: moment for (_, before), (moment, day) in pairwise(shown) if before != day}


@cache
def clock(name: str, day: date) -> Clock:
    """A day begins when its date is shown first, and goes on if it is shown again."""
    zone, first = ZoneInfo(name), datetime(day.year, day.month, day.day) - 3 * DAY
    moments = [first + STEP * number for number in range(6 * DAY // STEP)]
    dates = (moment.replace(tzinfo=UTC).astimezone(zone).date() for moment in moments)
    return Clock(zone, moments, list(accumulate(dates, max)))


def computed(made: exp.Expr, cells: list[datetime] | list[date]) -> list[date | datetime]:
    """An expression of the column `x`, in DuckDB, for each of the cells."""
    kind = pa.timestamp("us") if isinstance(cells[0], datetime) else pa.date32()
    connection = database()
    connection.register("cells", pa.table({"i": range(len(cells)), "x": pa.array(cells, kind)}))
    sql = exp.select(made).from_("cells").order_by("i").sql("duckdb")
    return [cell for (cell,) in connection.execute(sql).fetchall()]


@cache
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


@every_change
def test_every_moment_around_a_change_of_clocks_is_in_the_day_that_the_clock_says(
    name: str, day: date
) -> None:
    shown = clock(name, day)
    made = Calendar(shown.zone, shown.moments[0], shown.moments[-1]).day_of(exp.column("x"))
    # A microsecond before a step is still in the day of the step before.
    just_before = [moment - MICROSECOND for moment in shown.moments[1:]]

    assert computed(made, shown.moments) == shown.days
    assert computed(made, just_before) == shown.days[:-1]


@every_change
def test_a_calendar_of_a_moment_alone_tells_the_same_day(name: str, day: date) -> None:
    shown = clock(name, day)
    for following, moment in shown.starts.items():
        for nudge in (-MICROSECOND, timedelta()):
            calendar = Calendar(shown.zone, moment + nudge, moment + nudge)
            [told] = computed(calendar.day_of(exp.column("x")), [moment + nudge])
            assert (told == following) is (nudge == timedelta())


@every_change
def test_a_day_begins_when_the_clock_shows_it_or_a_later_one_first(name: str, day: date) -> None:
    shown = clock(name, day)
    calendar = Calendar(shown.zone, shown.moments[0], shown.moments[-1])
    begun = list(shown.starts)
    # A day that the calendar skips begins where the next one does.
    wanted = [begun[0] + DAY * number for number in range((begun[-1] - begun[0]).days + 1)]
    expected = [shown.starts[min(one for one in begun if one >= each)] for each in wanted]

    for later in LATER:
        told = computed(calendar.begins(exp.column("x"), later), [each - DAY * later for each in wanted])
        assert told == expected


@every_change
def test_a_day_far_from_the_data_begins_before_it_or_after_it(name: str, day: date) -> None:
    shown = clock(name, day)
    low, high = shown.moments[0], shown.moments[-1]
    days = [day + DAY * number for number in (*range(-700, 700, 23), *range(-40, 8))]

    for later in LATER:
        told = computed(Calendar(shown.zone, low, high).begins(exp.column("x"), later), days)
        for each, start in zip(days, told, strict=True):
            assert isinstance(start, datetime)
            truth = instants.day_start(each + DAY * later, shown.zone)
            assert (start <= low, start > high) == (truth <= low, truth > high)


def test_where_no_clock_is_changed_there_is_no_case() -> None:
    summer = datetime(2026, 7, 1), datetime(2026, 7, 6)
    for name in ("UTC", "Asia/Kathmandu", "Europe/Berlin"):
        calendar = Calendar(ZoneInfo(name), *summer)
        for made in (calendar.day_of(exp.column("x")), calendar.begins(exp.column("x"), 7)):
            assert made.find(exp.Case) is None
    assert Calendar(ZoneInfo("UTC"), *summer).day_of(exp.column("x")).sql() == "CAST(x AS DATE)"


def test_years_of_changes_are_told_apart() -> None:
    zone = ZoneInfo("America/New_York")
    moments = [datetime(1990, 1, 1) + timedelta(hours=31 * number) for number in range(9_000)]
    made = Calendar(zone, moments[0], moments[-1]).day_of(exp.column("x"))

    assert computed(made, moments) == [
        moment.replace(tzinfo=UTC).astimezone(zone).date() for moment in moments
    ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
@pytest.mark.parametrize(
    ("oldest", "newest"),
    [
        (datetime.min, datetime.min),
        (datetime.max, datetime.max),
        (datetime(2026, 11, 22), datetime(2020, 1, 1)),
    ],
)
def test_a_calendar_at_the_ends_of_time_or_of_nothing_can_be_made(
    zone: str, oldest: datetime, newest: datetime
) -> None:
    calendar = Calendar(ZoneInfo(zone), oldest, newest)

    assert calendar.day_of(exp.column("x")).sql("duckdb")
    assert calendar.begins(exp.column("x"), 36_500).sql("duckdb")


@pytest.mark.parametrize(
    ("by", "sql"),
    [
        (timedelta(), "x"),
        (timedelta(days=7), "x + INTERVAL '7' DAY"),
        (timedelta(hours=-8), "x - INTERVAL '8' HOUR"),
        (timedelta(hours=5, minutes=45), "x + INTERVAL '345' MINUTE"),
        (timedelta(minutes=-44, seconds=-30), "x - INTERVAL '2670' SECOND"),
    ],
)
def test_a_time_is_moved_in_the_largest_unit_that_is_whole(by: timedelta, sql: str) -> None:
    assert plus(exp.column("x"), by).sql("duckdb") == sql
