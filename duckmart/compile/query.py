"""A compiled query: one sqlglot tree, shown as SQL with its values in place or bound as parameters."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from duckmart.compile.dialects import fit

Plain = str | int | Decimal | bool | date | datetime

# The dialects to copy SQL in: sqlglot's name and the one people know.
DIALECTS = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "clickhouse": "ClickHouse",
    "spark": "Spark",
    "databricks": "Databricks",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "trino": "Trino",
    "redshift": "Redshift",
}

# A list of up to this many values is bound value by value; a longer one as one parameter, which plans faster.
_SHORT_LIST = 100
# PostgreSQL takes 65,535 parameters a query, and plans a short list that is bound as one just as well.
_LISTS_AS_ONE = frozenset({"postgres"})
# Conditions that fit into a line of this length share it.
_LINE = 60

_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
# Words that some dialect would not take as a bare name; `timestamp` is taken bare by all we run on.
RESERVED = frozenset(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit
    boolean both by case cast char character check coalesce collate collation column columns concurrently
    constraint create cross current date day dec decimal default deferrable delete desc describe distinct else
    end escape except exists extract false fetch float for foreign freeze from full generated glob grant group
    grouping having hour ilike in initially inner inout insert int integer intersect interval into is isnull
    join lambda lateral leading left like limit map merge minute month national natural nchar no none not
    notnull null nullif numeric of offset on only or order out outer over overlaps overlay partition pivot
    placing position positional precision primary qualify range real references returning revoke right row
    rows second select semi set setof show similar smallint some start struct substring summarize symmetric
    table tablesample then time to trailing treat trim true try_cast tuple union unique unpack unpivot update
    user using values varchar variadic verbose when where window with within year
    """.split()
)


def identifier(name: str) -> exp.Identifier:
    """A name as an identifier, quoted unless it is plain in every dialect."""
    plain = _PLAIN_NAME.fullmatch(name) is not None and name not in RESERVED
    return exp.to_identifier(name, quoted=not plain)


def column(name: str, table: str) -> exp.Column:
    return exp.Column(this=identifier(name), table=identifier(table))


def aliased(table: str, alias: str) -> exp.Table:
    return exp.Table(this=identifier(table), alias=exp.TableAlias(this=identifier(alias)))


def value(plain: Plain) -> exp.Expr:
    """A plain value as a node that `Query.bind` turns into a parameter."""
    node = _literal(plain)
    node.meta["bound"] = plain
    return node


def any_of(operand: exp.Expr, values: Sequence[Plain]) -> exp.Expr:
    """`operand IN (values)`; a long list is bound as one, which plans at once however long it is."""
    # The values become nodes only where they are shown: a tree of 100,000 ids is slow to copy.
    node = exp.In(this=operand)
    node.meta["bound"] = list(values)
    return node


def array(values: Sequence[Plain]) -> exp.Expr:
    """The values as one list, bound as `any_of` binds them."""
    node = exp.Array()
    node.meta["bound"] = list(values)
    return node


def comment(words: str) -> str:
    """Text made safe for a SQL comment: without line breaks and comment marks."""
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return re.sub("-(?=-)", "- ", flat.replace("*/", "* /").replace("/*", "/ *"))


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """SQL with `$1`, `$2`, ... and the values they stand for."""

    sql: str
    parameters: list[Any]
    groups_few: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT as a tree. Its text to read and its text to run return the same rows.

    `groups_few` tells an engine that no CTE groups as many events as there are users.
    """

    tree: exp.Query
    groups_few: bool = False

    def sql(self, dialect: str = "duckdb") -> str:
        """The query with its values in place, laid out to be read and copied."""
        return _text(_in_dialect(self.tree.copy(), dialect), dialect)

    def view(self, name: str, dialect: str = "duckdb") -> str:
        """The statement that makes a view of the query, without its order, which a view does not keep."""
        tree = self.tree.copy()
        tree.set("order", None)
        view = exp.Table(this=identifier(name))
        statement = exp.Create(
            this=_in_dialect(view, dialect), kind="VIEW", expression=_in_dialect(tree, dialect)
        )
        return _text(statement, dialect)

    def bind(self, dialect: str = "duckdb") -> BoundQuery:
        """The query for an engine, with every value as a parameter."""
        _load(dialect)
        # Fitted while the values are still there: how a text is compared depends on its characters.
        tree = fit(self.tree.copy(), dialect)
        parameters: list[Any] = []

        def parameter(plain: Any) -> exp.Expr:
            parameters.append(plain)
            return exp.Parameter(this=exp.Literal.number(len(parameters)))

        for node in [node for node in tree.walk(bfs=False) if "bound" in node.meta]:
            plain = node.meta["bound"]
            if not isinstance(node, exp.In | exp.Array):
                node.replace(parameter(plain))
            elif len(plain) <= _SHORT_LIST and dialect not in _LISTS_AS_ONE:
                node.set("expressions", [parameter(each) for each in plain])
            elif isinstance(node, exp.Array):
                node.replace(parameter(plain))
            else:
                node.replace(
                    exp.EQ(this=node.this, expression=exp.Any(this=exp.Paren(this=parameter(plain))))
                )
        text = tree.sql(dialect=dialect, comments=False, copy=False)
        return BoundQuery(text, parameters, self.groups_few)


def _in_dialect(tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree, changed in place to what the dialect has for it, with its lists written out."""
    _load(dialect)
    for node in list(tree.find_all(exp.In, exp.Array)):
        if "bound" in node.meta:
            node.set("expressions", [_literal(plain) for plain in node.meta["bound"]])
    return fit(tree, dialect)


def _text(tree: exp.Expr, dialect: str) -> str:
    return tree.sql(dialect=dialect, pretty=True, max_text_width=_LINE, copy=False)


_loading = threading.Lock()
_ready: set[str] = set()


def _load(dialect: str) -> None:
    """Make sqlglot import a dialect, one thread at a time.

    Of two threads that import one at once, one would write the SQL of another dialect.
    """
    if dialect not in _ready:
        with _loading:
            exp.select("1").sql(dialect=dialect)
            _ready.add(dialect)


def _literal(plain: Plain) -> exp.Expr:
    match plain:
        case bool():
            return exp.Boolean(this=plain)
        case int() | Decimal():
            # Signs are taken off the text: abs() of a Decimal rounds to the context's 28 digits.
            text = str(plain) if isinstance(plain, int) else f"{plain:f}"
            digits = exp.Literal.number(text.removeprefix("-"))
            return exp.Neg(this=digits) if plain < 0 else digits
        case datetime():
            return exp.cast(exp.Literal.string(plain.isoformat(" ")), exp.DType.TIMESTAMP)
        case date():
            return exp.cast(exp.Literal.string(plain.isoformat()), exp.DType.DATE)
        case str():
            return exp.Literal.string(plain)
