"""Whoever copies a segment's SQL for PostgreSQL and runs it there gets the users that DuckDB has."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import example, given

from duckmart.compile import truth_table
from duckmart.compile.query import Query
from tests.differential.conftest import Loaded
from tests.postgres import Rows, Server, Session, lowers_alike
from tests.questions import whole
from tests.strategies import Spec, segments, spec_runs
from tests.world import TEXT_IDS, WHOLE_IDS


@pytest.fixture(scope="module")
def whole_ids_copied(postgres: Server) -> Iterator[Session]:
    with postgres.loaded(WHOLE_IDS) as session:
        yield session


@pytest.fixture(scope="module")
def text_ids_copied(postgres: Server) -> Iterator[Session]:
    with postgres.loaded(TEXT_IDS) as session:
        yield session


@spec_runs(0.5)
@given(segments(WHOLE_IDS).filter(lowers_alike))
@example({})
@example({"negate": True})
@example({"limit": 1})
def test_postgresql_finds_the_same_users(whole_ids: Loaded, whole_ids_copied: Session, spec: Spec) -> None:
    assert_same_members(whole_ids, whole_ids_copied, spec)


@spec_runs(0.5)
@given(segments(TEXT_IDS).filter(lowers_alike))
@example({})
@example({"negate": True})
@example({"limit": 20})
def test_postgresql_finds_the_same_users_in_the_same_order_where_user_ids_are_text(
    text_ids: Loaded, text_ids_copied: Session, spec: Spec
) -> None:
    assert_same_members(text_ids, text_ids_copied, spec)


# What Redshift has and PostgreSQL has not.
ARRAY_CONTAINS = """
CREATE OR REPLACE FUNCTION array_contains(list text[], element text) RETURNS boolean LANGUAGE sql
    AS 'SELECT element = ANY (list)';
CREATE OR REPLACE FUNCTION array_contains(list numeric[], element numeric) RETURNS boolean LANGUAGE sql
    AS 'SELECT element = ANY (list)';
"""


@spec_runs(0.1)
@given(segments(WHOLE_IDS).filter(lowers_alike))
def test_what_redshift_gets_means_the_same_where_backslashes_escape_in_texts(
    whole_ids: Loaded, whole_ids_copied: Session, spec: Spec
) -> None:
    query = whole_ids.mart.members(whole_ids.segment(spec))
    whole_ids_copied.connection.execute(ARRAY_CONTAINS)

    with whole_ids_copied.backslashes_escaping():
        assert whole_ids_copied.rows(query.sql("redshift")) == found(whole_ids, query)


@spec_runs(0.1)
@given(segments(WHOLE_IDS).filter(lowers_alike))
@example({})
@example({"negate": True})
def test_postgresql_counts_every_combination_of_conditions_alike(
    whole_ids: Loaded, whole_ids_copied: Session, spec: Spec
) -> None:
    mart, segment = whole_ids.mart, whole_ids.segment(spec)
    query = whole(truth_table(segment, mart.catalog, mart.as_of(segment)))

    # Rows without an order of their own.
    assert Counter(whole_ids_copied.rows(query.sql("postgres"))) == Counter(whole_ids.copied(query))


def assert_same_members(loaded: Loaded, copied: Session, spec: Spec) -> None:
    query = loaded.mart.members(loaded.segment(spec))

    assert copied.rows(query.sql("postgres")) == found(loaded, query)


def found(loaded: Loaded, query: Query) -> Rows:
    """The members in DuckDB, with the variant where a segment is split."""
    return [tuple(row.values()) for row in loaded.mart.engine.run(query).to_pylist()]
