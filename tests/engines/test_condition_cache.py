"""What was found of a condition serves again: an edit asks the data for nothing but what it changed."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from duckmart.compile import KEY, member_ids, truth_table
from duckmart.compile.query import Query
from duckmart.engines import NO_TABLES, Stop, Tables
from duckmart.engines.condition_cache import ConditionCache
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Cancelled
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.json_text import Json
from tests.tiny import AS_OF, EVERYONE, attribute, event, group, spec

LOGGED_IN = event("LOGIN", "gte", 1, 30)
BOUGHT = event("PURCHASE_MADE", "gte", 1, 30)


class Heard(DuckDBEngine):
    """An engine that notes what it is asked of the data itself."""

    asked: list[str]

    def run(self, query: Query, stop: Stop | None = None, tables: Tables = NO_TABLES) -> pa.Table:
        if not tables:
            self.asked.append(query.sql())
        return super().run(query, stop, tables)


@pytest.fixture
def engine(tiny: Path) -> Heard:
    made = Heard(tiny, Settings())
    made.asked = []
    return made


@pytest.fixture
def mart(engine: Heard) -> Mart:
    made = Mart(engine, Settings(as_of=AS_OF.isoformat()))
    # Reads the data, once.
    assert made.catalog.users == 8
    engine.asked.clear()
    return made


def size(mart: Mart, made: Json) -> int:
    return mart.size(mart.accept(made)[0]).total


def test_the_same_conditions_are_asked_once_however_they_are_joined(mart: Mart, engine: Heard) -> None:
    both = spec(LOGGED_IN, BOUGHT)
    all_of_them = size(mart, both)
    assert len(engine.asked) == 1

    assert size(mart, both) == all_of_them
    assert size(mart, both | {"logic_operator": "OR"}) > all_of_them
    nested = spec(group(LOGGED_IN, BOUGHT))
    assert size(mart, nested) == all_of_them
    assert len(engine.asked) == 1

    # Who they are takes the ids of all users, once.
    mart.breakdowns(mart.accept(both)[0])
    mart.breakdowns(mart.accept(nested)[0])
    assert len(engine.asked) == 2


def test_an_edit_asks_for_the_changed_condition_alone(mart: Mart, engine: Heard) -> None:
    size(mart, spec(LOGGED_IN, BOUGHT, attribute("age", "gte", 20)))
    engine.asked.clear()

    size(mart, spec(LOGGED_IN, BOUGHT, attribute("age", "gte", 30)))

    [asked] = engine.asked
    assert "age >= 30" in asked
    assert "user_events" not in asked


@pytest.mark.parametrize(
    "changed",
    [
        spec(event("LOGIN", "gte", 2, 30)),
        spec(event("LOGIN", "gte", 1, 7)),
        spec(event("LOGIN", "gte", 1)),
        spec(event("PURCHASE_MADE", "gte", 1, 30)),
        spec(LOGGED_IN | {"where": [{"field": "amount", "operator": "gt", "value": 50}]}),
        spec(LOGGED_IN) | {"as_of": "2026-11-01"},
    ],
)
def test_whatever_a_condition_means_is_told_apart(
    mart: Mart, engine: Heard, tiny: Path, changed: Json
) -> None:
    size(mart, spec(LOGGED_IN))

    fresh = Mart(DuckDBEngine(tiny, Settings()), Settings(as_of=AS_OF.isoformat()))
    assert size(mart, changed) == size(fresh, changed)
    assert len(engine.asked) == 2


def test_texts_and_numbers_that_look_alike_are_told_apart(mart: Mart) -> None:
    texts = {
        truth_table(mart.accept(spec(attribute(*row)))[0], mart.catalog, AS_OF).conditions.texts()["f2"]
        for row in (("name", "eq", "1"), ("age", "eq", 1), ("name", "eq", "1 "), ("name", "eq", "$1"))
    }

    assert len(texts) == 4


def test_without_room_nothing_is_kept_and_all_is_answered(mart: Mart, engine: Heard) -> None:
    segment, _ = mart.accept(spec(LOGGED_IN))
    conditions = truth_table(segment, mart.catalog, AS_OF).conditions
    kept = ConditionCache(engine, capacity=0)

    assert kept.table(conditions).equals(kept.table(conditions))
    assert len(engine.asked) == 2


def test_what_was_not_asked_for_the_longest_time_makes_way(mart: Mart, engine: Heard) -> None:
    first, second, third = (
        truth_table(mart.accept(spec(attribute("age", "gte", age)))[0], mart.catalog, AS_OF).conditions
        for age in (20, 30, 40)
    )
    # They share for whom the age is unknown; of three ages' columns, two fit beside it.
    table = ConditionCache(engine).table(first)
    kept = ConditionCache(engine, capacity=table.nbytes + table.column(0).nbytes)
    kept.table(first)
    kept.table(second)
    kept.table(first)
    kept.table(third)
    engine.asked.clear()

    kept.table(third)
    assert not engine.asked
    kept.table(second)
    assert len(engine.asked) == 1


def test_a_stopped_question_keeps_nothing(mart: Mart, engine: Heard) -> None:
    segment, _ = mart.accept(spec(LOGGED_IN))
    stop = Stop()
    stop.pull()

    with pytest.raises(Cancelled):
        mart.size(segment, stop)
    mart.size(segment)

    assert len(engine.asked) == 2


@pytest.fixture
def shuffled(tmp_path: Path, tiny: Path) -> Mart:
    """The same users, stored in no order."""
    path = tmp_path / "shuffled.duckdb"
    with duckdb.connect(path) as session:
        session.execute("ATTACH $path AS tiny (READ_ONLY)", {"path": str(tiny)})
        for table in ("user_events", "load_info"):
            session.execute(f"CREATE TABLE {table} AS FROM tiny.{table}")
        session.execute("CREATE TABLE user_attributes AS FROM tiny.user_attributes ORDER BY hash(user_id)")
    settings = Settings(as_of=AS_OF.isoformat())
    return Mart(DuckDBEngine(path, settings), settings)


def test_columns_come_in_the_order_of_users(shuffled: Mart) -> None:
    segment, _ = shuffled.accept(spec(LOGGED_IN))
    conditions = member_ids(segment, shuffled.catalog, AS_OF).conditions

    assert ConditionCache(shuffled.engine).table(conditions).column(KEY).to_pylist() == list(EVERYONE)


def test_users_may_be_stored_in_any_order(shuffled: Mart, mart: Mart) -> None:
    """Columns of two questions stand beside each other user by user."""
    both = spec(attribute("age", "gte", 30), LOGGED_IN)

    for each in (shuffled, mart):
        size(each, spec(attribute("age", "gte", 30)))

    tables = [each.size(each.accept(both)[0]).table for each in (shuffled, mart)]
    assert tables[0].combinations == tables[1].combinations
