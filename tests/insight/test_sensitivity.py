"""Which numbers a lever offers: as many days as the data has, begun ones included."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from duckmart.catalog import Catalog, Column
from duckmart.insight.sensitivity import varied_parameters
from duckmart.instants import MICROSECOND
from duckmart.settings import Settings
from duckmart.spec.kinds import Kind
from duckmart.spec.lengths import DAYS
from duckmart.spec.parser import parse

AS_OF = datetime(2026, 11, 22, 12)
LOGINS = {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 1}


def days_offered(catalog: Catalog, **spec: object) -> list[object]:
    [lever] = [
        one for one in varied_parameters(parse(spec, Settings()), catalog, AS_OF) if one.what == "length"
    ]
    return list(lever.points)


def catalog_with(oldest: datetime | None, **attributes: Column) -> Catalog:
    return Catalog("1", attributes, {}, {"LOGIN": 1}, 1, oldest, AS_OF, AS_OF)


@pytest.mark.parametrize(
    ("age", "most"),
    [
        (timedelta(days=29, microseconds=1), 30),
        (timedelta(days=29), 30),
        (timedelta(days=29) - MICROSECOND, 21),
        (timedelta(days=30), 30),
        (timedelta(days=44), 45),
        (timedelta(0), 1),
        (timedelta(days=3000), 365),
    ],
)
def test_the_days_of_a_window_go_up_to_the_day_of_the_oldest_event(age: timedelta, most: int) -> None:
    # The window's own number of days is a point too, so it is 1, and 2 where that would be alone.
    catalog = catalog_with(AS_OF - age)
    spec = {"event_filters": [{**LOGINS, "time_range_days": 2}]}

    assert max(days_offered(catalog, **spec)) == max(most, 2)  # type: ignore[type-var]


def test_hours_are_varied_as_hours_up_to_the_oldest_event() -> None:
    catalog = catalog_with(AS_OF - timedelta(hours=30))
    window = {key: part for key, part in LOGINS.items() if key != "time_range_days"} | {"time_range_hours": 5}
    steps = {"steps": [{"event_name": "LOGIN"}, {"event_name": "BUY"}], "within_hours": 2}

    assert days_offered(catalog, event_filters=[window]) == [1, 2, 3, 4, 5, 6, 8, 12, 18, 24]
    assert days_offered(catalog, sequence_filters=[steps]) == [1, 2, 3, 4, 6, 8, 12, 18, 24]


def test_ranks_are_varied_up_to_the_number_of_users_and_percentages_up_to_all() -> None:
    ages = Column("age", Kind.NUMBER, whole=True, low=0, high=99)
    catalog = replace(catalog_with(AS_OF, age=ages), users=1000)
    spec = {
        "user_filters": [{"field": "age", "operator": "top", "value": 30}],
        "event_filters": [{"event_name": "LOGIN", "operator": "bottom_percent", "value": Decimal("2.5")}],
    }

    oldest, fewest = varied_parameters(parse(spec, Settings()), catalog, AS_OF)

    assert oldest.words == "number of users in the top by age"
    assert oldest.points == (1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000)
    assert fewest.words == "percentage of users in the bottom by number of LOGIN"
    assert fewest.points[:4] == (1, 2, Decimal("2.5"), 5)
    assert fewest.points[-1] == 100


def test_of_two_measures_the_factor_and_both_windows_are_varied() -> None:
    than = {"event_name": "BUY", "time_range_days": 7}
    row = {"event_name": "LOGIN", "operator": "gt", "time_range_days": 30, "than": than, "times": 7}
    segment = parse({"event_filters": [row]}, Settings())

    factor, window, other = varied_parameters(segment, catalog_with(AS_OF - timedelta(days=99)), AS_OF)

    assert factor.words == "times the number of BUY in the last 7 days"
    assert factor.points[:2] == (Decimal("0.1"), Decimal("0.25"))
    assert {2, 7, 10} < set(factor.points)
    assert (window.part, other.part) == (("time_range_days",), ("than", "time_range_days"))
    assert window.words == "number of days in which LOGIN events count"
    assert other.words == "number of days in which BUY events count in the other measure"
    changed = other.at(segment, 14).as_dict()
    assert changed["event_filters"][0]["than"]["time_range_days"] == 14


def test_days_ahead_go_up_to_the_last_date_and_days_back_to_the_first() -> None:
    column = Column("renews", Kind.DATE, low=datetime(2026, 11, 1).date(), high=datetime(2026, 12, 22).date())
    catalog = catalog_with(AS_OF, renews=column)

    found = {
        operator: max(
            days_offered(catalog, user_filters=[{"field": "renews", "operator": operator, "value": 1}])
        )
        for operator in ("in_last_days", "in_next_days")
    }

    assert found == {"in_last_days": 21, "in_next_days": 30}


def test_days_to_an_anniversary_go_up_to_a_year_whatever_the_dates() -> None:
    column = Column("renews", Kind.DATE, low=datetime(2026, 11, 1).date(), high=datetime(2026, 12, 22).date())
    row = {"field": "renews", "operator": "anniversary_in_last_days", "value": 0}

    points = days_offered(catalog_with(AS_OF, renews=column), user_filters=[row])

    assert points == [0, *DAYS.usual]
