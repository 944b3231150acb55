"""Random segments on PostgreSQL have the users that plain Python finds, and the counts of DuckDB."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given

from duckmart.engines.postgres import PostgresEngine
from duckmart.mart import Mart
from duckmart.settings import Settings
from tests import oracle
from tests.differential.conftest import Loaded
from tests.postgres import Server, lowers_alike
from tests.strategies import SAVED, Spec, segments, spec_runs
from tests.world import LOADED_AT, TEXT_IDS, WHOLE_IDS, World


def served(postgres: Server, world: World) -> Iterator[Mart]:
    with postgres.served(world) as url:
        settings = Settings(as_of="data", engine=url, max_combined=200)
        yield Mart(PostgresEngine(settings), settings, saved=SAVED)


@pytest.fixture(scope="module")
def whole_ids_served(postgres: Server) -> Iterator[Mart]:
    yield from served(postgres, WHOLE_IDS)


@pytest.fixture(scope="module")
def text_ids_served(postgres: Server) -> Iterator[Mart]:
    yield from served(postgres, TEXT_IDS)


@spec_runs(0.2)
@given(segments(WHOLE_IDS).filter(lowers_alike))
@example({})
@example({"negate": True})
@example({"limit": 1})
def test_the_ids_counts_and_reasons_are_those_of_duckdb_and_the_oracle(
    whole_ids: Loaded, whole_ids_served: Mart, spec: Spec
) -> None:
    assert_same(whole_ids, whole_ids_served, spec)


@spec_runs(0.1)
@given(segments(TEXT_IDS).filter(lowers_alike))
@example({})
@example({"limit": 20})
def test_they_are_where_user_ids_are_text(text_ids: Loaded, text_ids_served: Mart, spec: Spec) -> None:
    assert_same(text_ids, text_ids_served, spec)


def assert_same(loaded: Loaded, served: Mart, spec: Spec) -> None:
    segment, world = loaded.segment(spec), loaded.world
    expected = oracle.member_ids(spec, world.users, world.events, LOADED_AT, SAVED)

    assert served.audience(segment).ids.to_pylist() == expected
    assert served.size(segment).table == loaded.mart.size(segment).table
    assert served.breakdowns(segment) == loaded.mart.breakdowns(segment)
    assert served.hours(segment) == loaded.mart.hours(segment)
    someone = [row["user_id"] for row in world.users[:5]]
    assert served.explain(segment, someone) == loaded.mart.explain(segment, someone)
