"""Every case of the conformance suite, on each engine and as SQL for PostgreSQL; and that none is missing."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import pytest
import simplejson

from duckmart.engines import Engine
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.engines.postgres import PostgresEngine
from duckmart.errors import SpecError
from duckmart.instants import parse
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.measures import MEASURES
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS
from duckmart.spec.segment import Segment
from tests import oracle
from tests.conformance.cases import LOADED_AT, Case, cases, worlds
from tests.postgres import Server, Session

RULINGS = range(1, 16)
answered = [case for case in cases() if case.ids is not None]
refused = [case for case in cases() if case.problems is not None]


class Marts:
    """A mart for each data file; the saved segments are those of the case at hand."""

    def __init__(self, engines: Mapping[str, Engine]) -> None:
        self.engines = engines
        self.saved: dict[str, Any] = {}
        # Kept, because each looks the data over once.
        self.usual = {name: self.made(name) for name in self.engines}

    def of(self, case: Case) -> Mart:
        self.saved.clear()
        self.saved.update(case.saved)
        return self.made(case.data, **case.settings) if case.settings else self.usual[case.data]

    def made(self, name: str, **settings: Any) -> Mart:
        return Mart(self.engines[name], Settings(as_of="data", threads=1, **settings), self.saved)


@pytest.fixture(scope="session")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    folder = tmp_path_factory.mktemp("conformance")
    return Marts(
        {name: DuckDBEngine(world.write(folder), Settings(threads=1)) for name, world in worlds().items()}
    )


@pytest.fixture(scope="session", params=["duckdb", "postgres"])
def engine_marts(request: pytest.FixtureRequest) -> Marts:
    marts: Marts = request.getfixturevalue("marts" if request.param == "duckdb" else "postgres_marts")
    return marts


@pytest.fixture(scope="session")
def postgres_marts(postgres: Server) -> Iterator[Marts]:
    with ExitStack() as stack:
        urls = {name: stack.enter_context(postgres.served(world)) for name, world in worlds().items()}
        yield Marts({name: PostgresEngine(Settings(engine=url)) for name, url in urls.items()})


@pytest.fixture(scope="session")
def copied(postgres: Server) -> Iterator[dict[str, Session]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(postgres.loaded(world)) for name, world in worlds().items()}


@pytest.mark.parametrize("case", answered, ids=str)
def test_a_segment_has_these_users(case: Case, engine_marts: Marts) -> None:
    mart = engine_marts.of(case)

    segment, warnings = accepted(case, mart)
    rows = mart.engine.run(mart.members(segment))

    assert rows.column("user_id").to_pylist() == case.ids
    assert {problem.path for problem in warnings} >= set(case.warnings)
    if case.total is not None:
        assert mart.audience(segment).total == case.total
    if case.as_of is not None:
        assert mart.as_of(segment) == parse(case.as_of)
    if case.variants is not None:
        arms = rows.column("variant").to_pylist()
        assert {str(user): arm for user, arm in zip(case.ids or (), arms, strict=True)} == case.variants


@pytest.mark.parametrize("case", refused, ids=str)
def test_a_spec_is_refused_for_these_problems(case: Case, engine_marts: Marts) -> None:
    with pytest.raises(SpecError) as refusal:
        accepted(case, engine_marts.of(case))

    assert sorted(problem.path for problem in refusal.value.problems) == sorted(case.problems or ())


@pytest.mark.parametrize("case", answered, ids=str)
def test_its_combinations_are_counted_alike_on_every_engine(
    case: Case, marts: Marts, postgres_marts: Marts
) -> None:
    sizes = []
    for each in (marts, postgres_marts):
        mart = each.of(case)
        sizes.append(mart.size(accepted(case, mart)[0]).table)

    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("name", worlds())
def test_every_engine_has_the_same_catalog(name: str, marts: Marts, postgres_marts: Marts) -> None:
    duck, postgres = (asdict(each.usual[name].catalog) for each in (marts, postgres_marts))

    for own in ("generation", "loaded_at"):
        assert duck.pop(own) != postgres.pop(own)
    assert postgres == duck


@pytest.mark.parametrize("case", answered, ids=str)
def test_the_copied_sql_finds_them_on_postgresql(
    case: Case, marts: Marts, copied: dict[str, Session]
) -> None:
    mart = marts.of(case)

    segment, _ = accepted(case, mart)

    rows = copied[case.data].rows(mart.members(segment).sql("postgres"))
    assert [row[0] for row in rows] == case.ids
    if case.variants is not None:
        assert {str(user): arm for user, arm in rows} == case.variants


@pytest.mark.parametrize("case", answered, ids=str)
def test_the_oracle_in_plain_python_finds_them_too(case: Case) -> None:
    world = worlds()[case.data]
    asked = (case.spec, world.users.rows, world.events.rows, LOADED_AT, case.saved)

    assert oracle.member_ids(*asked) == case.ids
    if case.total is not None:
        assert oracle.total(*asked) == case.total


def test_names_are_unique() -> None:
    names = [str(case) for case in cases()]
    assert len(names) == len(set(names))


def test_every_case_expects_ids_or_problems() -> None:
    assert all((case.ids is None) != (not case.problems) for case in cases())


def test_every_ruling_has_its_cases() -> None:
    assert {ruling for case in cases() for ruling in case.rulings} == set(RULINGS)


def test_every_operator_of_user_filters_has_its_cases() -> None:
    for operator in USER_OPERATORS:
        assert used("user_filters", "operator", operator), operator


def test_every_measure_has_its_cases() -> None:
    for measure in MEASURES:
        plain = used("event_filters", "measure", str(measure))
        assert plain or any(measure in row["measure"] for row in with_measures()), measure


def test_every_operator_of_event_filters_has_its_cases() -> None:
    for operator, facts in COUNT_OPERATORS.items():
        key = "value" if facts.is_ranked else "count"
        plain = [row for row in rows("event_filters") if row.get("measure", "count") == "count"]
        assert any(row["operator"] == operator and key in row for row in plain), operator
        assert any(row["operator"] == operator for row in with_measures()), operator


@pytest.mark.parametrize("kind", ["event_filters", "sequence_filters"])
def test_every_form_of_window_has_its_cases(kind: str) -> None:
    windows = [row.get("time_range") or {} for row in rows(kind)]
    for keys in ({"from"}, {"to"}, {"from_days_ago", "to_days_ago"}, {"within_days_of", "days"}):
        assert any(set(window) == keys for window in windows), keys
    assert any("time_range_days" in row for row in rows(kind))
    assert any("time_range_hours" in row for row in rows(kind))


def test_every_key_of_a_spec_has_its_cases() -> None:
    written = {key for case in answered for key in keys(case.spec)}
    assert written >= set(Segment.model_fields) | {
        "where",
        "absent",
        "within_days",
        "within_hours",
        "case_sensitive",
        "other_field",
    }


def accepted(case: Case, mart: Mart) -> Any:
    """The segment as it comes through the front door: from JSON text."""
    return mart.read(simplejson.dumps(case.spec, use_decimal=True))


def rows(kind: str) -> list[dict[str, Any]]:
    """The conditions of a kind in all cases that are answered."""
    return [row for case in answered for row in below(case.spec, kind)]


def below(group: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    yield from group.get(kind) or ()
    for nested in group.get("groups") or ():
        yield from below(nested, kind)


def used(kind: str, key: str, value: object) -> bool:
    return any(row.get(key) == value for row in rows(kind))


def with_measures() -> list[dict[str, Any]]:
    return [row for row in rows("event_filters") if row.get("measure", "count") != "count"]


def keys(spec: Any) -> Iterator[str]:
    match spec:
        case dict():
            yield from spec
            for cell in spec.values():
                yield from keys(cell)
        case list():
            for cell in spec:
                yield from keys(cell)
