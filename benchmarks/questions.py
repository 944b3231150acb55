"""What `benchmarks.peers` asks: segments, and SQL for the same users as others would write it.

In SQL `{as_of}` is the moment that segments count back from. `card` is the plain SQL that a first version of
such a system writes, over tables loaded as they come. Of several texts for ClickHouse the fastest counts.
A floor reads just the columns that the answer needs, each once, and decides nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from duckmart.mart import Mart
from duckmart.spec.json_text import to_json
from duckmart.spec.segment import Segment

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A segment; every contender answers it with the ids of its members, in order, and with their number."""

    name: str
    spec: Spec
    card: str
    clickhouse: Sequence[str]
    floor: Sequence[str]


@dataclass(frozen=True)
class Reading:
    """Numbers that the builder shows of a segment; `prepare` does what is known by then, untimed."""

    name: str
    prepare: Callable[[Mart], Callable[[], list[int]]]
    clickhouse: Sequence[str] = ()
    floor: Sequence[str] = field(default=())


def _since(days: int) -> str:
    return f"timestamp > {{as_of}} - INTERVAL {days} DAY AND timestamp <= {{as_of}}"


def _event(name: str, operator: str, count: int, days: int | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"event_name": name, "operator": operator, "count": count}
    return row if days is None else row | {"time_range_days": days}


def _user(field: str, operator: str, value: object) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _did(name: str, days: int | None = None) -> str:
    when = f" AND {_since(days)}" if days else ""
    return f"user_id IN (SELECT user_id FROM user_events WHERE event_name = '{name}'{when})"


def _did_often(name: str, having: str, days: int | None = None) -> str:
    when = f" AND {_since(days)}" if days else ""
    return (
        f"user_id IN (SELECT user_id FROM user_events WHERE event_name = '{name}'{when}"
        f" GROUP BY user_id HAVING {having})"
    )


def _users(*conditions: str, joiner: str = " AND ") -> str:
    return f"SELECT user_id FROM user_attributes WHERE {joiner.join(conditions)}"


def _events(names: Sequence[str], having: str, days: int | None = None) -> str:
    """One pass over the events of some names, grouped by user."""
    listed = ", ".join(f"'{name}'" for name in names)
    when = f" AND {_since(days)}" if days else ""
    chosen = f"event_name IN ({listed}){when}"
    return f"SELECT user_id FROM user_events WHERE {chosen} GROUP BY user_id HAVING {having}"


def _scan(*columns: str, events: str = "", days: int | None = None) -> str:
    """The columns of the users, or of the events of a name."""
    read = ", ".join(f"max({column})" for column in columns)
    if not events:
        return f"SELECT {read} FROM user_attributes"
    when = f" AND {_since(days)}" if days else ""
    return f"SELECT {read} FROM user_events WHERE event_name IN ({events}){when}"


_CART, _PURCHASE = "ADDED_TO_CART", "PURCHASE_MADE"

_LOGIN_OR_PURCHASE = {
    "groups": [
        {
            "logic_operator": "OR",
            "event_filters": [_event("LOGIN", "gte", 5, 90), _event(_PURCHASE, "gte", 2)],
        }
    ]
}
_LOGIN_OR_PURCHASE_HOLDS = (
    f"countIf(event_name = 'LOGIN' AND {_since(90)}) >= 5 OR countIf(event_name = '{_PURCHASE}') >= 2"
)

# Ten conditions over six events: (event, at least, in days).
_TEN = (
    ("LOGIN", 1, 30),
    ("LOGIN", 10, None),
    ("PAGE_VIEW", 5, 60),
    ("PAGE_VIEW", 20, None),
    ("PRODUCT_VIEWED", 3, 90),
    ("PRODUCT_VIEWED", 10, None),
    ("SEARCH", 2, 90),
    (_CART, 1, 60),
    (_CART, 3, None),
    (_PURCHASE, 1, None),
)
_TEN_NAMES = tuple(dict.fromkeys(name for name, _, _ in _TEN))
_IN_TEN = ", ".join(f"'{name}'" for name in _TEN_NAMES)


