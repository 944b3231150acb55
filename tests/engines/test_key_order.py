"""Rows come in the order of user ids, whether the engine sorted them, the data had them so, or we did."""

from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp, parse_one

from duckmart.compile import truth_table
from duckmart.compile.query import Query
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.engines.key_order import in_key_order, without_key_order
from duckmart.mart import current
from duckmart.settings import Settings
from duckmart.spec.examples import examples
from duckmart.spec.json_text import Json, to_json


def query(sql: str) -> Query:
    tree = parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    return Query(tree)


@pytest.mark.parametrize(
    "ids",
    [
        *([1, 2, 3], [3, 1, 2], [2**40, -5, 7], [2, -1, 1, 0], [2**63 - 1, -(2**63), 0], [7, 9, 6]),
        *(["b", "B", "a\u0301", "é", "🦆", "ﬀ", ""], [5], []),
    ],
)
def test_rows_come_in_the_order_of_ids(ids: list[int | str]):
    kind = pa.string() if any(isinstance(one, str) for one in ids) else pa.int64()
    keys = pa.chunked_array([pa.array(ids[:2], kind), pa.array(ids[2:], kind)])
    table = pa.table({"place": list(range(len(ids))), "key": keys})

    ordered = in_key_order(table)

    assert ordered.column_names == ["place"]
    assert [ids[place] for place in ordered.column("place").to_pylist()] == sorted(ids)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT user_id FROM u",
        "SELECT user_id FROM u ORDER BY user_id LIMIT 3",
        "SELECT DISTINCT location FROM u ORDER BY user_id",
        "SELECT user_id FROM u ORDER BY user_id DESC",
        "SELECT user_id FROM u ORDER BY user_id DESC, age",
        "SELECT user_id FROM u ORDER BY age",
        "SELECT user_id FROM u ORDER BY age, user_id",
        "SELECT user_id FROM u UNION SELECT user_id FROM w ORDER BY user_id",
    ],
)
def test_a_query_whose_order_says_more_is_left_as_it_is(sql: str):
    assert without_key_order(query(sql)) is None


def test_the_key_is_known_by_its_place_not_its_name(tiny: Path):
    sql = "SELECT user_id AS order_key, -user_id AS age FROM user_attributes u ORDER BY u.user_id"
    table = DuckDBEngine(tiny, Settings()).run(query(sql))
    assert table.num_columns == 2
    keys = table.column(0).to_pylist()
    assert keys == sorted(keys)
    assert table.column(1).to_pylist() == [-key for key in keys]


def test_rows_that_a_plan_gives_in_another_order_are_sorted(tiny: Path):
    engine = DuckDBEngine(tiny, Settings())
    upside_down = "(SELECT * FROM user_attributes ORDER BY user_id DESC)"
    asked = query(f"SELECT u.user_id FROM {upside_down} AS u ORDER BY u.user_id")
    keys = engine.run(asked).column(0).to_pylist()
    assert len(keys) > 1
    assert keys == sorted(keys)


@pytest.mark.parametrize("spec", [one.spec for one in examples()], ids=[one.id for one in examples()])
def test_no_segment_is_sorted_by_the_engine(demo_settings: Settings, spec: Json):
    mart = current(demo_settings)
    segment, _ = mart.read(to_json(spec))
    conditions = truth_table(segment, mart.catalog, mart.as_of(segment)).conditions
    for asked in (mart.members(segment), *conditions.batches(conditions.columns)):
        assert without_key_order(asked) is not None
