"""What sets members apart: chance is no finding, planted effects are, from whichever side one looks."""

from collections.abc import Mapping
from fractions import Fraction
from math import comb, inf
from typing import Any

import pytest

from duckmart.catalog import Column
from duckmart.insight.findings import (
    Bar,
    Breakdown,
    Finding,
    Fourfold,
    Index,
    fields_filtered,
    findings,
)
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.kinds import Kind
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment


def chart(counts: Mapping[Any, tuple[int, int]], name: str = "plan") -> Breakdown:
    """An attribute by value: users of everyone, and members among them."""
    bars = tuple(Bar(value, everyone, members) for value, (everyone, members) in counts.items())
    return Breakdown(Column(name, Kind.TEXT), bars)


def told(*charts: Breakdown) -> list[tuple[str, Any]]:
    return [(one.chart.attribute.name, one.bar.value) for one in findings(charts)]


def test_what_is_found_depends_on_how_much_was_looked_at() -> None:
    # By itself it is found: p is 0.015. As one of a hundred it is not.
    remarkable = chart({"yes": (1_000, 124), "no": (9_000, 876)})
    alike = [chart({"yes": (5_000, 500), "no": (5_000, 500)}, f"column{number}") for number in range(50)]

    assert len(findings([remarkable])) == 2
    assert findings([remarkable, *alike]) == []


def test_findings_are_those_of_plain_arithmetic(demo_mart: Mart) -> None:
    """As docs/figures.md says it, in whole numbers: all tails, all ranks."""
    buyers = {"event_filters": [LOGIN | {"event_name": "PURCHASE_MADE"}], "user_filters": [FILTER | PREMIUM]}
    breakdowns = [
        one
        for one in demo_mart.breakdowns(demo_mart.accept(buyers)[0])
        if one.attribute.name != "subscription_plan"
    ]
    tests = []
    for one in breakdowns:
        for bar in one.bars:
            among = [other for other in one.bars if bar.value is None or other.value is not None]
            n, total = sum(other.members for other in among), sum(other.everyone for other in among)
            if bar.everyone < total:
                tests.append((p_value(bar.members, n, bar.everyone, total), one.attribute.name, bar))
    tests.sort(key=lambda test: test[0])
    adjusted = [
        min(len(tests) * p / rank for rank, (p, _, _) in enumerate(tests, 1) if rank > place)
        for place, _ in enumerate(tests)
    ]
    expected = {(name, bar): p for p, (_, name, bar) in zip(adjusted, tests, strict=True) if p <= 0.05}

    found = {(one.chart.attribute.name, one.bar): one.p for one in findings(breakdowns)}

    assert found
    assert found == pytest.approx(expected)


def p_value(a: int, n: int, having: int, total: int) -> float:
    """Twice the smaller tail of the hypergeometric distribution."""

    def ways(drawn: int) -> int:
        return comb(having, drawn) * comb(total - having, n - drawn)

    lower = sum(map(ways, range(max(0, n + having - total), a + 1)))
    return float(min(Fraction(2 * min(lower, comb(total, n) - lower + ways(a)), comb(total, n)), Fraction(1)))


# What a bar is compared with


def test_nobody_where_many_were_expected_is_the_strongest_finding() -> None:
    counts = {"none": (800, 0), "many": (2_000, 260), "rest": (7_200, 740)}
    missing, much = findings([chart(counts)])[:2]

    assert (missing.bar.value, missing.index.value) == ("none", 0)
    assert much.bar.value == "many"
    assert Fourfold(0, 1_000, 800, 10_000).expected == 80
    assert not Fourfold(0, 1_000, 800, 10_000).is_few


@pytest.mark.parametrize(
    ("counts", "is_few"),
    [
        ((0, 1_000, 300, 10_000), False),
        ((0, 1_000, 299, 10_000), True),
        ((29, 1_000, 8_000, 10_000), False),
        ((299, 1_000, 299, 10_000), True),
        # Of 9,000 members: what the other 1,000 have decides as well.
        ((299, 9_000, 299, 10_000), True),
        ((300, 9_000, 300, 10_000), False),
        ((5, 10, 5, 10), False),
    ],
)
def test_few_are_those_of_whom_few_were_expected(counts: tuple[int, int, int, int], is_few: bool) -> None:
    assert Fourfold(*counts).is_few is is_few


def test_shares_and_indices_are_of_users_whose_value_is_known() -> None:
    # Of two thirds the value is unknown, of the members only for a fifth: those known are alike.
    homes = chart({"owner": (1_000, 240), "tenant": (2_000, 480), None: (6_000, 180)}, "home")
    owner, _, unknown = homes.bars

    assert homes.fourfold(owner) == (240, 720, 1_000, 3_000)
    assert homes.shares(owner) == pytest.approx((1 / 3, 760 / 2_280))
    assert homes.index(owner) == Index.of(240, 720, 1_000, 3_000)
    assert homes.fourfold(unknown) == (180, 900, 6_000, 9_000)
    assert told(homes) == [("home", None)]


def test_an_attribute_that_nobody_lacks_tests_nothing_of_unknowns() -> None:
    one_value = chart({"only": (500, 60)}, "country")
    nobody_known = chart({None: (500, 60)}, "age")

    assert told(one_value, nobody_known) == []


