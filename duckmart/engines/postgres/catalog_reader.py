"""What is in the tables: their columns, values and events, asked of PostgreSQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from duckmart.catalog import VALUES_KEPT, Catalog, Column
from duckmart.compile import EVENTS, KEY, USERS
from duckmart.compile.query import identifier
from duckmart.engines.catalog_queries import boolean_counts, element_counts, has_value, listed, select
from duckmart.engines.postgres.relations import FLOATING, INTEGERS, KINDS, Relation
from duckmart.errors import Unavailable
from duckmart.spec.kinds import Kind

REQUIRED_COLUMNS: dict[str, dict[str, Kind | None]] = {
    USERS: {KEY: None},
    EVENTS: {KEY: None, "event_name": Kind.TEXT, "timestamp": Kind.TIMESTAMP},
}
# Counting the values of a text reads every row.
_CELLS_LISTED = 10_000_000
# A text with more distinct values than are kept shows so in as many rows.
_ROWS_PROBED = 100 * VALUES_KEPT


@dataclass(frozen=True, slots=True)
class CatalogReader:
    """Asks the tables what is in them."""

    rows: Callable[[exp.Select], list[dict[str, Any]]]
    relations: Mapping[str, Relation]

    def catalog(self, version: str) -> Catalog:
        users = self._users()
        span = self._row(EVENTS, oldest=exp.Min(this=_time()), newest=exp.Max(this=_time()))
        names = self.rows(_value_counts("event_name", EVENTS).where(has_value("event_name")))
        return Catalog(
            generation=version,
            attributes=self._columns(USERS, users, leave_out=set()),
            properties=self._columns(EVENTS, sum(row["rows"] for row in names), {*REQUIRED_COLUMNS[EVENTS]}),
            events={row["value"]: row["rows"] for row in names},
            users=users,
            oldest_event=span["oldest"],
            newest_event=span["newest"],
            loaded_at=self.rows(exp.select(exp.alias_(_now(), "now")))[0]["now"],
            left_out=tuple(name for relation in self.relations.values() for name in relation.left_out),
            group_frames=True,
        )

    def _users(self) -> int:
        """How many there are. Raises `Unavailable` where a row has no id, or that of another row."""
        key = exp.column(KEY)
        distinct = exp.Count(this=exp.Distinct(expressions=[key]))
        row = self._row(USERS, rows=exp.Count(this=exp.Star()), ids=distinct)
        if row["rows"] != row["ids"]:
            raise Unavailable(
                f"the table of users has {row['rows']:,} rows, but {row['ids']:,} different values of {KEY}: "
                "each row needs one of its own"
            )
        users: int = row["rows"]
        return users

    def _columns(self, table: str, rows: int, leave_out: set[str]) -> dict[str, Column]:
        types = {name: its for name, its in self.relations[table].comparable.items() if name not in leave_out}
        texts = sum(KINDS[its].is_listed for its in types.values())
        countable = table == USERS or rows * texts <= _CELLS_LISTED
        # One query for all: each reads every row.
        facts: dict[str, exp.Expr] = {"rows": exp.Count(this=exp.Star())}
        for place, (name, its) in enumerate(types.items()):
            facts |= _facts(place, exp.column(identifier(name)), KINDS[its])
        row = self._row(table, **facts)
        return {
            name: self._column(table, name, its, _of_place(row, place), with_values=countable)
            for place, (name, its) in enumerate(types.items())
        }

    def _column(
        self, table: str, name: str, its: str, facts: Mapping[str, Any], *, with_values: bool
    ) -> Column:
        """A column with its facts; the values of a text only `with_values`."""
        kind, values = KINDS[its], None
        if kind.is_boolean:
            values = boolean_counts(facts["yes"], facts["present"] - facts["yes"])
        elif kind.is_listed and with_values:
            values = self._values(table, name, kind)
        return Column(
            name=name,
            kind=kind,
            whole=its.removeprefix("_") in INTEGERS,
            floating=its in FLOATING,
            missing=facts["rows"] - facts["present"],
            low=facts.get("low"),
            high=facts.get("high"),
            values=tuple((values or [])[:VALUES_KEPT]),
            complete=values is not None and len(values) <= VALUES_KEPT,
        )

    def _values(self, table: str, name: str, kind: Kind) -> list[tuple[Any, int]] | None:
        """The most frequent values with their counts, one more than are kept; None where they are many."""
        if table == EVENTS and self._is_varied(name):
            return None
        query = element_counts(name, table) if kind.element else _value_counts(name, table)
        query = query.where(has_value(name)).limit(VALUES_KEPT + 1)
        return listed(kind, self.rows(query))

    def _is_varied(self, name: str) -> bool:
        column = exp.column(identifier(name))
        first = exp.select(column).from_(identifier(EVENTS)).where(has_value(name)).limit(_ROWS_PROBED)
        distinct = exp.Count(this=exp.Distinct(expressions=[column.copy()]))
        [row] = self.rows(exp.select(exp.alias_(distinct, "several")).from_(first.subquery("probed")))
        varied: bool = row["several"] > VALUES_KEPT
        return varied

    def _row(self, table: str, **columns: exp.Expr) -> dict[str, Any]:
        return self.rows(select(table, **columns))[0]


def _facts(place: int, column: exp.Expr, kind: Kind) -> dict[str, exp.Expr]:
    facts: dict[str, exp.Expr] = {"present": exp.Count(this=column)}
    if kind.is_ordered:
        facts |= {"low": exp.Min(this=column.copy()), "high": exp.Max(this=column.copy())}
    if kind.is_boolean:
        facts["yes"] = exp.CountIf(this=column.copy())
    return {f"{name}_{place}": fact for name, fact in facts.items()}


def _of_place(row: Mapping[str, Any], place: int) -> dict[str, Any]:
    facts = {name.removesuffix(f"_{place}"): cell for name, cell in row.items() if name.endswith(f"_{place}")}
    return facts | {"rows": row["rows"]}


def _value_counts(name: str, table: str) -> exp.Select:
    """Each value of a text with its rows, most frequent first."""
    text = exp.column(identifier(name))
    query = select(table, value=text, rows=exp.Count(this=exp.Star())).group_by(text)
    sort_key = text.copy()
    # As a text it is sorted by code point, as DuckDB sorts.
    sort_key.type = exp.DType.TEXT
    return query.order_by(exp.column("rows").desc(), sort_key)


def _time() -> exp.Column:
    return exp.column("timestamp")


def _now() -> exp.Expr:
    return exp.cast(exp.CurrentTimestamp(), exp.DType.TIMESTAMP)