def _ten(first_count: int = 1) -> dict[str, Any]:
    rows = [_event(name, "gte", count, days) for name, count, days in _TEN]
    rows[0] |= {"count": first_count}
    return {"groups": [{"logic_operator": "AT_LEAST", "at_least": 6, "event_filters": rows}]}


def _of_ten(first_count: int = 1) -> str:
    counts = [(name, first_count if n == 0 else count, days) for n, (name, count, days) in enumerate(_TEN)]
    parts = [
        f"(countIf(event_name = '{name}'{f' AND {_since(days)}' if days else ''}) >= {count})"
        for name, count, days in counts
    ]
    return f"{' + '.join(parts)} >= 6"


_TEN_CARD = _users(
    "("
    + " + ".join(
        f"CAST({_did_often(name, f'count(*) >= {count}', days)} AS INTEGER)" for name, count, days in _TEN
    )
    + ") >= 6"
)

QUESTIONS = (
    Question(
        "1 ages 25 to 34",
        {"user_filters": [_user("age", "between", [25, 34])]},
        card="SELECT user_id, name, age FROM user_attributes WHERE age >= 25 AND age <= 34",
        clickhouse=[_users("age BETWEEN 25 AND 34")],
        floor=[_scan("user_id", "age")],
    ),
    Question(
        "2 California, LOGIN ever",
        {
            "user_filters": [_user("location", "eq", "California")],
            "event_filters": [_event("LOGIN", "gte", 1)],
        },
        card="SELECT DISTINCT u.user_id, u.name, u.location FROM user_attributes u"
        " JOIN user_events e ON u.user_id = e.user_id"
        " WHERE u.location = 'California' AND e.event_name = 'LOGIN'",
        clickhouse=[_users("location = 'California'", _did("LOGIN"))],
        floor=[_scan("user_id", "location"), _scan("user_id", events="'LOGIN'")],
    ),
    Question(
        "3 premium, purchase in 30 days",
        {
            "user_filters": [_user("subscription_plan", "eq", "premium")],
            "event_filters": [_event(_PURCHASE, "gte", 1, 30)],
        },
        card=_users("subscription_plan = 'premium'", _did(_PURCHASE, 30)),
        clickhouse=[_users("subscription_plan = 'premium'", _did(_PURCHASE, 30))],
        floor=[_scan("user_id", "subscription_plan"), _scan("user_id", "timestamp", events=f"'{_PURCHASE}'")],
    ),
    Question(
        "4 cart, no purchase, 30 days",
        {"event_filters": [_event(_CART, "gte", 1, 30), _event(_PURCHASE, "eq", 0, 30)]},
        card=_users(_did(_CART, 30), f"NOT {_did(_PURCHASE, 30)}"),
        clickhouse=[
            _users(_did(_CART, 30), f"NOT {_did(_PURCHASE, 30)}"),
            _events(
                [_CART, _PURCHASE],
                f"countIf(event_name = '{_CART}') > 0 AND countIf(event_name = '{_PURCHASE}') = 0",
                30,
            ),
        ],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", events=f"'{_CART}', '{_PURCHASE}'")],
    ),
    Question(
        "5 LOGIN >= 5 in 90 d or 2 purchases",
        _LOGIN_OR_PURCHASE,
        card=_users(
            _did_often("LOGIN", "count(*) >= 5", 90), _did_often(_PURCHASE, "count(*) >= 2"), joiner=" OR "
        ),
        clickhouse=[
            _events(["LOGIN", _PURCHASE], _LOGIN_OR_PURCHASE_HOLDS),
            _users(
                _did_often("LOGIN", "count() >= 5", 90), _did_often(_PURCHASE, "count() >= 2"), joiner=" OR "
            ),
        ],
        floor=[
            _scan("user_id"),
            _scan("user_id", "timestamp", events="'LOGIN'"),
            _scan("user_id", events=f"'{_PURCHASE}'"),
        ],
    ),
    Question(
        "6 LOGIN >= 10 ever",
        {"event_filters": [_event("LOGIN", "gte", 10)]},
        card=_users(_did_often("LOGIN", "count(*) >= 10")),
        clickhouse=[_events(["LOGIN"], "count() >= 10")],
        floor=[_scan("user_id"), _scan("user_id", events="'LOGIN'")],
    ),
    Question(
        "7 PAGE_VIEW < 3 ever",
        {"event_filters": [_event("PAGE_VIEW", "lt", 3)]},
        card=_users(f"NOT {_did_often('PAGE_VIEW', 'count(*) >= 3')}"),
        clickhouse=[_users(f"NOT {_did_often('PAGE_VIEW', 'count() >= 3')}")],
        floor=[_scan("user_id"), _scan("user_id", events="'PAGE_VIEW'")],
    ),
    Question(
        "8 spend > 200 in 90 days",
        {
            "event_filters": [
                {
                    "event_name": _PURCHASE,
                    "measure": {"sum": "amount"},
                    "operator": "gt",
                    "value": 200,
                    "time_range_days": 90,
                }
            ]
        },
        card=_users(_did_often(_PURCHASE, "sum(amount) > 200", 90)),
        clickhouse=[_events([_PURCHASE], "sum(amount) > 200", 90)],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", "amount", events=f"'{_PURCHASE}'")],
    ),
    Question(
        "9 cart, no purchase in 3 days (90 d)",
        {
            "sequence_filters": [
                {
                    "steps": [{"event_name": _CART}, {"event_name": _PURCHASE, "absent": True}],
                    "within_days": 3,
                    "time_range_days": 90,
                }
            ]
        },
        card=f"SELECT DISTINCT c.user_id FROM user_events c JOIN user_attributes u ON u.user_id = c.user_id"
        f" WHERE c.event_name = '{_CART}' AND {_since(90).replace('timestamp', 'c.timestamp')}"
        f" AND c.timestamp <= {{as_of}} - INTERVAL 3 DAY AND NOT EXISTS (SELECT 1 FROM user_events p"
        f" WHERE p.user_id = c.user_id AND p.event_name = '{_PURCHASE}' AND p.timestamp > c.timestamp"
        " AND p.timestamp <= c.timestamp + INTERVAL 3 DAY)",
        clickhouse=[
            "SELECT user_id FROM (SELECT user_id,"
            f" groupArrayIf(timestamp, event_name = '{_CART}'"
            " AND timestamp <= {as_of} - INTERVAL 3 DAY) AS carts,"
            f" groupArrayIf(timestamp, event_name = '{_PURCHASE}') AS buys"
            f" FROM user_events WHERE event_name IN ('{_CART}', '{_PURCHASE}') AND {_since(90)}"
            " GROUP BY user_id) WHERE arrayExists(c -> NOT arrayExists("
            "b -> b > c AND b <= c + INTERVAL 3 DAY, buys), carts)"
        ],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", events=f"'{_CART}', '{_PURCHASE}'")],
    ),
    Question(
        "10 at least 6 of ten, six events",
        _ten(),
        card=_TEN_CARD,
        clickhouse=[_events(_TEN_NAMES, _of_ten())],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", events=_IN_TEN)],
    ),
    Question(
        "15 PAGE_VIEW >= 3 in 30 days",
        {"event_filters": [_event("PAGE_VIEW", "gte", 3, 30)]},
        card=_users(_did_often("PAGE_VIEW", "count(*) >= 3", 30)),
        clickhouse=[_events(["PAGE_VIEW"], "count() >= 3", 30)],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", events="'PAGE_VIEW'")],
    ),
    Question(
        "16 average purchase >= 100 in 180 days",
        {
            "event_filters": [
                {
                    "event_name": _PURCHASE,
                    "measure": {"avg": "amount"},
                    "operator": "gte",
                    "value": 100,
                    "time_range_days": 180,
                }
            ]
        },
        card=_users(_did_often(_PURCHASE, "sum(amount) >= 100 * count(amount)", 180)),
        clickhouse=[_events([_PURCHASE], "sum(amount) >= 100 * count(amount)", 180)],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", "amount", events=f"'{_PURCHASE}'")],
    ),
)

