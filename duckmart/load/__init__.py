"""CSV or Parquet in, a verified generation out; every row and cell that is not loaded is accounted for."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection
from duckdb.sqltypes import DuckDBPyType

from duckmart.errors import LoadError
from duckmart.generations import Generation, Generations
from duckmart.load import staging, tables
from duckmart.load.report import FileReport, LoadReport
from duckmart.load.source import Source, open_source
from duckmart.settings import Settings

__all__ = ["FileReport", "LoadReport", "Progress", "load"]

Progress = Callable[[str, float], None]
"""Called with what is being done, and the share (0 to 1) that is done before it."""


def load(
    users: Path,
    events: Path,
    generations: Generations,
    *,
    now: datetime,
    settings: Settings,
    progress: Progress | None = None,
) -> LoadReport:
    """Read both files, and serve them as the next generation.

    `now` (UTC where it has no offset) is noted as the time of the load; events more than a day later are
    refused. Raises `LoadError`, with the data served so far untouched, when a file lacks a required column or
    cannot be read, and when disk or memory are too small.
    """
    say = progress or silence
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now

    def build(draft: Generation) -> LoadReport:
        return build_generation(draft, {"users": users, "events": events}, moment, settings, say)

    _, report = generations.add(
        build, settings.keep_generations, waiting=lambda: say("waiting for another load to end", 0.0)
    )
    say("done", 1.0)
    return report


def silence(_stage: str, _share: float) -> None:
    pass


def build_generation(
    draft: Generation, paths: Mapping[str, Path], now: datetime, settings: Settings, say: Progress
) -> LoadReport:
    """Write the draft's three files, verified."""
    folder = draft.path.parent
    say("looking at the files", 0.0)
    sources = {kind: open_source(path, staging.REQUIRED[kind], folder) for kind, path in paths.items()}
    try:
        with opened(folder / "staged.duckdb", settings) as con:
            files = build_tables(con, draft, sources, now, say)
        say("verifying", 0.9)
        verify(draft, files, settings)
    except duckdb.OutOfMemoryException as error:
        raise LoadError(f"{settings.memory} of memory (DUCKMART_MEMORY) are too few: {error}") from error
    except duckdb.IOException as error:
        raise LoadError(f"the disk does not take or give the data: {error}", file=folder) from error
    with draft.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    report = LoadReport(draft.id, now, files["users"], files["events"], digest)
    draft.report.write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return report


def opened(path: Path, settings: Settings, *, read_only: bool = False) -> DuckDBPyConnection:
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


def build_tables(
    con: DuckDBPyConnection, draft: Generation, sources: Mapping[str, Source], now: datetime, say: Progress
) -> dict[str, FileReport]:
    """Write the database and the rejects; the database is closed when this returns."""
    tables.prepare(con, draft.path)
    say("reading users", 0.05)
    staging.stage(con, "users", sources["users"])
    say("reading events", 0.1)
    staging.stage(con, "events", sources["events"])
    say("choosing column types", 0.4)
    columns = {kind: tables.typed_columns(con, kind, source) for kind, source in sources.items()}
    say("writing users", 0.5)
    tables.write_users(con, columns["users"])
    say("checking events", 0.55)
    tables.refuse_events(con, now)
    say("sorting and writing events", 0.65)
    tables.write_events(con, columns["events"])
    say("writing rejects and report", 0.85)
    tables.write_rejects(con, sources, draft.rejects)
    files = {kind: file_report(con, kind, source) for kind, source in sources.items()}
    tables.finish(con, now)
    return files


def file_report(con: DuckDBPyConnection, kind: str, source: Source) -> FileReport:
    refused_by = tables.tally(con, tables.REFUSED_BY, kind)
    cleared_by = tables.tally(con, tables.CLEARED_BY, kind)
    made = con.table(tables.MADE[kind])
    return FileReport(
        file=str(source.path),
        bytes=source.bytes,
        sha256=source.sha256,
        rows=tables.rows_found(con, kind),
        loaded=staging.count(made),
        refused=sum(refused_by.values()),
        cleared=sum(cleared_by.values()),
        refused_by=refused_by,
        cleared_by=cleared_by,
        columns={name: type_name(kind) for name, kind in zip(made.columns, made.types, strict=True)},
        renamed=source.renamed,
    )


def type_name(kind: DuckDBPyType) -> str:
    """The type as SQL writes it, without the values of an ENUM."""
    return "ENUM" if kind.id == "enum" else str(kind)


def verify(draft: Generation, files: Mapping[str, FileReport], settings: Settings) -> None:
    """Open the database as a reader will, and see that report and rows hold together. Raises `LoadError`."""
    for kind, file in files.items():
        if not file.reconciles():
            raise LoadError(f"the {kind} do not add up, so nothing is served: {file}", file=file.file)
    with opened(draft.path, settings, read_only=True) as con:
        for kind, file in files.items():
            if staging.count(con.table(tables.TABLES[kind])) != file.loaded:
                raise LoadError(f"the database does not hold the {kind} that were loaded", file=draft.path)
        for fault, query in tables.CHECKS.items():
            if staging.single(con.execute(query)):
                raise LoadError(f"the database is not as it should be: {fault}", file=draft.path)
