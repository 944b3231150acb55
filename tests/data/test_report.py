"""The data-quality report: what was loaded and what in it looks like a mistake."""

import json

import pytest

from tests.data.conftest import EVENTS, USERS, Shop

DAYS = [f"2026-10-{day:02}" for day in range(1, 31)]


def found(shop: Shop, kind: str) -> dict[str, str]:
    """The suspicions about this kind of file: code and column -> words."""
    return {
        f"{one['code']} {one['column']}".strip(): one["message"] for one in shop.report()[kind]["suspicious"]
    }


def events(days: list[str], each: int = 1, name: str = "LOGIN") -> str:
    return "user_id,event_name,timestamp\n" + "".join(f"1,{name},{day} 10:00:00\n" * each for day in days)


def test_missing_values_and_ranges_are_told_for_each_column(shop: Shop):
    users = (
        "user_id,age,spent,joined,seen,plan,active,nothing\n"
        "1,30,1.50,2026-01-01,2026-01-01 10:00,free,true,\n"
        "2,41,20.25,2026-03-01,2026-02-01 11:30,,false,\n"
        "3,,,,,,,\n"
    )
    report = shop.load(users)
    values = shop.report()["users"]["values"]
    assert values == {
        "user_id": {"type": "INTEGER", "missing": 0, "range": [1, 3]},
        "age": {"type": "INTEGER", "missing": 1, "range": [30, 41]},
        "spent": {"type": "DECIMAL(4,2)", "missing": 1, "range": ["1.50", "20.25"]},
        "joined": {"type": "DATE", "missing": 1, "range": ["2026-01-01", "2026-03-01"]},
        "seen": {"type": "TIMESTAMP", "missing": 1, "range": ["2026-01-01T10:00:00", "2026-02-01T11:30:00"]},
        "plan": {"type": "VARCHAR", "missing": 2},
        "active": {"type": "BOOLEAN", "missing": 1},
        "nothing": {"type": "VARCHAR", "missing": 3},
    }
    assert "age INTEGER 30 to 41 (1 missing), spent DECIMAL(4,2) 1.50 to 20.25 (1 missing)" in str(report)


def test_events_are_counted_by_name_and_by_day(shop: Shop):
    more = EVENTS + "1,BUY,2026-11-02 23:59:59\n1,LOGIN,2026-11-05\n9,LOGIN,2026-11-06\n"
    report = shop.load(events=more)
    assert shop.report()["activity"] == {
        "first": "2026-11-01T10:00:00",
        "last": "2026-11-05T00:00:00",
        "names": 2,
        "days": 3,
        "by_name": {"LOGIN": 3, "BUY": 1},
        "by_day": {"2026-11-01": 1, "2026-11-02": 2, "2026-11-05": 1},
        "gaps": [["2026-11-03", "2026-11-04"]],
    }
    assert "2026-11-01 10:00:00 to 2026-11-05 00:00:00, on 3 days\n  LOGIN 3, BUY 1" in str(report)


def test_without_events_there_is_no_time_span(shop: Shop):
    report = shop.load(events="user_id,event_name,timestamp\n")
    assert str(report).endswith("no events")
    assert shop.report()["activity"]["first"] is None


def test_very_many_names_and_days_are_cut(shop: Shop):
    rows = [
        f"1,E{number},{1900 + number // 360}-{1 + number // 30 % 12:02}-{1 + number % 28:02}"
        for number in range(9000)
    ]
    shop.load(events="\n".join(["user_id,event_name,timestamp", *rows]))
    activity = shop.report()["activity"]
    assert (activity["names"], len(activity["by_name"])) == (9000, 1000)
    assert activity["days"] > len(activity["by_day"]) == 4000
    assert len(activity["gaps"]) == 20


def test_clean_data_is_not_suspicious(shop: Shop):
    shop.load(events=events(DAYS, each=20) + "2,BUY,2026-10-30\n")
    assert found(shop, "users") == found(shop, "events") == {}


