"""Problems in the page's terms: every one is said without the JSON's paths and names."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import duckmart
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Phrase, Problem, SpecError
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec import segment as models
from duckmart.spec.measures import MEASURES
from duckmart.spec.operators import USER_OPERATORS
from duckmart.spec.segment import Segment
from duckmart.ui import wording
from duckmart.ui.wording import Wording
from tests.tiny import attribute, event, group, spec
from tests.world import WHOLE_IDS, Row

LOGIN = event("LOGIN", "gte", 1)
BESIDE = {"event_name": "LOGIN", "operator": "gte", "than": {"event_name": "PURCHASE_MADE"}}
AVERAGE = {"event_name": "*", "measure": {"avg": "times"}}
STEPS = [{"event_name": "LOGIN"}, {"event_name": "PURCHASE_MADE"}]
SEQUENCE = {"steps": STEPS, "within_days": 7}


def measured(measure: Any, operator: str = "gte", value: Any = 1, **rest: Any) -> Row:
    return {"event_name": "PURCHASE_MADE", "measure": measure, "operator": operator, "value": value, **rest}


def within(**keys: Any) -> Row:
    return LOGIN | {"time_range": keys}


ROWS = [
    {"field": "age", "operator": "gt", "other_field": "age"},
    {"field": "age", "operator": "gt", "other_field": "agee"},
    {"field": "age", "operator": "gt", "other_field": "location"},
    {"field": "age", "operator": "gt", "other_field": "order", "value": 3},
    {"field": "age", "operator": "between", "other_field": "order"},
    attribute("agee", "eq", 1),
    attribute("location", "gte", "x"),
    attribute("age", "like", "x"),
    attribute("age", "eq", "25"),
    attribute("age", "eq", True),
    attribute("location", "eq", 5),
    attribute("newsletter", "eq", 1),
    attribute("signup_date", "eq", 5),
    attribute("age", "eq", 25.5),
    attribute("age", "eq", [25]),
    attribute("age", "in", 25),
    attribute("age", "between", 25),
    attribute("age", "between", [25]),
    attribute("age", "between", [34, 25]),
    attribute("age", "in", [25, "x"]),
    attribute("last_seen", "in_last_days", 0),
    attribute("age", "top", 0),
    attribute("age", "top", None),
    attribute("age", "top", 1000),
    attribute("age", "top_percent", 0),
    attribute("age", "bottom_percent", [1, 2]),
    attribute("name", "bottom", 1),
    attribute("last_seen", "eq", "yesterday"),
    attribute("signup_date", "eq", "yesterday"),
    attribute("signup_date", "eq", "2026-11-22T00:00"),
    attribute("age", "eq", None),
    attribute("age", "is_null", 25),
    attribute("name", "eq", "x") | {"case_sensitive": True},
    attribute("name", "eq", ""),
    attribute("name", "eq", "x" * 5000),
    attribute("name", "eq", "\0"),
    attribute("name", "eq", {}),
    attribute("name", "in", []),
    attribute("age", "eq", 2**70),
    attribute("age", "eq", 0.1234567890123456789e-9),
    attribute("name", "eqq", "x"),
    attribute("name", "eq", "x") | {"case_sensitive": 1, "feild": 1},
    {"operator": "eq"},
    {"field": 5, "operator": "eq"},
    5,
    attribute("location", "eq", "nowhere"),
    attribute("location", "contains", "e\u0301"),
    attribute("age", "gte", 0),
    attribute("age", "gt", 200),
    LOGIN | {"count": None},
    LOGIN | {"count": "3"},
    LOGIN | {"count": -1},
    LOGIN | {"value": 1},
    LOGIN | {"case_sensitive": True},
    event("LOGIN", "between", None),
    event("LOGIN", "between", 3),
    event("LOGIN", "between", [3, 2]),
    event("LOGIN", "gte", [1, 2]),
    event("LOGIN", "like", 1),
    LOGIN | {"event_name": ["LOGIN", "*"]},
    LOGIN | {"event_name": ["LOGIN", "LOGIN"]},
    LOGIN | {"event_name": []},
    event("LOGINN", "eq", 0),
    measured("active_days", count=1),
    measured("active_days", value="3"),
    measured("active_days", "eq", 1.5),
    measured("days_since_last", value=-1),
    measured("days_since_last", time_range_days=7),
    measured("active_days", "not_between", [1, 2]),
    measured("sum"),
    measured("summ"),
    measured({"sum": "category"}),
    measured({"sum": "amuont"}),
    measured({"sum": "score"}, "eq", 3),
    measured({"sum": "score"}, "gte", 3),
    measured({"last": "category"}, "eq", "nothing"),
    BESIDE | {"count": 1},
    BESIDE | {"operator": "between"},
    BESIDE | {"case_sensitive": True},
    BESIDE | {"times": 0},
    BESIDE | {"than": measured("active_days")},
    BESIDE | {"than": {"event_name": "LOGINN"}},
    BESIDE | {"than": {"event_name": "LOGIN", "where": [attribute("amuont", "eq", 1)]}},
    BESIDE | {"than": {"event_name": "BOUGHT", "measure": {"max": "due"}}},
    BESIDE | {"than": {"event_name": "BOUGHT", "measure": {"max": "score"}}},
    BESIDE | {"measure": "days_since_last", "than": AVERAGE, "times": 10**6},
    LOGIN | {"times": 2},
    LOGIN | {"operator": "top"},
    BESIDE | {"operator": "top"},
    LOGIN | {"where": [attribute("amount", "top", 1)]},
    LOGIN | {"time_range_days": 7, "time_range": {"from": "2026-10-01"}},
    LOGIN | {"time_range_days": 0},
    LOGIN | {"time_range_hours": 0},
    LOGIN | {"time_range_days": 1, "time_range_hours": 24},
    LOGIN | {"time_range_days": 36_500},
    within(),
    within(to_days_ago=1, to="2026-11-01"),
    within(from_days_ago=9),
    within(from_days_ago=3, to_days_ago=9),
    within(**{"from": "2026-11-02", "to": "2026-11-01"}),
    within(**{"from": "yesterday"}),
    within(within_days_of="age", days=3),
    within(within_days_of="signup", days=3),
    within(**{"from": "2027-10-01"}),
    within(to="1801-10-01"),
    LOGIN | {"where": [attribute("amuont", "eq", 1)]},
    LOGIN | {"where": [attribute("amount", "eq", 1), attribute("amount", "eq", 2)]},
    SEQUENCE | {"steps": STEPS[:1]},
    SEQUENCE | {"steps": [STEPS[0] | {"absent": True}, STEPS[1]]},
    SEQUENCE | {"steps": [STEPS[0], {"event_name": "LOGINN", "where": [attribute("amuont", "eq", 1)]}]},
    SEQUENCE | {"operator": "didnt"},
    SEQUENCE | {"steps": [STEPS[0], STEPS[1] | {"absent": True}], "within_days": 30_000},
    {"steps": [STEPS[0], STEPS[1] | {"absent": True}], "within_hours": 800_000},
    {"steps": STEPS},
    SEQUENCE | {"within_hours": 5},
    SEQUENCE | {"steps": [STEPS[0], STEPS[1] | {"absent": True}], "time_range_days": 3},
    SEQUENCE | {"steps": [STEPS[0], STEPS[1] | {"absent": True}], "within_days": 25, "time_range_days": 30},
    group(),
    group(attribute("age", "eq", "x"), LOGIN, logic_operator="OR"),
    {"segment": "gone", "operator": "in"},
    {"segment": "no id", "operator": "in"},
    {"segment": "vip", "operator": "eq"},
    {"segment": "vip", "operator": "in"},
    {"segment": "loop", "operator": "in"},
    {"segment": "bad", "operator": "in"},
    {"segment": "suspicious", "operator": "in"},
    {"segment": "wrong", "operator": "in"},
    {"segment": "chain0", "operator": "in"},
]  # fmt: skip
OLD = attribute("age", "gt", 40)
YOUNG = attribute("age", "lt", 30)
WHOLE: list[Any] = [
    spec(OLD, YOUNG),
    spec(OLD, attribute("age", "lte", 40), attribute("age", "is_null", None), logic_operator="OR"),
    spec(OLD, OLD),
    spec(group(OLD), group(OLD)),
    spec(OLD, logic_operator="AT_LEAST"),
    spec(OLD, logic_operator="AT_LEAST", at_least=2),
    spec(OLD, at_least=1),
    spec(OLD, logic_operator="XOR"),
    spec(OLD, negate=1),
    spec(OLD, sample={"seed": "s"}),
    spec(OLD, sample={"seed": "s", "percent": 0}),
    spec(OLD, sample={"seed": "s", "percent": 100}),
    spec(OLD, sample={"seed": "s", "split": {"a": 50}}),
    spec(OLD, sample={"seed": "s", "split": {str(arm): 1 for arm in range(101)}}),
    spec(OLD, limit=0),
    spec(LOGIN, as_of="1801-01-01"),
    spec(LOGIN, as_of="2030-01-01"),
    spec(LOGIN, OLD, as_of="2026-10-25"),
    spec(OLD, timezone="Mars"),
    {"user_filters": {}},
    {"user_filters": [OLD] * 300},
    {"groups": [{"groups": [{"groups": [group(OLD)]}]}] * 2},
    [],
]  # fmt: skip
TEXTS: list[str | bytes] = [" " * 6_000_000, "{", b"\xff", '{"limit": 1, "limit": 2}', "[" * 100_000]
DEEP: Any = {"user_filters": [OLD]}
for _ in range(30):
    DEEP = {"groups": [DEEP]}

SAVED = {
    "vip": {
        "user_filters": [OLD],
        "limit": 3,
        "as_of": "2026-11-01",
        "sample": {"seed": "s", "split": {"a": 100}},
    },
    "loop": {"segment_filters": [{"segment": "loop", "operator": "in"}]},
    "bad": {"user_filters": [{"field": "age", "operator": "eqq"}]},
    "wrong": {"user_filters": [attribute("agee", "eq", 1), attribute("age", "like", "x")]},
    "suspicious": {"user_filters": [OLD, YOUNG, OLD]},
    **{
        f"chain{link}": {"segment_filters": [{"segment": f"chain{link + 1}", "operator": "in"}]}
        for link in range(25)
    },
}


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory, mart: Mart) -> list[Problem]:
    """What is found in specs that are wrong, or suspicious, in every way there is."""
    settings = Settings(as_of="data")
    path = WHOLE_IDS.write(tmp_path_factory.mktemp("wording"))
    larger = Mart(DuckDBEngine(path, settings), settings, SAVED)
    specs = [*map(_of_row, ROWS), *WHOLE, DEEP]
    found = [one for raw in specs for data in (larger, mart) for one in _found(partial(data.accept, raw))]
    return [*found, *(one for text in TEXTS for one in _found(partial(mart.read, text)))]


def _of_row(row: Any) -> Any:
    """A segment of one condition, under the key of its kind."""
    if row == {} or (isinstance(row, dict) and {"user_filters", "logic_operator"} & set(row)):
        return {"groups": [row]}
    kinds = {"event_name": "event_filters", "steps": "sequence_filters", "segment": "segment_filters"}
    keys = row if isinstance(row, dict) else {}
    return {next((kind for name, kind in kinds.items() if name in keys), "user_filters"): [row]}


def _found(read: Callable[[], tuple[Segment, tuple[Problem, ...]]]) -> tuple[Problem, ...]:
    try:
        return read()[1]
    except SpecError as error:
        return error.problems


def _said(problem: Problem) -> Iterator[str]:
    rows = {
        f"{key}.{place}": f"{'group' if key == 'groups' else 'filter'} {place + 1}"
        for key in models.CHILD_KEYS
        for place in range(3)
    }
    words = Wording(rows, {"vip": "Big spenders"})
    yield words.sentence(problem)
    yield words.message(problem)


# The names of the JSON that are no words of English: with an underscore, abbreviated, or in capitals.
ENGLISH = {
    "between",
    "in",
    "like",
    "contains",
    "count",
    "sum",
    "min",
    "max",
    "distinct",
    "first",
    "last",
    "top",
}
NAMES = {str(name) for name in (*wording.KEYS, *USER_OPERATORS, *MEASURES)} - ENGLISH
FOREIGN = sorted(
    name for name in NAMES if "_" in name or name.isupper() or (len(name) < 4 and name not in ("to", "id"))
)
JSON = re.compile(
    rf"\b({'|'.join(FOREIGN)})\b|[a-z_]\.\d|\[low|\.\.\. [\]}}]|[\"'](value|count|operator|field)[\"']"
)


def test_the_page_says_no_path_and_no_name_of_the_json(problems: list[Problem]) -> None:
    bad = [(one.code, str(one), words) for one in problems for words in _said(one) if JSON.search(words)]
    assert not bad


def test_every_code_and_every_phrase_is_among_those_that_are_driven(problems: list[Problem]) -> None:
    codes, templates = _in_source()
    parts = {text for one in problems for phrase in (one.message, one.hint) for text in _templates(phrase)}

    assert codes - {one.code for one in problems} == set()
    assert templates - parts == set()


def test_no_row_of_the_table_is_dead(problems: list[Problem]) -> None:
    parts = {text for one in problems for phrase in (one.message, one.hint) for text in _templates(phrase)}
    assert {*wording.REPHRASED, *wording.JSON_HINTS} - parts == set()
    assert set(wording.JSON_CODES) <= {one.code for one in problems}


def test_a_part_of_a_row_and_the_others_are_called_by_the_page_s_names(problems: list[Problem]) -> None:
    said = {words for one in problems for words in _said(one)}

    assert (
        "property 2: no event can match both this and filter 1 property 1 (amount is 1) "
        "(change one of them, or choose “Match any”)"
    ) in said
    assert "says the same as group 1 (age is more than 40) (remove one of the two)" in said
    assert (
        "the limit of the saved segment 'Big spenders' has no effect here (set it for this segment)" in said
    )


def test_every_key_of_the_json_has_a_name_on_the_page() -> None:
    nodes = [
        node for node in vars(models).values() if isinstance(node, type) and issubclass(node, models.Node)
    ]
    keys = {part.alias or name for node in nodes for name, part in node.model_fields.items()}

    assert keys - set(wording.KEYS) == set()


def _templates(text: object) -> Iterator[str]:
    match text:
        case Phrase():
            yield text.template
            for term in text.terms.values():
                yield from _templates(term)
        case str():
            yield text
        case Problem():
            yield from _templates(text.message)
            yield from _templates(text.hint)


# Where problems of a segment arise; those of the library's documents are of the command line and the API.
SOURCES = ("check", "spec", "mart")
RAISING = {
    "problem": 1,
    "Problem": 1,
    "refused": 0,
    "_beside": 2,
    "_with_repairs": 1,
    "wrong": 0,
    "_unreadable": 0,
}


def _in_source() -> tuple[set[str], set[str]]:
    """The codes of all problems, and the templates of all phrases."""
    codes, templates = set(), set()
    for call in _calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        place = 1 if name == "_problem" else RAISING.get(name)
        if place is not None and len(call.args) > place and _constant(call.args[place]):
            codes.add(call.args[place].value)  # type: ignore[attr-defined]
        if name == "phrase" and _constant(call.args[0]):
            templates.add(call.args[0].value)  # type: ignore[attr-defined]
    return codes, templates


def _constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _calls() -> Iterator[ast.Call]:
    top = Path(duckmart.__file__).parent
    for source in SOURCES:
        for file in [top / source] if source.endswith(".py") else (top / source).rglob("*.py"):
            yield from (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
