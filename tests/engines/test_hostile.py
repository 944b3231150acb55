"""Hostile specs: whatever is sent is answered rightly or refused with paths; nothing in it becomes SQL."""

import json
import math
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from time import process_time
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from duckmart.compile.query import Query
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Problem, SpecError
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.segment import ANY_EVENT, Segment
from duckmart.spec.values import LONGEST_NAME, LONGEST_SEED, LONGEST_VALUE
from tests.world import WHOLE_IDS

Raw = Any
Place = tuple[str | int, ...]

SAVED = {"vip": {"user_filters": [{"field": "age", "operator": "gt", "value": 30}]}}

WINDOWS: list[dict[str, Raw]] = [
    {"time_range_days": 30},
    {"time_range": {"from": "2026-01-01", "to": "2026-11-22T09:30:00Z"}},
    {"time_range": {"from_days_ago": 30, "to_days_ago": 7}},
    {"time_range": {"within_days_of": "signup_date", "days": 7}},
]
USER_FILTERS: list[dict[str, Raw]] = [
    {"field": "age", "operator": "gte", "value": 25},
    {"field": "name", "operator": "eq", "value": "ann"},
    {"field": "name", "operator": "not_in", "value": ["ann", "bob"]},
    {"field": 'Plan "x"', "operator": "like", "value": "go%"},
    {"field": "location", "operator": "contains", "value": "cal"},
    {"field": "location", "operator": "ends_with", "value": "nia", "case_sensitive": True},
    {"field": "signup_date", "operator": "between", "value": ["2024-01-01", "2026-11-22"]},
    {"field": "last_seen", "operator": "in_last_days", "value": 30},
    {"field": "newsletter", "operator": "eq", "value": True},
    {"field": "lifetime_value", "operator": "lt", "value": 19.5},
    {"field": "order", "operator": "is_null"},
]
EVENT_FILTERS: list[dict[str, Raw]] = [
    {"event_name": "LOGIN", "operator": "gte", "count": 1},
    {"event_name": ["LOGIN", "VISIT"], "operator": "between", "count": [1, 5]},
    {"event_name": "*", "operator": "lt", "measure": "active_days", "value": 9},
    {"event_name": "LOGIN", "operator": "gte", "measure": {"sum": "amount"}, "value": 1.5},
    {"event_name": "LOGIN", "operator": "lte", "measure": "days_since_last", "value": 30},
    {"event_name": "LOGIN", "operator": "eq", "measure": {"last": "category"}, "value": "books"},
    {
        "event_name": "VISIT",
        "operator": "eq",
        "count": 0,
        "where": [{"field": 'Item "x"', "operator": "eq", "value": "gold"}],
    },
]
STEPS: list[Raw] = [
    {"event_name": "LOGIN", "where": [{"field": "category", "operator": "ne", "value": "toys"}]},
    {"event_name": "PURCHASE_MADE", "absent": True},
]
BENIGN: list[dict[str, Raw]] = [
    *({"user_filters": [row]} for row in USER_FILTERS),
    *({"event_filters": [row]} for row in EVENT_FILTERS),
    *({"event_filters": [EVENT_FILTERS[0] | window]} for window in WINDOWS),
    {"sequence_filters": [{"steps": STEPS, "within_days": 7, "operator": "did_not"}]},
    {"segment_filters": [{"segment": "vip", "operator": "not_in"}], "negate": True},
    {"sample": {"percent": 10, "seed": "spring"}, "limit": 5},
    {"sample": {"split": {"control": 90, "treatment": 10}, "seed": "spring"}},
    {
        "groups": [{"user_filters": USER_FILTERS[:2], "logic_operator": "AT_LEAST", "at_least": 1}],
        "logic_operator": "OR",
        "as_of": "2026-11-22",
        "timezone": "Europe/Berlin",
    },
]

