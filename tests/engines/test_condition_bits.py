"""What is counted over bits is what SQL counts over the same columns."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp

from duckmart.compile import CONDITIONS, CountQuestion
from duckmart.compile.conditions import Conditions, ConditionTable
from duckmart.compile.statement import at_least
from duckmart.engines.condition_bits import ConditionBits

COLUMNS = [f"f{number}" for number in range(1, 7)]


def truths(users: int, chance: random.Random, columns: list[str] = COLUMNS) -> pa.Table:
    """A TRUE, FALSE or NULL for each user and column, in chunks."""
    cells = {name: chance.choices((True, False, None), k=users) for name in columns}
    chunks = {
        name: pa.chunked_array([pa.array(each[:9], pa.bool_()), pa.array(each[9:], pa.bool_())])
        for name, each in cells.items()
    }
    return pa.table(chunks)


def condition(chance: random.Random, depth: int = 3) -> exp.Expr:
    """Columns under all that groups are made of."""
    if depth == 0 or chance.random() < 0.2:
        return exp.column(chance.choice(COLUMNS))
    parts = [condition(chance, depth - 1) for _ in range(chance.randint(1, 4))]
    forms: list[Callable[[], exp.Expr]] = [
        lambda: exp.and_(*parts, copy=False),
        lambda: exp.or_(*parts, copy=False),
        lambda: exp.not_(parts[0], copy=False),
        lambda: exp.not_(certain(parts[0]), copy=False),
        lambda: at_least(parts, chance.randint(1, len(parts))),
        exp.true,
        exp.false,
    ]
    return chance.choices(forms, (4, 4, 2, 2, 3, 1, 1))[0]()


def certain(one: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=one, expressions=[exp.false()])


def question(flags: list[exp.Expr], counts: list[exp.Expr]) -> CountQuestion:
    table = ConditionTable.__new__(ConditionTable)
    table._conditions = lambda: Conditions({}, {})  # type: ignore[method-assign]
    return table.count(
        {f"c{place}": certain(one) for place, one in enumerate(flags, 1)},
        {f"n{place}": one for place, one in enumerate(counts, 1)},
    )


def by_sql(asked: CountQuestion, table: pa.Table) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.register(CONDITIONS, table)
        return connection.sql(asked.query.sql()).to_arrow_table().to_pylist()


def counted(
    asked: CountQuestion, rows: list[dict[str, Any]]
) -> tuple[Counter[tuple[bool, ...]], Counter[str]]:
    """The users by combination, and what is counted beside them over all rows."""
    users: Counter[tuple[bool, ...]] = Counter()
    totals: Counter[str] = Counter()
    for row in rows:
        users[tuple(row[name] for name in asked.flags)] += row["users"]
        # DuckDB counts the users of a condition that is NULL for all as NULL.
        totals.update({name: int(row[name] or 0) for name in asked.counts})
    return users, totals


@pytest.mark.parametrize("seed", range(150))
def test_bits_count_as_sql_does(seed: int):
    chance = random.Random(seed)
    table = truths(chance.choice((0, 1, 7, 8, 9, 300)), chance)
    flags = [condition(chance) for _ in range(chance.randint(0, 4))]
    asked = question(flags, [condition(chance) for _ in range(chance.randint(0, 3))])
    assert counted(asked, ConditionBits(table).rows(asked)) == counted(asked, by_sql(asked, table))


def test_more_flags_than_have_numbers_for_all_combinations():
    chance = random.Random(1)
    names = [f"f{number}" for number in range(1, 41)]
    table = truths(500, chance, names)
    asked = question([exp.column(name) for name in names], [])
    assert counted(asked, ConditionBits(table).rows(asked)) == counted(asked, by_sql(asked, table))


def test_what_has_no_bits_is_refused():
    table = truths(3, random.Random(1))
    odd = exp.EQ(this=exp.column("f1"), expression=exp.column("f2"))
    with pytest.raises(NotImplementedError, match="f1"):
        ConditionBits(table).rows(question([], [odd]))
