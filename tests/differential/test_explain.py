"""Explanations against the oracle: each condition as it says, and each change really turns its condition."""

import random
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import pytest
import simplejson
from hypothesis import given
from sqlglot import exp

from duckmart.compile.query import Query, identifier, value
from duckmart.insight.explain import Explanation
from duckmart.mart import Mart
from duckmart.spec.examples import Example, examples
from duckmart.spec.paths import Path
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk
from tests import oracle
from tests.differential.conftest import Loaded
from tests.strategies import IN_DAYS, ORDER, SAVED, SEED, Spec, segments, spec_runs
from tests.world import ANCHORS, TEXT_IDS, WHOLE_IDS, Row

USERS_ASKED = 500
# So many changes of one spec are tried out.
TRIED = 10


@pytest.fixture(scope="module")
def some_of_the_demo(demo_mart: Mart) -> tuple[list[Row], list[Row]]:
    """Some users, and all their events."""
    ids = random.Random(SEED).sample(range(1, demo_mart.catalog.users + 1), USERS_ASKED)
    return rows(demo_mart, "user_attributes", ids), rows(demo_mart, "user_events", ids)


# Who is among the first depends on users who are not among the few here.
UNRANKED = [
    one
    for one in examples()
    if not any(getattr(node, "ranks", False) for _, node in walk(Segment.model_validate(one.spec)))
]


@pytest.mark.parametrize("one", UNRANKED, ids=lambda one: one.id)
def test_the_examples_explained_for_users_of_the_demo_agree_with_the_oracle(
    one: Example, demo_mart: Mart, some_of_the_demo: tuple[list[Row], list[Row]]
) -> None:
    assert_explained(demo_mart, one.spec, *some_of_the_demo)


@spec_runs(0.06)
@given(segments(WHOLE_IDS))
def test_random_specs_explained_agree_with_the_oracle(whole_ids: Loaded, spec: Spec) -> None:
    assert_explained(whole_ids.mart, spec, whole_ids.world.users, whole_ids.world.events)


@spec_runs(0.03)
@given(segments(TEXT_IDS))
def test_random_specs_explained_agree_with_the_oracle_where_user_ids_are_text(
    text_ids: Loaded, spec: Spec
) -> None:
    assert_explained(text_ids.mart, spec, text_ids.world.users, text_ids.world.events)


@pytest.mark.parametrize("as_of", [None, ANCHORS[0].isoformat()])
def test_each_measure_by_each_operator_explained_agrees_with_the_oracle(
    whole_ids: Loaded, as_of: str | None
) -> None:
    conditions = list(measures())
    for start in range(0, len(conditions), 100):
        spec = {"event_filters": conditions[start : start + 100], "timezone": "Europe/Berlin"}
        spec |= {"as_of": as_of} if as_of else {}
        assert_explained(whole_ids.mart, spec, whole_ids.world.users, whole_ids.world.events, tried=60)


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_bounds_and_days_of_attributes_explained_agree_with_the_oracle(whole_ids: Loaded, zone: str) -> None:
    spec = {"user_filters": list(attributes()), "timezone": zone}

    assert_explained(whole_ids.mart, spec, whole_ids.world.users, whole_ids.world.events, tried=150)


def test_sequences_explained_agree_with_the_oracle_and_show_events_that_fit(whole_ids: Loaded) -> None:
    world = whole_ids.world
    spec = {"sequence_filters": list(sequences())}

    explained = assert_explained(whole_ids.mart, spec, world.users, world.events, tried=100)

    shown = 0
    for one in explained:
        for reason, row in zip(one.conditions, spec["sequence_filters"], strict=True):
            did = reason.held == (row.get("operator") != "did_not")
            present = [step for step in row["steps"] if not step.get("absent")]
            assert len(reason.events) == (len(present) if did else 0)
            assert all(a.time < b.time for a, b in zip(reason.events, reason.events[1:], strict=False))
            alone = [
                {"user_id": one.user_id, "event_name": event.name, "timestamp": event.time}
                for event in reason.events
            ]
            if did and not any("where" in step for step in row["steps"]):
                shown += 1
                it = {"sequence_filters": [row], "as_of": oracle.as_of(spec, world.events).isoformat()}
                user = next(user for user in world.users if user["user_id"] == one.user_id)
                assert oracle.truths(it, [user], alone)[one.user_id] == (reason.held,)
    assert shown > 20