TEXTS = [
    "'", "''", '"', "\\", "\\'", "';--", "' OR 1=1 --", "'; DROP TABLE user_attributes; --",
    "x') UNION SELECT user_id FROM user_attributes --", "*/ SELECT 1 /*", "/* x", "-- x\nSELECT", "$1", "?",
    ":x", "{0}", "%s", "%", "_", "${jndi:x}", "NULL", "true", "25", "1e400", "Infinity", "\n", "\r\n;", "\t",
    "\u202e", "\u2028", "\ufeff", "\U000e0041", "e\u0301", "🦆", "İ", "ß", "a" * 5000, "'" * 2000, "*",
    "user_id", "age", "LOGIN", "user_attributes", "read_text('/etc/passwd')", "vip", "../x", "eq", "UTC",
    "2026-11-22", "0000-00-00",
    "2026-02-30", "9999-12-31", "0001-01-01T00:00:00+14:00", "2026-11-22T09:30:00.1234567Z",
    "value",
]  # fmt: skip
BAD_TEXTS = ["", "\0", "a\0b", "\ud800", "x\udfff'", "\udc00\ud800"]
NUMBERS: list[Raw] = [
    0, -0.0, 1, -1, 1.0, 0.1, 25.5, 100, 36_500, 36_501, 2**31, 2**63 - 1, 2**63, -(2**63), 2**64, 10**400,
    1e300, 5e-324, math.nan, math.inf, -math.inf, Decimal("1e400"), Decimal("1e-400"), Decimal("1E+9999999"),
    Decimal("0E-9999999"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"),
    Decimal("0.1234567890123456789"),
]  # fmt: skip
# What only a caller in Python can send.
ALIEN: list[Raw] = [
    (), ("LOGIN",), {1, 2}, frozenset({"a"}), b"LOGIN", bytearray(b"x"), object(), str, 1j, date(2026, 1, 1),
    datetime(2026, 1, 1), range(3), {1: 2}, {None: "x"}, {("a",): 1}, {"sum": {}}, {b"sum": "amount"},
    {1.5: []}, Segment(), iter(()), NotImplemented, Ellipsis,
]  # fmt: skip
SHAPES: list[Raw] = [
    None, True, False, [], {}, [[]], [{}], [None], {"": ""}, [[["x"]]], {"eq": 1}, ["LOGIN", 1], [True],
    [1, "x"], {"sum": "amount"}, {"sum": 1}, {"sum": ["amount"]}, {"sum": "amount", "avg": "amount"},
    {"from": []}, ["x"] * 30, [math.nan], ["2026-11-22", "2026-01-01"],
]  # fmt: skip
KEYS = [
    "value",
    "count",
    "where",
    "steps",
    "groups",
    "limit",
    "negate",
    "measure",
    "time_range",
    "x",
    "",
    "'",
    "\0",
]


def places(raw: Raw, path: Place = ()) -> Iterator[Place]:
    """The path of every part of a spec."""
    yield path
    below = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for step, part in below:
        yield from places(part, (*path, step))


def at(raw: Raw, path: Place) -> Raw:
    for step in path:
        raw = raw[step]
    return raw


def put(raw: Raw, path: Place, part: Raw) -> Raw:
    if not path:
        return part
    at(raw, path[:-1])[path[-1]] = part
    return raw


def nasty(rng: random.Random, *, alien: bool) -> Raw:
    kinds = [TEXTS, BAD_TEXTS, NUMBERS, SHAPES, *([ALIEN] if alien else [])]
    return deepcopy(rng.choice(rng.choice(kinds)))


def changed(raw: Raw, rng: random.Random, *, alien: bool) -> Raw:
    """A spec with one part replaced, added, removed, doubled or moved."""
    path = rng.choice(list(places(raw)))
    part = at(raw, path)
    match rng.choice(("replace", "replace", "replace", "add", "remove", "double", "move", "nest")):
        case "add" if isinstance(part, dict):
            part[rng.choice(KEYS)] = nasty(rng, alien=alien)
        case "remove" if path:
            del at(raw, path[:-1])[path[-1]]
        case "double" if isinstance(part, list) and part:
            part *= rng.choice((2, 25))
        case "move":
            return put(raw, path, deepcopy(at(raw, rng.choice(list(places(raw))))))
        case "nest":
            depth = rng.choice((1, 3, 25))
            for _ in range(depth):
                part = [part] if rng.random() < 0.3 else {rng.choice(("groups", "where", "value")): [part]}
            return put(raw, path, part)
        case _:
            return put(raw, path, nasty(rng, alien=alien))
    return raw


def hostile(rng: random.Random, *, alien: bool) -> Raw:
    raw = deepcopy(rng.choice(BENIGN))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        raw = changed(raw, rng, alien=alien)
    return raw


class Written(float):
    """A number that json writes as it stands: 1e400, a Decimal."""

    def __new__(cls, text: str) -> "Written":
        made = super().__new__(cls, 0)
        made.text = text
        return made

    def __repr__(self) -> str:
        return self.text


def json_text(raw: Raw, rng: random.Random) -> str | bytes:
    """JSON text of a spec: numbers that JSON does not have included, and now and then damaged."""
    text = "".join(json.JSONEncoder(ensure_ascii=rng.random() < 0.8).iterencode(_written(raw)))
    match rng.choice(("plain",) * 6 + ("twice", "cut", "bytes", "odd")):
        case "twice":
            return text.replace("{", '{"limit": 1, "limit": 2, ', 1)
        case "cut":
            return text[: rng.randrange(len(text) + 1)]
        case "bytes":
            return text.encode("utf-8", "surrogatepass")
        case "odd":
            return rng.choice((b"\xff", b"\xef\xbb\xbf", b"\0", b"")) + text.encode("utf-8", "replace")
    return text


def _written(raw: Raw) -> Raw:
    match raw:
        case dict():
            return {key: _written(part) for key, part in raw.items()}
        case list():
            return [_written(part) for part in raw]
        case Decimal():
            return Written(str(raw).replace("sNaN", "NaN"))
        case int() if not isinstance(raw, bool) and abs(raw) > 2**64:
            return Written(str(raw))
    return raw


@pytest.fixture(scope="module")
def mart(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    settings = Settings(as_of="data", threads=1)
    path = WHOLE_IDS.write(tmp_path_factory.mktemp("hostile"))
    return Mart(DuckDBEngine(path, settings), settings, SAVED)


def answered(asked: Callable[[], tuple[Segment, Any]]) -> Segment | None:
    """The segment of a spec; None if it is refused in the way that doors expect."""
    try:
        segment, warnings = asked()
    except SpecError as error:
        told(error.problems)
        return None
    told(warnings, some=False)
    return segment


def told(found: tuple[Problem, ...], *, some: bool = True) -> None:
    """Findings that any door can pass on."""
    assert found or not some
    for one in found:
        assert one.message
        assert isinstance(one.path, str)
        str(one).encode()


def same_when_printed(mart: Mart, segment: Segment) -> bool:
    return mart.read(segment.as_json())[0] == segment


def test_each_of_5000_hostile_specs_is_answered_or_refused(mart: Mart) -> None:
    rng = random.Random(1)
    accepted = 0
    for _ in range(5000):
        raw = hostile(rng, alien=True)
        segment = answered(partial(mart.accept, raw))
        if segment is not None:
            accepted += 1
            assert same_when_printed(mart, segment), raw
            if accepted % 8 == 0:
                mart.audience(segment)

    assert accepted > 200


def test_each_of_5000_hostile_texts_is_answered_or_refused(mart: Mart) -> None:
    rng = random.Random(2)
    accepted = 0
    for _ in range(5000):
        text = json_text(hostile(rng, alien=False), rng)
        segment = answered(partial(mart.read, text))
        if segment is not None:
            accepted += 1
            if accepted % 8 == 0:
                mart.audience(segment)

    assert accepted > 200


# Texts stay texts


def slots(raw: Raw) -> list[Place]:
    """Where a spec has a text of the user's own: values, events, seeds and arms."""
    words = ("value", "event_name", "seed")
    found = []
    for path in places(raw):
        if isinstance(at(raw, path), str) and any(step in words for step in path[-2:]):
            about = at(raw, path[:-1]) if not isinstance(path[-1], int) else at(raw, path[:-2])
            if at(raw, path) != ANY_EVENT and about.get("field") not in ("signup_date", "last_seen"):
                found.append(path)
    return found


def tree_of(sql: str) -> exp.Expr:
    """A query without comments, its CTEs named by their order."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for node in tree.walk():
        node.comments = None
    names = {cte.alias: f"cte_{place}" for place, cte in enumerate(tree.find_all(exp.CTE))}
    for node in tree.find_all(exp.Table, exp.TableAlias, exp.Column):
        key = "table" if isinstance(node, exp.Column) else "this"
        part = node.args.get(key)
        if isinstance(part, exp.Identifier) and part.this in names:
            node.set(key, exp.to_identifier(names[part.this], quoted=False))
    return tree


def shape_of(mart: Mart, raw: Raw) -> tuple[str, str]:
    """The query without its literals, and as it is bound."""
    query = mart.members(mart.accept(raw)[0])
    tree = tree_of(query.sql())
    for literal in list(tree.find_all(exp.Literal)):
        literal.replace(exp.Literal.string("?"))
    return repr(tree), tree_of(query.bind().sql).sql("duckdb")


def written_in(raw: Raw, text: str) -> Raw:
    """The spec with the text in the first of its slots, and with others like it in the rest."""
    raw = deepcopy(raw)
    for number, path in enumerate(slots(raw)):
        lone_star = text == ANY_EVENT and "event_name" in path
        put(raw, path, f"{text}{number}" if number or lone_star else text)
    return raw


# SQL lowers the letters of other texts.
LONG = [text for text in TEXTS if len(text) > 100]
ASCII_ONLY = [text for text in TEXTS if text.isascii()]


@pytest.mark.parametrize("place", [place for place, raw in enumerate(BENIGN) if slots(raw)])
def test_no_text_changes_the_shape_of_the_sql(mart: Mart, place: int) -> None:
    benign = BENIGN[place]
    shape = shape_of(mart, benign)
    lowered = "contains" in repr(benign)
    for text in random.Random(place).sample(ASCII_ONLY if lowered else TEXTS, 8):
        raw = written_in(benign, text[: longest(benign)])

        assert shape_of(mart, raw) == shape, text
        query = mart.members(mart.accept(raw)[0])
        if text not in LONG:
            assert mart.engine.run(query) == plain_rows(mart, query)


def longest(benign: dict[str, Any]) -> int:
    """How long a text may be wherever the spec has one."""
    said = repr(benign)
    return LONGEST_SEED if "seed" in said else LONGEST_NAME if "event_name" in said else LONGEST_VALUE


def plain_rows(mart: Mart, query: Query) -> pa.Table:
    """The rows of the text that people copy."""
    return mart.engine.run(Query(sqlglot.parse_one(query.sql(), dialect="duckdb")))


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) < 100])
def test_arms_and_their_seed_are_texts(mart: Mart, text: str) -> None:
    raw = {"sample": {"split": {text: 10, "control": 90}, "seed": text}}
    segment, _ = mart.accept(raw)

    table = mart.engine.run(mart.members(segment))

    assert set(table.column("variant").to_pylist()) == {text, "control"}


@pytest.mark.parametrize("text", [*TEXTS, *BAD_TEXTS])
@pytest.mark.parametrize(
    "path",
    [
        ("user_filters", 0, "field"),
        ("user_filters", 0, "operator"),
        ("event_filters", 0, "where", 0, "field"),
        ("event_filters", 0, "time_range", "within_days_of"),
        ("event_filters", 0, "time_range", "from"),
        ("event_filters", 0, "operator"),
        ("segment_filters", 0, "segment"),
        ("timezone",),
        ("as_of",),
        ("logic_operator",),
    ],
)
def test_a_name_that_the_data_does_not_have_is_refused_at_its_path(
    mart: Mart, path: Place, text: str
) -> None:
    raw: Raw = {
        "user_filters": [dict(USER_FILTERS[1])],
        "event_filters": [{**deepcopy(EVENT_FILTERS[-1]), "time_range": {}}],
        "segment_filters": [{"segment": "vip", "operator": "in"}],
    }
    window = raw["event_filters"][0]["time_range"]
    window |= {"from": "2026-01-01"} if "within_days_of" not in path else {"within_days_of": "x", "days": 1}

    found = problems(mart, put(raw, path, text))

    fits = text in (*FITTING, "age", "vip") or (path[-1], text) in (("operator", "eq"), ("field", "user_id"))
    assert fits or ".".join(map(str, path)) in {problem.path for problem in found}


FITTING = ("UTC", "2026-11-22", "9999-12-31", "0001-01-01T00:00:00+14:00")


def problems(mart: Mart, raw: Raw) -> tuple[Problem, ...]:
    try:
        mart.accept(raw)
    except SpecError as error:
        return error.problems
    return ()


# Size


def nested(key: str, depth: int) -> Raw:
    raw: Raw = {}
    for _ in range(depth):
        raw = {key: [raw]}
    return raw


def itself() -> Raw:
    raw: Raw = {}
    raw["groups"] = [raw]
    return raw


EVENT, USER = EVENT_FILTERS[0], USER_FILTERS[1]
ROW = {"field": "category", "operator": "eq", "value": "x"}
STEP = {"event_name": "LOGIN"}
WHERE_IN_STEPS = [STEP | {"where": [ROW] * 1000}] * 1000
HUGE: dict[str, tuple[str, Callable[[], Raw]]] = {
    "300 nested groups": ("too_deep", lambda: nested("groups", 300)),
    "a group in itself": ("too_deep", itself),
    "a million groups": ("too_many_groups", lambda: {"groups": [{}] * 1_000_000}),
    "a million odd groups": ("too_many_groups", lambda: {"groups": [0] * 1_000_000}),
    "a million odd filters": ("too_many_conditions", lambda: {"user_filters": [0] * 1_000_000}),
    "a list of 100,001 values": (
        "too_many_values",
        lambda: {"user_filters": [USER | {"operator": "in", "value": ["x"] * 100_001}]},
    ),
    "a list of 100,001 events": (
        "too_many_values",
        lambda: {"event_filters": [EVENT | {"event_name": ["x"] * 100_001}]},
    ),
    "10,000 rows of where": (
        "too_many_conditions",
        lambda: {"event_filters": [EVENT | {"where": [ROW] * 10_000}]},
    ),
    "10,000 steps": (
        "too_many_conditions",
        lambda: {"sequence_filters": [{"steps": [STEP] * 10_000, "within_days": 7}]},
    ),
    "where in steps": (
        "too_many_conditions",
        lambda: {"sequence_filters": [{"steps": WHERE_IN_STEPS, "within_days": 7}]},
    ),
    "lists of where in steps": (
        "too_many_values",
        lambda: {
            "sequence_filters": [
                {"steps": [STEP | {"where": [ROW | {"value": ["x"] * 60_000}]}] * 2, "within_days": 7}
            ]
        },
    ),
    "300,000 arms": (
        "too_many",
        lambda: {"sample": {"seed": "x", "split": dict.fromkeys(map(str, range(300_000)), "x")}},
    ),
    "where in where": ("unknown_key", lambda: {"event_filters": [EVENT | nested("where", 1000)]}),
    "a value of many lists": (
        "wrong_type",
        lambda: {"user_filters": [USER | {"value": nested("value", 100_000)}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_is_refused_before_it_takes_long(mart: Mart, name: str) -> None:
    code, made = HUGE[name]
    raw = made()
    start = process_time()

    with pytest.raises(SpecError) as raised:
        mart.accept(raw)

    assert process_time() - start < 10
    assert code in {problem.code for problem in raised.value.problems}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"user_filters": "' + "x" * 5_000_000 + '"}', "too_large"),
        (b'{"user_filters": "' + b"x" * 5_000_000 + b'"}', "too_large"),
        ('{"groups": [' * 20_000, "too_deep"),
        ("[" * 1_000_000, "too_deep"),
        ('{"limit": 1, "limit": 1}', "duplicate_key"),
        ('{"user_filters": [{"field": "age", "field": "age"}]}', "duplicate_key"),
        ('{"limit": NaN}', "bad_json"),
        ('{"limit": -Infinity}', "bad_json"),
        ('{"limit": 1e400}', "bad_number"),
        ('{"limit": 1e999999999999999999999}', "bad_json"),
        ('{"limit": ' + "9" * 5000 + "}", "bad_json"),
        ('{"limit": -0.0}', "out_of_range"),
        ('{"limit": true}', "wrong_type"),
        ('{"limit": 1.5}', "wrong_type"),
        ('{"timezone": "\\ud800"}', "bad_text"),
        ('{"limit": 1}\0', "bad_json"),
        ("", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        ("[]", "wrong_type"),
        ("null", "wrong_type"),
        ('"x"', "wrong_type"),
    ],
)
def test_a_text_that_is_no_spec_is_refused_with_a_code(mart: Mart, text: str | bytes, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        mart.read(text)

    assert [problem.code for problem in raised.value.problems] == [code]
