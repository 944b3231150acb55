"""For which users each condition holds: columns beside each other, and the queries asked over them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.plan import CONDITIONS, KEY, USER, Plan, Root
from duckmart.compile.query import Query, column, identifier
from duckmart.compile.sampling import variant
from duckmart.compile.statement import Statement, cte_queries, users, with_sources
from duckmart.spec.segment import Child, Group

# The time that DuckDB 2.0 takes to plan a query grows with the cube of the CTEs that it joins, and planning
# cannot be interrupted: 25 of them take a fifth of a second, 200 more than a minute.
MOST_JOINED = 25


@dataclass(frozen=True, slots=True)
class Conditions:
    """Columns of one row per user, in the order of user ids, and the CTEs that they read, by their names."""

    columns: Mapping[str, exp.Expr]
    sources: Mapping[str, exp.Select]

    def query(self, names: Collection[str]) -> Query:
        """Some of the columns, which reads nothing else than they need."""
        shown = {name: made for name, made in self.columns.items() if name in names}
        read = set().union(*map(self._read, shown.values()))
        needed = self._needed(read)
        columns = [exp.alias_(made, name) for name, made in shown.items()]
        query = users(columns, [name for name in needed if name in read])
        query = query.order_by(column(KEY, USER), copy=False)
        return Query(with_sources(query, {name: self.sources[name] for name in needed}))

    def batches(self, names: Iterable[str]) -> list[Query]:
        """Queries that have all of these columns between them, each of few enough CTEs to be planned soon."""
        batches: list[list[str]] = [[]]
        joined: set[str] = set()
        for name in names:
            needed = {*self._needed(self._read(self.columns[name]))}
            if batches[-1] and len(joined | needed) > MOST_JOINED:
                batches.append([])
                joined = set()
            batches[-1].append(name)
            joined |= needed
        return [self.query(batch) for batch in batches if batch]

    def texts(self) -> dict[str, str]:
        """What decides what is in each column: its SQL, that of the CTEs that it needs, and their values."""
        sources = {name: f"{name} {_text(made)}" for name, made in self.sources.items()}
        texts = {}
        for name, made in self.columns.items():
            needed = self._needed(self._read(made))
            texts[name] = "\n".join([_text(exp.select(made)), *(sources[one] for one in needed)])
        return texts

    def _needed(self, names: Collection[str]) -> list[str]:
        """CTEs, and those that they read in turn, in order: each reads only earlier ones."""
        needed = set(names)
        for name in reversed([*self.sources]):
            if name in needed:
                needed |= self._read(self.sources[name])
        return [name for name in self.sources if name in needed]

    def _read(self, tree: exp.Expr) -> set[str]:
        """The CTEs that a condition, or another CTE, names; at worst one too many, by a column's name."""
        return {node.name for node in tree.find_all(exp.Identifier)} & self.sources.keys()


@dataclass(frozen=True, slots=True)
class Question:
    """A query that reads the table `CONDITIONS`, and what stands in that table."""

    query: Query
    conditions: Conditions

    def as_one(self) -> Query:
        """One query with the table in it, for engines that are not handed it."""
        table = self.conditions.query(self.conditions.columns).tree
        table.set("order", None)
        tree = self.query.tree.with_(identifier(CONDITIONS), as_=table)
        # The other CTEs read this one, and each may read only earlier ones.
        *others, conditions = tree.args["with_"].expressions
        tree.args["with_"].set("expressions", [conditions, *others])
        return Query(tree)


class ConditionTable:
    """The columns of `CONDITIONS` for a plan, each made once however many segments of the plan share it."""

    def __init__(self, plan: Plan, catalog: Catalog) -> None:
        self.plan, self.catalog = plan, catalog
        self._columns: dict[str, exp.Expr] = {}
        # By the identity of what they stand for: a list of 100,000 ids takes long to compare.
        self._names: dict[tuple[int, str], str] = {}

    def statement(self, root: Root) -> "Flagged":
        return Flagged(self, root)

    def question(self, query: exp.Query) -> Question:
        """The question that a query over the columns is."""
        # A table has rows only if it has a column.
        columns = self._columns or {KEY: column(KEY, USER)}
        return Question(Query(query), Conditions(columns, cte_queries(self.plan, self.catalog)))

    def user_id(self) -> exp.Column:
        self._columns[KEY] = column(KEY, USER)
        return exp.column(KEY)

    def column(self, of: object, what: str, condition: Callable[[], exp.Expr]) -> exp.Column:
        key = (id(of), what)
        if key not in self._names:
            self._names[key] = f"f{len(self._columns) + 1}"
            self._columns[self._names[key]] = condition()
        return exp.column(self._names[key])


class Flagged(Statement):
    """A statement whose conditions are columns of `CONDITIONS`."""

    def __init__(self, table: ConditionTable, root: Root) -> None:
        super().__init__(table.plan, root, table.catalog)
        self.table = table

    def node(self, node: Child) -> exp.Expr:
        condition = super().node
        if isinstance(node, Group):
            return condition(node)
        return self.table.column(node, "held", lambda: condition(node))

    def without_value(self, node: Child) -> exp.Expr | None:
        unknown = super().without_value(node)
        return None if unknown is None else self.table.column(node, "unknown", lambda: unknown)

    def sampled(self) -> list[exp.Expr]:
        sampled = super().sampled()
        return [self.table.column(self.segment.sample, "sampled", lambda: sampled[0])] if sampled else []

    def variant(self) -> exp.Expr | None:
        """The arm of a user, where the segment splits its members."""
        sample = self.segment.sample
        if sample is None or sample.split is None:
            return None
        return self.table.column(sample, "variant", lambda: variant(sample))


def _text(tree: exp.Query) -> str:
    bound = Query(tree).bind()
    return f"{bound.sql} {bound.parameters!r}"