_CHARTED = ("gender", "location", "subscription_plan", "device_type")
"""Attributes that are charted value by value; others are in bands, which each contender might choose."""

_DECADE, _MONTH = "intDiv(age, 10)", "toStartOfMonth(signup_date)"

_FIVE: dict[str, Any] = {
    "user_filters": [_user("age", "between", [25, 54]), _user("subscription_plan", "ne", "free")],
    "event_filters": [
        _event("LOGIN", "gte", 1, 90),
        _event("PAGE_VIEW", "gte", 5),
        _event(_PURCHASE, "gte", 1),
    ],
}


def _segment(mart: Mart, spec: Spec) -> Segment:
    segment, _ = mart.read(to_json(dict(spec)))
    return segment


def _truths(mart: Mart) -> Callable[[], list[int]]:
    [group] = _LOGIN_OR_PURCHASE["groups"]
    segment = _segment(mart, group)

    def work() -> list[int]:
        combinations = mart.size(segment).table.combinations or {}
        return [combinations.get(flags, 0) for flags in ((0, 0), (0, 1), (1, 0), (1, 1))]

    return work


def _profile(mart: Mart) -> Callable[[], list[int]]:
    segment = _segment(mart, QUESTIONS[4].spec)

    def work() -> list[int]:
        charted = [one for one in mart.breakdowns(segment) if one.attribute.name in _CHARTED]
        return sorted(bar.members for breakdown in charted for bar in breakdown.bars if bar.members)

    return work


