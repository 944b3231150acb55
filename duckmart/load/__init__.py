"""CSV or Parquet in, a verified generation out; every row and cell that is not loaded is accounted for."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection
from duckdb.sqltypes import DuckDBPyType

from duckmart.errors import LoadError
from duckmart.generations import Generation, Generations
from duckmart.load import staging, tables
from duckmart.load.mapping import Pair, read_pairs
from duckmart.load.report import FileReport, InputReport, LoadReport
from duckmart.load.source import Given, Source, open_sources
from duckmart.settings import Settings

__all__ = ["FileReport", "LoadReport", "Options", "Progress", "load", "read_pairs"]

Progress = Callable[[str, float], None]
"""Called with what is being done, and the share (0 to 1) that is done before it."""


@dataclass(frozen=True)
class Options:
    """How to read the files: which header is which column, and whether one bad cell refuses them all."""

    pairs: tuple[Pair, ...] = ()
    strict: bool = False


def load(
    users: Given,
    events: Given,
    generations: Generations,
    *,
    now: datetime,
    settings: Settings,
    options: Options = Options(),
    progress: Progress | None = None,
) -> LoadReport:
    """Read the files, and serve them as the next generation.

    Users and events are a file each, a folder of files, or several. `now` (UTC where it has no offset) is
    noted as the time of the load; events more than a day later are refused. Raises `LoadError`, with the data
    served so far untouched, when a file lacks a required column or cannot be read, and when disk or memory
    are too small.
    """
    say = progress or silence
    moment = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now

    def build(draft: Generation) -> LoadReport:
        say("looking at the files", 0.0)
        given = {"users": users, "events": events}
        sources = open_sources(given, options.pairs, draft.path.parent)
        return build_generation(draft, Job(sources, moment, options.strict), settings, say)

    _, report = generations.add(
        build, settings.keep_generations, waiting=lambda: say("waiting for another load to end", 0.0)
    )
    say("done", 1.0)
    return report


def silence(_stage: str, _share: float) -> None:
    pass


@dataclass(frozen=True)
class Job:
    """What one load works on."""

    sources: Mapping[str, Sequence[Source]]
    now: datetime
    strict: bool


def build_generation(draft: Generation, job: Job, settings: Settings, say: Progress) -> LoadReport:
    """Write the draft's three files, verified."""
    folder = draft.path.parent
    try:
        with opened(folder / "staged.duckdb", settings) as con:
            files = build_tables(con, draft, job, say)
        say("verifying", 0.9)
        verify(draft, files, settings)
    except duckdb.OutOfMemoryException as error:
        raise LoadError(f"{settings.memory} of memory (DUCKMART_MEMORY) are too few: {error}") from error
    except duckdb.IOException as error:
        raise LoadError(f"the disk does not take or give the data: {error}", file=folder) from error
    with draft.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    report = LoadReport(draft.id, job.now, files["users"], files["events"], digest)
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
    con: DuckDBPyConnection, draft: Generation, job: Job, say: Progress
) -> dict[str, FileReport]:
    """Write the database and the rejects; the database is closed when this returns."""
    tables.prepare(con, draft.path)
    say("reading users", 0.05)
    staging.stage(con, "users", job.sources["users"])
    say("reading events", 0.1)
    staging.stage(con, "events", job.sources["events"])
    say("choosing column types", 0.4)
    columns = {kind: tables.typed_columns(con, kind, sources) for kind, sources in job.sources.items()}
    say("writing users", 0.5)
    tables.write_users(con, columns["users"])
    if job.strict:
        tables.refuse_rejects(con, "users")
    say("checking events", 0.55)
    tables.refuse_events(con, columns["events"], job.now)
    if job.strict:
        tables.refuse_rejects(con, "events")
    say("sorting and writing events", 0.65)
    tables.write_events(con, columns["events"])
    say("writing rejects and report", 0.85)
    tables.write_rejects(con, draft.rejects)
    files = {kind: file_report(con, kind, sources) for kind, sources in job.sources.items()}
    tables.finish(con, job.now)
    return files


def file_report(con: DuckDBPyConnection, kind: str, sources: Sequence[Source]) -> FileReport:
    refused_by = tables.tally(con, tables.REFUSED_BY, kind)
    cleared_by = tables.tally(con, tables.CLEARED_BY, kind)
    made = con.table(tables.MADE[kind])
    inputs = [
        InputReport(
            str(source.path), source.path.stat().st_size, source.file.sha256, rows, source.file.encoding
        )
        for source, rows in zip(sources, tables.rows_by_file(con, kind), strict=True)
    ]
    return FileReport(
        inputs=inputs,
        loaded=staging.count(made),
        refused=sum(refused_by.values()),
        cleared=sum(cleared_by.values()),
        refused_by=refused_by,
        cleared_by=cleared_by,
        columns={name: type_name(kind) for name, kind in zip(made.columns, made.types, strict=True)},
        renamed={old: new for source in sources for old, new in source.renamed.items()},
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
