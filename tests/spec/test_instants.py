"""Local days as instants: clocks that jump, days that do not exist, and both ends of the calendar."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from duckmart import instants

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
APIA = ZoneInfo("Pacific/Apia")
LAST_MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        (UTC, date(2026, 11, 22), datetime(2026, 11, 22), 24),
        (BERLIN, date(2026, 11, 22), datetime(2026, 11, 21, 23), 24),
        # Spring forward, fall back.
        (BERLIN, date(2026, 3, 29), datetime(2026, 3, 28, 23), 23),
        (BERLIN, date(2026, 10, 25), datetime(2026, 10, 24, 22), 25),
        (LOS_ANGELES, date(2026, 3, 8), datetime(2026, 3, 8, 8), 23),
        (LOS_ANGELES, date(2026, 11, 1), datetime(2026, 11, 1, 7), 25),
        # Cairo skips from midnight to one: the day begins at 01:00.
        (ZoneInfo("Africa/Cairo"), date(2024, 4, 26), datetime(2024, 4, 25, 22), 23),
        # Cairo falls back at midnight: 23:00 comes twice, the day before is longer.
        (ZoneInfo("Africa/Cairo"), date(2024, 10, 31), datetime(2024, 10, 30, 21), 25),
        # St. John's shows midnight twice, a minute after the first the clocks show the day before again.
        (ZoneInfo("America/St_Johns"), date(2010, 11, 7), datetime(2010, 11, 7, 2, 30), 25),
        # Toronto once skipped from 23:30 to 00:30.
        (ZoneInfo("America/Toronto"), date(1919, 3, 31), datetime(1919, 3, 31, 4, 30), 23.5),
        (ZoneInfo("Asia/Kathmandu"), date(2026, 11, 22), datetime(2026, 11, 21, 18, 15), 24),
    ],
)
def test_a_day_begins_at_the_first_instant_that_has_its_date(
    zone: ZoneInfo, day: date, begins: datetime, hours: float
) -> None:
    assert instants.day_start(day, zone) == begins
    assert instants.day_end(day, zone) == begins + timedelta(hours=hours) - LAST_MICROSECOND


def test_a_day_that_the_calendar_skips_has_no_instants() -> None:
    skipped = date(2011, 12, 30)
    jump = datetime(2011, 12, 30, 10)

    assert instants.day_start(skipped, APIA) == jump
    assert instants.day_end(skipped, APIA) == jump - LAST_MICROSECOND
    assert instants.day_end(date(2011, 12, 29), APIA) == jump - LAST_MICROSECOND
    assert instants.day_start(date(2011, 12, 31), APIA) == jump


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo"])
def test_days_follow_each_other_without_gap_or_overlap(name: str) -> None:
    zone = ZoneInfo(name)
    for year in (2010, 2011, 2024, 2026):
        for number in range(366):
            day = date(year, 1, 1) + timedelta(days=number)
            following = instants.day_start(day + timedelta(days=1), zone)
            assert instants.day_end(day, zone) + LAST_MICROSECOND == following
            assert instants.day_start(day, zone) <= following


@pytest.mark.parametrize("name", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_calendars_ends_are_days_too(name: str) -> None:
    zone = ZoneInfo(name)

    assert instants.day_start(date.min, zone).year == 1
    assert instants.day_start(date.max, zone) >= datetime(9999, 12, 30)
    assert instants.day_end(date.max, zone) == datetime.max
    assert instants.day_start(date.min, zone) <= instants.day_end(date.min, zone)
    assert instants.day_start(date.max, zone) <= instants.day_end(date.max, zone)
    eve = date.max - timedelta(days=1)
    assert instants.day_start(eve, zone) < instants.day_end(eve, zone)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22T09:30", datetime(2026, 11, 22, 9, 30)),
        ("2026-11-22 09:30:00", datetime(2026, 11, 22, 9, 30)),
        ("2026-11-22T09:30:00Z", datetime(2026, 11, 22, 9, 30)),
        ("2026-11-22T09:30:00.5", datetime(2026, 11, 22, 9, 30, 0, 500000)),
        ("2026-11-22T09:30:00.000001+00:00", datetime(2026, 11, 22, 9, 30, 0, 1)),
        ("2026-11-22T09:30:00+05:45", datetime(2026, 11, 22, 3, 45)),
        ("2026-11-22T23:30:00-08:00", datetime(2026, 11, 23, 7, 30)),
    ],
)
def test_a_text_names_a_day_or_an_instant_in_utc(text: str, moment: date) -> None:
    parsed = instants.parse(text)

    assert parsed == moment
    assert type(parsed) is type(moment)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-31",
        "2026-1-2",
        "20261122",
        "2026-W47-7",
        "2026-11-22T",
        "2026-11-22T25:00",
        "2026-11-22T09:30:00.1234567",
        "2026-11-22T09",
        "2026-11-22T09:30+0100",
        " 2026-11-22",
        "2026-11-22\n",
        "٢٠٢٦-11-22",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-08:00",
        "2026-11-22T09:30:00+25:00",
    ],
)
def test_what_is_neither_a_date_nor_a_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever its words, the spec's models have their own
        instants.parse(text)


def test_as_of_a_date_is_the_last_microsecond_of_that_local_day() -> None:
    assert instants.moment("2026-11-22", UTC) == datetime(2026, 11, 22, 23, 59, 59, 999999)
    assert instants.moment("2026-10-25", BERLIN) == datetime(2026, 10, 25, 22, 59, 59, 999999)
    assert instants.moment("2026-11-22T09:30:00Z", BERLIN) == datetime(2026, 11, 22, 9, 30)


def test_days_before_a_moment_are_24_hours_long_whatever_clocks_do() -> None:
    assert instants.days_before(datetime(2026, 3, 30), 1) == datetime(2026, 3, 29)


def test_a_window_longer_than_history_starts_where_the_calendar_does() -> None:
    assert instants.days_before(datetime(50, 1, 1), 36_500) == datetime.min


def test_a_local_day_is_that_of_the_zone() -> None:
    assert instants.local_day(datetime(2026, 11, 22, 23, 30), BERLIN) == date(2026, 11, 23)
    assert instants.local_day(datetime(2026, 11, 22, 7, 59), LOS_ANGELES) == date(2026, 11, 21)


@pytest.mark.parametrize("zone", [UTC, BERLIN, LOS_ANGELES])
def test_the_first_and_last_moments_of_the_calendar_are_in_a_day(zone: ZoneInfo) -> None:
    assert instants.local_day(datetime.min, zone) == date.min
    assert instants.local_day(datetime.max, zone) in (date.max, date.max - timedelta(days=1))
    assert len(instants.day_offsets(zone, date.max - timedelta(days=9), date.max)) <= 2


def test_a_summer_time_of_one_week_is_noticed_wherever_the_search_begins() -> None:
    zone = ZoneInfo("America/Recife")
    for start in range(1, 8):
        rows = instants.day_offsets(zone, date(2000, 10, start), date(2000, 11, 1))
        assert [day for day, _ in rows[1:]] == [date(2000, 10, 9), date(2000, 10, 15)]
