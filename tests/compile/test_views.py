"""A segment as a view: what the statement makes, in DuckDB, and that other dialects have it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from duckmart.compile.query import DIALECTS
from duckmart.data.generations import Generations
from duckmart.mart import Mart
from duckmart.spec.examples import Example, examples
from duckmart.spec.segment import Segment


@pytest.fixture(scope="module")
def connection(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the demo data that views can be made in."""
    generation = Generations(demo).current()
    assert generation is not None
    copy = tmp_path_factory.mktemp("views") / "copy.duckdb"
    shutil.copy(generation.path, copy)
    with duckdb.connect(copy) as connected:
        yield connected


def segment(mart: Mart, one: Example) -> Segment:
    return mart.accept(one.spec)[0].unlimited


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.id)
def test_a_view_holds_the_members(connection: duckdb.DuckDBPyConnection, demo_mart: Mart, one: Example):
    asked = segment(demo_mart, one)

    connection.execute(demo_mart.members(asked).view(f"{one.id}_view"))

    held = connection.execute(f'SELECT user_id FROM "{one.id}_view" ORDER BY user_id').fetchall()
    assert [row[0] for row in held] == demo_mart.audience(asked).ids.to_pylist()


def test_a_view_of_a_split_has_its_variants(connection: duckdb.DuckDBPyConnection, demo_mart: Mart):
    spec = {"sample": {"split": {"treatment": 90, "control": 10}, "seed": "spring"}}
    asked, _ = demo_mart.accept(spec)

    connection.execute(demo_mart.members(asked).view("split"))

    held = connection.sql("SELECT * FROM split ORDER BY user_id").to_arrow_table()
    assert held.to_pylist() == demo_mart.table(asked, []).to_pylist()


@pytest.mark.parametrize("name", ['o"; DROP TABLE user_attributes; --', "select", "2nd", "a-b", "Üs", "a.b"])
def test_no_name_gets_out_of_the_statement(connection: duckdb.DuckDBPyConnection, demo_mart: Mart, name: str):
    connection.execute(demo_mart.members(Segment()).view(name))

    names = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert (name,) in names


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_view_is_one_statement_in_every_dialect(demo_mart: Mart, dialect: str):
    for one in examples():
        query = demo_mart.members(segment(demo_mart, one))
        [made] = sqlglot.parse(query.view("order", dialect), read=dialect)

        assert isinstance(made, exp.Create)
        assert (made.kind, made.this.name) == ("VIEW", "order")
        assert made.expression.args.get("order") is None
        assert made.expression.args.get("limit") is None
        # The rest is the query as it is copied without the view.
        plain = sqlglot.parse_one(query.sql(dialect), read=dialect)
        plain.set("order", None)
        assert made.expression.sql(dialect, comments=False) == plain.sql(dialect, comments=False)


def test_a_view_on_clickhouse_keeps_the_settings_that_its_joins_need(demo_mart: Mart):
    never = {"event_filters": [{"event_name": "LOGIN", "operator": "eq", "count": 0}]}
    query = demo_mart.members(demo_mart.accept(never)[0])

    assert "join_use_nulls = 1" in query.view("never", "clickhouse")


def test_making_a_view_leaves_the_query_as_it_is(demo_mart: Mart):
    query = demo_mart.members(Segment())
    before = query.sql()

    query.view("everyone")

    assert query.sql() == before
    assert query.bind().sql.endswith("ORDER BY u.user_id")