def test_a_large_segment_is_as_unlike_the_rest_as_the_rest_is_unlike_it() -> None:
    # 8,500 members; the tablet is 1.84 times as common among them as among the 1,500 others.
    devices = chart({"tablet": (2_000, 1_825), "phone": (8_000, 6_675)})
    turned = chart({"tablet": (2_000, 175), "phone": (8_000, 1_325)})

    [tablet] = [one for one in findings([devices]) if one.bar.value == "tablet"]
    [again] = [one for one in findings([turned]) if one.bar.value == "tablet"]

    assert tablet.index.value == pytest.approx(100 * (1_825 / 8_500) / (175 / 1_500))
    assert round(tablet.index.value) == 184
    index = devices.index(tablet.bar)
    assert index is not None
    assert round(index.value) == 107
    assert tablet.index.value == pytest.approx(100 * 100 / again.index.value)
    assert tablet.index.strength == pytest.approx(again.index.strength)
    assert tablet.p == pytest.approx(again.p)


@pytest.mark.parametrize(
    "counts",
    [
        (60, 200, 160, 1_000),
        (3, 40, 11, 900),
        (0, 50, 40, 200),
        (50, 50, 50, 200),
        (1_825, 8_500, 2_000, 10_000),
    ],
)
def test_both_indices_hold_100_or_neither_does(counts: tuple[int, int, int, int]) -> None:
    of_everyone, of_rest = Index.of(*counts), Index.to_rest(*counts)
    assert of_everyone is not None
    assert of_rest is not None

    assert (of_everyone.low > 100, of_everyone.high < 100) == (of_rest.low > 100, of_rest.high < 100)
    assert of_rest.low <= of_rest.value <= of_rest.high


def test_what_nobody_else_has_is_infinitely_more_common() -> None:
    index = Index.to_rest(50, 50, 50, 200)

    assert index is not None
    assert index.value == index.high == inf
    assert 100 < index.low < inf
    assert Index.to_rest(50, 200, 50, 200) is None


def test_of_everyone_and_of_nobody_there_are_no_findings() -> None:
    assert told(chart({"a": (500, 500), "b": (300, 300)}), chart({"a": (500, 0), "b": (300, 0)}, "x")) == []
    assert findings([]) == []


def test_findings_come_strongest_first() -> None:
    found: list[Finding] = findings([chart({"much": (200, 120), "alike": (300, 90), "less": (500, 90)})])

    assert [one.bar.value for one in found] == ["much", "less"]
    strengths = [one.index.strength for one in found]
    assert strengths == sorted(strengths, reverse=True)


# What is no finding, because the segment asks for it


def segment(raw: dict[str, Any], **saved: dict[str, Any]) -> Segment:
    settings = Settings()
    return parse(raw, settings).with_saved({name: parse(spec, settings) for name, spec in saved.items()})


PREMIUM = {"field": "subscription_plan"}
FILTER = {"field": "plan", "operator": "eq", "value": "premium"}
FIRST_WEEK = {"within_days_of": "signup_date", "days": 7}
LOGIN = {"event_name": "LOGIN", "operator": "gte", "count": 1}


@pytest.mark.parametrize(
    ("raw", "saved", "fields"),
    [
        ({"user_filters": [FILTER]}, {}, {"plan"}),
        ({"groups": [{"groups": [{"user_filters": [FILTER], "negate": True}]}]}, {}, {"plan"}),
        ({"event_filters": [LOGIN | {"time_range": FIRST_WEEK}]}, {}, {"signup_date"}),
        (
            {
                "sequence_filters": [
                    {
                        "steps": [{"event_name": "A"}, {"event_name": "B"}],
                        "within_days": 3,
                        "time_range": FIRST_WEEK,
                    }
                ]
            },
            {},
            {"signup_date"},
        ),
        # Properties of events are no attributes of users, even of one name.
        ({"event_filters": [LOGIN | {"where": [FILTER]}]}, {}, set()),
        ({"user_filters": [{"field": "user_id", "operator": "in", "value": [1, 2]}]}, {}, set()),
        (
            {"segment_filters": [{"segment": "outer", "operator": "not_in"}]},
            {
                "outer": {
                    "segment_filters": [{"segment": "inner", "operator": "in"}],
                    "user_filters": [FILTER],
                },
                "inner": {"event_filters": [LOGIN | {"time_range": FIRST_WEEK}]},
            },
            {"plan", "signup_date"},
        ),
    ],
)
def test_the_attributes_that_decide_who_is_in_are_known_at_any_depth(
    raw: dict[str, Any], saved: dict[str, Any], fields: set[str]
) -> None:
    assert fields_filtered(segment(raw, **saved)) == fields


def test_shares_of_lists_are_of_users_with_a_list_however_many_bars_they_are_in():
    tags = Column("tags", Kind.TEXT_LIST)
    bars = (Bar("vip", 60, 30), Bar("new", 50, 10), Bar(None, 20, 5))
    chart = Breakdown(tags, bars, known=Bar("", 80, 35))

    assert chart.fourfold(bars[0]) == (30, 35, 60, 80)
    assert chart.fourfold(bars[1]) == (10, 35, 50, 80)
    assert chart.fourfold(bars[2]) == (5, 40, 20, 100)
