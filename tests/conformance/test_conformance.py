"""Every case of the conformance suite, on DuckDB and as SQL for PostgreSQL; and that none is missing."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import simplejson

from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import SpecError
from duckmart.instants import parse
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.operators import COUNT_OPERATORS, MEASURES, USER_OPERATORS
from duckmart.spec.segment import Segment
from tests import oracle
from tests.conformance.cases import LOADED_AT, Case, cases, worlds
from tests.postgres import Server, Session

RULINGS = range(1, 16)
answered = [case for case in cases() if case.ids is not None]
refused = [case for case in cases() if case.problems is not None]


class Marts:
    """A mart for each data file; the saved segments are those of the case at hand."""

    def __init__(self, folder: Path) -> None:
        self.engines = {
            name: DuckDBEngine(world.write(folder), Settings(threads=1)) for name, world in worlds().items()
        }
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
    return Marts(tmp_path_factory.mktemp("conformance"))


@pytest.fixture(scope="session")
def copied(postgres: Server) -> Iterator[dict[str, Session]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(postgres.loaded(world)) for name, world in worlds().items()}


@pytest.mark.parametrize("case", answered, ids=str)
def test_a_segment_has_these_users(case: Case, marts: Marts) -> None:
    mart = marts.of(case)

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
def test_a_spec_is_refused_for_these_problems(case: Case, marts: Marts) -> None:
    with pytest.raises(SpecError) as refusal:
        accepted(case, marts.of(case))

    assert sorted(problem.path for problem in refusal.value.problems) == sorted(case.problems or ())


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
    for operator in COUNT_OPERATORS:
        assert any(row["operator"] == operator and "count" in row for row in rows("event_filters")), operator
        assert any(row["operator"] == operator for row in with_measures()), operator


@pytest.mark.parametrize("kind", ["event_filters", "sequence_filters"])
def test_every_form_of_window_has_its_cases(kind: str) -> None:
    windows = [row.get("time_range") or {} for row in rows(kind)]
    for keys in ({"from"}, {"to"}, {"from_days_ago", "to_days_ago"}, {"within_days_of", "days"}):
        assert any(set(window) == keys for window in windows), keys
    assert any("time_range_days" in row for row in rows(kind))


def test_every_key_of_a_spec_has_its_cases() -> None:
    written = {key for case in answered for key in keys(case.spec)}
    assert written >= set(Segment.model_fields) | {"where", "absent", "within_days", "case_sensitive"}


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