@pytest.mark.parametrize("other", ["login", "Log In", "log_in", "LOG-IN"])
def test_one_event_name_in_two_spellings_is_suspicious(shop: Shop, other: str):
    shop.load(events=EVENTS + f"1,{other},2026-11-02\n1,LOGOUT,2026-11-02\n")
    assert found(shop, "events")["two_spellings event_name"] == (
        f"one name in several spellings? 'LOGIN', '{other}'"
    )


def test_columns_with_one_value_or_none_are_suspicious(shop: Shop):
    shop.load("user_id,plan,note,mixed\n" + "".join(f"{number},free,,{number % 2}\n" for number in range(10)))
    assert found(shop, "users") == {
        "constant plan": "is free in every row",
        "empty note": "has no value in any row",
    }


def test_days_without_events_among_busy_ones_are_suspicious(shop: Shop):
    shop.load(events=events(DAYS[:10] + DAYS[13:20] + DAYS[21:], each=120))
    assert found(shop, "events")["gaps timestamp"] == "no event on 2026-10-11 to 2026-10-13, 2026-10-21"


def test_days_without_events_among_quiet_ones_are_not(shop: Shop):
    shop.load(events=events(DAYS[::4]))
    assert "gaps timestamp" not in found(shop, "events")
    assert len(shop.report()["activity"]["gaps"]) == 7


def test_ids_as_floats_are_suspicious(shop: Shop):
    shop.load(USERS.replace("1,", "1.0,").replace("2,", "2.0,"))
    assert found(shop, "users")["float_ids user_id"].startswith("all are written like 1.0")
    assert "float_ids user_id" not in found(shop, "events")


@pytest.mark.parametrize(("different", "suspicious"), [(200, False), (198, True), (190, True), (180, False)])
def test_a_column_that_is_almost_unique_is_suspicious(shop: Shop, different: int, suspicious: bool):
    rows = "".join(f"{number},u{number % different}@example.com\n" for number in range(200))
    shop.load("user_id,email\n" + rows)
    assert ("nearly_unique email" in found(shop, "users")) == suspicious


def test_dates_in_the_future_are_suspicious(shop: Shop):
    shop.load("user_id,paid_until,born\n1,2027-01-01,1990-01-01\n2,2026-01-01,2000-01-01\n")
    assert found(shop, "users") == {"future paid_until": "goes up to 2027-01-01, which is after the load"}


def test_dates_that_may_be_day_or_month_first_are_kept_as_text_and_told(shop: Shop):
    shop.load("user_id,joined\n1,03/04/2026\n2,05/06/2026\n")
    assert "'03/04/2026' may be day or month first" in found(shop, "users")["doubtful joined"]


def test_another_encoding_and_equal_files_are_told(shop: Shop):
    umlaut = "user_id,name\n1,Jörg\n".encode("cp1252")
    shop.load(umlaut, [shop.file("a.csv", EVENTS), shop.file("b.csv", EVENTS)])
    assert found(shop, "users")["encoding"].startswith("users.csv is not UTF-8 and was read as Windows-1252")
    assert found(shop, "events")["same_file"] == "b.csv holds the same as a.csv"


def test_a_load_of_no_event_at_all_is_told(shop: Shop):
    report = shop.load(events="user_id,event_name,timestamp\n8,LOGIN,2026-11-01\n")
    assert found(shop, "events") == {"nothing_loaded": "not one event was loaded"}
    assert "suspicious: not one event was loaded" in str(report)


def test_the_report_of_programs_holds_all_that_was_counted(shop: Shop):
    report = shop.load(USERS + "1,twice\n", EVENTS)
    written = shop.report()
    assert written == json.loads(json.dumps(report.as_dict()))
    assert (written["users"]["rows"], written["users"]["loaded"], written["users"]["refused"]) == (3, 2, 1)
    assert written["users"]["refused_by"] == {"duplicate user_id, the first is kept": 1}
