"""The steps from files to tables that a load and an append share, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from duckmart.data.generation import Generation
from duckmart.data.load import columns, quality, staging, tables, times
from duckmart.data.load.cells import LoadedColumn
from duckmart.data.load.options import Options
from duckmart.data.load.overrides import types_of
from duckmart.data.load.pace import LoadStep, run_step
from duckmart.data.load.report import ActivityReport, FileReport
from duckmart.data.load.source import Source
from duckmart.data.progress import Progress

NO_USERS = "CREATE TABLE users_raw (user_id VARCHAR)"


@dataclass(frozen=True)
class LoadJob:
    """What one load works on; an append may have no users."""

    sources: Mapping[str, Sequence[Source]]
    now: datetime
    options: Options


def stage_files(con: DuckDBPyConnection, job: LoadJob, say: Progress) -> None:
    """Copy the cells of the files, as text, into tables."""
    say("reading users", 0.05)
    if "users" in job.sources:
        staging.stage(con, "users", job.sources["users"], job.options.nulls)
    else:
        con.execute(NO_USERS)
        con.execute(staging.ROWS["users"])
    sources = job.sources["events"]
    reading = LoadStep("reading events", 0.1, 0.4, sum(source.file.rows for source in sources))
    run_step(reading, con, say, lambda: staging.stage(con, "events", sources, job.options.nulls))
    say("choosing column types", 0.4)


def read_keys(con: DuckDBPyConnection, job: LoadJob, at_least: str) -> str:
    """Read user ids and the times of events; gives the type of the ids, which is `at_least` that one."""
    id_type = columns.read_ids(con, at_least=at_least)
    times.read_times(con, job.sources["events"], types_of("events", job.options.types).get("timestamp", ""))
    return id_type


def accepted_users(
    con: DuckDBPyConnection, loaded_columns: Sequence[LoadedColumn], job: LoadJob
) -> DuckDBPyRelation:
    """The users that are not refused. Raises `LoadError` if the load is strict and one is."""
    users = tables.kept_users(con, loaded_columns)
    if job.options.strict:
        tables.refuse_rejects(con, "users")
    return users


def accepted_events(
    con: DuckDBPyConnection, loaded_columns: Sequence[LoadedColumn], job: LoadJob, say: Progress
) -> DuckDBPyRelation:
    """The events that are not refused, likewise; users are written before, since an event must have one."""
    say("checking events", 0.55)
    tables.refuse_events(con, loaded_columns, job.now)
    if job.options.strict:
        tables.refuse_rejects(con, "events")
    return tables.kept_events(con, loaded_columns)


def write_events(con: DuckDBPyConnection, events: DuckDBPyRelation, rows: int, say: Progress) -> None:
    """Sort and write the events, which takes longest; `rows` is about how many there are."""
    writing = LoadStep("sorting and writing events", 0.65, 0.85, rows)
    run_step(writing, con, say, lambda: tables.create_events(events))


def report(
    con: DuckDBPyConnection,
    draft: Generation,
    job: LoadJob,
    loaded_columns: Mapping[str, Sequence[LoadedColumn]],
    say: Progress,
) -> tuple[dict[str, FileReport], ActivityReport]:
    """Write the rejects, close the database, and tell what became of the files."""
    say("writing rejects and report", 0.85)
    tables.write_rejects(con, draft.rejects)
    activity = quality.activity(con)
    files = {
        kind: quality.file_report(con, kind, job.sources.get(kind, ()), loaded_columns[kind], job.now)
        for kind in ("users", "events")
    }
    tables.finish(con, job.now)
    return files, activity