def _toggled(mart: Mart) -> Callable[[], list[int]]:
    """As the builder does it: the new spec is read and checked, and the known combinations answer it."""
    known = mart.size(_segment(mart, _FIVE))
    joiners = ("OR", "AND")
    return lambda: [
        known.with_root(_segment(mart, _FIVE | {"logic_operator": joiner})).total for joiner in joiners
    ]


def _one_of_ten_anew(mart: Mart) -> Callable[[], list[int]]:
    mart.size(_segment(mart, _ten()))
    segment = _segment(mart, _ten(first_count=2))
    return lambda: [mart.size(segment).total]


_FLAGS = (
    f"countIf(event_name = 'LOGIN' AND {_since(90)}) >= 5 AS many,"
    f" countIf(event_name = '{_PURCHASE}') >= 2 AS twice"
)
_FIVE_HOLD = (
    "age BETWEEN 25 AND 54",
    "subscription_plan != 'free'",
    _did("LOGIN", 90),
    _did_often("PAGE_VIEW", "count() >= 5"),
    _did(_PURCHASE),
)

READINGS = (
    Reading(
        "11 truth table of 5",
        _truths,
        clickhouse=[
            "SELECT total - some, only_twice, only_many, both FROM (SELECT"
            " (SELECT count() FROM user_attributes) AS total, countIf(many OR twice) AS some,"
            " countIf(NOT many AND twice) AS only_twice, countIf(many AND NOT twice) AS only_many,"
            f" countIf(many AND twice) AS both FROM (SELECT user_id, {_FLAGS} FROM user_events"
            f" WHERE event_name IN ('LOGIN', '{_PURCHASE}') GROUP BY user_id))"
        ],
        floor=QUESTIONS[4].floor,
    ),
    Reading(
        "12 profile, every attribute",
        _profile,
        clickhouse=[
            f"SELECT arraySort(groupArrayIf(members, {' OR '.join(f'NOT {name}_all' for name in _CHARTED)}))"
            f" FROM (SELECT {', '.join(f'grouping({name}) AS {name}_all' for name in _CHARTED)},"
            " count() AS members FROM user_attributes"
            f" WHERE user_id IN ({_events(['LOGIN', _PURCHASE], _LOGIN_OR_PURCHASE_HOLDS)})"
            f" GROUP BY GROUPING SETS ({', '.join(f'({name})' for name in (*_CHARTED, _DECADE, _MONTH))}))"
        ],
        floor=[*QUESTIONS[4].floor, _scan(*_CHARTED, "age", "signup_date")],
    ),
    Reading(
        "13 all/any of five known conditions",
        _toggled,
        clickhouse=[
            f"SELECT countIf({' OR '.join(_FIVE_HOLD)}), countIf({' AND '.join(_FIVE_HOLD)})"
            " FROM user_attributes"
        ],
    ),
    Reading(
        "14 a new threshold in one row of ten",
        _one_of_ten_anew,
        clickhouse=[f"SELECT count() FROM ({_events(_TEN_NAMES, _of_ten(2))})"],
        floor=[_scan("user_id"), _scan("user_id", "timestamp", events="'LOGIN'", days=30)],
    ),
)
