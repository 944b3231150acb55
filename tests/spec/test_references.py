"""Saved segments in others: looked up at any depth, refused in circles, compiled once, asked as one."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from duckmart.check import Findings
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Problem
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from duckmart.spec.references import References
from tests.tiny import ANN, AS_OF, BOB, CY, DEE, EVE, EVERYONE, FAY, GUS, HAL, attribute, event, group

Spec = dict[str, Any]
Specs = Mapping[str, Spec]
Asked = Callable[..., Mart]

ALL = set(EVERYONE)


@pytest.fixture(scope="module")
def asked(tiny: Path) -> Asked:
    """A mart of the tiny world with these saved segments."""

    def mart(saved: Specs) -> Mart:
        settings = Settings(as_of=AS_OF.isoformat())
        return Mart(DuckDBEngine(tiny, settings), settings, saved)

    return mart


def refer(*names: str, operator: str = "in", **rest: Any) -> Spec:
    return {"segment_filters": [{"segment": name, "operator": operator} for name in names], **rest}


def found(saved: Specs, raw: Spec, name: str | None = None, **rest: Any) -> References:
    settings = Settings(**rest)
    return References(parse(raw, settings), saved, settings, name)


def checked(mart: Mart, raw: Spec) -> Findings:
    return mart.check(parse(raw, mart.settings))[1]


def ids(mart: Mart, raw: Spec) -> set[Any]:
    segment, _ = mart.accept(raw)
    members = set(mart.audience(segment).ids.to_pylist())
    assert mart.size(segment).total == len(members)
    return members


def only(problems: list[Problem] | tuple[Problem, ...]) -> Problem:
    [problem] = problems
    return problem


CALIFORNIANS = group(attribute("location", "eq", "California"))
ACTIVE = group(event("LOGIN", "gte", 1, 30))


# Looking them up


def test_saved_segments_are_found_at_any_depth_each_once() -> None:
    saved = {"a": refer("b", "c"), "b": refer("d"), "c": group(refer("d")), "d": ACTIVE, "other": {}}

    references = found(saved, group(refer("a")))

    assert references.problems == []
    assert set(references.segments) == {"a", "b", "c", "d"}
    assert references.paths == dict.fromkeys("abcd", ("groups", 0, "segment_filters", 0, "segment"))


def test_an_unknown_segment_is_refused_with_the_nearest_ids() -> None:
    saved = {"big-spenders": {}, "vip": {}}

    near = only(found(saved, refer("vip", "big-spender")).problems)
    far = only(found(saved, group(refer("zzzz"))).problems)

    assert (near.path, near.code) == ("segment_filters.1.segment", "unknown_segment")
    assert near.hint == "did you mean 'big-spenders'?"
    assert (far.path, far.hint) == (
        "groups.0.segment_filters.0.segment",
        "save it first, or remove the condition",
    )


def test_each_mention_of_an_unknown_segment_is_named() -> None:
    paths = [problem.path for problem in found({}, refer("a", "a") | {"groups": [refer("a")]}).problems]

    assert paths == [
        "segment_filters.0.segment",
        "segment_filters.1.segment",
        "groups.0.segment_filters.0.segment",
    ]


def test_an_unknown_segment_below_a_saved_one_is_named_where_the_spec_leads_to_it() -> None:
    problem = only(found({"a": refer("b"), "b": refer("gone")}, refer("a")).problems)

    assert (problem.path, problem.code) == ("segment_filters.0.segment", "unknown_segment")
    assert '"gone"' in problem.message


@pytest.mark.parametrize(
    ("saved", "raw", "name", "circle"),
    [
        ({"a": refer("a")}, refer("a"), None, "a → a"),
        ({"a": refer("b"), "b": refer("c"), "c": refer("a")}, refer("a"), None, "a → b → c → a"),
        # Only what goes round is named.
        ({"a": refer("b"), "b": refer("c"), "c": refer("b")}, refer("a"), None, "b → c → b"),
        ({"a": refer("b"), "b": group(group(refer("a")))}, refer("a"), None, "a → b → a"),
        # A segment that is about to be saved counts as its new self, not as its old one.
        ({"a": {}, "b": refer("a")}, refer("b"), "a", "a → b → a"),
        ({}, refer("new"), "new", "new → new"),
    ],
)
def test_a_circle_is_refused_and_its_path_named(
    saved: Specs, raw: Spec, name: str | None, circle: str
) -> None:
    problem = only(found(saved, raw, name).problems)

    assert (problem.path, problem.code) == ("segment_filters.0.segment", "circle")
    assert problem.message == f"refers to itself: {circle}"


def test_a_diamond_is_no_circle() -> None:
    saved = {"a": refer("c"), "b": refer("c"), "c": ACTIVE}

    assert found(saved, refer("a", "b", "c", "c")).problems == []


def chain(length: int, start: int = 1) -> dict[str, Spec]:
    """s1 refers to s2 refers to ... the last, which is plain."""
    names = [f"s{number}" for number in range(start, start + length)]
    return {name: refer(following) for name, following in pairwise(names)} | {names[-1]: ACTIVE}


def test_a_chain_of_20_references_is_the_longest() -> None:
    assert found(chain(20), refer("s1")).problems == []
    problem = only(found(chain(21), refer("s1")).problems)
    assert (problem.path, problem.code) == ("segment_filters.0.segment", "too_deep")
    assert problem.message.startswith("a chain of references longer than 20: s1 → s2 → s3")


def test_a_chain_is_as_long_whatever_part_of_it_was_seen_before() -> None:
    saved = chain(10) | {"a": refer("b"), "b": refer("s1")} | {"long": refer("long2")}
    saved |= {f"long{number}": refer(f"long{number + 1}") for number in range(2, 11)} | {"long11": refer("a")}

    assert found(saved, refer("s1", "a")).problems == []
    problem = only(found(saved, refer("s1", "long")).problems)
    assert (problem.path, problem.code) == ("segment_filters.1.segment", "too_deep")


def test_a_segment_that_is_saved_is_itself_part_of_its_chain() -> None:
    assert found(chain(19), refer("s1"), name="new").problems == []
    assert only(found(chain(20), refer("s1"), name="new").problems).code == "too_deep"


def test_the_cap_on_conditions_is_of_the_whole_spec_with_each_reference_once() -> None:
    saved = {"a": {"user_filters": [attribute("age", "gte", 18)] * 3} | refer("b"), "b": ACTIVE}

    # Two that refer, three ages, one more that refers, one login.
    assert found(saved, refer("a", "a"), max_conditions=7).problems == []
    problem = only(found(saved, refer("a", "a"), max_conditions=6).problems)
    assert (problem.path, problem.code) == ("", "too_many_conditions")
    assert "holds 7 conditions" in problem.message
    assert problem.hint == "at most 6 are allowed"


def test_a_saved_spec_that_is_none_is_named_where_it_is_referred_to() -> None:
    saved = {"old": {"user_filter": []}, "outer": refer("old")}

    problem = only(found(saved, refer("outer")).problems)

    assert (problem.path, problem.code) == ("segment_filters.0.segment", "unknown_key")
    assert '"old"' in problem.message
    assert problem.hint == "fix it there"


# Checking them


def test_what_is_wrong_in_a_saved_segment_stands_where_the_spec_refers_to_it(asked: Asked) -> None:
    saved = {"outer": refer("inner"), "inner": group(attribute("agee", "eq", 1), event("LOGINN", "eq", 0))}

    findings = checked(asked(saved), group(refer("outer")))

    problem, warning = only(findings.problems), only(findings.warnings)
    path = "groups.0.segment_filters.0.segment"
    assert (problem.path, problem.code) == (path, "unknown_field")
    assert "'inner'" in problem.message
    assert "user_filters.0.field" in problem.message
    assert (warning.path, warning.code) == (path, "unknown_event")
    assert problem.hint == warning.hint == "fix it there"


@pytest.mark.parametrize(
    ("delivery", "ignored"),
    [
        ({"limit": 5}, ["limit"]),
        ({"as_of": "2026-11-20"}, ["as_of"]),
        ({"sample": {"split": {"a": 100}, "seed": "x"}}, ["split"]),
        ({"limit": 5, "as_of": "2026-11-20"}, ["limit", "as_of"]),
        ({"sample": {"percent": 50, "seed": "x"}, "timezone": "Asia/Tokyo", "negate": True}, []),
    ],
)
def test_what_a_saved_segment_says_of_its_own_delivery_is_ignored_with_a_warning(
    asked: Asked, delivery: Spec, ignored: list[str]
) -> None:
    findings = checked(asked({"vip": CALIFORNIANS | delivery}), refer("vip"))

    assert findings.problems == ()
    assert [(one.path, one.code) for one in findings.warnings] == [
        ("segment_filters.0.segment", "ignored")
    ] * len(ignored)
    for key, warning in zip(ignored, findings.warnings, strict=True):
        assert f"the {key} of the saved segment 'vip'" in warning.message


# Asking for them


def test_a_user_is_in_a_saved_segment_or_not(asked: Asked) -> None:
    mart = asked({"west": CALIFORNIANS, "active": ACTIVE})

    assert ids(mart, refer("west")) == {ANN, BOB, HAL}
    assert ids(mart, refer("west", operator="not_in")) == {CY, DEE, EVE, FAY, GUS}
    assert ids(mart, refer("west", "active")) == {ANN, BOB}
    assert ids(mart, refer("west") | group(refer("active", operator="not_in"))) == {HAL}
    assert ids(mart, refer("west", negate=True)) == {CY, DEE, EVE, FAY, GUS}


def test_what_a_saved_segment_refers_to_is_asked_too(asked: Asked) -> None:
    saved = {"west": CALIFORNIANS, "others": refer("west", operator="not_in"), "free": refer("others")}

    assert ids(asked(saved), refer("free")) == {CY, DEE, EVE, FAY, GUS}


def test_an_empty_saved_segment_is_everyone_and_negated_nobody(asked: Asked) -> None:
    mart = asked({"all": {}, "none": {"negate": True}})

    assert ids(mart, refer("all")) == ids(mart, refer("none", operator="not_in")) == ALL
    assert ids(mart, refer("none")) == set()


def test_a_saved_segments_negate_time_zone_and_percentage_hold(asked: Asked) -> None:
    seen_on_the_22nd = group(attribute("last_seen", "eq", "2026-11-22"))
    saved = {
        "rest": CALIFORNIANS | {"negate": True},
        "utc": seen_on_the_22nd,
        "berlin": seen_on_the_22nd | {"timezone": "Europe/Berlin"},
        "half": {"sample": {"percent": 50, "seed": "a"}},
    }
    mart = asked(saved)

    assert ids(mart, refer("rest")) == {CY, DEE, EVE, FAY, GUS}
    assert ids(mart, refer("utc", timezone="Asia/Tokyo")) == {BOB, DEE}
    assert ids(mart, refer("berlin")) == {ANN, BOB}
    assert ids(mart, refer("half")) == ids(mart, saved["half"])
    assert ids(mart, refer("half", operator="not_in")) == ALL - ids(mart, saved["half"])


def test_the_asking_specs_moment_rules_and_a_saved_limit_or_split_cuts_nobody(asked: Asked) -> None:
    long_ago = {"as_of": "2020-01-01"}
    split = {"sample": {"split": {"a": 50, "b": 50}, "seed": "x"}}
    mart = asked({"active": ACTIVE | long_ago, "first": CALIFORNIANS | {"limit": 1}, "arms": split})

    assert ids(mart, refer("active")) == {ANN, BOB}
    assert ids(mart, refer("active") | long_ago) == set()
    assert ids(mart, refer("first")) == {ANN, BOB, HAL}
    assert ids(mart, refer("arms")) == ALL


# The SQL of them


def cte_names(mart: Mart, raw: Spec) -> list[str]:
    segment, _ = mart.accept(raw)
    return [cte.alias for cte in mart.members(segment).tree.find_all(exp.CTE)]


def test_each_saved_segment_is_compiled_once_and_before_what_refers_to_it(asked: Asked) -> None:
    saved = {"a": refer("c"), "b": refer("c"), "c": ACTIVE}

    names = cte_names(asked(saved), refer("a", "b", "c") | group(event("LOGIN", "lt", 9, 30)))

    assert sorted(names) == ["login_30d", "segment_a", "segment_b", "segment_c"]
    assert names.index("login_30d") < names.index("segment_c") < names.index("segment_a")


def test_a_saved_segment_of_another_zone_shares_only_what_does_not_depend_on_it(asked: Asked) -> None:
    days = {"measure": "active_days", "operator": "gte", "value": 1, "event_name": "LOGIN"}
    spec = {"event_filters": [days]}
    saved = {"berlin": spec | {"timezone": "Europe/Berlin"}, "utc": spec}

    segment, _ = asked(saved).accept(refer("berlin", "utc"))
    sql = " ".join(asked(saved).members(segment).sql().split())

    assert sql.count("FROM user_events") == 1
    assert sql.replace("( ", "(").count("COUNT(DISTINCT") == 2


def test_names_of_saved_segments_are_plain_short_and_unique(asked: Asked) -> None:
    long = "x" * 64
    saved: Specs = dict.fromkeys(("a-b", "a_b", "A-B", "9", "--", long, long[:-1] + "y"), ACTIVE)

    names = [name for name in cte_names(asked(saved), refer(*saved)) if name.startswith("segment_")]

    assert len(set(names)) == len(saved)
    assert all(len(name) <= 40 and name.isascii() and name.islower() for name in names)


def test_a_saved_segment_says_in_words_who_is_in_it(asked: Asked) -> None:
    mart = asked({"west": CALIFORNIANS})

    sql = mart.members(mart.accept(refer("west"))[0]).sql()

    assert "/* west: Users whose location is “California”. */" in sql
