"""Where the tables are, and how a query names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from sqlglot import exp

from duckmart.compile import EVENTS, USERS
from duckmart.compile.query import identifier
from duckmart.spec.kinds import Kind

INTEGERS, FLOATING = {"int2", "int4", "int8"}, {"float4", "float8"}
KINDS = {
    **dict.fromkeys((*INTEGERS, *FLOATING, "numeric"), Kind.NUMBER),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "uuid", "citext", "enum"), Kind.TEXT),
    "date": Kind.DATE,
    **dict.fromkeys(("timestamp", "timestamptz"), Kind.TIMESTAMP),
    "bool": Kind.BOOLEAN,
    # PostgreSQL's names for arrays. It has none of floats that compare with exact numbers.
    **dict.fromkeys(("_text", "_varchar"), Kind.TEXT_LIST),
    **dict.fromkeys(("_int2", "_int4", "_int8", "_numeric"), Kind.NUMBER_LIST),
}
# Compared as texts are not, until they are cast.
_CAST = {"bpchar", "name", "uuid", "citext", "enum"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where the tables are: what libpq is told, and their names, whose schema may be left to the server."""

    server: str
    tables: Mapping[str, str]
    schema: str

    @property
    def database(self) -> str:
        """The database and its host without user and password, `shop on db.example.com`; empty if unnamed."""
        url = urlsplit(self.server)
        parameters = dict(parse_qsl(url.query))
        name = unquote(url.path.strip("/")) or parameters.get("dbname", "")
        host = unquote(url.netloc.rpartition("@")[2]) or parameters.get("host", "")
        return " on ".join(part for part in (name, host) if part)

    def parts(self, table: str) -> list[str]:
        """The name of a table, and before it that of its schema, if either names one."""
        schema, _, name = self.tables[table].rpartition(".")
        return [part for part in (schema or self.schema, name) if part]

    @classmethod
    def of(cls, url: str) -> "Address":
        """`postgresql://user@host/db?schema=...&users=...&events=...`; other parameters are libpq's."""
        parts = urlsplit(url)
        parameters = dict(parse_qsl(parts.query))
        tables = {USERS: parameters.pop("users", USERS), EVENTS: parameters.pop("events", EVENTS)}
        schema = parameters.pop("schema", "")
        return cls(urlunsplit(parts._replace(query=urlencode(parameters))), tables, schema)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or the like, with the types of its columns, and how queries name it."""

    oid: int
    types: Mapping[str, str]
    source: exp.Expr

    @classmethod
    def of(cls, oid: int, schema: str, name: str, types: Mapping[str, str]) -> "Relation":
        table = exp.Table(this=identifier(name), db=identifier(schema))
        if not _CAST & {*types.values()}:
            return cls(oid, types, table)
        columns = [_as_text(column, its) for column, its in types.items() if its in KINDS]
        return cls(oid, types, exp.select(*columns).from_(table).subquery())

    @property
    def comparable(self) -> dict[str, str]:
        return {name: its for name, its in self.types.items() if its in KINDS}

    @property
    def left_out(self) -> list[str]:
        return [name for name in self.types if name not in self.comparable]


def _as_text(name: str, its: str) -> exp.Expr:
    column = exp.column(identifier(name))
    return exp.alias_(exp.cast(column, exp.DType.TEXT), identifier(name)) if its in _CAST else column


def resolve_tables(tree: exp.Query, relations: Mapping[str, Relation]) -> exp.Query:
    """The query with the names of the tables as they are in the database."""
    query = tree.copy()
    for table in [
        *query.find_all(exp.Table),
        *(from_clause.this for from_clause in query.find_all(exp.From)),
    ]:
        # A FROM may name a table by an identifier alone.
        if table.name in relations and not table.text("db"):
            source = relations[table.name].source.copy()
            source.set("alias", exp.TableAlias(this=identifier(table.alias or table.name)))
            table.replace(source)
    return query
