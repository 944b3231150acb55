"""The conformance suite as Python: its worlds as typed rows and as the loader's tables, its cases."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import simplejson

from tests.world import stored

Row = dict[str, Any]

HERE = Path(__file__).parent
# How long ago the data was loaded matters to nothing but data without events.
LOADED_AT = datetime(2026, 7, 1)

CELLS: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "timestamp": lambda text: datetime.fromisoformat(text.removesuffix("Z")),
    "decimal(12, 2)": Decimal,
    "double": float,
    "decimal(12, 2)[]": lambda texts: [text and Decimal(text) for text in texts],
}
SQL_TYPES = {"text": "VARCHAR"}


@dataclass(frozen=True)
class Table:
    """A table of a data file: its columns with their types, its rows with every column."""

    columns: dict[str, str]
    rows: list[Row]


@dataclass(frozen=True, eq=False)
class World:
    """The users and events of one data file."""

    name: str
    users: Table
    events: Table

    def write(self, folder: Path) -> Path:
        """A DuckDB file with the tables that the loader makes."""
        path = folder / f"{self.name}.duckdb"
        with duckdb.connect(str(path)) as connection:
            _write(connection, "user_attributes", self.users, {})
            names = sorted({event["event_name"] for event in self.events.rows})
            known = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
            _write(connection, "user_events", self.events, {"event_name": f"ENUM ({known})"})
            connection.execute("CREATE TABLE load_info (loaded_at TIMESTAMP)")
            connection.execute("INSERT INTO load_info VALUES (?)", [LOADED_AT])
        return path


@dataclass(frozen=True)
class Case:
    """A spec and what is expected of it: ids, or the paths of problems."""

    file: str
    name: str
    rulings: list[int]
    spec: Row
    ids: list[Any] | None = None
    problems: list[str] | None = None
    total: int | None = None
    warnings: list[str] = field(default_factory=list)
    variants: dict[str, str] | None = None
    as_of: str | None = None
    saved: dict[str, Row] = field(default_factory=dict)
    data: str = "data.json"
    settings: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


@cache
def worlds() -> dict[str, World]:
    return {path.name: _world(path) for path in sorted(HERE.glob("*.json"))}


@cache
def cases() -> tuple[Case, ...]:
    return tuple(
        Case(file=path.stem, **case) for path in sorted(HERE.glob("cases/*.json")) for case in _read(path)
    )


def _world(path: Path) -> World:
    tables = {name: _table(table) for name, table in _read(path).items()}
    return World(re.sub(r"\W", "_", path.stem), tables["users"], tables["events"])


def _table(table: Row) -> Table:
    columns = table["columns"]
    rows = [
        {name: _cell(row.get(name), its_type) for name, its_type in columns.items()} for row in table["rows"]
    ]
    return Table(columns, rows)


def _cell(cell: Any, its_type: str) -> Any:
    return cell if cell is None else CELLS.get(its_type, lambda same: same)(cell)


def _read(path: Path) -> Any:
    return simplejson.loads(path.read_text("utf-8"), use_decimal=True)


def _write(connection: duckdb.DuckDBPyConnection, name: str, table: Table, sql_types: dict[str, str]) -> None:
    types = {column: sql_types.get(column, SQL_TYPES.get(its, its)) for column, its in table.columns.items()}
    columns = ", ".join(f'"{column}" {its}' for column, its in types.items())
    connection.execute(f"CREATE TABLE {name} ({columns})")
    marks = ", ".join("?" for _ in types)
    rows = [[stored(cell) for cell in row.values()] for row in table.rows]
    connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