def assert_explained(
    mart: Mart, spec: Spec, users: list[Row], events: list[Row], tried: int = TRIED
) -> list[Explanation]:
    """Held, members and changes are right for all these users, of whom the rows are all there is."""
    segment = read(mart, spec)
    pinned = spec | {"as_of": f"{mart.as_of(segment).isoformat()}Z"}
    explained = mart.explain(segment, [user["user_id"] for user in users])
    assert [one.user_id for one in explained] == [user["user_id"] for user in users]
    assert all(one.known for one in explained)

    members = set(oracle.member_ids(pinned | {"limit": None}, users, events, saved=SAVED))
    assert {one.user_id for one in explained if one.member} == members
    for position, (path, _) in enumerate(walk(segment)):
        reasons = {one.user_id: one.conditions[position] for one in explained}
        held = oracle.truths(alone(pinned, path), users, events, saved=SAVED)
        assert {user_id: (reason.held,) for user_id, reason in reasons.items()} == held, path
        assert {reason.path for reason in reasons.values()} == {path}
    assert_changes_turn(mart, pinned, explained, tried)
    return explained


def assert_changes_turn(mart: Mart, spec: Spec, explained: list[Explanation], tried: int) -> None:
    """Each change, made alone in its condition, makes that hold for the users for whom it was proposed."""
    found: dict[tuple[Path, Path, str], tuple[Any, list[Any]]] = {}
    for one in explained:
        for reason in one.conditions:
            if reason.change is not None:
                assert not reason.held
                key = (reason.path, reason.change.path, repr(reason.change.value))
                found.setdefault(key, (reason.change.value, []))[1].append(one.user_id)
    chosen = random.Random(SEED).sample(sorted(found, key=repr), min(tried, len(found)))
    for path, where, written in chosen:
        new, ids = found[path, where, written]
        changed = alone(spec, path)
        put(changed, (path[-2], 0, *where[len(path) :]), new)
        turned = set(mart.audience(read(mart, changed)).ids.to_pylist())
        assert turned.issuperset(ids), (where, new, set(ids) - turned)


def alone(spec: Spec, path: Path) -> Spec:
    """The spec with one of its conditions and no other."""
    row: Any = spec
    for step in path:
        row = row[step]
    kept = {key: spec[key] for key in ("as_of", "timezone") if spec.get(key)}
    return deepcopy({path[-2]: [row]} | kept)


def put(spec: Any, path: Path, new: Any) -> None:
    *above, last = path
    for step in above:
        spec = spec[step]
    if isinstance(spec, list) and last == len(spec):
        spec.append(new)
    else:
        assert spec[last] != new
        spec[last] = new


def read(mart: Mart, spec: Spec) -> Segment:
    return mart.read(simplejson.dumps(spec, use_decimal=True))[0]


def rows(mart: Mart, table: str, ids: list[int]) -> list[Row]:
    users = exp.column("user_id").isin(*(value(one) for one in ids))
    query = exp.select("*").from_(identifier(table)).where(users)
    return mart.engine.run(Query(query)).to_pylist()


def measures() -> Iterator[Spec]:
    """Every measure by every operator, with numbers on, beside and far from those in the data."""
    yield from counts()
    yield from beside()
    yield from figures()
    yield from dates()


def counts() -> Iterator[Spec]:
    operators = ("eq", "gt", "gte", "lt", "lte", "ne")
    for operator, count, days in product(operators, (0, 1, 2), (1, 7, 30)):
        yield {"event_name": "LOGIN", "operator": operator, "count": count, "time_range_days": days}
    for operator, count, hours in product(operators, (0, 1, 2), (1, 23, 169)):
        yield {"event_name": "LOGIN", "operator": operator, "count": count, "time_range_hours": hours}
    for low, high in ((1, 1), (2, 3), (4, 9)):
        yield {"event_name": "LOGIN", "operator": "between", "count": [low, high], "time_range_days": 7}


