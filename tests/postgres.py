"""A PostgreSQL server of the tests' own, and worlds loaded into it for SQL that was copied.

The server lives in a temporary folder and listens on a socket there, nowhere else; it ends with the block.
"""

import getpass
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import psycopg
import pytest
from psycopg import sql

from tests.world import World

# The one that Debian's package makes: the server refuses to run as root.
ACCOUNT = "postgres"
STARTS_WITHIN = 60
# DuckDB's types where PostgreSQL has another name for them.
TYPES = {"VARCHAR": "TEXT", "DOUBLE": "DOUBLE PRECISION", "FLOAT": "REAL"}
# Its order is not that of code points: what must be in code-point order has to say so itself.
COLLATED = 'TEXT COLLATE "en-x-icu"'

Rows = list[tuple[Any, ...]]


class Session:
    """Runs SQL text as whoever copies it would."""

    schema: str
    """Where the tables are, once they are loaded."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def rows(self, text: str) -> Rows:
        # No parameters: a % or a $1 in the text is itself.
        return self.connection.execute(text).fetchall()

    @contextmanager
    def backslashes_escaping(self) -> Iterator[None]:
        """Texts are read as Redshift, and PostgreSQL of old, reads them: a backslash changes what follows."""
        self.connection.execute("SET standard_conforming_strings = off; SET escape_string_warning = off")
        try:
            yield
        finally:
            self.connection.execute("RESET standard_conforming_strings")

    def load(self, world: World) -> None:
        """The tables that the loader makes, their kinds and rows, in a schema of this session's own."""
        with tempfile.TemporaryDirectory() as folder:
            self.load_file(world.write(Path(folder)), world.name)

    def load_file(self, path: Path, name: str) -> None:
        """As `load`, from a file that the loader made."""
        # Other tests may have the same data loaded.
        self.schema = f"{name}_{self.connection.info.backend_pid}"
        with tempfile.TemporaryDirectory() as folder, closing(_opened(path, Path(folder))) as source:
            self.connection.execute(f"CREATE SCHEMA {self.schema}; SET search_path = {self.schema}")
            for table in ("user_attributes", "user_events"):
                self._copy(table, source)

    def _copy(self, table: str, source: duckdb.DuckDBPyConnection) -> None:
        columns = source.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? "
            "ORDER BY ordinal_position",
            [table],
        ).fetchall()
        made = [
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_type(name, its))) for name, its in columns
        ]
        create = sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), sql.SQL(", ").join(made))
        self.connection.execute(create)
        into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with self.connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in source.execute(f"FROM {table}").fetchall():
                copy.write_row(row)


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def session(self) -> Iterator[Session]:
        # Another zone than UTC: the SQL must not lean on the session's.
        options = "-c timezone=America/Los_Angeles"
        with psycopg.connect(
            host=str(self.folder), dbname="postgres", user=ACCOUNT, autocommit=True, options=options
        ) as connection:
            yield Session(connection)

    def url(self, **parameters: str) -> str:
        """The address of its database, as DUCKMART_ENGINE has it."""
        return f"postgresql://{ACCOUNT}@/postgres?{urlencode({'host': str(self.folder), **parameters})}"

    @contextmanager
    def served(self, world: World) -> Iterator[str]:
        """The address of a world's tables, loaded."""
        with self.loaded(world) as session:
            yield self.url(schema=session.schema)

    @contextmanager
    def loaded(self, world: World) -> Iterator[Session]:
        with self.session() as session:
            session.load(world)
            yield session


def server() -> Iterator[Server]:
    """A running server until the generator is closed; without PostgreSQL, a skip or a failure."""
    programs = _programs()
    if programs is None:
        missing = "PostgreSQL is not installed (on Debian: apt-get install postgresql)"
        if os.environ.get("DUCKMART_REQUIRE_POSTGRES") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    # pytest's own temporary folders are closed to other accounts, and too long a path for a socket.
    folder = Path(tempfile.mkdtemp(prefix="duckmart-postgres-"))
    try:
        yield from _running(programs, folder)
    finally:
        shutil.rmtree(folder)


def _running(programs: Path, folder: Path) -> Iterator[Server]:
    account = ACCOUNT if getpass.getuser() == "root" else None
    if account:
        shutil.chown(folder, account)
    data, log = folder / "data", folder / "log"
    made = subprocess.run(
        [
            *(programs / "initdb", "--pgdata", data, "--username", ACCOUNT, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ],
        user=account,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "shared_buffers": "16MB",
        "autovacuum": "off",
        # Compiling takes longer than these queries run.
        "jit": "off",
    }
    chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *chosen],
            user=account,
            cwd=folder,
            stdout=output,
            stderr=output,
        )
        try:
            server = Server(folder)
            _await(server, process, log)
            yield server
        finally:
            # At once, without waiting for sessions that are still open.
            process.send_signal(signal.SIGQUIT)
            process.wait(30)


def _await(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with server.session():
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start:\n{log.read_text('utf-8')}")


def _opened(path: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    # One process cannot open a file both locked down and plainly.
    return duckdb.connect(shutil.copy(path, folder / "copy.duckdb"), read_only=True)


def _programs() -> Path | None:
    """Where initdb and postgres are; Debian keeps them off the PATH, a folder for each version."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    elsewhere = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(elsewhere).resolve().parent if elsewhere else None


def lowers_alike(spec: dict[str, Any]) -> bool:
    """Whether no text of a spec reaches across an İ, of which ICU's lower() makes two letters."""
    return re.search("i\u0307?pe", str(spec).lower()) is None


def _type(column: str, its: str) -> str:
    element = its.removesuffix("[]")
    own = "TEXT" if its.startswith("ENUM") else TYPES.get(element, element) + its[len(element) :]
    # Names stay out of it: ICU's lower() turns one letter of them, İ, into two.
    return COLLATED if own == "TEXT" and column != "name" else own
