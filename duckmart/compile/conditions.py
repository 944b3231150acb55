"""Which users each condition holds for, as the columns of one table, and queries over that table."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.plan import CONDITIONS, KEY, USER, Plan, Root
from duckmart.compile.query import Query, column, identifier
from duckmart.compile.sampling import variant
from duckmart.compile.statement import Join, Source, Statement, cte_queries, users, with_sources
from duckmart.compile.volumes import groups_few
from duckmart.spec.segment import Child, Group

# The time that DuckDB 2.0 takes to plan a query grows with the cube of the CTEs that it joins, and planning
# cannot be interrupted: 25 of them take a fifth of a second, 200 more than a minute.
MOST_JOINED = 25


@dataclass(frozen=True, slots=True)
class Conditions:
    """Columns of one row per user, in the order of user ids, and the CTEs that they read, by their names."""

    columns: Mapping[str, exp.Expr]
    sources: Mapping[str, Source]
    groups_many: frozenset[str] = frozenset()
    """The CTEs that group as many events as there are users, or more."""

    def query(self, names: Collection[str]) -> Query:
        """Select some of the columns, with only the CTEs that they need."""
        conditions = {name: condition for name, condition in self.columns.items() if name in names}
        joins = set().union(*map(self._ctes_in, conditions.values()))
        ctes = self._with_dependencies(joins)
        columns = [exp.alias_(condition, name) for name, condition in conditions.items()]
        query = users(columns, [self._join(name) for name in ctes if name in joins])
        query = query.order_by(column(KEY, USER), copy=False)
        query = with_sources(query, {name: self.sources[name] for name in ctes})
        return Query(query, groups_few=self.groups_many.isdisjoint(ctes))

    def _join(self, name: str) -> Join:
        source = self.sources[name]
        return source if isinstance(source, exp.Table) else name

    def batches(self, names: Iterable[str]) -> list[Query]:
        """Queries that together select all of these columns; each joins few enough CTEs to plan fast."""
        batches: list[list[str]] = [[]]
        batch_ctes: set[str] = set()
        for name in names:
            ctes = {*self._with_dependencies(self._ctes_in(self.columns[name]))}
            if batches[-1] and len(batch_ctes | ctes) > MOST_JOINED:
                batches.append([])
                batch_ctes = set()
            batches[-1].append(name)
            batch_ctes |= ctes
        return [self.query(batch) for batch in batches if batch]

    def texts(self) -> dict[str, str]:
        """For each column all that decides its content: its SQL, that of its CTEs, and the values."""
        sources = {name: f"{name} {_text(source)}" for name, source in self.sources.items()}
        texts = {}
        for name, condition in self.columns.items():
            ctes = self._with_dependencies(self._ctes_in(condition))
            texts[name] = "\n".join([_text(exp.select(condition)), *(sources[one] for one in ctes)])
        return texts

    def _with_dependencies(self, names: Collection[str]) -> list[str]:
        """These CTEs and all that they read in turn; each reads only earlier ones."""
        ctes = set(names)
        for name in reversed([*self.sources]):
            if name in ctes:
                ctes |= self._ctes_in(self.sources[name])
        return [name for name in self.sources if name in ctes]

    def _ctes_in(self, tree: exp.Expr) -> set[str]:
        """The CTEs that a condition, or another CTE, names."""
        # A column may have the name of a CTE. One CTE too many costs time, but changes no row.
        return {node.name for node in tree.find_all(exp.Identifier)} & self.sources.keys()


@dataclass(frozen=True, slots=True)
class Question:
    """A query that reads the table `CONDITIONS`, and the columns of that table."""

    query: Query
    conditions: Conditions

    def as_one(self) -> Query:
        """One query with the table as a CTE, for engines that do not keep columns of conditions."""
        table = self.conditions.query(self.conditions.columns).tree
        table.set("order", None)
        tree = self.query.tree.with_(identifier(CONDITIONS), as_=table)
        # The other CTEs read this one, and each may read only earlier ones.
        *others, conditions = tree.args["with_"].expressions
        tree.args["with_"].set("expressions", [conditions, *others])
        return Query(tree)


@dataclass(frozen=True, slots=True)
class CountQuestion(Question):
    """How many users there are: a row for each combination of `flags` that some user has, with its `users`.

    Each of `counts` is how many of a row's users it holds for; nobody has a flag that is NULL.
    """

    flags: Mapping[str, exp.Expr]
    counts: Mapping[str, exp.Expr]


class ConditionTable:
    """The columns of `CONDITIONS` for a plan; segments that share a condition share its column."""

    def __init__(self, plan: Plan, catalog: Catalog) -> None:
        self.plan, self.catalog = plan, catalog
        self._columns: dict[str, exp.Expr] = {}
        # By the identity of what they stand for: a list of 100,000 ids takes long to compare.
        self._names: dict[tuple[int, str], str] = {}

    def statement(self, root: Root) -> "ColumnStatement":
        return ColumnStatement(self, root)

    def question(self, query: exp.Query) -> Question:
        """A query over the columns, with all columns that were asked for so far."""
        return Question(Query(query), self._conditions())

    def count(self, flags: Mapping[str, exp.Expr], counts: Mapping[str, exp.Expr]) -> CountQuestion:
        """How many users there are by conditions over the columns."""
        names = [identifier(name) for name in flags]
        users = exp.alias_(exp.Count(this=exp.Star()), "users")
        counts_of_rows = [exp.alias_(exp.CountIf(this=condition), name) for name, condition in counts.items()]
        flag_columns = [exp.alias_(condition, name) for name, condition in flags.items()]
        rows = exp.select(exp.Star(), *flag_columns).from_(CONDITIONS)
        query = exp.select(*names, users, *counts_of_rows)
        query = query.from_(rows.subquery("held") if flags else CONDITIONS).group_by(*names, copy=False)
        return CountQuestion(Query(query), self._conditions(), flags, counts)

    def _conditions(self) -> Conditions:
        # Everyone is selected by no condition, but a table without a column has no rows.
        columns = self._columns or {KEY: column(KEY, USER)}
        many = frozenset(cte.name for cte in self.plan.ctes if not groups_few(cte, self.catalog))
        return Conditions(columns, cte_queries(self.plan, self.catalog), many)

    def user_id(self) -> exp.Column:
        self._columns[KEY] = column(KEY, USER)
        return exp.column(KEY)

    def column(self, of: object, what: str, condition: Callable[[], exp.Expr]) -> exp.Column:
        key = (id(of), what)
        if key not in self._names:
            self._names[key] = f"f{len(self._columns) + 1}"
            self._columns[self._names[key]] = condition()
        return exp.column(self._names[key])


class ColumnStatement(Statement):
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

    def in_sample(self) -> list[exp.Expr]:
        in_sample = super().in_sample()
        return [self.table.column(self.segment.sample, "sampled", lambda: in_sample[0])] if in_sample else []

    def variant(self) -> exp.Expr | None:
        """The arm of a user, where the segment splits its members."""
        sample = self.segment.sample
        if sample is None or sample.split is None:
            return None
        return self.table.column(sample, "variant", lambda: variant(sample))


def _text(source: Source) -> str:
    tree = source if isinstance(source, exp.Select) else exp.select(exp.Star()).from_(source.copy())
    query = Query(tree).bind()
    return f"{query.sql} {query.parameters!r}"