def beside() -> Iterator[Spec]:
    """Measures beside others, binary fractions too."""
    ways = (
        "count",
        "days_since_last",
        {"sum": "amount"},
        {"avg": "times"},
        {"max": "score"},
        {"avg": "score"},
    )
    for one, other, operator in product(ways, ways, (*ORDER, "eq")):
        than = {"event_name": "LOGIN", "measure": other}
        yield {"event_name": "PURCHASE_MADE", "operator": operator, "measure": one, "than": than, "times": 2}


def figures() -> Iterator[Spec]:
    of_property = [{name: field} for name in ("sum", "avg", "median") for field in ("amount", "score")]
    asked: list[Any] = [
        "days_since_last",
        "days_since_first",
        *of_property,
        {"sum": "times"},
        {"median": "times"},
        {"min": "amount"},
    ]
    for measure, operator, number in product(asked, ORDER, (1, oracle.Decimal("2.5"), 20)):
        yield {"event_name": "PURCHASE_MADE", "operator": operator, "measure": measure, "value": number}
    for measure, operator in product((*asked, "active_days", {"distinct": "category"}), ("eq", *ORDER)):
        yield {"event_name": "LOGIN", "operator": operator, "measure": measure, "value": 2}
    for measure in asked:
        yield {"event_name": "LOGIN", "operator": "between", "measure": measure, "value": [3, 5]}


def dates() -> Iterator[Spec]:
    """Of first, last, smallest and largest properties."""
    for end, operator in product(("first", "last", "min", "max"), (*ORDER, "between")):
        for field in ("due", "expires at"):
            bounds: Any = ["2026-11-22", "2026-11-23"] if operator == "between" else "2026-11-22"
            yield {"event_name": "*", "operator": operator, "measure": {end: field}, "value": bounds}
    for end, operator in product(("first", "last"), IN_DAYS):
        yield {"event_name": "*", "operator": operator, "measure": {end: "due"}, "value": 2}


def attributes() -> Iterator[Spec]:
    pairs = {
        "age": [25, 30],
        "points": [0, 1000],
        "lifetime_value": [oracle.Decimal("0.10"), oracle.Decimal("19.99")],
        "score": [oracle.Decimal("0.2"), 1],
        "signup_date": ["2024-02-29", "2026-11-21"],
        "last_seen": ["2026-03-29", "2026-11-01T07:00:00Z"],
        "trial_ends": ["2011-12-30", "2024-04-26"],
    }
    for field, bounds in pairs.items():
        for operator in ("between", "not_between"):
            yield {"field": field, "operator": operator, "value": bounds}
        for operator, bound in product(("eq", "gt", "gte", "lt", "lte"), bounds):
            yield {"field": field, "operator": operator, "value": bound}
        yield {"field": field, "operator": "in", "value": bounds}
    for field, operator in product(("signup_date", "last_seen", "trial_ends"), IN_DAYS):
        for days in (1, 30, 365):
            yield {"field": field, "operator": operator, "value": days}
    yield {"field": "name", "operator": "in", "value": ["Nobody"]}
    yield {"field": "newsletter", "operator": "eq", "value": True}


def sequences() -> Iterator[Spec]:
    cart, buy, login = ({"event_name": name} for name in ("ADDED_TO_CART", "PURCHASE_MADE", "LOGIN"))
    shapes = (
        [cart, buy],
        [cart, login, buy],
        [cart, buy | {"absent": True}],
        [cart, login, buy | {"absent": True}],
        [login, login],
        [{"event_name": "*"}, {"event_name": ["PURCHASE_MADE", "LOGIN"]}],
        [cart | {"where": [{"field": "amount", "operator": "gt", "value": 0}]}, buy],
    )
    # All of them are asked at once, of which a spec holds 200.
    for steps, operator in zip((shapes[0], shapes[2]), ("did_not", "did"), strict=True):
        yield {"steps": steps, "within_hours": 5, "operator": operator, "time_range_hours": 720}
    for steps, days, operator in product(shapes, (1, 7), ("did", "did_not")):
        yield {"steps": steps, "within_days": days, "operator": operator}
        yield {"steps": steps, "within_days": days, "operator": operator, "time_range_days": 30}
