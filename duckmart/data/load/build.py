"""One generation, built aside: staged, judged, written, reported and verified."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from duckmart.compile.query import Query
from duckmart.data.generation import Generation, digest
from duckmart.data.load import staging, tables
from duckmart.data.load.report import LoadReport
from duckmart.data.load.summaries import write_summaries
from duckmart.data.progress import Progress
from duckmart.engines import stored_catalog
from duckmart.engines.generation_catalog import GenerationReader
from duckmart.errors import LoadError
from duckmart.settings import Settings

Report = TypeVar("Report", bound=LoadReport)


def build_generation(
    draft: Generation,
    settings: Settings,
    say: Progress,
    build_tables: Callable[[DuckDBPyConnection], Report],
) -> Report:
    """Write the draft's three files, verified; `build_tables` writes the database and the rejects."""
    folder = draft.path.parent
    with words_for_engine(folder, settings):
        with connect(folder / "staged.duckdb", settings) as con:
            report = build_tables(con)
        write_catalog(draft, settings)
        say("verifying", 0.9)
        verify(draft, report, settings)
    report = replace(report, sha256=digest(draft.path))
    write_report(draft, report)
    return report


def write_catalog(draft: Generation, settings: Settings) -> None:
    """Work out once what the tables hold: every process that opens the generation needs it first."""
    with connect(draft.path, settings) as con:

        def look(query: Query) -> pa.Table:
            bound = query.bind()
            return con.sql(bound.sql, params=bound.parameters).to_arrow_table()

        catalog = GenerationReader(look).catalog(draft.id)
        catalog = replace(catalog, summaries=write_summaries(con, catalog))
        con.execute(stored_catalog.CREATE, {"text": stored_catalog.to_text(catalog)})


def write_report(draft: Generation, report: LoadReport) -> None:
    draft.report.write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n", "utf-8")


@contextmanager
def words_for_engine(folder: Path, settings: Settings) -> Iterator[None]:
    """What DuckDB says of memory or disk inside becomes a `LoadError`."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise LoadError(f"{settings.memory} of memory (DUCKMART_MEMORY) are too few: {error}") from error
    except duckdb.IOException as error:
        raise LoadError(f"the disk does not take or give the data: {error}", file=folder) from error
    except duckdb.Error as error:
        if "Corrupt database file" not in str(error):
            raise
        words = f"the data that was to be added to is damaged ({error}); see `python -m duckmart data verify`"
        raise LoadError(words, file=folder) from error


def connect(path: Path, settings: Settings, *, read_only: bool = False) -> DuckDBPyConnection:
    """A connection that keeps to the settings; what memory cannot hold spills into the database's folder."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory,
        "temp_directory": str(path.parent / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.threads:
        config["threads"] = settings.threads
    return duckdb.connect(str(path), read_only=read_only, config=config)


def verify(draft: Generation, report: LoadReport, settings: Settings) -> None:
    """Open the database as a reader will, and see that reports and rows hold together. Raises `LoadError`."""
    for kind, file in (("users", report.users), ("events", report.events)):
        if not file.reconciles():
            raise LoadError(f"the {kind} do not add up, so nothing is served: {file}", file=file.file)
    with connect(draft.path, settings, read_only=True) as con:
        for kind, rows in report.holds.items():
            if staging.count(con.table(tables.TABLES[kind])) != rows:
                raise LoadError(f"the database does not hold the {kind} that were loaded", file=draft.path)
        for fault, query in tables.CHECKS.items():
            if staging.single(con.execute(query)):
                raise LoadError(f"the database is not as it should be: {fault}", file=draft.path)
