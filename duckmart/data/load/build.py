"""One generation, built aside: staged, judged, written, reported and verified."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from duckmart.data.generation import Generation, digest
from duckmart.data.load import columns, quality, staging, tables, times
from duckmart.data.load.options import Options
from duckmart.data.load.overrides import types_of
from duckmart.data.load.pace import LoadStep, told
from duckmart.data.load.report import ActivityReport, FileReport, LoadReport
from duckmart.data.load.source import Source
from duckmart.data.progress import Progress
from duckmart.errors import LoadError
from duckmart.settings import Settings


@dataclass(frozen=True)
class LoadJob:
    """What one load works on."""

    sources: Mapping[str, Sequence[Source]]
    now: datetime
    options: Options


def build_generation(draft: Generation, job: LoadJob, settings: Settings, say: Progress) -> LoadReport:
    """Write the draft's three files, verified."""
    folder = draft.path.parent
    with words_for_engine(folder, settings):
        with opened(folder / "staged.duckdb", settings) as con:
            files, activity = build_tables(con, draft, job, say)
        say("verifying", 0.9)
        verify(draft, files, {kind: file.loaded for kind, file in files.items()}, settings)
    sha256 = digest(draft.path)
    report = LoadReport(draft.id, job.now, files["users"], files["events"], activity, sha256)
    write_report(draft, report)
    return report


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
    con: DuckDBPyConnection, draft: Generation, job: LoadJob, say: Progress
) -> tuple[dict[str, FileReport], ActivityReport]:
    """Write the database and the rejects; the database is closed when this returns."""
    tables.prepare(con, draft.path)
    say("reading users", 0.05)
    staging.stage(con, "users", job.sources["users"], job.options.nulls)
    reading = LoadStep("reading events", 0.1, 0.4, sum(source.file.rows for source in job.sources["events"]))
    told(reading, con, say, lambda: staging.stage(con, "events", job.sources["events"], job.options.nulls))
    say("choosing column types", 0.4)
    typed = {
        kind: columns.typed_columns(con, kind, sources, job.options.types)
        for kind, sources in job.sources.items()
    }
    columns.read_ids(con, at_least="INTEGER")
    times.read_times(con, job.sources["events"], types_of("events", job.options.types).get("timestamp", ""))
    say("writing users", 0.5)
    tables.write_users(con, typed["users"])
    if job.options.strict:
        tables.refuse_rejects(con, "users")
    say("checking events", 0.55)
    tables.refuse_events(con, typed["events"], job.now)
    if job.options.strict:
        tables.refuse_rejects(con, "events")
    writing = LoadStep("sorting and writing events", 0.65, 0.85, staging.count(con.table("events_raw")))
    told(writing, con, say, lambda: tables.write_events(con, typed["events"]))
    say("writing rejects and report", 0.85)
    tables.write_rejects(con, draft.rejects)
    activity = quality.activity(con)
    files = {
        kind: quality.file_report(con, kind, sources, typed[kind], job.now)
        for kind, sources in job.sources.items()
    }
    tables.finish(con, job.now)
    return files, activity


def verify(
    draft: Generation, files: Mapping[str, FileReport], held: Mapping[str, int], settings: Settings
) -> None:
    """Open the database as a reader will, and see that reports and rows hold together. Raises `LoadError`."""
    for kind, file in files.items():
        if not file.reconciles():
            raise LoadError(f"the {kind} do not add up, so nothing is served: {file}", file=file.file)
    with opened(draft.path, settings, read_only=True) as con:
        for kind, rows in held.items():
            if staging.count(con.table(tables.TABLES[kind])) != rows:
                raise LoadError(f"the database does not hold the {kind} that were loaded", file=draft.path)
        for fault, query in tables.CHECKS.items():
            if staging.single(con.execute(query)):
                raise LoadError(f"the database is not as it should be: {fault}", file=draft.path)
