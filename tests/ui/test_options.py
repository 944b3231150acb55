"""How the answer is delivered: samples, splits, moment, zone, limit; and joining without another question."""

from datetime import date

import pytest

from duckmart.mart import Mart
from tests.ui.page import Page, size

TEXAS = {"field": "location", "operator": "eq", "value": "Texas"}
ADULT = {"field": "age", "operator": "gte", "value": 30}
LOGIN = {"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}


@pytest.fixture
def opened(page: Page) -> Page:
    page.app.session_state["options"] = True
    return page.paste({"user_filters": [TEXAS], "event_filters": [LOGIN]})


def shows(page: Page, mart: Mart, **delivery: object) -> None:
    spec = {"user_filters": [TEXAS], "event_filters": [LOGIN], **delivery}
    assert page.spec == spec
    assert page.count == size(mart, spec)


def test_a_sample_of_a_percentage_with_a_seed(opened: Page, demo_mart: Mart) -> None:
    opened.choose("Deliver", "A sample")
    shows(opened, demo_mart, sample={"percent": 10, "seed": "campaign-1"})
    opened.choose("Percent", 25.0).choose("Seed", "spring")
    shows(opened, demo_mart, sample={"percent": 25, "seed": "spring"})
    opened.choose("Deliver", "Everyone")
    shows(opened, demo_mart)


def test_a_percentage_beyond_a_hundred_is_no_sample(opened: Page) -> None:
    opened.choose("Deliver", "A sample").choose("Percent", 150.0)
    assert "write a number above 0, up to 100" in opened.words
    assert opened.app.metric[0].value == "–"


@pytest.mark.parametrize("typed", [0.0, 1e-20])
def test_a_percentage_that_cannot_be_leaves_the_sample_as_it_is(opened: Page, typed: float) -> None:
    opened.choose("Deliver", "A sample").choose("Percent", 25.0).choose("Percent", typed)
    assert opened.spec["sample"]["percent"] == 25
    assert "Write a percentage above 0" in opened.app.toast[0].value
    assert opened.find("Percent").value == 25


def test_a_split_into_arms(opened: Page, demo_mart: Mart) -> None:
    opened.choose("Deliver", "A split")
    opened.choose("Arms", "mail 50, push 30, nothing at all 20")
    arms = {"mail": 50, "push": 30, "nothing at all": 20}
    shows(opened, demo_mart, sample={"split": arms, "seed": "campaign-1"})


@pytest.mark.parametrize("arms", ["a 50, b 40", "a 50, a 50", "all of them", "", "a 100 b"])
def test_arms_that_are_not_100_percent_change_nothing_and_say_how_to_write_them(
    opened: Page, arms: str
) -> None:
    opened.choose("Deliver", "A split").choose("Arms", arms)
    assert opened.spec["sample"]["split"] == {"control": 10, "treatment": 90}
    assert "treatment 90, control 10" in opened.app.toast[0].value
    assert opened.find("Arms").value == "control 10, treatment 90"


def test_a_moment_a_zone_and_a_limit(opened: Page, demo_mart: Mart) -> None:
    opened.choose("As of", date(2026, 6, 1))
    shows(opened, demo_mart, as_of="2026-06-01")
    opened.choose("Time zone of days", "America/Los_Angeles")
    shows(opened, demo_mart, as_of="2026-06-01", timezone="America/Los_Angeles")
    opened.choose("As of", None).choose("Limit of API answers", 5)
    shows(opened, demo_mart, timezone="America/Los_Angeles", limit=5)
    opened.choose("Time zone of days", "UTC").choose("Limit of API answers", 0)
    shows(opened, demo_mart)


def test_all_any_at_least_and_exclude_answer_as_the_mart_without_another_question(
    page: Page, demo_mart: Mart, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"user_filters": [TEXAS, ADULT], "event_filters": [LOGIN]}
    page.paste(rows)
    asked = []
    real = Mart.size
    monkeypatch.setattr(Mart, "size", lambda *given: asked.append(given) or real(*given))
    page.choose("Segment match", "OR")
    assert page.count == real(demo_mart, demo_mart.accept({**rows, "logic_operator": "OR"})[0]).total
    page.choose("Segment match", "AT_LEAST").choose("Segment at least", 2).choose("Exclude", True)
    spec = {**rows, "logic_operator": "AT_LEAST", "at_least": 2, "negate": True}
    assert page.spec == spec
    assert page.count == real(demo_mart, demo_mart.accept(spec)[0]).total
    assert not asked
    page.choose("Filter 1 value", "Ohio")
    assert len(asked) == 1


def test_a_split_is_called_a_split(opened: Page) -> None:
    opened.choose("Deliver", "A sample")
    assert "Set below: sample." in opened.words
    opened.choose("Deliver", "A split").choose("Limit of API answers", 5)
    assert "Set below: split, limit." in opened.words
    assert "split into" in opened.sentence
    assert "sample" not in opened.sentence


@pytest.mark.parametrize("typed", [1.7, 0.5, -2.25, 1e300])
def test_a_number_that_is_not_whole_is_refused_in_words(page: Page, typed: float) -> None:
    page.app.session_state["options"] = True
    user = {"field": "signup_date", "operator": "in_last_days", "value": 400}
    windowed = {**LOGIN, "time_range": {"from_days_ago": 60, "to_days_ago": 30}}
    del windowed["time_range_days"]
    days = {"event_name": "LOGIN", "measure": "active_days", "operator": "gte", "value": 1}
    steps = {"steps": [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE"}], "within_days": 7}
    page.paste(
        {
            "user_filters": [user, {**ADULT, "operator": "gte"}],
            "event_filters": [windowed, days],
            "sequence_filters": [steps],
            "logic_operator": "AT_LEAST",
            "at_least": 2,
            "limit": 10,
        }
    )
    before = page.spec
    boxes = [
        "Filter 1 value",
        "Filter 2 value",
        "Filter 3 count",
        "Filter 3 from days ago",
        "Filter 3 to days ago",
        "Filter 4 value",
        "Filter 5 within days",
        "Segment at least",
        "Limit of API answers",
    ]
    for label in boxes:
        shown = page.find(label).value
        page.choose(label, typed)
        assert "is not a whole number" in page.app.toast[0].value, label
        assert page.spec == before, label
        assert page.find(label).value == shown, label


def test_the_words_name_the_whole_numbers_beside_it(opened: Page) -> None:
    opened.choose("Limit of API answers", 1.7)
    assert "write 1 or 2" in opened.app.toast[0].value
